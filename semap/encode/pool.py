"""The rows of a batch of texts in, one vector a text out, on several threads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.encode.tokenizing import Rows
from semap.parallel import crew

__all__ = ["Pool"]

_NUMBERS_A_TASK = 1 << 22  # about 2 ms


@dataclass(frozen=True)
class Pool:
    """How the rows of a text become one vector.

    vectors: float32 (V, D); weights: float32 (V,), of each row in the mean; components: float32 (K, D), of whose rows c
    (x . c) c is taken out of each mean x; largest: the largest of each dimension instead; unit: divide by the length.
    """

    vectors: FloatMatrix
    weights: FloatVector
    components: FloatMatrix
    largest: bool
    unit: bool

    def __call__(self, rows: Rows, threads: int) -> FloatMatrix:
        """Return float32 (B, D); the vector of a text has the same bits in any batch and with any number of threads."""
        from semap.kernels.native.pooling import pool_max, pool_mean

        dim = self.vectors.shape[1]
        out = np.empty((len(rows.offsets) - 1, dim), np.float32)
        components = self.components.astype(np.float64)
        turned = np.ascontiguousarray(components.T)
        tasks = _tasks(rows, dim)
        numbers = count()

        def work(thread: int) -> None:
            """Pool one stretch of texts after another."""
            sums, shares = np.empty(dim), np.empty(len(components))
            while (number := next(numbers)) < len(tasks):
                first, stop = tasks[number]
                if self.largest:
                    pool_max(self.vectors, rows.rows, rows.offsets, self.unit, first, stop, out)
                else:
                    pool_mean(
                        self.vectors, rows.rows, rows.offsets, self.weights, components, turned, self.unit, first, stop,
                        sums, shares, out,
                    )  # fmt: skip

        n_threads = min(crew.thread_count(threads), len(tasks))
        if n_threads > 1:
            crew.run(n_threads, work)
        else:
            work(0)
        return out


def _tasks(rows: Rows, dim: int) -> list[tuple[int, int]]:
    """First text and the one after the last of stretches of about equal work."""
    n_texts = len(rows.offsets) - 1
    work = rows.offsets + np.arange(n_texts + 1)  # a text without rows has to be written too
    marks = np.arange(0, work[-1] + 1, max(1, _NUMBERS_A_TASK // dim))
    bounds = np.unique(np.concatenate([np.searchsorted(work, marks), [0, n_texts]]))
    return list(pairwise(bounds.tolist()))
