"""Queries and a kernel that looks at some rows in, the best rows of all out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from semap.arrays import AnyArray
from semap.index.slabs import crew_size, over_rows

__all__ = ["Look", "best_rows"]

# Looks at rows start .. stop - 1: (start, stop, excluded rows, their offsets by query, kept scores, kept rows); changes the kept.
Look: TypeAlias = Callable[[int, int, AnyArray, AnyArray, AnyArray, AnyArray], None]


def best_rows(
    n_rows: int, cost: float, n_queries: int, width: int, excluded: Sequence[AnyArray], threads: int, look: Look
) -> tuple[AnyArray, AnyArray]:
    """Return the best `width` rows of each query and their scores, best first, of equals the lowest; `n_rows` stands for none.

    cost: of a row, in products. Each thread keeps what is best of the rows that it looked at, which are then merged.
    """
    n_threads = crew_size(n_rows, cost, threads)
    kept_scores = np.full((n_threads, n_queries, width), -np.inf, np.float32)
    kept_rows = np.full((n_threads, n_queries, width), n_rows, np.int64)
    offsets = np.cumsum([0, *(len(rows) for rows in excluded)], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, np.int64), *excluded])

    def search(thread: int, start: int, stop: int) -> None:
        """Keep the best of rows start .. stop - 1, beside what the thread has kept so far."""
        look(start, stop, flat, offsets, kept_scores[thread], kept_rows[thread])

    over_rows(n_rows, cost, n_threads, search)
    scores = kept_scores.transpose(1, 0, 2).reshape(n_queries, -1)
    rows = kept_rows.transpose(1, 0, 2).reshape(n_queries, -1)
    best = np.lexsort((rows, -scores))[:, :width]
    return np.take_along_axis(rows, best, 1), np.take_along_axis(scores, best, 1)
