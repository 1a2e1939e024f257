"""Points and the sizes of their labels in, places for as many labels as fit without covering each other out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from semap.arrays import AnyArray, DoubleVector

__all__ = ["Box", "placed_labels"]

_GAP = 3.0  # between a point and its label, and between labels
# Where a label may stand beside its point, as shares of its width and height; the best first.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 1), (-0.8, 1), (0.8, -1), (-0.8, -1))


class Box(NamedTuple):
    """A rectangle by its left, bottom, right and top."""

    left: float
    bottom: float
    right: float
    top: float


def placed_labels(
    points: DoubleVector,
    size_of: Callable[[int], tuple[float, float]],
    order: Sequence[int],
    frame: Box,
    *,
    must: int = 0,
    most: int,
    radius: float = 2.0,
    avoided: DoubleVector | None = None,
) -> Iterator[tuple[int, Box]]:
    """Yield the number of a point and the box of its label, for at most `most` labels; no two boxes overlap.

    points: float64 (N, 2); size_of: the width and height of the label of a point, by its number; order: numbers of points, the
    most important first. The first `must` of them are always placed, where they cover the least if there is no room. A label
    stands where it covers the fewest points, of `points` and of `avoided`, such as those of a line.
    """
    covering = points if avoided is None else np.concatenate([points, avoided])
    taken = np.empty((0, 4))
    n_placed = 0
    for rank, number in enumerate(order):
        if n_placed >= most and rank >= must:
            return
        candidates = np.array(list(_candidates(points[number], size_of(number), radius)))
        inside = _inside(candidates, frame)
        overlaps = _overlaps(candidates, taken)
        free = np.flatnonzero(inside & (overlaps == 0))
        if len(free):
            best = free[np.argmin(_covered(candidates[free], covering))]
        elif rank < must:
            best = np.lexsort((overlaps, ~inside))[0]
        else:
            continue
        box = Box(*candidates[best].tolist())
        taken = np.concatenate([taken, [box]])
        n_placed += 1
        yield int(number), box


def _candidates(point: AnyArray, size: tuple[float, float], radius: float) -> Iterator[Box]:
    x, y = float(point[0]), float(point[1])
    width, height = size
    for side, up in _SIDES:
        centre_x = x + side * (width / 2 + (radius + _GAP) * abs(side if abs(side) == 1 else 0.5))
        centre_y = y + up * (height / 2 + radius + _GAP * 0.5)
        yield Box(centre_x - width / 2, centre_y - height / 2, centre_x + width / 2, centre_y + height / 2)


def _inside(boxes: AnyArray, frame: Box) -> AnyArray:
    low, high = (boxes[:, :2] >= frame[:2]).all(axis=1), (boxes[:, 2:] <= frame[2:]).all(axis=1)
    both: AnyArray = np.logical_and(low, high)
    return both


def _overlaps(boxes: AnyArray, taken: AnyArray) -> AnyArray:
    """The area that each box shares with those that are taken, with the gap between two."""
    shared = np.minimum(boxes[:, None, 2:], taken[None, :, 2:]) - np.maximum(boxes[:, None, :2], taken[None, :, :2]) + _GAP
    areas: AnyArray = np.maximum(shared, 0).prod(axis=2).sum(axis=1)
    return areas


def _covered(boxes: AnyArray, points: DoubleVector) -> AnyArray:
    inside = (points[None] >= boxes[:, None, :2]) & (points[None] <= boxes[:, None, 2:])
    covered: AnyArray = inside.all(axis=2).sum(axis=1)
    return covered
