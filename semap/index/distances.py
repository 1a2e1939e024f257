"""Two vectors, or rows of them, in, how near they are out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import DoubleVector
from semap.errors import ShapeError

__all__ = ["cosine", "dot", "euclidean"]


def cosine(a: Any, b: Any) -> float | DoubleVector:
    """Return a . b / (|a| |b|): 1 for the same direction, 0 for a right angle, -1 for opposite directions.

    a, b: vectors (D,), or rows of them (B, D); a vector is compared with every row, rows with rows in pairs.
    Returns a float for two vectors, else float64 (B,); everything adds up in float64. With a vector of zeros, which has
    no direction, the cosine is 0.0. Raises ShapeError when the shapes do not fit or a value is not finite.
    """
    a, b = _pair(a, b)
    a, b = _at_most_one(a), _at_most_one(b)
    lengths = np.sqrt(_products(a, a) * _products(b, b))
    cosines = _products(a, b) / np.where(lengths > 0, lengths, 1)
    return _plain(np.clip(np.where(lengths > 0, cosines, 0), -1, 1))


def dot(a: Any, b: Any) -> float | DoubleVector:
    """Return the inner product a . b, the sum of a[d] b[d]; arguments and errors as for `cosine`."""
    a, b = _pair(a, b)
    return _plain(_products(a, b))


def euclidean(a: Any, b: Any) -> float | DoubleVector:
    """Return the distance |a - b|, the root of the sum of (a[d] - b[d])^2; arguments and errors as for `cosine`."""
    a, b = _pair(a, b)
    gap = a - b
    return _plain(np.sqrt(_products(gap, gap)))


def _pair(a: Any, b: Any) -> tuple[DoubleVector, DoubleVector]:
    a, b = _vectors("a", a), _vectors("b", b)
    rows_fit = a.ndim + b.ndim < 4 or len(a) == len(b)
    if a.shape[-1] != b.shape[-1] or not rows_fit:
        raise ShapeError(f"a is {a.shape}, b is {b.shape}; give vectors of one length, or as many rows of them")
    return a, b


def _vectors(name: str, values: Any) -> DoubleVector:
    try:
        vectors = np.asarray(values, np.float64)
    except (TypeError, ValueError) as failure:
        raise ShapeError(f"{name} must be a vector (D,) or rows (B, D) of numbers: {failure}") from failure
    if vectors.ndim not in (1, 2):
        raise ShapeError(f"{name} must be a vector (D,) or rows (B, D) of numbers, given is the shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ShapeError(f"{name} has a value that is NaN or infinite")
    return vectors


def _at_most_one(vectors: DoubleVector) -> DoubleVector:
    """Each vector divided by its largest value, so that no square overflows or vanishes; cosines stay as they are."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=0)
    return np.asarray(vectors / np.where(largest > 0, largest, 1))


def _products(a: DoubleVector, b: DoubleVector) -> DoubleVector:
    return np.asarray(np.einsum("...d,...d->...", a, b))


def _plain(values: DoubleVector) -> float | DoubleVector:
    return float(values) if values.ndim == 0 else values
