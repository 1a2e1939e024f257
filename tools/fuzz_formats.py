"""Damaged files of every format, opened one after another: each must end in a table or in an error of semap that says why.

    python tools/fuzz_formats.py [--files 100000] [--seed 1] [--workers 2] [--data ../shared/data/formats] [-o results.md]

Seeds: small files by semap's writers, by pyarrow, gensim and fastText where they are installed, and those of the original tools
in `--data`. Each file is one of them after one to three changes: bits flipped, bytes overwritten, cut, inserted, removed or
repeated, whole numbers set to extremes (binary and written ones), or a part of another seed put in. A worker opens it, reads all
rows, composes a token where the table can, and reads one in four as a stream too. Failures: any other exception, MemoryError
under a limit of 1 GB more than an idle worker has, more than 5 s, the death of the worker, not finite vectors, code at work
(an audit hook hears of processes, sockets, pickle's look-ups and files opened for writing). The files of failures are kept.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_seeds import Seed, all_seeds

SECONDS, BYTES = 5.0, 1 << 30
ALLOWED = ("BadFile", "NewerVersion", "SettingsError", "ShapeError", "DuplicateToken", "FileMissing", "BadText")
EXTREMES = [0, 1, 2, 127, 255, 65_535, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**64 - 1]
FORBIDDEN = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "pickle.find_class",
    "socket.",
    "ctypes.dlopen",
)


def changed(rng: random.Random, content: bytes, other: bytes) -> tuple[str, bytes]:
    """Content after one change, and which."""
    name, change = rng.choice(CHANGES)
    return name, change(rng, content, other)


def _place(rng: random.Random, content: bytes) -> int:
    """A byte, near the beginning half of the time: headers are there."""
    return rng.randrange(min(len(content), 200) if rng.random() < 0.5 else len(content)) if content else 0


def flip(rng: random.Random, content: bytes, other: bytes) -> bytes:
    cells = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if cells:
            cells[_place(rng, content)] ^= 1 << rng.randrange(8)
    return bytes(cells)


def overwrite(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, size = _place(rng, content), rng.choice((1, 2, 4, 16))
    value = rng.choice((b"\0", b"\xff", b"\x80", b" ", b"\n", b"{", rng.randbytes(1)))
    return content[:at] + value * size + content[at + size :]


def cut(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)] if rng.random() < 0.8 else content[_place(rng, content) :]


def insert(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at = _place(rng, content)
    return content[:at] + rng.randbytes(rng.choice((1, 2, 4, 9, 300))) + content[at:]


def remove(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at = _place(rng, content)
    return content[:at] + content[at + rng.choice((1, 2, 4, 8, 100)) :]


def repeat(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, size = _place(rng, content), rng.choice((1, 4, 8, 200))
    return content[:at] + content[at : at + size] * rng.choice((2, 3, 50)) + content[at + size :]


def extreme(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, size = _place(rng, content), rng.choice((1, 2, 4, 8))
    number = rng.choice([*EXTREMES, len(content), len(content) + 1])
    return content[:at] + (number % (1 << 8 * size)).to_bytes(size, rng.choice(("little", "big"))) + content[at + size :]


def written(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Another whole number where one is written in digits."""
    found = list(re.finditer(rb"[0-9]+", content[:4000]))
    if not found:
        return extreme(rng, content, other)
    at = rng.choice(found)
    number = rng.choice((*EXTREMES, -1, int(at[0][:30]) + 1, max(int(at[0][:30]) - 1, 0), 10**30))
    return content[: at.start()] + b"%d" % number + content[at.end() :]


def splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: _place(rng, content)] + other[_place(rng, other) :]


CHANGES: list[tuple[str, Callable[[random.Random, bytes, bytes], bytes]]] = [
    ("flip", flip), ("flip", flip), ("overwrite", overwrite), ("cut", cut), ("insert", insert), ("remove", remove),
    ("repeat", repeat), ("extreme", extreme), ("extreme", extreme), ("written", written), ("splice", splice),
]  # fmt: skip


