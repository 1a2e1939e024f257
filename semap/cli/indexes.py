"""A table and what was asked for in, the approximate index to search out, or None for the exact one; said on standard error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from semap.cli.interrupts import interrupts
from semap.cli.stderr import remark
from semap.errors import BadFile, MissingExtra

if TYPE_CHECKING:
    from semap.index.hnsw import HNSWIndex
    from semap.table.table import Table

__all__ = ["Exact", "IndexFile", "index_for"]

IndexFile: TypeAlias = Annotated[
    Path | None, typer.Option("--index", metavar="FILE", help="Search this index, which semap index made of TABLE.")
]
Exact: TypeAlias = Annotated[
    bool, typer.Option("--exact", help="Compare every row, even if the table is large and its index stands beside it.")
]


def index_for(table: Table, name: str, asked: Path | None, exact: bool, *, useful: bool = True) -> HNSWIndex | None:
    """Return the index that `--index` names, else the one beside a large table, else None.

    useful: whether an approximate index can answer; where it cannot, only one that was asked for is opened. An index beside
    the table that does not fit it is left alone, and that is said. Raises as opening does for one that was asked for.
    """
    if asked is not None and exact:
        raise typer.BadParameter("--index and --exact contradict each other")
    if asked is not None:
        return _opened(asked, table)
    if exact or not useful:
        return None
    from semap.formats.load import BUILT_IN
    from semap.index.beside import standing_beside

    path = None if name in BUILT_IN else standing_beside(name, len(table))
    if path is None:
        return None
    try:
        index = _opened(path, table)
    except (BadFile, MissingExtra) as failure:
        remark(f"the index beside the table is not used, every row is compared: {failure}")
        return None
    if index.metric != "cosine":
        remark(f"{path} has the metric {index.metric!r} and is not used, every row is compared; --index {path} would use it")
        return None
    remark(f"searching {path}, which may miss a neighbour; --exact compares every row")
    return index


def _opened(path: Path, table: Table) -> HNSWIndex:
    from semap.index.hnsw import HNSWIndex

    interrupts.stage = f"opening {path}"
    index = HNSWIndex.open(path, table)
    interrupts.stage = ""
    return index
