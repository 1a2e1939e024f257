"""Rows as bytes, and a search that looks at the bytes first, written to be read.

Row r of `rows`, float32 (V, D), with its scale is u = rows[r] * scales[r], a unit vector or zeros. Its bytes are
codes[r] = round(u / step), step = max |u| / 127. For a unit query q, the score that `nearest.search` finds is at most

    step (q . codes[r]) + slack,    slack = |u - step codes[r]| + what rounding in float32 adds

since q . (u - step codes[r]) is at most the length of the difference. So a row whose bound is not above the worst score
that is kept cannot be kept: its numbers are never read.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.reference import nearest

__all__ = ["LANES", "encode", "search"]

LANES = 16
_HALF_STEP = 2.0**-24  # the largest relative error of one operation in float32


def encode(rows: AnyArray, scales: AnyArray, start: int, stop: int, codes: AnyArray, steps: AnyArray, slacks: AnyArray) -> None:
    """Fill codes int8, steps and slacks float32 for the rows start .. stop - 1.

    codes: 16 rows at a time, column by column, codes[16 (D t + d) + i] being column d of row 16 t + i.
    """
    dim = rows.shape[1]
    for row in range(start, stop):
        unit = rows[row].astype(np.float64) * np.float64(scales[row])
        step = np.float32(np.abs(unit).max() / 127)
        whole = np.rint(unit / np.float64(step)) if step > 0 else np.zeros(dim)
        first = row // LANES * LANES * dim + row % LANES
        codes[first : first + LANES * dim : LANES] = whole
        steps[row] = step
        missing = np.sqrt(np.square(unit - whole * np.float64(step)).sum())
        # Both sums have D products; a few operations more bring the scale, the step and the slack in.
        slacks[row] = missing * 1.00001 + (2 * dim + 16) * _HALF_STEP * (1 + missing)


def search(
    rows: AnyArray,
    scales: AnyArray,
    codes: AnyArray,
    steps: AnyArray,
    slacks: AnyArray,
    queries: AnyArray,
    start: int,
    stop: int,
    excluded: AnyArray,
    excluded_offsets: AnyArray,
    kept_scores: AnyArray,
    kept_rows: AnyArray,
) -> None:
    """Do what `nearest.search` does for unit queries: the bytes only spare it work."""
    nearest.search(rows, scales, queries, False, start, stop, excluded, excluded_offsets, kept_scores, kept_rows)
