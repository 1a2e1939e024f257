"""The one file that imports matplotlib: shapes and texts at places given in hundredths of an inch in, PNG or SVG bytes out."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from semap.arrays import AnyArray, DoubleVector
from semap.errors import MissingExtra

__all__ = ["Sheet", "check_library"]

_UNIT = 72 / 100  # points in a hundredth of an inch
_FONT = "DejaVu Sans"  # comes with matplotlib, so a picture looks the same everywhere
_SCALE = "viridis"
_HALO = "halo"
_lock = threading.Lock()  # settings of matplotlib belong to the process; they are changed for the moment of writing only


class Sheet:
    """A white page of width x height hundredths of an inch, the origin at the lower left, for a "png" or an "svg".

    Raises MissingExtra.
    """

    def __init__(self, width: float, height: float, form: str) -> None:
        mpl = _library()
        self.width, self.height, self._form = width, height, form
        self._figure = mpl.figure.Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
        self._canvas = mpl.backends.backend_agg.FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(0, height)
        self._axes.axis("off")
        self._mpl = mpl
        self._advances: dict[tuple[str, bool], float] = {}
        self.n_unreadable = 0  # texts with a character that no installed font has

    def points(self, places: DoubleVector, colors: Sequence[str] | AnyArray, radius: float, alpha: float) -> None:
        """Draw discs at (N, 2), of one colour each; thousands are one image inside an SVG."""
        self._axes.scatter(
            places[:, 0], places[:, 1], s=(2 * radius * _UNIT) ** 2, c=colors, alpha=alpha, linewidths=0, zorder=2,
            rasterized=len(places) > 5000,
        )  # fmt: skip

    def rings(self, places: DoubleVector, colors: Sequence[str], radius: float) -> None:
        """Draw discs with a white rim."""
        size = (2 * radius * _UNIT) ** 2
        self._axes.scatter(places[:, 0], places[:, 1], s=size, c=colors, edgecolors="white", linewidths=1.1, zorder=5)

    def colors_on_scale(self, numbers: DoubleVector) -> AnyArray:
        """Return the colours of numbers from 0 to 1, (N, 4)."""
        colors: AnyArray = self._mpl.colormaps[_SCALE](numbers)
        return colors

    def scale(self, left: float, bottom: float, width: float, height: float) -> None:
        """Draw the scale itself, 0 at the bottom."""
        steps = [[number / 255] for number in range(256)]
        extent = (left, left + width, bottom, bottom + height)
        self._axes.imshow(steps, cmap=_SCALE, extent=extent, origin="lower", aspect="auto", zorder=3)

    def line(self, places: Sequence[tuple[float, float]], color: str, width: float = 1.0, dashed: bool = False) -> None:
        """Draw a line from place to place."""
        xs, ys = zip(*places, strict=True)
        style = (0, (4, 3)) if dashed else "-"
        self._axes.plot(xs, ys, color=color, linewidth=width * _UNIT, linestyle=style, zorder=3, solid_capstyle="round")

    def arrow(self, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
        """Draw an arrow that stops short of the discs at its ends."""
        style = self._mpl.patches.ArrowStyle("-|>", head_length=5, head_width=2.6)
        shrink = 5.5 * _UNIT
        self._axes.add_patch(
            self._mpl.patches.FancyArrowPatch(
                start, end, arrowstyle=style, color=color, linewidth=1.6, shrinkA=shrink, shrinkB=shrink, zorder=4
            )
        )

    def box(self, left: float, bottom: float, width: float, height: float, color: str) -> None:
        """Draw a rectangle with round corners."""
        shape = self._mpl.patches.BoxStyle("round", pad=0, rounding_size=6)
        edge = {"facecolor": color, "edgecolor": "none", "linewidth": 0}
        self._axes.add_patch(self._mpl.patches.FancyBboxPatch((left, bottom), width, height, boxstyle=shape, zorder=1, **edge))

    def text_width(self, text: str, size: float, bold: bool = False) -> float:
        """Return the width of a text, the sum of its characters'; `size`: of the letters, in hundredths of an inch."""
        return size * sum(self._advance(each, bold) for each in _plain(text))

    def _advance(self, character: str, bold: bool) -> float:
        """The width of a character in letters of size 1: labels have few different ones, and measuring a text takes long."""
        found = self._advances.get((character, bold))
        if found is None:
            times, size = 8, 50.0
            font = self._font(character, size, bold)
            with _quiet():
                width, _, _ = self._canvas.get_renderer().get_text_width_height_descent(character * times, font, ismath=False)
            found = self._advances[character, bold] = float(width) / times / size
        return found

    def text(
        self, x: float, y: float, text: str, size: float, color: str, *, bold: bool = False, across: str = "left",
        up: str = "baseline", turned: bool = False, halo: bool = False,
    ) -> None:  # fmt: skip
        """Write a text; `halo`: with a white rim, for what stands on points."""
        drawn_twice = halo and self._form == "png"  # in an SVG this would make a drawing of the text, see `_with_halos`
        effects = [self._mpl.patheffects.withStroke(linewidth=2.6, foreground="white")] if drawn_twice else []
        self.n_unreadable += bool(_missing(text) - _found_elsewhere(frozenset(_missing(text))).keys())
        self._axes.text(
            x, y, _plain(text), color=color, fontproperties=self._font(text, size, bold), ha=across, va=up,
            rotation=90 if turned else 0, rotation_mode="anchor", path_effects=effects, zorder=6, parse_math=False,
            gid=_HALO if halo else None,
        )  # fmt: skip

    def content(self, dpi: int) -> bytes:
        """Return the page: the same bytes for the same page."""
        written = io.BytesIO()
        # Texts stay texts in an SVG: they can be searched, and a browser has fonts for every script.
        settings = {"svg.fonttype": "none", "svg.hashsalt": "semap", "image.composite_image": False}
        about = {"Date": None, "Creator": None} if self._form == "svg" else {"Software": None}
        with _lock, self._mpl.rc_context(settings), _quiet():
            self._figure.savefig(written, format=self._form, dpi=dpi, metadata=about)
        return _with_halos(written.getvalue()) if self._form == "svg" else written.getvalue()

    def _font(self, text: str, size: float, bold: bool) -> Any:
        """Matplotlib's font and, for characters that it does not have, installed ones that do."""
        others = sorted(set(_found_elsewhere(frozenset(_missing(text))).values()))
        weight = "bold" if bold else "normal"
        return self._mpl.font_manager.FontProperties(family=[_FONT, *others, "sans-serif"], size=size * _UNIT, weight=weight)


