"""Anything like an array in, a finite matrix or unit vectors as the kernels want them out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import ShapeError

__all__ = ["finite_matrix", "kernel_matrix", "unit_rows"]

_PIECE = 1 << 20  # numbers looked at a time, so that no second matrix is made


def finite_matrix(name: str, values: Any) -> FloatMatrix:
    """Return values as float32 (B, D), C-contiguous, aligned and read-only, without a copy where they are so already.

    Raises ShapeError when they are not (B, D) numbers, D is 0, or a value is NaN, infinite or too large for float32.
    """
    try:
        given = np.asarray(values)
        with np.errstate(over="ignore"):
            matrix = kernel_matrix(given if given.dtype.kind in "fiub" else np.zeros(0))
    except (TypeError, ValueError) as failure:
        raise ShapeError(f"{name} must be (B, D) numbers: {failure}") from failure
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise ShapeError(f"{name} must be (B, D) numbers, given is {given.dtype} of the shape {given.shape}")
    step = max(1, _PIECE // matrix.shape[1])
    for begin in range(0, len(matrix), step):
        finite = np.isfinite(matrix[begin : begin + step]).all(axis=1)
        if not finite.all():
            row = begin + int(np.argmin(finite))
            raise ShapeError(f"row {row:,} of {name} has a value that is NaN, infinite or too large for float32")
    return matrix


def kernel_matrix(values: AnyArray) -> FloatMatrix:
    """Return a view of values as kernels want them: float32, C-contiguous, aligned; a copy only where they are not so.

    It is read-only in any case: kernels would be compiled for a second time for a writable one.
    """
    matrix: FloatMatrix = np.require(np.asarray(values), np.float32, ["C", "A"]).view()
    matrix.flags.writeable = False
    return matrix


def unit_rows(matrix: AnyArray) -> FloatMatrix:
    """Return each row over its length, reckoned in float64: float32 (B, D), read-only; a row of zeros stays so."""
    units = np.empty(matrix.shape, np.float32)
    step = max(1, _PIECE // matrix.shape[1])
    for begin in range(0, len(matrix), step):
        rows = matrix[begin : begin + step].astype(np.float64)
        lengths = np.sqrt(np.einsum("bd,bd->b", rows, rows))
        units[begin : begin + step] = rows / np.where(lengths > 0, lengths, 1)[:, None]
    units.flags.writeable = False
    return units