def made(seeds: list[Seed], seed: int, number: int) -> tuple[Seed, str]:
    """The damaged file of this number, the same at every run."""
    rng = random.Random(seed * 1_000_003 + number)
    name, files, opened, settings = rng.choice(seeds)
    target = opened if rng.random() < 0.85 else rng.choice(sorted(files))
    content, names = files[target], []
    for _ in range(rng.choice((1, 1, 2, 3))):
        other = rng.choice(seeds)
        change, content = changed(rng, content, rng.choice(list(other[1].values())))
        names.append(change)
    return (name, {**files, target: content}, opened, settings), "+".join(names)


class CodeAtWork(BaseException):
    """Something that a reader has no business with."""


def hear(event: str, arguments: Any) -> None:
    """Raise where code is at work while a file is open; Numba reading its own cache, and modules being imported, may."""
    if not HEARING[0]:
        return
    made_up = event == "exec" and str(getattr(arguments[0], "co_filename", "")) == "<string>"
    mode = arguments[1] if event == "open" else None
    writes = isinstance(mode, str) and bool(set(mode) & set("wxa+")) and HEARING[1] not in str(arguments[0])
    if (event.startswith(FORBIDDEN) or made_up or writes) and not _of_a_library():
        raise CodeAtWork(f"{event} {arguments!r:.200}")


def _of_a_library() -> bool:
    """Whether Numba or an import is what asks."""
    frame = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(("numba.", "importlib.")):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


HEARING: list[Any] = [False, ""]


