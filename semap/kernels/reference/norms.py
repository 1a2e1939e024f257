"""Rows in, one over the length of each row out, written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["inverse_norms"]


def inverse_norms(rows: AnyArray, start: int, stop: int, out: AnyArray) -> None:
    """Set out[r] = 1 / |rows[r]| for start <= r < stop, and 0 for a row of zeros; the squares are summed in float64.

    rows float32 (V, D), out float64 (V,).
    """
    for row in range(start, stop):
        length = np.sqrt(np.square(rows[row].astype(np.float64)).sum())
        out[row] = 1 / length if length > 0 else 0
