"""A chart in, a picture of it out: PNG or SVG, with as many labels as can be read."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray, DoubleVector
from semap.errors import SemapWarning, SettingsError
from semap.map.chart import Chart
from semap.map.labels import Box, placed_labels
from semap.map.legend import draw_legend, fitted, legend_width
from semap.map.palette import KINDS, Colors, colors_of
from semap.map.picture_backend import Sheet
from semap.settings import whole
from semap.storage.atomic import atomic_file

__all__ = ["FORMS", "picture_of", "write_picture"]

FORMS = ("png", "svg")
_INK, _SOFT, _LINE, _PAPER = "#1d2433", "#5d6779", "#d4d9e2", "#f6f7fa"
_EDGE, _HEAD, _INSIDE = 28.0, 78.0, 26.0  # margins of the page, of its title, and inside the frame
_AXES = 34.0  # more at the left and the bottom where the axes have names
_WIDTH, _HEIGHTS = 1200.0, (600.0, 1000.0)
_STRETCH = 1.3
_LETTERS = 12.5
_LINE_HEIGHT, _DESCENT = 1.18, 0.26  # of the letters
_STEPS = 40  # points of a line that labels keep away from
_TRIED = 20  # tokens tried for each that may be labelled
_FEW = 60  # tokens of which every one is drawn large and labelled


def write_picture(chart: Chart, path: str | PathLike[str], **settings: Any) -> None:
    """Write a picture whose ending, .png or .svg, says its form; see `picture_of`. Raises CannotWrite too."""
    form = Path(path).suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise SettingsError(f"{path}: a picture ends in .png or .svg")
    content = picture_of(chart, form, **settings)
    with atomic_file(path) as file:
        file.write(content)


def picture_of(
    chart: Chart, form: str = "png", *, size: tuple[float, float] | None = None, dpi: int = 200, labels: int = 220
) -> bytes:
    """Return a picture of a chart, light, without any window or state of a plotting library; equal charts give equal bytes.

    form: "png" or "svg"; size: width and height in inches, 4 to 40 each, or None for 12 and what the map needs, 6 to 10.
    dpi: dots an inch of a PNG; labels: at most so many tokens are named, in the order of the chart, and those of links always; no
    two names overlap, but those of links where there is no room. The two axes have one scale, or to fill the page one up to 1.3
    times the other; where they have names, each has its own. Characters that neither matplotlib's own nor an installed font has
    become boxes in a PNG; how many is said in a SemapWarning. Raises SettingsError and MissingExtra.
    """
    if form not in FORMS:
        raise SettingsError(f"a picture is {' or '.join(FORMS)}, not {form!r}")
    if size is not None and not all(4 <= side <= 40 for side in size):
        raise SettingsError(f"the size is {size[0]} x {size[1]} inches; give 4 to 40 each")
    colors = colors_of(chart)
    sheet = Sheet(*_page(chart, colors, size), form)
    frame = _frame(chart, colors, sheet.width, sheet.height)
    places = _on_page(chart, frame, chart.coordinates.astype(np.float64))
    _draw_head(sheet, chart)
    sheet.box(frame.left, frame.bottom, frame.right - frame.left, frame.top - frame.bottom, _PAPER)
    _draw_axes(sheet, chart, frame)
    of_point = _point_colors(sheet, colors, len(chart))
    radius = _radius(len(chart))
    sheet.points(places, of_point, radius, 1.0 if len(chart) <= _FEW else 0.62)
    linked = _draw_links(sheet, chart, places)
    _draw_labels(sheet, chart, places, frame, _ink_of(colors, len(chart)), linked, whole("labels", labels, 0), radius)
    if colors.title:
        draw_legend(sheet, colors, frame.right + 24, frame.top, frame.bottom)
    content = sheet.content(whole("dpi", dpi, 20, 1200))
    if sheet.n_unreadable and form == "png":
        told = f"{sheet.n_unreadable:,} texts of the picture have characters that no installed font has"
        warnings.warn(f"{told}, drawn as boxes; an .svg shows them with the fonts of the reader", SemapWarning, stacklevel=2)
    return content


def _page(chart: Chart, colors: Colors, size: tuple[float, float] | None) -> tuple[float, float]:
    """Width and height of the page, in hundredths of an inch."""
    if size is not None:
        return size[0] * 100, size[1] * 100
    if any(chart.axes):
        return _WIDTH, 900.0
    frame = _frame(chart, colors, _WIDTH, 900.0)
    across, up = _spans(chart)
    wanted = (frame.right - frame.left - 2 * _INSIDE) * up / across + 2 * _INSIDE
    return _WIDTH, float(np.clip(900.0 - (frame.top - frame.bottom) + wanted, *_HEIGHTS))


def _frame(chart: Chart, colors: Colors, width: float, height: float) -> Box:
    """The rectangle of the map."""
    named = _AXES if any(chart.axes) else 0.0
    head = _HEAD if chart.title or chart.subtitle else _EDGE
    return Box(_EDGE + named, _EDGE + named, width - max(legend_width(colors), _EDGE), height - head)


def _spans(chart: Chart) -> AnyArray:
    """How far the coordinates reach on each axis; 1 where all are the same."""
    spans = np.ptp(chart.coordinates.astype(np.float64), axis=0)
    return np.where(spans > 0, spans, 1.0)


def _on_page(chart: Chart, frame: Box, given: DoubleVector) -> DoubleVector:
    """Places of the chart's plane, (N, 2), on the page."""
    low, high = (pick(chart.coordinates.astype(np.float64), axis=0) for pick in (np.min, np.max))
    inside = 2.6 * _INSIDE if len(chart) <= _FEW else _INSIDE
    room = np.array([frame.right - frame.left - 2 * inside, frame.top - frame.bottom - 2 * inside])
    factors = room / _spans(chart)
    if not any(chart.axes):
        factors = np.minimum(factors, factors.min() * _STRETCH)
    middle = np.array([(frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2])
    places: DoubleVector = (given - (low + high) / 2) * factors + middle
    return places


def _draw_head(sheet: Sheet, chart: Chart) -> None:
    width = sheet.width - 2 * _EDGE
    sheet.text(_EDGE, sheet.height - 40, fitted(sheet, chart.title, width, 20, True), 20, _INK, bold=True)
    sheet.text(_EDGE, sheet.height - 62, fitted(sheet, chart.subtitle, width, 12.5), 12.5, _SOFT)


def _draw_axes(sheet: Sheet, chart: Chart, frame: Box) -> None:
    """The names of the axes, and the lines where neither side prevails."""
    if not any(chart.axes):
        return
    x, y = chart.axes
    sheet.text((frame.left + frame.right) / 2, frame.bottom - 24, x, 13.5, _INK, bold=True, across="center")
    sheet.text(frame.left - 16, (frame.bottom + frame.top) / 2, y, 13.5, _INK, bold=True, across="center", turned=True)
    zero = _on_page(chart, frame, np.zeros((1, 2)))[0].tolist()
    if frame.left < zero[0] < frame.right:
        sheet.line([(zero[0], frame.bottom), (zero[0], frame.top)], _LINE, 1.5)
    if frame.bottom < zero[1] < frame.top:
        sheet.line([(frame.left, zero[1]), (frame.right, zero[1])], _LINE, 1.5)


def _radius(n_points: int) -> float:
    return 5.0 if n_points <= _FEW else float(np.clip(160 / np.sqrt(n_points), 1.0, 4.0))


def _point_colors(sheet: Sheet, colors: Colors, n_points: int) -> Sequence[str] | AnyArray:
    if colors.of_point is not None:
        return [colors.kinds[number][1] for number in colors.of_point.tolist()]
    if colors.scale is not None:
        shades = sheet.colors_on_scale(np.nan_to_num(colors.scale))
        shades[np.isnan(colors.scale)] = (0.83, 0.85, 0.88, 1.0)
        return shades
    return [KINDS[0]] * n_points


def _ink_of(colors: Colors, n_points: int) -> list[str]:
    """Labels in the colours of their kinds, which are all dark enough to read; those on a scale in ink."""
    if colors.of_point is None:
        return [_INK] * n_points
    return [colors.kinds[number][1] for number in colors.of_point.tolist()]


def _draw_links(sheet: Sheet, chart: Chart, places: DoubleVector) -> tuple[list[int], DoubleVector]:
    """Draw arrows, and dashed sides that make a parallelogram of each two; returns the points they join and the lines."""
    number_of = {token: number for number, token in enumerate(chart.tokens)} if chart.links else {}
    ends = [(number_of[a], number_of[b]) for a, b in chart.links]
    sides = [side for (a, b), (c, d) in zip(ends[::2], ends[1::2], strict=False) for side in ((a, c), (b, d))]
    at = {number: (float(places[number, 0]), float(places[number, 1])) for pair in ends for number in pair}
    for a, b in sides:
        sheet.line([at[a], at[b]], _SOFT, 1.3, dashed=True)
    for a, b in ends:
        sheet.arrow(at[a], at[b], _INK)
    if at:
        sheet.rings(places[list(at)], [_INK] * len(at), 5.0)
    lines = [np.linspace(places[a], places[b], _STEPS) for a, b in [*sides, *ends]]
    return list(at), np.concatenate([np.empty((0, 2)), *lines])


def _draw_labels(
    sheet: Sheet, chart: Chart, places: DoubleVector, frame: Box, inks: Sequence[str], linked: tuple[list[int], DoubleVector],
    most: int, radius: float,
) -> None:  # fmt: skip
    joined, lines = linked
    known = set(joined)
    others = [number for number in range(len(chart)) if number not in known]
    size = _LETTERS + 1.5 if len(chart) <= _FEW else _LETTERS
    texts = {}

    def size_of(number: int) -> tuple[float, float]:
        """Measure a label."""
        texts[number] = _shown(chart.tokens[number])
        return sheet.text_width(texts[number], size, number in known), _LINE_HEIGHT * size

    for number, box in placed_labels(
        places, size_of, [*joined, *others[: most * _TRIED]], frame, must=len(joined), most=most + len(joined),
        radius=max(radius, 5.0 if joined else radius), avoided=lines,
    ):  # fmt: skip
        heavy = number in known
        ink = _INK if heavy else inks[number]
        sheet.text(box.left, box.bottom + _DESCENT * size, texts[number], size, ink, bold=heavy, halo=True)


def _shown(token: str) -> str:
    """A token short enough for a label."""
    return token if len(token) <= 32 else f"{token[:31]}\N{HORIZONTAL ELLIPSIS}"
