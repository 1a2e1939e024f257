"""A seed and a shape in, the first rows of a model out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix

__all__ = ["starting_rows"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ROWS_AT_ONCE = 1 << 14


def starting_rows(n_words: int, dim: int, seed: int) -> FloatMatrix:
    """Return float32 (V, D), uniform in -0.5/D .. 0.5/D as in word2vec.c; a row depends on the seed and its number only."""
    rows = np.empty((n_words, dim), np.float32)
    columns = np.arange(1, dim + 1, dtype=np.uint64) * _GOLDEN
    for begin in range(0, n_words, _ROWS_AT_ONCE):
        numbers = np.arange(begin, min(begin + _ROWS_AT_ONCE, n_words), dtype=np.uint64)
        keys = _mix(numbers + _mix(np.array([seed], np.uint64) + _GOLDEN))
        bits = _mix(keys[:, None] + columns) >> np.uint64(40)
        rows[begin : begin + len(numbers)] = (bits.astype(np.float64) / 2.0**24 - 0.5) / dim
    return rows


def _mix(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64, on arrays."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
