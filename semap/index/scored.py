"""What a graph led to in, the best of it with the scores of a full search out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, Flags, FloatMatrix
from semap.errors import ShapeError
from semap.index.asked import TOO_LARGE
from semap.index.held import HeldRows
from semap.index.index import Metric
from semap.kernels.native import chosen

__all__ = ["Found", "best_of", "picked"]

Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]

_ALL = np.zeros(0, np.bool_)


def picked(
    found: tuple[AnyArray, AnyArray], n_rows: int, allowed: Flags | None, hidden: Sequence[AnyArray], n_kept: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the first `n_kept` that may be found of each line, int64 (B, n_kept) with -1 after them, and how many they are.

    found: rows int64 (B, C) and how many of each line count; hidden: the rows that each query must not find, ascending.
    """
    rows, counts = found
    offsets = np.zeros(len(rows) + 1, np.int64)
    flat = np.zeros(0, np.int64)
    if any(map(len, hidden)):
        offsets[1:] = np.cumsum([len(each) for each in hidden])
        flat = np.concatenate(hidden)
    kept = np.empty((len(rows), n_kept), np.int64)
    n_fine = np.empty(len(rows), np.int64)
    chosen.pick(rows, counts, n_rows, _ALL if allowed is None else allowed, flat, offsets, kept, n_fine)
    return kept, n_fine


def best_of(held: HeldRows, metric: Metric, queries: FloatMatrix, ids: npt.NDArray[np.int64], width: int) -> Found:
    """Return the `width` best of the candidates ids (B, C): ids and scores (B, width), of equals the lower row first.

    queries: (B, D), unit vectors for "cosine". An id of -1 is no candidate; it ends as -1. The scores have the bits that
    ExactIndex gives. Raises ShapeError when an inner product is too large for float32.
    """
    rows = held.at(np.maximum(ids, 0).reshape(-1))
    best = np.empty((len(ids), width), np.int64)
    scores = np.empty((len(ids), width), np.float32)
    chosen.rank(rows, ids, queries, metric == "cosine", metric == "euclidean", best, scores)
    if metric == "dot" and not np.isfinite(scores[best >= 0]).all():
        raise ShapeError(TOO_LARGE)
    return best, scores
