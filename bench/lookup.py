"""Opening a giant table and looking up a batch of its rows, next to torch.nn.Embedding: milliseconds, and whether bits agree.

    python bench/lookup.py [--tokens 50257] [--dim 12288] [--batch 4096] [--threads 2] [--repeats 15] [--folder FOLDER]

The table is float16 (GPT-3's size: 1.2 GB), made in pieces, saved, and opened from its file; torch holds the same rows in
memory and runs with --threads threads, without gradients. Runs alternate; the median counts, with new ids in each run. "float32"
is what `table.rows(ids)` gives; torch's is its float16 look-up followed by `.float()`, its own way to the same numbers. torch is
also asked to write to a tensor that is there already (`torch.index_select(..., out=)`), since new memory costs it most.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import semap


def made_up_rows(n_tokens: int, dim: int) -> np.ndarray:
    """float16 (V, D), normal with the deviation .02 of GPT's first rows, filled a piece at a time."""
    rows, drawn = np.empty((n_tokens, dim), np.float16), np.random.default_rng(1)
    for begin in range(0, n_tokens, 512):
        piece = rows[begin : begin + 512]
        piece[:] = drawn.standard_normal(piece.shape, np.float32) * np.float32(0.02)
    return rows


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def opened(path: Path, repeats: int) -> float:
    """Median seconds to open the file."""
    return statistics.median(seconds(lambda: semap.load(path)) for _ in range(repeats))


def looked_up(table: semap.Table, rows: np.ndarray, batch: int, repeats: int) -> list[tuple[str, list[float], bool]]:
    """Of each way to look rows up: its name, its seconds, and whether it found the right bits."""
    weights = torch.nn.Embedding.from_pretrained(torch.from_numpy(rows))
    there = torch.empty((batch, table.dim), dtype=torch.float16)
    drawn = np.random.default_rng(2)

    def in_place(ids: np.ndarray) -> torch.Tensor:
        return torch.index_select(weights.weight, 0, torch.from_numpy(ids), out=there)

    ways: dict[str, Callable[[np.ndarray], object]] = {
        "semap float16": lambda ids: table.rows(ids, dtype="float16"),
        "torch float16": lambda ids: weights(torch.from_numpy(ids)),
        "torch float16, memory there": in_place,
        "semap float32": lambda ids: table.rows(ids),
        "torch float32": lambda ids: weights(torch.from_numpy(ids)).float(),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    right = dict.fromkeys(ways, True)
    with torch.no_grad():
        for _ in range(repeats):
            for name, look_up in ways.items():
                ids = drawn.integers(0, len(table), batch)
                start = time.perf_counter()
                found = look_up(ids)
                times[name].append(time.perf_counter() - start)
                right[name] &= np.array_equal(np.asarray(found), rows[ids])
                del found
    return [(name, times[name], right[name]) for name in ways]


def report(command: str, arguments: argparse.Namespace, made: dict[str, float], ways: list[tuple[str, list[float], bool]]) -> str:
    lines = [
        "# Opening and looking up a giant table",
        "",
        f"`{command}`  ",
        f"{datetime.date.today()}, 2 cores, AVX-512, other work running on both; {arguments.tokens:,} x {arguments.dim:,} "
        f"float16, batches of {arguments.batch:,} ids, torch {torch.__version__} with {arguments.threads} threads.",
        "",
        "| what | seconds |",
        "|---|---|",
        *(f"| {name} | {value:.4f} |" for name, value in made.items() if name != "peak"),
        "",
        f"Peak memory after making, checking and saving the table: {made['peak']:.2f} GiB, the rows themselves included.",
        "",
        "| look-up | median ms | least ms | right bits |",
        "|---|---|---|---|",
    ]
    for name, times, right in ways:
        lines.append(f"| {name} | {statistics.median(times) * 1e3:.1f} | {min(times) * 1e3:.1f} | {'yes' if right else 'NO'} |")
    medians = {name: statistics.median(times) for name, times, _ in ways}
    halves, there = (medians[name] / medians["semap float16"] for name in ("torch float16", "torch float16, memory there"))
    lines += [
        "",
        f"float16: {halves:.1f} times as fast as torch, which spends most of its time on new memory: written to memory that is "
        f"there already, torch takes {there:.1f} times what semap takes with new memory. float32: "
        f"{medians['torch float32'] / medians['semap float32']:.1f} times as fast. semap uses one thread here.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=50_257)
    parser.add_argument("--dim", type=int, default=12_288)
    parser.add_argument("--batch", type=int, default=4_096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--folder", help="where the file goes for the time of the run; a temporary folder otherwise")
    parser.add_argument("--output", help="write the report here too")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rows = made_up_rows(arguments.tokens, arguments.dim)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "giant.semap"
        tables: list[semap.Table] = []
        tokens = [f"token{number * 7}" for number in range(arguments.tokens)]
        made = {"make a Table of the rows": seconds(lambda: tables.append(semap.Table(tokens, rows)))}
        made["save, synced to the disk"] = seconds(lambda: tables[0].save(path))
        made["peak"] = peak_gib()
        made["open"] = opened(path, arguments.repeats)
        ways = looked_up(semap.load(path), rows, arguments.batch, arguments.repeats)
    text = report(f"python bench/lookup.py {' '.join(sys.argv[1:])}".strip(), arguments, made, ways)
    print(text)
    if arguments.output:
        Path(arguments.output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
