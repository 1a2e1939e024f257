"""A matrix of many rows and few columns in, its products with small matrices out; the plain twin says what is computed.

Not NumPy's, whose threads spin when another process is busy: with both cores taken a ProNE took 20 s instead of 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["gram", "turned"]


@kernel
def turned(rows: Any, small: Any, start: int, stop: int, out: Any) -> None:
    """Set out[i] = rows[i] @ small for start <= i < stop."""
    n, dim = small.shape
    whole = n - n % 4
    for row in range(start, stop):
        for column in range(dim):
            out[row, column] = np.float32(0)
        for k in range(0, whole, 4):
            a, b, c, d = rows[row, k], rows[row, k + 1], rows[row, k + 2], rows[row, k + 3]
            for column in range(dim):
                total = out[row, column] + a * small[k, column]
                total += b * small[k + 1, column]
                total += c * small[k + 2, column]
                out[row, column] = total + d * small[k + 3, column]
        for k in range(whole, n):
            a = rows[row, k]
            for column in range(dim):
                out[row, column] += a * small[k, column]


@kernel
def gram(rows: Any, start: int, stop: int, out: Any) -> None:
    """Set the upper triangle of out to that of R^T R, four rows of R at a time."""
    dim = rows.shape[1]
    out[:] = np.float32(0)
    whole = stop - (stop - start) % 4
    for row in range(start, whole, 4):
        for i in range(dim):
            a, b, c, d = rows[row, i], rows[row + 1, i], rows[row + 2, i], rows[row + 3, i]
            for j in range(i, dim):
                total = out[i, j] + a * rows[row, j]
                total += b * rows[row + 1, j]
                total += c * rows[row + 2, j]
                out[i, j] = total + d * rows[row + 3, j]
    for row in range(whole, stop):
        for i in range(dim):
            a = rows[row, i]
            for j in range(i, dim):
                out[i, j] += a * rows[row, j]
