"""A matrix of many rows and few columns in, its products with small matrices out, written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["gram", "turned"]


def turned(rows: AnyArray, small: AnyArray, start: int, stop: int, out: AnyArray) -> None:
    """Set out[i] = rows[i] @ small for start <= i < stop: rows (V, K), small (K, D), out (V, D), all float32, sums too."""
    out[start:stop] = rows[start:stop] @ small


def gram(rows: AnyArray, start: int, stop: int, out: AnyArray) -> None:
    """Set the upper triangle of out (K, K) to that of R^T R of the rows R = rows[start:stop], (V, K); float32, sums too."""
    part = rows[start:stop]
    out[:] = np.triu(part.T @ part)
