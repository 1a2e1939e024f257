"""A Trace in, a picture of it out: one SVG that needs nothing else, a line a token, every number readable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from semap.arrays import FloatVector

if TYPE_CHECKING:
    from semap.encode.trace import Trace

__all__ = ["draw"]

_SHOWN = 4  # numbers of a vector
_CELL, _HEIGHT, _GAP, _LINE = 52, 26, 34, 38  # pixels
_TOKEN, _ID = 130, 70
_MOST = 40  # tokens; the rest is counted
_STYLE = """
text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}.h{font-weight:bold}.n{font-size:11px}
rect{stroke:#8c959f;stroke-width:.5}.up{fill:#d9730d}.down{fill:#0969da}.page{fill:#ffffff;stroke:none}.gone{fill-opacity:.45}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.up{fill:#f0883e}.down{fill:#58a6ff}}
"""


def draw(trace: Trace) -> str:
    """Return the text of an SVG file."""
    columns = [("E[row]", trace.vectors)]
    if trace.positions is not None:
        columns += [("+ position", trace.positions), ("= sum", trace.sums)]
    shown = min(_SHOWN, trace.sums.shape[1])
    block = shown * _CELL + 24
    width = _TOKEN + _ID + len(columns) * (block + _GAP) + (70 if trace.weights is not None else 0) + 20
    n_lines = min(len(trace.tokens), _MOST)
    height = 74 + (n_lines + 2) * _LINE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{_clean(trace.text)}</title><style>{_STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        _text(12, 26, trace.text if len(trace.text) <= 90 else f"{trace.text[:89]}…", "h"),
        _text(12, 56, "token", "h"),
        _text(_TOKEN, 56, "id", "h"),
    ]
    left = [_TOKEN + _ID + number * (block + _GAP) for number in range(len(columns))]
    parts += [_text(x, 56, name, "h") for x, (name, _) in zip(left, columns, strict=True)]
    if trace.weights is not None:
        parts.append(_text(left[-1] + block, 56, "weight", "h"))
    largest = max((float(np.abs(values[:, :shown]).max(initial=0)) for _, values in columns), default=0)
    place = 0
    for line in range(n_lines):
        y = 74 + line * _LINE
        known = trace.rows[line] >= 0
        parts.append(_text(12, y + 17, trace.tokens[line], "" if known else "gone"))
        parts.append(
            _text(_TOKEN, y + 17, str(trace.ids[line]) if known else "not in the table: left out", "" if known else "gone")
        )
        if not known:
            continue
        for x, (_, values) in zip(left, columns, strict=True):
            parts += _cells(x, y, values[place], shown, largest)
        if trace.weights is not None:
            parts.append(_text(left[-1] + block, y + 17, f"{trace.weights[place]:.3f}", ""))
        place += 1
    parts += _ending(trace, 74 + n_lines * _LINE, left[-1], shown, len(trace.tokens) - n_lines)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ending(trace: Trace, y: int, x: int, shown: int, n_more: int) -> Iterator[str]:
    """What became of the whole text."""
    if n_more:
        yield _text(12, y + 17, f"and {n_more:,} more tokens", "gone")
    if trace.pooled is None:
        yield _text(12, y + _LINE + 17, trace.summary(), "h")
    else:
        yield _text(12, y + _LINE + 17, f"{trace.pooling} of the text", "h")
        yield from _cells(x, y + _LINE, trace.pooled, shown, float(np.abs(trace.pooled).max(initial=0)))


def _cells(x: int, y: int, vector: FloatVector, shown: int, largest: float) -> Iterator[str]:
    """The first numbers of a vector, each on its colour: orange above 0, blue below, the stronger the larger."""
    for number, value in enumerate(vector[:shown].tolist()):
        strength = 0.55 * abs(value) / largest if largest > 0 else 0.0
        at = x + number * _CELL
        side = "up" if value >= 0 else "down"
        yield f'<rect class="{side}" x="{at}" y="{y}" width="{_CELL}" height="{_HEIGHT}" fill-opacity="{strength:.2f}"/>'
        yield f'<text class="n" x="{at + _CELL - 5}" y="{y + 17}" text-anchor="end">{value:.3f}</text>'
    if len(vector) > shown:
        yield _text(x + shown * _CELL + 6, y + 17, "…", "")


def _text(x: int, y: int, content: str, kind: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x}" y="{y}">{_clean(content)}</text>'


def _clean(content: str) -> str:
    """Text as XML may hold it: no control characters and lone surrogates, which no viewer opens."""
    shown = "".join(" " if unicodedata.category(each) in ("Cc", "Cs", "Cn") else each for each in content)
    return escape(shown)
