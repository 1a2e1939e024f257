"""Two pairs of word sets in, the plane between them out: how far each token lies from one set to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from semap.arrays import DoubleVector, FloatMatrix
from semap.errors import SettingsError, ShapeError
from semap.index.vectors import unit_rows
from semap.table.table import Table

__all__ = ["Axis", "Poles", "meaningful_plane"]

Poles: TypeAlias = tuple[str | Sequence[str], str | Sequence[str]]
_LEAST = 0.05  # of a direction must be left at right angles to the other: less is noise


@dataclass(frozen=True)
class Axis:
    """From the tokens on its `left` to those on its `right`; each token stands on one side only. Raises SettingsError."""

    left: tuple[str, ...]
    right: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.left or not self.right or "" in self.left + self.right:
            raise SettingsError("an axis leads from at least one token to at least one other, such as man:woman")
        twice = sorted(set(self.left) & set(self.right))
        if twice:
            raise SettingsError(f"{twice[0]!r} stands on both sides of an axis; give it to one")

    @classmethod
    def between(cls, poles: Poles) -> Axis:
        """Return the axis of a pair: each side one token or several."""
        if isinstance(poles, str) or len(poles) != 2:
            raise SettingsError(f'an axis is a pair such as ("man", "woman"), each side a token or several, not {poles!r}')
        left, right = ((side,) if isinstance(side, str) else tuple(side) for side in poles)
        return cls(left, right)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Both sides."""
        return self.left + self.right

    def __str__(self) -> str:
        return f"{', '.join(self.left)} \N{RIGHTWARDS ARROW} {', '.join(self.right)}"


def meaningful_plane(table: Table, vectors: FloatMatrix, x: Axis, y: Axis) -> tuple[FloatMatrix, float]:
    """Return where rows lie between the poles of two axes, float32 (N, 2), and the cosine of the two directions.

    vectors: unit rows, float32 (N, D). With l and r the means of the unit vectors of the tokens on the left and the right of an
    axis, d = (r - l) / |r - l| is its direction, m = (l + r) / 2 its middle, and a row u stands at (u - m).d / ((r - l).d / 2):
    the left tokens at -1 on average, the right ones at 1. The d of y is first made orthogonal to that of x, so that what the two
    share is seen once, on x. Bolukbasi et al. 2016 measure gender by such a direction.
    Raises UnknownToken, ShapeError (sides that are the same, directions that are).
    """
    (x_left, x_right), (y_left, y_right) = _sides(table, x), _sides(table, y)
    x_direction, y_direction = _direction(x, x_left, x_right), _direction(y, y_left, y_right)
    cosine = float(np.einsum("d,d->", x_direction, y_direction))
    rest = y_direction - cosine * x_direction
    left_over = float(np.sqrt(np.einsum("d,d->", rest, rest)))
    if left_over < _LEAST:
        raise ShapeError(f"{x} and {y} are the same direction (cosine {cosine:.3f}); give axes that differ")
    plane = [_between(vectors, x_left, x_right, x_direction), _between(vectors, y_left, y_right, rest / left_over)]
    return np.stack(plane, axis=1).astype(np.float32), cosine


def _sides(table: Table, axis: Axis) -> tuple[DoubleVector, DoubleVector]:
    """The means of the unit vectors of both sides."""
    left, right = (unit_rows(table.lookup(side)).mean(axis=0, dtype=np.float64) for side in (axis.left, axis.right))
    return left, right


def _direction(axis: Axis, left: DoubleVector, right: DoubleVector) -> DoubleVector:
    length = float(np.sqrt(np.square(right - left).sum()))
    if length < 1e-6:
        raise ShapeError(f"both sides of {axis} have the same vectors; give tokens that differ")
    return (right - left) / length


def _between(vectors: FloatMatrix, left: DoubleVector, right: DoubleVector, direction: DoubleVector) -> DoubleVector:
    """-1 where the left side is, 1 where the right side is. By einsum: a BLAS product's bits depend on its threads."""
    half = np.einsum("d,d->", right - left, direction) / 2
    middle = np.einsum("d,d->", (left + right) / 2, direction)
    places: DoubleVector = (np.einsum("nd,d->n", vectors, direction, dtype=np.float64) - middle) / half
    return places