def check_library() -> None:
    """Raise MissingExtra where matplotlib is not installed."""
    _library()


@cache
def _library() -> Any:
    try:
        import matplotlib
        import matplotlib.backends.backend_agg
        import matplotlib.figure
        import matplotlib.font_manager
        import matplotlib.patches
        import matplotlib.patheffects
    except ModuleNotFoundError as failure:
        raise MissingExtra("matplotlib", "map") from failure
    return matplotlib


def _with_halos(content: bytes) -> bytes:
    """White rims around texts by a rule of style, and a class in place of an id that would stand there many times."""
    rule = f".{_HALO} text {{ paint-order: stroke; stroke: white; stroke-width: 2.6px }}\n</style>".encode()
    return content.replace(f'<g id="{_HALO}">'.encode(), f'<g class="{_HALO}">'.encode()).replace(b"</style>", rule, 1)


def _plain(text: str) -> str:
    """The text with what cannot be drawn, control characters and half surrogates, as a box."""
    return "".join(each if each.isprintable() or each == " " else "\N{WHITE SQUARE}" for each in text)


def _missing(text: str) -> set[str]:
    """The characters that the font of every picture does not have."""
    return set() if text.isascii() else {each for each in _plain(text) if ord(each) not in _characters(_own_font())}


@cache
def _own_font() -> str:
    path: str = _library().font_manager.findfont(_FONT)
    return path


@cache
def _characters(path: str) -> frozenset[int]:
    try:
        return frozenset(_library().font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError):  # a font that cannot be read has nothing to offer
        return frozenset()


@cache
def _found_elsewhere(characters: frozenset[str]) -> dict[str, str]:
    """A family for each of these characters that an installed font has."""
    found: dict[str, str] = {}
    for each in _installed():
        left = {character for character in characters if character not in found}
        if not left:
            break
        has = _characters(each.fname)
        found |= {character: each.name for character in left if ord(character) in has}
    return found


@cache
def _installed() -> list[Any]:
    fonts = _library().font_manager.fontManager.ttflist
    upright = {each.name: each for each in fonts if each.style == "normal" and "LastResort" not in each.fname}
    return [upright[name] for name in sorted(upright)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Glyphs that no font has are counted, not warned of one by one."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*missing", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*does not support.*natively", category=UserWarning)
        yield
