"""A table and the index that was asked for in, the approximate index to search out, or None; and what to say of it."""

from __future__ import annotations

from os import PathLike, fspath

from semap.errors import BadFile, MissingExtra, SettingsError
from semap.formats.load import BUILT_IN
from semap.index.beside import standing_beside
from semap.index.index import Index
from semap.table.table import Table

__all__ = ["asked_index", "index_beside"]

_Path = str | PathLike[str]


def asked_index(path: _Path, table: Table, threads: int) -> Index:
    """Open an index of cosines. Raises what opening raises (damage, another table's: BadFile), and SettingsError."""
    from semap.index.hnsw import HNSWIndex

    index: Index = HNSWIndex.open(path, table, threads=threads)
    if index.metric != "cosine":
        message = f"{fspath(path)} measures {index.metric!r}, the service answers with cosines; make an index of metric cosine"
        raise SettingsError(message)
    if index.n_ids > len(table):
        added = index.n_ids - len(table)
        raise SettingsError(f"{fspath(path)} has {added:,} added rows, which have no token; make an index of the table alone")
    return index


def index_beside(place: _Path, table: Table, exact: bool, threads: int) -> tuple[Index | None, str | None]:
    """Return the index beside a large table, if there is one that fits and not `exact`, and one sentence about it."""
    path = None if exact or place in BUILT_IN else standing_beside(place, len(table))
    if path is None:
        return None, None
    try:
        return asked_index(path, table, threads), f"searching {path}, which may miss a neighbour; --exact compares every row"
    except (BadFile, MissingExtra, SettingsError) as failure:
        return None, f"the index beside {fspath(place)} is not used, every row is compared: {failure}"
