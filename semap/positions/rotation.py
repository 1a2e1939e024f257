"""Queries or keys of attention and their positions in, the same vectors turned by their positions out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError, ShapeError
from semap.positions.angles import EXACT, angles, checked_base

__all__ = ["rotary"]


def rotary(queries_or_keys: Any, positions: Any = None, base: float = 10_000.0, *, interleaved: bool = True) -> AnyArray:
    """Return queries or keys (..., T, D) with each pair of columns turned by the angle position / base^(2i/D).

    The dot product of a turned query and a turned key depends on the difference of their positions alone. For attention
    only: it is never added to embeddings. positions: numbers that fit (..., T), None for 0 .. T - 1.
    interleaved: pair i is the columns 2i and 2i + 1, as in the paper (GPT-J); with False the columns i and i + D/2 (GPT-NeoX,
    LLaMA); queries, keys and the trained weights must agree on it.
    The dtype stays (whole numbers become float32); computed in float64. Raises SettingsError for an odd D and ShapeError.
    Source: Su et al. 2021, RoFormer, equation 34.
    """
    vectors = _vectors(queries_or_keys)
    dim = vectors.shape[-1]
    if dim % 2:
        raise SettingsError(f"dim is {dim}, which is odd; rotary positions turn pairs of columns: use {dim - 1} or {dim + 1}")
    turned = angles(_positions(positions, vectors.shape[:-1]), dim, checked_base(base))
    cosines, sines = np.cos(turned), np.sin(turned)
    columns = np.arange(dim)
    first, second = (columns[0::2], columns[1::2]) if interleaved else (columns[: dim // 2], columns[dim // 2 :])
    result = np.empty_like(vectors, order="C")
    x, y = vectors[..., first], vectors[..., second]
    result[..., first] = x * cosines - y * sines
    result[..., second] = x * sines + y * cosines
    return result


def _vectors(given: Any) -> AnyArray:
    """Queries or keys as floats."""
    try:
        vectors: AnyArray = np.asarray(given)
    except ValueError as failure:
        raise ShapeError(f"queries and keys are numbers (..., T, D): {failure}") from failure
    if vectors.ndim < 2 or vectors.dtype.kind not in "fiu":
        raise ShapeError(f"queries and keys are numbers (..., T, D); given is {vectors.dtype} of the shape {vectors.shape}")
    return vectors if vectors.dtype.kind == "f" else vectors.astype(np.float32)


def _positions(given: Any, shape: tuple[int, ...]) -> AnyArray:
    """Positions that NumPy spreads over `shape`, (..., T)."""
    if given is None:
        return np.arange(shape[-1], dtype=np.float64)
    try:
        positions = np.asarray(given)
    except ValueError as failure:
        raise ShapeError(f"positions are numbers that fit (..., T): {failure}") from None
    if positions.dtype.kind not in "fiu" and positions.size:
        raise ShapeError(f"positions must be numbers, not {positions.dtype}")
    if positions.size and not np.abs(positions.astype(np.float64)).max() <= EXACT:  # also NaN
        raise SettingsError(f"a position is not finite or beyond {EXACT:,}, where whole numbers end to be exact")
    try:
        spread = np.broadcast_shapes(positions.shape, shape)
    except ValueError:
        spread = ()
    if spread != shape:
        raise ShapeError(f"positions have the shape {positions.shape}, the vectors stand at {shape}; give one a vector")
    return positions
