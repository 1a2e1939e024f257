"""A table and a number in, the table of so many of its rows out: the first, or the most frequent."""

from __future__ import annotations

import numpy as np

from semap.formats.filerows import chosen_rows
from semap.formats.foreign import first_tokens, pack_tokens
from semap.table.rows import Rows, StoredRows
from semap.table.table import Table

__all__ = ["first_rows", "most_frequent"]


def first_rows(table: Table, n_rows: int) -> Table:
    """Return the table of the first rows, stored as they are; the rows of n-grams stay whole."""
    if n_rows >= len(table):
        return table
    stored, output = table.stored
    return Table.of_stored(
        first_tokens(table.tokens, n_rows),
        stored.first(n_rows),
        counts=None if table.counts is None else table.counts[:n_rows],
        metadata=table.metadata,
        output=None if output is None else output.first(n_rows),
        subwords=table.subwords,
    )


def most_frequent(table: Table, n_rows: int) -> Table:
    """Return the table of the rows with the largest counts, by falling count; without counts that of the first rows.

    Of equal counts the first rows are taken. No other row is read.
    """
    counts = table.counts
    if counts is None or n_rows >= len(table) or np.all(counts[1:] <= counts[:-1]):
        return first_rows(table, n_rows)
    numbers = np.argsort(-counts, kind="stable")[:n_rows]
    stored, output = table.stored
    offsets = table.tokens.offsets
    return Table.of_stored(
        pack_tokens(table.tokens.data, offsets[numbers], offsets[numbers + 1]),
        _chosen(stored, numbers),
        counts=counts[numbers],
        metadata=table.metadata,
        output=None if output is None else _chosen(output, numbers),
        subwords=table.subwords,
    )


def _chosen(rows: Rows, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Rows:
    if isinstance(rows, StoredRows):
        return StoredRows(rows.values[numbers], None if rows.scales is None else rows.scales[numbers])
    return chosen_rows(rows, numbers)
