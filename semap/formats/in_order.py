"""Rows that come one batch after another in, any rows that are asked for out: quick in order, from the beginning again else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from os import PathLike
from threading import Lock

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import BadFile

__all__ = ["InOrder"]


class InOrder:
    """`start()` yields all rows from the first on, in batches (n, D); one batch is kept. `n_rows`: how many there must be."""

    def __init__(self, path: str | PathLike[str], start: Callable[[], Iterator[FloatMatrix]], n_rows: int, dim: int) -> None:
        self._path, self._start, self._n_rows = path, start, n_rows
        self._batches, self._begin, self._batch = start(), 0, np.empty((0, dim), np.float32)
        self._lock = Lock()

    def read(self, first: int, last: int) -> FloatMatrix:
        """Return rows first..last. Raises BadFile where the file has fewer rows than it should."""
        rows = np.empty((last - first, self._batch.shape[1]), np.float32)
        with self._lock:
            if first < self._begin:
                self._batches, self._begin, self._batch = self._start(), 0, self._batch[:0]
            at = first
            while at < last:
                end = self._begin + len(self._batch)
                if at < end:
                    taken = self._batch[at - self._begin : last - self._begin]
                    rows[at - first : at - first + len(taken)] = taken
                    at += len(taken)
                    continue
                self._begin, batch = end, next(self._batches, None)
                if batch is None:
                    raise BadFile(self._path, f"there are {self._n_rows:,} tokens and {end:,} vectors; each needs one")
                self._batch = batch
        return rows
