"""Vectors in, what an answer holds of each out: its numbers, or its bytes, which are written as base64."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from semap.arrays import AnyArray

__all__ = ["as_asked"]


def as_asked(vectors: AnyArray, encoding_format: Literal["float", "base64"]) -> list[Any]:
    """Return the numbers of each row of vectors (n, D), or the buffer of its little-endian float32 numbers, not copied."""
    if encoding_format == "float":
        numbers: list[Any] = vectors.tolist()
        return numbers
    return [row.data for row in np.ascontiguousarray(vectors, "<f4")]
