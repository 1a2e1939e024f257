"""Rows in, one over the length of each row out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["inverse_norms"]


@kernel
def inverse_norms(rows: Any, start: int, stop: int, out: Any) -> None:
    """Set out[r] = 1 / |rows[r]| float64 for start <= r < stop, and 0 for a row of zeros."""
    dim = rows.shape[1]
    whole = dim - dim % 4
    for row in range(start, stop):
        a = b = c = d = 0.0  # four sums, so that an addition need not wait for the one before
        for column in range(0, whole, 4):
            w, x = np.float64(rows[row, column]), np.float64(rows[row, column + 1])
            y, z = np.float64(rows[row, column + 2]), np.float64(rows[row, column + 3])
            a, b, c, d = a + w * w, b + x * x, c + y * y, d + z * z
        for column in range(whole, dim):
            w = np.float64(rows[row, column])
            a += w * w
        length = np.sqrt((a + b) + (c + d))
        out[row] = 1 / length if length > 0 else 0.0
