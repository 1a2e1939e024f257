"""A chart and its table in, the two files that TensorFlow's Embedding Projector loads out."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

from semap.errors import ShapeError
from semap.formats.projector import METADATA, TENSORS, Cells, write_files
from semap.map.chart import Chart
from semap.table.table import Table

__all__ = ["METADATA", "TENSORS", "write_projector"]

_ROWS = 1024


def write_projector(chart: Chart, table: Table, folder: str | PathLike[str]) -> int:
    """Write `tensors.tsv` and `metadata.tsv` to a folder, together or not at all; returns how many cells had to be escaped.

    tensors.tsv: the vectors of the chart's tokens as the table has them, a row a line, tabs between, in nine digits, so that the
    same float32 is read again. metadata.tsv: with the token alone it has no header, since the projector takes the first line of a
    single column for a label; with a count, a cluster or columns beside the token it begins with their names. No value makes an
    empty cell. What is escaped, see `semap.formats.projector.Cells`; how many are is said in a SemapWarning.
    Raises ShapeError (a table of one dimension, which the projector refuses; rows that are not the table's) and CannotWrite.
    """
    ids = table.ids(chart.tokens)
    if (ids < 0).any():
        missing = chart.tokens[int((ids < 0).argmax())]
        raise ShapeError(f"{int((ids < 0).sum()):,} tokens of the chart, first {missing!r}, are not in the table; give its own")
    cells = Cells()
    pieces = (table.rows(ids[begin : begin + _ROWS]) for begin in range(0, len(ids), _ROWS))
    write_files(folder, table.dim, pieces, _metadata(chart, cells), cells)
    return cells.n_escaped


def _metadata(chart: Chart, cells: Cells) -> Iterator[list[str]]:
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
