"""Rows in, one over the length of each out, as the kernels multiply it into a product."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.index.slabs import crew_size, over_rows
from semap.index.vectors import unit_rows
from semap.kernels.native import norms

__all__ = ["measured"]

_TAME = 1e18  # lengths between 1 / this and this are divided out of float32 products without overflow


def measured(rows: FloatMatrix, threads: int) -> tuple[FloatMatrix, FloatVector]:
    """Return rows (V, D) and their scales: float32, one over the length of each row, 0 for a row of zeros.

    The rows are those given, or unit vectors made of them where a length leaves the range of float32 products. The
    scales go on with zeros to a multiple of 16: kernels read 16 at a time, also at the last row.
    """
    inverse = np.zeros(len(rows), np.float64)
    dim = rows.shape[1]

    def work(thread: int, start: int, stop: int) -> None:
        """Measure some rows."""
        norms.inverse_norms(rows, start, stop, inverse)

    over_rows(len(rows), dim, crew_size(len(rows), dim, threads), work)
    present = inverse[inverse > 0]
    if len(present) and not 1 / _TAME < present.min() <= present.max() < _TAME:
        rows = unit_rows(rows)
        inverse = np.where(inverse > 0, 1.0, 0.0)
    return rows, np.pad(inverse.astype(np.float32), (0, -len(rows) % 16))
