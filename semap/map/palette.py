"""Values in, a colour for each and a legend out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from semap.arrays import DoubleVector
from semap.map.chart import CLUSTER, FREQUENCY, Chart

__all__ = ["KINDS", "OTHER", "Colors", "colors_of"]

# Apart from each other in hue or lightness, and dark enough to be read as text on white.
KINDS = (
    "#2563c9", "#d9480f", "#2b8a3e", "#9c36b5", "#c92a50", "#0b7f8a",
    "#8a6d00", "#5f3dc4", "#a65e2e", "#4f7a12", "#c2389a", "#54627a",
)  # fmt: skip
OTHER = "#9aa3b2"  # no value, or a kind past those that have a colour


@dataclass(frozen=True)
class Colors:
    """How N points are coloured, by kind or on a scale.

    kinds: names, colours and how many points of each, for a legend; of_point: int64 (N,), the kind of each point. Or scale:
    float64 (N,) from 0 to 1, NaN for no value, with `ticks`, places on it and what they say. title: what is shown.
    """

    title: str
    kinds: Sequence[tuple[str, str, int]] = ()
    of_point: Any = None
    scale: DoubleVector | None = None
    ticks: Sequence[tuple[float, str]] = ()


def colors_of(chart: Chart) -> Colors:
    """Return the colours of a chart by what its `color` names."""
    name = chart.color
    if name in chart.columns:
        values = chart.columns[name]
        numbers = all(value is None or isinstance(value, int | float) for value in values)
        return _scaled(name, values, _whole(values)) if numbers else _kinds(name, values)
    if name == CLUSTER and chart.clusters is not None:
        return _clusters(chart)
    if name == FREQUENCY and chart.counts is not None:
        return _frequency(chart)
    return Colors("")


def _clusters(chart: Chart) -> Colors:
    assert chart.clusters is not None
    sizes = np.bincount(chart.clusters, minlength=len(chart.cluster_names)).tolist()
    named = zip(chart.cluster_names, sizes, strict=True)
    kinds = [(each, KINDS[number] if number < len(KINDS) else OTHER, n) for number, (each, n) in enumerate(named)]
    return Colors("clusters", kinds, chart.clusters.astype(np.int64))


def _kinds(name: str, values: Sequence[Any]) -> Colors:
    """The most frequent values, then one for the others and one for none."""
    sizes = Counter(str(value) for value in values if value is not None)
    order = sorted(sizes, key=lambda each: (-sizes[each], each))
    kinds = [(each, color, sizes[each]) for each, color in zip(order, KINDS, strict=False)]
    place = {each: number for number, (each, _, _) in enumerate(kinds)}
    n_others, n_without = sum(sizes[each] for each in order[len(kinds) :]), sum(value is None for value in values)
    others = len(kinds)
    if n_others:
        kinds.append((f"{len(order) - others:,} others", OTHER, n_others))
    without = len(kinds)
    if n_without:
        kinds.append(("no value", "#d3d8e0", n_without))
    of_point = [without if value is None else place.get(str(value), others) for value in values]
    return Colors(name, kinds, np.array(of_point, np.int64))


def _frequency(chart: Chart) -> Colors:
    """By the logarithm of the count: words differ by factors."""
    assert chart.counts is not None
    logs = np.log10(np.maximum(chart.counts, 1).astype(np.float64))
    powers = [10**power for power in range(int(np.ceil(logs.min())), int(np.floor(logs.max())) + 1)]
    low, high = float(logs.min()), float(logs.max())
    ticks = [(_place(float(np.log10(each)), low, high), f"{each:,}") for each in powers]
    return Colors("frequency", scale=_between(logs), ticks=ticks)


def _scaled(name: str, values: Sequence[Any], whole: bool) -> Colors:
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return Colors(name, scale=numbers)
    low, high = float(known.min()), float(known.max())
    shown = sorted({low, high} if low == high else {low, (low + high) / 2, high})
    return Colors(name, scale=_between(numbers), ticks=[(_place(each, low, high), _told(each, whole)) for each in shown])


def _between(numbers: DoubleVector) -> DoubleVector:
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    scaled: DoubleVector = (numbers - low) / (high - low) if high > low else numbers * 0 + 0.5
    return scaled


def _place(number: float, low: float, high: float) -> float:
    return (number - low) / (high - low) if high > low else 0.5


def _whole(values: Sequence[Any]) -> bool:
    return all(value is None or isinstance(value, int) for value in values)


def _told(number: float, whole: bool) -> str:
    return f"{number:,.0f}" if whole and number == int(number) else f"{number:,.4g}"
