"""The tables of a service and the name of one in, the page of its map out: what `/` shows."""

from __future__ import annotations

import warnings
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from semap.errors import SemapError, SemapWarning
from semap.formats.load import BUILT_IN
from semap.map.chart import Chart
from semap.map.charting import chart_of
from semap.map.page import page_html
from semap.map.stored import open_chart
from semap.serve.tables import Tables
from semap.table.table import Table

__all__ = ["SHOWN", "explorer_page", "map_beside"]

SHOWN = 20_000  # tokens without a stored map: more make the page slow to fetch, and the search of the service knows them all
_FEWEST = 3


def explorer_page(tables: Tables, name: str) -> bytes:
    """Return the explorer of a table, UTF-8: its stored map where one stands beside it, else principal components, at once.

    A stored map is `wiki.map` beside `wiki.semap`, as `semap map wiki.semap -o wiki.map` writes it; one that is damaged or of
    another table is not shown, and a SemapWarning says why. Never UMAP: that takes minutes.
    Takes a second or two without a stored map; call it on a thread of its own. Raises Refusal (no such table), MissingExtra.
    """
    served = tables.of(name)
    chart = _stored(served.place, served.table) or _quick(served.table)
    return page_html(replace(chart, title=name, neighbours=None, similarities=None), live=True, model=name).encode()


def map_beside(place: str | PathLike[str]) -> Path | None:
    """Return where the map of a table belongs, `wiki.map` beside `wiki.semap`; None for a built-in table."""
    return None if place in BUILT_IN else Path(place).with_suffix(".map")


def _stored(place: str | PathLike[str] | None, table: Table) -> Chart | None:
    path = None if place is None else map_beside(place)
    if path is None or not path.exists():
        return None
    try:
        return open_chart(path, table)
    except SemapError as failure:
        warnings.warn(SemapWarning(f"the map is not shown, principal components are: {failure}"), stacklevel=2)
        return None


def _quick(table: Table) -> Chart:
    """Principal components of the most frequent tokens; tokens on a line where there is no plane."""
    if table.dim >= 2 and len(table) >= _FEWEST:
        return chart_of(table, top=SHOWN, method="pca", neighbours=0, threads=1)  # the other processors go on answering
    shown = min(len(table), SHOWN)
    places = np.zeros((shown, 2), np.float32)
    places[:, 0] = table.rows(np.arange(shown))[:, 0]
    counts = None if table.counts is None else table.counts[:shown]
    return Chart(table.tokens[:shown], places, counts=counts, subtitle=f"{shown:,} of {len(table):,} tokens")
