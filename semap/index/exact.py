"""A table or vectors in, the rows nearest to any vector out, by looking at every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix, FloatVector
from semap.errors import ShapeError
from semap.index.asked import TOO_LARGE, check_k, check_metric, checked_queries, exclusions, readable
from semap.index.best import best_rows
from semap.index.index import Metric
from semap.index.lengths import measured
from semap.index.slabs import crew_size, over_rows
from semap.index.vectors import finite_matrix, kernel_matrix, unit_rows
from semap.kernels.native import nearest
from semap.parallel.crew import thread_count
from semap.table.table import Table

__all__ = ["ExactIndex", "Metric", "check_k"]

_QUERIES = 4096  # answered in one pass over the rows
_KEPT = 1 << 22  # pairs of score and row kept at a time, 12 bytes each


class ExactIndex:
    """Finds the rows that are nearest to a vector by comparing it with all of them.

    table_or_vectors: a Table, or an array (V, D) of finite numbers; float32 rows are used where they lie, not copied.
    metric: "cosine", "dot" (the inner product, which is not cosine) or "euclidean".
    threads: 0 for every CPU of this process; the results have the same bits for any number, and for any batch.

    A row or a query of zeros has cosine 0 with everything. A product adds up in float32, in the order of the columns.
    Raises ShapeError (not (V, D), a value that is NaN or infinite) and SettingsError (metric, threads).
    """

    def __init__(self, table_or_vectors: Table | Any, *, metric: Metric = "cosine", threads: int = 0) -> None:
        check_metric(metric)
        thread_count(threads)
        self.metric: Metric = metric
        self._threads = threads
        table = table_or_vectors
        self._rows = kernel_matrix(table.vectors) if isinstance(table, Table) else finite_matrix("vectors", table)
        self._scales: FloatVector = np.zeros(0, np.float32)
        if metric == "cosine":
            self._rows, self._scales = measured(self._rows, threads)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"ExactIndex({len(self):,} rows, {self.dim} dimensions, {self.metric})"

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return int(self._rows.shape[1])

    @property
    def n_ids(self) -> int:
        """V: rows have the numbers 0 to V - 1."""
        return len(self)

    def search(self, vectors: Any, k: int, *, exclude: Any = None) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the k nearest rows of each vector: ids int64 (B, K) and scores float32 (B, K), nearest first.

        vectors: (B, D), or (D,) for B = 1. K is k, or less where fewer rows are left.
        exclude: rows that must not be found: one sequence of rows for each vector, or for (D,) simply the rows.
        Scores are cosines or inner products, or for "euclidean" distances; equal ones are ordered by row. A vector that
        has fewer than K rows left ends with ids of -1.
        Raises ShapeError (dimension, a value that is not finite, a row outside), SettingsError (k below 1) and
        ShapeError when an inner product is too large for float32.
        """
        check_k(k)
        queries = self._queries(vectors)
        excluded = exclusions(exclude, len(queries), np.ndim(vectors) == 1, len(self))
        left = len(self) - np.array([len(rows) for rows in excluded], np.int64)
        width = int(min(k, left.max(initial=0)))
        ids = np.full((len(queries), width), -1, np.int64)
        scores = np.full((len(queries), width), -np.inf, np.float32)
        step = int(np.clip(_KEPT // max(1, width * thread_count(self._threads)), 1, _QUERIES))
        for begin in range(0, len(queries) if width else 0, step):
            part = slice(begin, begin + step)
            ids[part], scores[part] = self._nearest(queries[part], width, excluded[part])
        if (np.minimum(left, width) > (ids < len(self)).sum(axis=1)).any():
            raise ShapeError(TOO_LARGE)
        ids[ids == len(self)] = -1
        return ids, readable(scores, self.metric)

    def scores(self, vectors: Any) -> npt.NDArray[np.float32]:
        """Return the score of every row for each vector: float32 (B, V); see `search`."""
        queries = self._queries(vectors)
        out = np.empty((len(queries), len(self)), np.float32)
        cost = self.dim * len(queries)

        def score(thread: int, start: int, stop: int) -> None:
            """Score some rows."""
            part = np.empty((len(queries), stop - start), np.float32)
            nearest.scores(self._rows, self._scales, queries, self.metric == "euclidean", start, stop, part)
            out[:, start:stop] = part

        over_rows(len(self), cost, crew_size(len(self), cost, self._threads), score)
        return readable(out, self.metric)

    def _queries(self, vectors: Any) -> FloatMatrix:
        queries = checked_queries(vectors, self.dim)
        return unit_rows(queries) if self.metric == "cosine" else queries

    def _nearest(self, queries: FloatMatrix, width: int, excluded: Sequence[AnyArray]) -> tuple[AnyArray, AnyArray]:
        """The best `width` rows of each query, best first; the number of rows stands for none."""

        def look(start: int, stop: int, *kept: AnyArray) -> None:
            """Compare the queries with rows start .. stop - 1."""
            nearest.search(self._rows, self._scales, queries, self.metric == "euclidean", start, stop, *kept)

        return best_rows(len(self), self.dim * len(queries), len(queries), width, excluded, self._threads, look)