def opened_well(folder: Path, case: Seed, convert: bool) -> str:
    """Open a file, use the table; returns the name of what came of it."""
    from semap.errors import SemapError
    from semap.formats.load import load, stream

    _, files, main, given = case
    for name, content in files.items():
        (folder / name).write_bytes(content)
    settings = {name: folder / value if name == "ids" else value for name, value in given.items()}
    try:
        HEARING[0] = True
        table = load(folder / main, **settings, threads=1)
        # Opening a .semap file reads no row; whether its numbers are those that were written, its SHA-256 says.
        assert "format" not in table.metadata or np.isfinite(table.vectors).all(), "a vector is not finite"
        assert table.vectors.shape == (len(table), table.dim)
        table[table.tokens[0]], list(table.tokens)
        if table.composes:
            composed = table.lookup(["unseen", "né"])
            assert "format" not in table.metadata or np.isfinite(composed).all(), "a composed vector is not finite"
        if convert:
            for _ in stream(folder / main, **settings, words=max(1, len(table) // 2), threads=1).stored[0].pieces():
                pass
    except SemapError as failure:
        if type(failure).__name__ not in (*ALLOWED, "UnknownToken"):
            raise
        return type(failure).__name__
    finally:
        HEARING[0] = False
        for name in files:
            (folder / name).unlink(missing_ok=True)
    return "table"


def work(seeds: list[Seed], seed: int, numbers: range, folder: Path, pipe: Any) -> None:
    """Open files, telling before each which one, and after the last what came of them."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for case in seeds:  # kernels are compiled and modules imported before anything is limited
        with suppress(Exception):
            opened_well(folder, case, True)
    sys.addaudithook(hear)
    HEARING[1] = str(folder)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, size + BYTES))
    pipe.send(("ready", 0, ""))
    for number in numbers:
        case, changes = made(seeds, seed, number)
        pipe.send(("begin", number, ""))
        start = time.perf_counter()
        try:
            outcome = opened_well(folder, case, number % 4 == 0)
        except (Exception, CodeAtWork) as failure:  # what the run is there to find
            pipe.send(("failure", number, f"{case[0]} {changes}: {type(failure).__name__}: {failure}\n{traceback.format_exc()}"))
            continue
        seconds = time.perf_counter() - start
        if seconds > SECONDS:
            pipe.send(("failure", number, f"{case[0]} {changes}: took {seconds:.1f} s"))
        pipe.send(("done", number, f"{case[0]}\t{outcome}"))
    pipe.send(("end", 0, ""))


def watched(seeds: list[Seed], seed: int, numbers: range, folder: Path) -> tuple[Counter[tuple[str, str]], list[tuple[int, str]]]:
    """Run workers over the numbers, a new one where one died or hung; returns outcomes and failures."""
    outcomes: Counter[tuple[str, str]] = Counter()
    failures: list[tuple[int, str]] = []
    at, stop = numbers.start, numbers.stop
    context = multiprocessing.get_context("spawn")
    while at < stop:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=work, args=(seeds, seed, range(at, stop), folder, theirs))
        worker.start()
        theirs.close()
        ready = False
        while True:
            try:
                if not ours.poll(3 * SECONDS if ready else 600):
                    raise TimeoutError
                kind, number, text = ours.recv()
            except (EOFError, TimeoutError) as failure:
                worker.kill()
                worker.join()
                hung = isinstance(failure, TimeoutError)
                failures.append(
                    (at, f"{made(seeds, seed, at)[0][0]}: {'hung' if hung else f'the worker died ({worker.exitcode})'}")
                )
                at += 1
                break
            ready = ready or kind == "ready"
            if kind == "begin":
                at = number
            elif kind == "failure":
                failures.append((number, text))
            elif kind == "done":
                name, outcome = text.split("\t")
                outcomes[name, outcome] += 1
            elif kind == "end":
                worker.join()
                return outcomes, failures
    return outcomes, failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file, to open one again")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "formats")
    parser.add_argument("--kept", type=Path, default=None, help="a folder for the files of failures")
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the results")
    parser.add_argument("-o", "--output", type=Path, default=None)
    settings = parser.parse_args()
    seeds = all_seeds(settings.data)
    start = time.perf_counter()
    scratch = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    bounds = np.linspace(settings.first, settings.first + settings.files, settings.workers + 1).astype(int).tolist()
    outcomes: Counter[tuple[str, str]] = Counter()
    failures: list[tuple[int, str]] = []
    from concurrent.futures import ThreadPoolExecutor

    folders = [Path(tempfile.mkdtemp(dir=scratch)) for _ in range(settings.workers)]
    try:
        with ThreadPoolExecutor(settings.workers) as pool:
            jobs = [
                pool.submit(watched, seeds, settings.seed, range(bounds[each], bounds[each + 1]), folders[each])
                for each in range(settings.workers)
            ]
            for job in jobs:
                outcomes += job.result()[0]
                failures += job.result()[1]
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    for number, text in failures:
        print(f"failure {number}: {text}\n")
        if settings.kept is not None:
            place = settings.kept / str(number)
            place.mkdir(parents=True, exist_ok=True)
            for name, content in made(seeds, settings.seed, number)[0][1].items():
                (place / name).write_bytes(content)
    lines = report(settings, seeds, outcomes, failures, time.perf_counter() - start)
    print("\n".join(lines))
    if settings.output is not None:
        settings.output.write_text("\n".join([*lines, ""]))
    raise SystemExit(bool(failures))


def report(
    settings: Any, seeds: list[Seed], outcomes: Counter[tuple[str, str]], failures: list[Any], seconds: float
) -> list[str]:
    """What came of all files, by the kind of seed."""
    kinds: dict[str, Counter[str]] = {}
    n_tables = sum(times for (_, outcome), times in outcomes.items() if outcome == "table")
    for (name, outcome), times in outcomes.items():
        kinds.setdefault(name, Counter())[outcome] += times
    lines = [
        "# Damaged files of every format",
        "",
        f"`python tools/fuzz_formats.py --files {settings.files} --seed {settings.seed} --workers {settings.workers}`  ",
        f"{datetime.date.today()}, {settings.machine}; {settings.files:,} files from {len(seeds)} seeds in {seconds:,.0f} s.",
        f"At most {SECONDS:.0f} s and 1 GB more than an idle worker a file; an audit hook listens for code at work.",
        "",
        f"**{len(failures)} failures.** {n_tables:,} files gave a table, {outcomes.total() - n_tables:,} an error that says why.",
        "",
        "| seed | files | table | errors |",
        "|---|---|---|---|",
    ]
    for name, found in sorted(kinds.items()):
        errors = ", ".join(f"{error} {times:,}" for error, times in sorted(found.items()) if error != "table")
        lines.append(f"| {name} | {found.total():,} | {found['table']:,} | {errors} |")
    return lines


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
