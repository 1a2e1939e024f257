"""Words and their two coordinates in, a map of characters out."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["draw"]

_ROWS, _COLUMNS = 9, 44


def draw(points: Mapping[str, tuple[float, float]], across: str, up: str) -> str:
    """Return a map of words: the first coordinate runs to the right, the second one up.

    across, up: the names of the axes, each drawn from the least of its values to the largest.
    """
    xs, ys = zip(*points.values(), strict=True)
    room = _COLUMNS - max(map(len, points)) - 2
    grid = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for word, (x, y) in points.items():
        row = _ROWS - 1 - _place(y, ys, _ROWS - 1)
        column = _place(x, xs, room)
        grid[row][column : column + len(word) + 2] = f"* {word}"
    lines = [f"  | {''.join(row)}".rstrip() for row in grid]
    return "\n".join([f"  ^ {up}", *lines, f"  +{'-' * _COLUMNS}> {across}"])


def _place(value: float, values: tuple[float, ...], last: int) -> int:
    low, high = min(values), max(values)
    return round((value - low) / (high - low) * last) if high > low else 0
