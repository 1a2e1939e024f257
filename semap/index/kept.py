"""A table in, its cosine index out, made once for each table."""

from __future__ import annotations

import weakref

from semap.index.exact import ExactIndex
from semap.table.table import Table

__all__ = ["index_of"]

# Tables never change, so their index holds as long as they do; an entry goes when its table goes, since an index holds
# the table's rows but not the table.
_indexes: weakref.WeakKeyDictionary[Table, ExactIndex] = weakref.WeakKeyDictionary()


def index_of(table: Table) -> ExactIndex:
    """Return the cosine index of a table: 4 bytes a row, made at the first question and dropped with the table."""
    index = _indexes.get(table)
    if index is None:
        index = _indexes[table] = ExactIndex(table)
    return index
