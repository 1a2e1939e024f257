"""Converting files that are larger than the memory that is used: MB/s and peak memory of `semap convert`, next to gensim.

    python bench/convert.py [--gigabytes 2.1] [--peer-gigabytes 0.25] [--folder FOLDER]

Makes a word2vec text and a word2vec binary file of random vectors (d=300), converts each in a process of its own and takes that
process's largest resident memory (VmHWM, which counts pages of mapped files too). What comes out is compared with the
numbers that went in. gensim reads a whole file before it writes (there is no other way in it), so it gets a smaller one.
The large files are removed again.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from semap.formats.filerows import FileRows
from semap.formats.load import load, stream
from semap.formats.save import save
from semap.table.table import Table
from semap.vocab.tokens import Tokens

DIM = 300
BYTES = {"text": 9.7 * DIM, "binary": 4 * DIM + 10}  # a row, about
COMMAND = [sys.executable, "-c", "from semap.cli.main import main; main()"]
GENSIM = (
    "import sys, warnings; warnings.simplefilter('ignore'); from gensim.models import KeyedVectors;"
    "KeyedVectors.load_word2vec_format(sys.argv[1], binary=sys.argv[2] == 'binary')"
    ".save_word2vec_format(sys.argv[3], binary=sys.argv[2] != 'binary')"
)


def rows_of(first: int, last: int) -> np.ndarray:
    """Rows that any part of the file can be checked with: of 4,096 random rows, rolled by their number."""
    base = np.random.default_rng(7).standard_normal((4096, DIM)).astype(np.float32)
    numbers = np.arange(first, last)
    return base[numbers % 4096] + (numbers // 4096).astype(np.float32)[:, None]


def make(path: Path, form: str, gigabytes: float) -> int:
    """Write a file of about that size; returns its rows."""
    n_rows = int(gigabytes * 1e9 / BYTES[form])
    tokens = Tokens.pack_bytes([b"token%d" % (3 * row) for row in range(n_rows)])
    save(Table.of_stored(tokens, FileRows(n_rows, DIM, rows_of)), path, to=f"word2vec-{form}")
    return n_rows


def run(command: list[str]) -> tuple[float, float, float]:
    """Seconds of wall clock and of processors, and largest resident memory in MB (VmHWM), of a process."""
    start, peak = time.perf_counter(), 0
    before = os.times()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:  # the mark only rises, so the last look is near the end
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
        peak = max(peak, int(found[1])) if found else peak
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, cpu, peak * 1024 / 1e6


def line(tool: str, what: str, size: float, used: tuple[float, float, float], quality: str) -> str:
    seconds, cpu, memory = used
    cells = [tool, what, f"{size:,.0f}", f"{seconds:.1f}", f"{cpu:.1f}", f"{size / seconds:,.0f}", f"{memory:,.0f}", quality]
    print("| " + " | ".join(cells) + " |", flush=True)
    return "| " + " | ".join(cells) + " |"


def checked(path: Path, n_rows: int, dtype: str) -> str:
    """Compare some rows of the output with what was written first."""
    table = stream(path)
    assert len(table) == n_rows
    for first in (0, n_rows // 2, n_rows - 100):
        expected = rows_of(first, first + 100)
        found = table.stored[0].decode(np.arange(first, first + 100))
        bound = np.abs(expected).max(axis=1, keepdims=True) / 254 * 1.001 if dtype == "int8" else 0
        assert np.all(np.abs(found - expected) <= bound)
    return "within half a step of int8" if dtype == "int8" else "same bits"


def measure(folder: Path, gigabytes: float, peer: float) -> list[str]:
    """The rows of the result."""
    lines = []
    for form, other in (("text", "binary"), ("binary", "text")):
        source = folder / f"a.{form}"
        n_rows = make(source, form, gigabytes)
        size = source.stat().st_size / 1e6
        jobs = [
            (f"{form} to {other}", ["--to", f"word2vec-{other}"], "float32"),
            (f"{form} to .semap int8", ["--to", "semap", "--quantize", "int8"], "int8"),
            (f"{form} to .semap, --words 10000", ["--to", "semap", "--words", "10000"], "float32"),
        ]
        for name, options, dtype in jobs:
            used = run([*COMMAND, "convert", str(source), str(folder / "out"), *options, "--quiet"])
            quality = checked(folder / "out", 10_000 if "--words" in options else n_rows, dtype)
            lines.append(line("semap", name, size, used, quality))
        (folder / "out").unlink()
        source.unlink()
        make(source, form, peer)
        size = source.stat().st_size / 1e6
        used = run([sys.executable, "-c", GENSIM, str(source), form, str(folder / "out")])
        same = np.array_equal(load(folder / "out").vectors, load(source).vectors)
        lines.append(line("gensim 4.4", f"{form} to {other}", size, used, "same bits" if same else "other numbers"))
        source.unlink()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.1)
    parser.add_argument("--peer-gigabytes", type=float, default=0.25)
    parser.add_argument("--folder", type=Path, default=None, help="where there is room for twice as much (else the system's)")
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the results")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "results" / "convert.md")
    settings = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=settings.folder) as folder:
        rows = measure(Path(folder), settings.gigabytes, settings.peer_gigabytes)
    lines = [
        "# Converting files larger than memory",
        "",
        f"`python bench/convert.py --gigabytes {settings.gigabytes} --peer-gigabytes {settings.peer_gigabytes}`  ",
        f"{datetime.date.today()}, {settings.machine}; random vectors, d={DIM}. Whole processes, imports included.",
        "Peak memory is the largest resident set, pages of mapped files included. Other work ran on both cores: processor",
        "seconds stand beside.",
        "",
        "| tool | what | MB in | s | processor s | MB/s | peak MB | quality |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    settings.output.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
