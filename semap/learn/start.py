"""A seed and a shape in, the first rows of a model out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix

__all__ = ["fill_starting_rows", "starting_rows"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STEPS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST = np.uint64(31)
_VALUES_AT_ONCE = 1 << 15  # what is worked out from them on the way stays in a core's cache


def starting_rows(n_words: int, dim: int, seed: int) -> FloatMatrix:
    """Return float32 (V, D), uniform in -0.5/D .. 0.5/D as in word2vec.c; a row depends on the seed and its number only."""
    rows = np.empty((n_words, dim), np.float32)
    fill_starting_rows(rows, seed)
    return rows


def fill_starting_rows(rows: FloatMatrix, seed: int, numbers: npt.NDArray[np.int64] | None = None) -> None:
    """Write the starting rows to float32 (V, D), which need not be contiguous.

    numbers: int64 (V,), the number of each row where that is not its place.
    """
    n_words, dim = rows.shape
    first = np.full(1, seed, np.uint64) + _GOLDEN
    _mix(first, first.copy())
    keys = np.arange(n_words, dtype=np.uint64) if numbers is None else numbers.astype(np.uint64)
    keys += first
    _mix(keys, keys.copy())
    columns = np.arange(1, dim + 1, dtype=np.uint64) * _GOLDEN
    step = max(1, _VALUES_AT_ONCE // dim)
    room = np.empty((2, step, dim), np.uint64)
    for begin in range(0, n_words, step):
        part = rows[begin : begin + step]
        bits, spare = room[:, : len(part)]
        np.add(keys[begin : begin + step, None], columns, out=bits)
        _mix(bits, spare)
        _to_rows(bits, spare.view(np.float64), part)


def _to_rows(bits: npt.NDArray[np.uint64], values: npt.NDArray[np.float64], rows: FloatMatrix) -> None:
    """(b / 2^24 - 0.5) / D, b being the upper 24 bits; overwrites `bits` and `values`, (B, D) as `rows`."""
    np.right_shift(bits, np.uint64(40), out=bits)
    np.multiply(bits.view(np.int64), 2.0**-24, out=values)
    np.subtract(values, 0.5, out=values)
    np.divide(values, rows.shape[1], out=rows, casting="same_kind")


def _mix(bits: npt.NDArray[np.uint64], spare: npt.NDArray[np.uint64]) -> None:
    """The finaliser of SplitMix64, in place; `spare`: room of the same shape."""
    for shift, factor in _STEPS:
        np.right_shift(bits, shift, out=spare)
        np.bitwise_xor(bits, spare, out=bits)
        np.multiply(bits, factor, out=bits)
    np.right_shift(bits, _LAST, out=spare)
    np.bitwise_xor(bits, spare, out=bits)
