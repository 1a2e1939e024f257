"""A sparse matrix and a dense one in, their product out, in pieces on several threads."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix
from semap.kernels.native import spread
from semap.recommend.sweep import Side, over_pieces, pieces_of

__all__ = ["product"]


def product(side: Side, dense: FloatMatrix, threads: int) -> FloatMatrix:
    """Return the product of a sparse matrix, given by its rows, with a dense one: float32 (R, D)."""
    indptr, others, weights = side
    out = np.empty((len(indptr) - 1, dense.shape[1]), np.float32)
    none = np.zeros(0, np.float32)  # nothing is added on the diagonal

    def work(start: int, stop: int) -> None:
        """Multiply some rows."""
        spread.spread(indptr, others, weights, none, dense, start, stop, out)

    over_pieces(pieces_of(indptr, dense.shape[1], dense.shape[1]), threads, work)
    return out
