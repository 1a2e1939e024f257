"""A chart in, one file out, and back: the explorer shows it at once, without reckoning coordinates again.

The file is a semap container. Arrays: `coordinates` float32 (N, 2), `tokens` uint8 with `token_offsets` and `token_lookup`, and
`rows`, `counts`, `clusters`, `neighbours`, `similarities` where the chart has them. Metadata: `kind` "map", `table`: the
fingerprint of the table it was made of, `chart`: everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, DuplicateToken, SettingsError, ShapeError
from semap.index.checksum import checksum
from semap.map.chart import Chart
from semap.storage.container import Container, open_container, write
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["open_chart", "save_chart"]

_ARRAYS = ("coordinates", "rows", "counts", "clusters", "neighbours", "similarities")
_TEXTS = ("color", "title", "subtitle")


def save_chart(chart: Chart, path: str | PathLike[str], table: Table) -> None:
    """Write a chart to a file, whole or not at all; `table`: what it was made of. Raises CannotWrite, SettingsError (columns)."""
    packed = Tokens.pack(chart.tokens)
    arrays: dict[str, AnyArray] = {name: getattr(chart, name) for name in _ARRAYS if getattr(chart, name) is not None}
    arrays |= {"tokens": packed.data, "token_offsets": packed.offsets, "token_lookup": packed.lookup}
    about: dict[str, Any] = {name: getattr(chart, name) for name in _TEXTS}
    about |= {"cluster_names": chart.cluster_names, "columns": dict(chart.columns), "facts": dict(chart.facts)}
    about |= {"axes": list(chart.axes), "links": [list(link) for link in chart.links]}
    write(path, arrays, {"kind": "map", "table": _fingerprint(table), "chart": about})


def open_chart(path: str | PathLike[str], table: Table | None = None) -> Chart:
    """Open a file that `save_chart` wrote.

    table: refused where the chart was made of another one. Raises FileMissing, BadFile and NewerVersion.
    """
    container = open_container(path)
    if container.metadata.get("kind") != "map":
        raise BadFile(
            container.path, f"it does not hold a map, but {container.metadata.get('kind')!r}; open it with what wrote it"
        )
    container.verify()
    if table is not None:
        made_of, given = container.metadata.get("table"), _fingerprint(table)
        if made_of != given:
            raise BadFile(container.path, f"it maps the table {made_of}, this one is {given}; make the map of this table again")
    try:
        return _chart(container)
    except (ShapeError, DuplicateToken, SettingsError, KeyError, TypeError, ValueError, AttributeError) as failure:
        raise BadFile(container.path, f"its parts do not make a map: {failure}") from failure


def _chart(container: Container) -> Chart:
    arrays, about = container.arrays, container.metadata["chart"]
    tokens = Tokens(arrays["tokens"], arrays["token_offsets"], arrays["token_lookup"])
    parts: dict[str, Any] = {name: np.array(arrays[name]) for name in _ARRAYS if name in arrays}
    parts |= {name: str(about[name]) for name in _TEXTS}
    return Chart(
        tokens=tokens[:],
        **parts,
        cluster_names=[str(name) for name in about["cluster_names"]],
        columns=_columns(about["columns"]),
        axes=(str(about["axes"][0]), str(about["axes"][1])),
        links=[(str(a), str(b)) for a, b in about["links"]],
        facts=dict(about["facts"]),
    )


def _columns(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {str(name): list(values) for name, values in columns.items()}


def _fingerprint(table: Table) -> str:
    """The size of a table and sums of its vectors and its tokens."""
    sums = (checksum(array, 0) for array in (table.stored[0].values, table.tokens.data))
    return " ".join([f"{len(table)} x {table.dim}", *sums])
