"""Colours in, a legend drawn beside the map."""

from __future__ import annotations

from semap.map.palette import Colors
from semap.map.picture_backend import Sheet

__all__ = ["draw_legend", "fitted", "legend_width"]

_NAMES, _SCALE = 330.0, 150.0  # the width that it takes at the right of the page
_INK, _SOFT = "#1d2433", "#5d6779"
_ROW = 24.0
_LETTERS = 12.5
_NUMBERS = 48.0  # room for how many there are


def legend_width(colors: Colors) -> float:
    """Return the room that a legend takes, 0 where there is nothing to tell."""
    if not colors.title:
        return 0.0
    return _NAMES if colors.scale is None else _SCALE


def draw_legend(sheet: Sheet, colors: Colors, left: float, top: float, bottom: float) -> None:
    """Draw what the colours mean, downwards from `top`."""
    sheet.text(left, top - 14, colors.title, 13.5, _INK, bold=True)
    if colors.scale is not None:
        _draw_scale(sheet, colors, left, top - 34, bottom)
        return
    right = sheet.width - 24
    for number, (name, color, n) in enumerate(colors.kinds):
        y = top - 46 - number * _ROW
        if y < bottom:
            break
        sheet.box(left, y - 1, 12, 12, color)
        sheet.text(left + 20, y, fitted(sheet, name, right - left - 20 - _NUMBERS, _LETTERS), _LETTERS, _INK)
        sheet.text(right, y, f"{n:,}", _LETTERS, _SOFT, across="right")


def fitted(sheet: Sheet, text: str, width: float, size: float, bold: bool = False) -> str:
    """Return the text, or as much of it as fits into the width, with an ellipsis."""
    if sheet.text_width(text, size, bold) <= width:
        return text
    short = text
    while short and sheet.text_width(f"{short}\N{HORIZONTAL ELLIPSIS}", size, bold) > width:
        short = short[:-1].rstrip(" ,")
    return f"{short}\N{HORIZONTAL ELLIPSIS}"


def _draw_scale(sheet: Sheet, colors: Colors, left: float, top: float, bottom: float) -> None:
    height = min(260.0, top - bottom)
    sheet.scale(left, top - height, 14, height)
    for place, told in colors.ticks:
        sheet.text(left + 24, top - height + place * height, told, _LETTERS, _INK, up="center")
