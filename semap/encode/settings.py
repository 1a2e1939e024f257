"""What a user sets of a Pipeline in, the same checked out."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import SettingsError, ShapeError

__all__ = [
    "Pooling",
    "Positions",
    "checked_components",
    "checked_pooling",
    "checked_position_rows",
    "length",
    "positive",
    "truth",
]

Pooling = Literal["mean", "sif", "max", "none"]
Positions = Literal["sinusoidal", "learned"]


def checked_pooling(pooling: Any) -> Pooling:
    """Return the pooling. Raises SettingsError."""
    if pooling not in get_args(Pooling):
        raise SettingsError(f"pooling is {pooling!r}; choose one of {', '.join(map(repr, get_args(Pooling)))}")
    found: Pooling = pooling
    return found


def positive(name: str, value: Any, usual: str) -> float:
    """Return a finite number above 0. Raises SettingsError, which says what is `usual`."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name} is {value!r}; give a number above 0{usual}")
    return float(value)


def truth(name: str, value: Any) -> bool:
    """Return True or False. Raises SettingsError for what is neither: "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise SettingsError(f"{name} is {value!r}; give True or False")
    return bool(value)


def length(name: str, value: Any, none: str) -> int | None:
    """Return a whole number from 1, or None, which means `none`. Raises SettingsError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise SettingsError(f"{name} is {value!r}; give a whole number from 1, or None {none}")
    return int(value)


def checked_components(given: Any, pooling: str, dim: int) -> FloatMatrix | None:
    """Return components float32 (K, D), or None. Raises SettingsError (another pooling) and ShapeError."""
    if given is None:
        return None
    if pooling != "sif":
        raise SettingsError(f'components are taken out of pooling "sif", not of {pooling!r}')
    return _matrix("components", given, f"(K, {dim})", dim)


def checked_position_rows(positions: Any, rows: Any, dim: int) -> FloatMatrix | None:
    """Return the learned positions, float32 (n, D), or None. Raises SettingsError and ShapeError."""
    if positions is not None and positions not in get_args(Positions):
        raise SettingsError(f"positions is {positions!r}; choose None, {', '.join(map(repr, get_args(Positions)))}")
    if (rows is not None) != (positions == "learned"):
        raise SettingsError('positions="learned" and position_rows (n, D) go together; give both or neither')
    return None if rows is None else _matrix("position_rows", rows, f"(n, {dim})", dim)


def _matrix(name: str, given: Any, wanted: str, dim: int) -> FloatMatrix:
    try:
        matrix = np.ascontiguousarray(given, np.float32)
    except (TypeError, ValueError) as failure:
        raise ShapeError(f"{name} must be {wanted} numbers: {failure}") from None
    if matrix.ndim != 2 or matrix.shape[1] != dim:
        raise ShapeError(f"{name} have the shape {matrix.shape}; the table has {dim} dimensions: give {wanted}")
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if len(bad):
        raise ShapeError(f"row {bad[0]:,} of {name} has a value that is NaN or infinite")
    return matrix
