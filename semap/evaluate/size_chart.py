"""A report on sizes in, a drawing of its curves out: one SVG text, readable on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semap.evaluate.size_report import DimensionsReport

__all__ = ["draw"]

_WIDTH, _HEIGHT = 380, 250  # of a panel, in pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 34, 62, 40  # margins inside it
_HEAD = 58
_STYLE = """
  svg { --ink: #1d2433; --soft: #5d6779; --line: #d4d9e2; --paper: #ffffff; --first: #1f5fbf; --second: #b4500f }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e8ebf2; --soft: #a3adbf; --line: #3a4354; --paper: #151a23; --first: #7fb2ff; --second: #ffab66 }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--ink) } .head { font-size: 17px; font-weight: 600 }
  .title { font-size: 14px; font-weight: 600 } .soft { fill: var(--soft) } .paper { fill: var(--paper) }
  .axis { stroke: var(--line) } .mark { stroke: var(--soft); stroke-dasharray: 4 4 }
  .curve { fill: none; stroke-width: 2 } .s0 { stroke: var(--first) } .s1 { stroke: var(--second); stroke-dasharray: 6 3 }
  .d0, .t0 { fill: var(--first) } .d1, .t1 { fill: var(--second) }
  .value { font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 4px }
"""


@dataclass(frozen=True)
class _Panel:
    """Up to two curves over the sizes; `mark`: the size at which more stops paying, None for no line."""

    title: str
    curves: Sequence[tuple[str, Sequence[float]]]
    written: Callable[[float], str]
    from_zero: bool = False
    mark: int | None = None


def draw(report: DimensionsReport) -> str:
    """Return the drawing: loss, the gold scores that there are, seconds and bytes, each over the sizes."""
    dims = [each.dim for each in report.results]
    panels = _panels(report)
    n_rows = -(-len(panels) // 2)
    width, height = 2 * _WIDTH, _HEAD + n_rows * _HEIGHT + 12
    about = f"{report.n_tokens:,} words trained on, {report.n_held_out:,} left out, {report.vocabulary:,} different"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>How many dimensions? {' '.join(report.notes())}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        _text(_LEFT, 28, "How many dimensions?", "head"),
        _text(_LEFT, 48, f"{about}; the dashed line: where 95 % of the gain is reached", "soft"),
    ]
    for number, panel in enumerate(panels):
        parts += _drawn(panel, dims, number % 2 * _WIDTH, _HEAD + number // 2 * _HEIGHT)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panels(report: DimensionsReport) -> list[_Panel]:
    results = report.results
    marks = {name: report.enough(name) for name in report.measures}
    losses = [("left out", [each.held_out_loss for each in results]), ("seen", [each.seen_loss for each in results])]
    panels = [_Panel("Loss (less is better)", losses, lambda value: f"{value:.3f}", mark=marks.get("held_out_loss"))]
    for name, title, written in (
        ("accuracy", "Analogies answered right", lambda value: f"{value:.1%}"),
        ("spearman", "Similarity (Spearman)", lambda value: f"{value:.3f}"),
    ):
        if name in marks:
            values = [getattr(each, name) for each in results]
            panels.append(_Panel(title, [("", values)], written, mark=marks[name]))
    seconds = [each.seconds for each in results]
    panels.append(_Panel("Training, seconds", [("", seconds)], lambda value: f"{value:.1f}", True))
    megabytes = [each.bytes / 1e6 for each in results]
    panels.append(_Panel("Table in float32, megabytes", [("", megabytes)], lambda value: f"{value:.1f}", True))
    return panels


def _drawn(panel: _Panel, dims: Sequence[int], left: int, top: int) -> list[str]:
    """The elements of a panel whose upper left corner is at (left, top)."""
    bottom = top + _HEIGHT - _BOTTOM
    xs = _places(len(dims), left + _LEFT, left + _WIDTH - _RIGHT)
    values = [value for _, curve in panel.curves for value in curve if not math.isnan(value)]
    low, high = (0.0 if panel.from_zero else min(values, default=0.0)), max(values, default=1.0)
    spread = (high - low) or 1.0
    parts = [_text(left + _LEFT, top + 20, panel.title, "title"), _rule(left + _LEFT - 12, bottom + 10, left + _WIDTH - 20)]
    if panel.mark is not None:
        x = xs[dims.index(panel.mark)]
        parts.append(f'<line class="mark" x1="{x:.1f}" y1="{top + 30}" x2="{x:.1f}" y2="{bottom + 10}"/>')
    parts += [_text(x, bottom + 26, f"{dim:,}", "soft", "middle") for x, dim in zip(xs, dims, strict=True)]
    for number, (name, curve) in enumerate(panel.curves):
        ys = [bottom - 10 - (value - low) / spread * (bottom - 10 - top - _TOP) for value in curve]
        points = [(x, y) for x, y in zip(xs, ys, strict=True) if not math.isnan(y)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="curve s{number}" points="{line}"/>')
        parts += [f'<circle class="d{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        aside = -9 if number == 0 else 17  # the first curve's numbers above it, the second one's below
        written = [panel.written(value) for value in curve if not math.isnan(value)]
        parts += [_text(x, y + aside, each, f"value t{number}", "middle") for (x, y), each in zip(points, written, strict=True)]
        if name:
            parts.append(_text(left + _WIDTH - 24 - 62 * (1 - number), top + 20, name, f"t{number}", "end"))
    return parts


def _places(n: int, first: float, last: float) -> list[float]:
    """Evenly spread places: sizes are mostly chosen by doubling."""
    return [(first + last) / 2] if n == 1 else [first + (last - first) * place / (n - 1) for place in range(n)]


def _rule(x1: float, y: float, x2: float) -> str:
    return f'<line class="axis" x1="{x1}" y1="{y}" x2="{x2}" y2="{y}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
