"""A chart and its table in, the two files that TensorFlow's Embedding Projector loads out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from semap.errors import SemapWarning, ShapeError
from semap.map.chart import Chart
from semap.storage.atomic import atomic_files
from semap.table.table import Table

__all__ = ["METADATA", "TENSORS", "write_projector"]

TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
_ROWS = 1024
_BREAKS = re.compile("[\t\n\r]")
_WRITTEN = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
# What JavaScript's trim takes away: a line of these alone counts for the projector as no line, and all rows below move up.
_BLANK = re.compile("[\\s\ufeff]*\\Z")


def write_projector(chart: Chart, table: Table, folder: str | PathLike[str]) -> int:
    """Write `tensors.tsv` and `metadata.tsv` to a folder, together or not at all; returns how many cells had to be escaped.

    tensors.tsv: the vectors of the chart's tokens as the table has them, a row a line, tabs between, in nine digits, so that the
    same float32 is read again. metadata.tsv: with the token alone it has no header, since the projector takes the first line of a
    single column for a label; with a count, a cluster or columns beside the token it begins with their names. No value makes an
    empty cell. Tabs and line breaks in a cell become \\t, \\n and \\r, a token of blanks alone and bytes that are not UTF-8 their
    code points; how many are written so is said in a SemapWarning.
    Raises ShapeError (a table of one dimension, which the projector refuses; rows that are not the table's) and CannotWrite.
    """
    if table.dim < 2:
        raise ShapeError("the projector refuses vectors of 1 dimension; give a table of 2 or more")
    ids = table.ids(chart.tokens)
    if (ids < 0).any():
        missing = chart.tokens[int((ids < 0).argmax())]
        raise ShapeError(f"{int((ids < 0).sum()):,} tokens of the chart, first {missing!r}, are not in the table; give its own")
    cells = _Cells()
    with atomic_files(folder, TENSORS) as partial:
        with open(partial / TENSORS, "w", encoding="utf-8", newline="\n") as file:
            for begin in range(0, len(ids), _ROWS):
                vectors = table.rows(ids[begin : begin + _ROWS]).tolist()
                file.writelines("\t".join([format(value, ".9g") for value in row]) + "\n" for row in vectors)
        with open(Path(partial) / METADATA, "w", encoding="utf-8", newline="\n") as file:
            file.writelines("\t".join(row) + "\n" for row in _metadata(chart, cells))
    if cells.n_escaped:
        warnings.warn(
            f"{cells.n_escaped:,} cells of {METADATA} hold tabs, line breaks, only blanks, or bytes that are not UTF-8, "
            "and are written escaped",
            SemapWarning,
            stacklevel=2,
        )
    return cells.n_escaped


class _Cells:
    """Writes cells, and counts those that could not stay as they are."""

    def __init__(self) -> None:
        self.n_escaped = 0

    def of(self, value: Any) -> str:
        """Return a value as a cell."""
        text = "" if value is None else format(value, ".9g") if isinstance(value, float) else str(value)
        written = _BREAKS.sub(lambda found: _WRITTEN[found[0]], text).encode("utf-8", "backslashreplace").decode()
        self.n_escaped += written != text
        return written

    def label(self, token: str) -> str:
        """Return a token as a cell that is not blank."""
        if not _BLANK.match(token):
            return self.of(token)
        self.n_escaped += 1
        return "".join(f"\\u{ord(each):04x}" for each in token) or "\\u200b"


def _metadata(chart: Chart, cells: _Cells) -> Iterator[list[str]]:
    columns: dict[str, list[Any]] = {}
    if chart.counts is not None:
        columns["count"] = chart.counts.tolist()
    if chart.clusters is not None:
        columns["cluster"] = [chart.cluster_names[number] for number in chart.clusters.tolist()]
    columns |= {name: list(values) for name, values in chart.columns.items()}
    if columns:
        yield ["token", *map(cells.of, columns)]
    for number, token in enumerate(chart.tokens):
        yield [cells.label(token), *(cells.of(values[number]) for values in columns.values())]
