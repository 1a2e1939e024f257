"""The service under load from the same machine: similar in an open and a closed loop, texts as base64, memory over time.

    python bench/serve.py [--parts open closed embeddings] [--seconds 60] [--rate 300] [--connections 50] [--soak 600]

`semap serve english --port 0` runs as a process of its own, with its default settings and one log line a request (to a file).
open: requests are sent when their time has come, `--rate` a second over `--connections` connections, whether or not earlier ones
    have been answered; each asks for the 10 neighbours of another token. Latency is counted from the moment at which a request
    was due, so a server that falls behind cannot hide it. The client is this script's own (asyncio, raw bytes) in its process.
closed: every connection asks again as soon as it is answered; the client is wrk, on one thread.
embeddings: wrk too, 32 made-up texts of 12 words a request (words drawn as often as they are in the table's counts), base64.
soak: closed-loop load of both kinds in turn for so many seconds; the server's resident memory is read every 10 seconds.

Right answers are checked beside the times: every token of the open loop that is among the first 200 must get what
`semap.similar` finds, and texts of the embeddings part must get what `Pipeline.encode` returns.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import semap

CHECKED = 200
TEXTS, WORDS, BODIES = 32, 12, 64


class Served:
    """A running `semap serve english`."""

    def __init__(self, folder: Path, options: list[str]) -> None:
        command = [sys.executable, "-m", "semap.cli.main", "serve", "english", "--port", "0", *options]
        self.begun = time.perf_counter()
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+)", line)[1])  # type: ignore[index]
        self.ask("GET", "/health")
        self.up = time.perf_counter() - self.begun
        while json.loads(self.ask("GET", "/health"))["status"] != "ok":
            time.sleep(0.05)
        self.warm = time.perf_counter() - self.begun

    def ask(self, method: str, path: str, document: Any = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = None if document is None else json.dumps(document)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        assert answer.status == 200, found
        return found

    def resident(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def cpu(self) -> float:
        """Seconds of both cores that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def request(path: str, document: Any) -> bytes:
    body = json.dumps(document).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One connection that sends a request and hands its answer over."""

    def __init__(self, free: asyncio.Queue[Connection]) -> None:
        self._free, self._got = free, b""
        self.transport: Any = None
        self.answered: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, sent: bytes, answered: Any) -> None:
        self._got, self.answered = b"", answered
        self.transport.write(sent)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if end:
            length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
            if len(body) >= length:
                self.answered(int(head[9:12]), body)
                self._free.put_nowait(self)


async def open_loop(
    port: int, sent: list[bytes], rate: float, n_connections: int
) -> tuple[np.ndarray, list[int], dict[int, bytes]]:
    """Return the seconds from due to answered of every request, the statuses, and the first answers."""
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(n_connections):
        free.put_nowait((await loop.create_connection(lambda: Connection(free), "127.0.0.1", port))[1])
    seconds, statuses, bodies = np.full(len(sent), np.nan), [0] * len(sent), {}
    begin = loop.time() + 0.1

    def answered(number: int, status: int, body: bytes) -> None:
        seconds[number] = loop.time() - begin - number / rate
        statuses[number] = status
        if number < CHECKED:
            bodies[number] = body

    for number, each in enumerate(sent):
        wait = begin + number / rate - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        connection = await free.get()
        connection.ask(each, lambda status, body, number=number: answered(number, status, body))
    while np.isnan(seconds).any():
        await asyncio.sleep(0.01)
    return seconds, statuses, bodies


def wrk(folder: Path, port: int, path: str, bodies: list[bytes], seconds: float, connections: int) -> dict[str, Any]:
    """Run wrk over these bodies, one after the other; what it says as numbers."""
    lines, script = folder / "bodies", folder / "ask.lua"
    lines.write_bytes(b"\n".join(bodies) + b"\n")
    script.write_text(
        f'local sent, i = {{}}, 0\nfor line in io.lines("{lines}") do\n'
        f'  sent[#sent + 1] = wrk.format("POST", "{path}", {{["Content-Type"] = "application/json"}}, line)\nend\n'
        "function request() i = i % #sent + 1; return sent[i] end\n"
        'function done(s, l, r) io.write(string.format("RESULT %d %d %d %f %f\\n", s.requests, s.duration, s.errors.connect +'
        " s.errors.read + s.errors.write + s.errors.status + s.errors.timeout, l:percentile(50), l:percentile(99))) end\n"
    )
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}",
        "--timeout",
        "20",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    n, duration, errors, p50, p99 = map(float, re.search(r"RESULT (.*)", said)[1].split())  # type: ignore[index]
    return {"per_second": n / duration * 1e6, "errors": int(errors), "p50": p50 / 1000, "p99": p99 / 1000, "n": int(n)}


def texts_of(table: semap.Table, seed: int) -> list[str]:
    drawn = np.random.default_rng(seed)
    shares = table.counts / table.counts.sum()
    return [" ".join(table.tokens[int(row)] for row in drawn.choice(len(table), WORDS, p=shares)) for _ in range(TEXTS)]


def _latency(told: dict[str, Any]) -> str:
    return f"p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms, {told['errors']} errors"


class Bench:
    """The parts, and the lines of the report."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.table = semap.load("english")
        self.rows: list[tuple[str, ...]] = []
        self.notes: list[str] = []
        self.served = Served(folder, asked.serve)
        self.notes.append(
            f"/health answered {self.served.up:.2f} s after the start, everything warm after {self.served.warm:.1f} s."
        )

    def row(self, *cells: str) -> None:
        self.rows.append(cells)
        print(" | ".join(cells), flush=True)

    def tokens(self, n: int) -> list[str]:
        rows = np.random.default_rng(7).permutation(len(self.table))
        return [self.table.tokens[int(rows[i % len(rows)])] for i in range(n)]

    def open(self) -> None:
        asked = self.asked
        tokens = self.tokens(int(asked.rate * asked.seconds))
        sent = [request("/v1/similar", {"token": token, "k": 10}) for token in tokens]
        cpu = self.served.cpu()
        seconds, statuses, bodies = asyncio.run(open_loop(self.served.port, sent, asked.rate, asked.connections))
        cpu = (self.served.cpu() - cpu) / len(sent)
        p50, p99, worst = np.percentile(seconds, [50, 99, 100]) * 1000
        errors = sum(status != 200 for status in statuses)
        what = f"similar, open loop, {asked.rate:g} requests/s, {asked.connections} connections, {asked.seconds:g} s"
        self.row(
            what,
            f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, most {worst:.1f} ms, {errors} errors, {cpu * 1000:.2f} ms CPU a request",
            "p50 <= 4, p99 <= 25, 0 errors",
        )
        wrong = sum(not self._right(tokens[number], json.loads(body)) for number, body in bodies.items())
        self.notes.append(f"{len(bodies)} answers of the open loop compared with semap.similar: {wrong} differ.")

    def _right(self, token: str, answer: Any) -> bool:
        expected = semap.similar(self.table, token, 10)
        found = [(each["token"], each["score"]) for each in answer["data"]]
        return [each for each, _ in found] == [each for each, _ in expected] and np.allclose(
            [score for _, score in found], [score for _, score in expected], atol=1e-5
        )

    def closed(self) -> None:
        seconds = min(self.asked.seconds, 20)
        bodies = [json.dumps({"token": token, "k": 10}).encode() for token in self.tokens(20_000)]
        cpu, begin = self.served.cpu(), time.perf_counter()
        told = wrk(self.folder, self.served.port, "/v1/similar", bodies, seconds, self.asked.connections)
        share = (self.served.cpu() - cpu) / (time.perf_counter() - begin)
        self.row(
            f"similar, closed loop, {self.asked.connections} connections, {seconds:g} s",
            f"{told['per_second']:,.0f} requests/s, {_latency(told)}, server on {share:.2f} cores",
            ">= 2,000 requests/s",
        )

    def embeddings(self) -> None:
        seconds = min(self.asked.seconds, 20)
        texts = [texts_of(self.table, seed) for seed in range(BODIES)]
        documents = [{"model": "english", "input": each, "encoding_format": "base64"} for each in texts]
        bodies = [json.dumps(each).encode() for each in documents]
        cpu, begin = self.served.cpu(), time.perf_counter()
        told = wrk(self.folder, self.served.port, "/v1/embeddings", bodies, seconds, self.asked.connections)
        share = (self.served.cpu() - cpu) / (time.perf_counter() - begin)
        self.row(
            f"embeddings, {TEXTS} texts of {WORDS} words a request, base64, {self.asked.connections} connections, {seconds:g} s",
            f"{told['per_second'] * TEXTS:,.0f} texts/s, {_latency(told)}, server on {share:.2f} cores",
            ">= 10,000 texts/s",
        )
        answer = json.loads(self.served.ask("POST", "/v1/embeddings", documents[0]))
        found = np.array([np.frombuffer(base64.b64decode(each["embedding"]), "<f4") for each in answer["data"]])
        expected = semap.Pipeline.from_table(self.table, normalize=True).encode(texts[0])
        same = "the same bits" if np.array_equal(found, expected) else f"differ by up to {np.abs(found - expected).max():.1e}"
        self.notes.append(f"Vectors of /v1/embeddings next to Pipeline.encode: {same}.")

    def soak(self) -> None:
        similar = [json.dumps({"token": token, "k": 10}).encode() for token in self.tokens(20_000)]
        texts = [json.dumps({"model": "english", "input": texts_of(self.table, seed)}).encode() for seed in range(BODIES)]
        begin, memory, n, errors = time.perf_counter(), [], 0, 0
        while time.perf_counter() - begin < self.asked.soak:
            for path, bodies in (("/v1/similar", similar), ("/v1/embeddings", texts)):
                told = wrk(self.folder, self.served.port, path, bodies, 5, self.asked.connections)
                n, errors = n + told["n"], errors + told["errors"]
            memory.append((time.perf_counter() - begin, self.served.resident()))
        half = memory[len(memory) // 2 :]
        slope = np.polyfit([at / 60 for at, _ in half], [size for _, size in half], 1)[0] if len(half) > 2 else float("nan")
        self.row(
            f"memory over {self.asked.soak:g} s of both kinds of load in turn ({n:,} requests, {errors} errors)",
            f"{memory[0][1]:.1f} MiB after {memory[0][0]:.0f} s, {half[0][1]:.1f} in the middle, {memory[-1][1]:.1f} at the end; "
            f"second half: {slope:+.2f} MiB a minute",
            "flat",
        )

    def report(self) -> str:
        head = [
            "# The service under load",
            "",
            f"`python bench/serve.py {' '.join(sys.argv[1:])}`  ",
            f"{datetime.date.today()}, {self.asked.machine}; client and server on the same machine, table english"
            f" ({len(self.table):,} x {self.table.dim}), exact index.",
            "",
            "| what | measured | wanted |",
            "|---|---|---|",
        ]
        return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in self.rows), "", *self.notes, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", default=["open", "closed", "embeddings"], choices=["open", "closed", "embeddings"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--soak", type=float, default=0)
    parser.add_argument("--serve", action="append", default=[], help="more options of semap serve, each as --serve=--option")
    parser.add_argument("--machine", default="2 cores, AVX-512")
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; it comes with: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked, Path(folder))
        try:
            for part in asked.parts:
                getattr(bench, part)()
            if asked.soak:
                bench.soak()
        finally:
            code = bench.served.stop()
    bench.notes.append(f"The server left with exit code {code} after SIGTERM.")
    print(bench.report())
    if asked.output:
        asked.output.write_text(bench.report())


if __name__ == "__main__":
    main()
