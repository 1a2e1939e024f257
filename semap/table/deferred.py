"""Rows wherever they are in, the same rows stored as another dtype out, converted only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix, HalfMatrix
from semap.errors import SettingsError
from semap.table.rows import STORED_DTYPES, Rows, StoredRows, as_halves, store_rows
from semap.table.table import Table

__all__ = ["DeferredRows", "deferred", "stored_pieces"]

_NUMBERS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class DeferredRows:
    """`base`, as it would be once it is stored as `dtype`; nothing is kept, so that no whole matrix is ever in memory."""

    base: Rows
    dtype: str

    @property
    def shape(self) -> tuple[int, int]:
        """(V, D)."""
        return self.base.shape

    @property
    def values(self) -> npt.NDArray[Any]:
        """All rows as they would be stored, converted now."""
        return store_rows(self.base, self.dtype).values

    def first(self, n_rows: int) -> DeferredRows:
        """Return the first rows, none of them converted."""
        return DeferredRows(self.base.first(n_rows), self.dtype)

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (..., D), with what the conversion loses."""
        taken = self.base.decode(rows)
        return store_rows(StoredRows(taken.reshape(-1, self.shape[1])), self.dtype).decode().reshape(taken.shape)

    def halves(self, numbers: npt.NDArray[np.int64]) -> HalfMatrix:
        """Return rows as float16 (..., D). Raises SettingsError (too large)."""
        return as_halves(self.decode(numbers))

    def pieces(self, n_numbers: int = _NUMBERS_AT_ONCE) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield the number of a row and float32 rows from there on, all rows in order, about `n_numbers` numbers at a time."""
        for begin, piece in self.base.pieces(n_numbers):
            yield begin, store_rows(StoredRows(piece), self.dtype, begin).decode()


def deferred(table: Table, dtype: str) -> Table:
    """Return the table stored as `dtype`, all of its matrices; what `Table.quantize` does, but a piece at a time, when written.

    Raises SettingsError for another dtype than those of STORED_DTYPES.
    """
    if dtype not in STORED_DTYPES:
        raise SettingsError(f"a table can be stored as {', '.join(STORED_DTYPES)}, not as {dtype!r}")
    if dtype == table.dtype:
        return table
    stored, output = table.stored
    subwords = None if table.subwords is None else table.subwords.to_stored()
    return Table.of_stored(
        table.tokens,
        DeferredRows(stored, dtype),
        counts=table.counts,
        metadata=table.metadata,
        output=None if output is None else DeferredRows(output, dtype),
        subwords=None if subwords is None else subwords.with_rows(DeferredRows(subwords.rows, dtype)),
    )


def stored_pieces(rows: Rows) -> Iterator[StoredRows]:
    """Yield all rows in order, some at a time, each stored as `rows.dtype` says."""
    base = rows.base if isinstance(rows, DeferredRows) else rows
    for begin, piece in base.pieces(_NUMBERS_AT_ONCE):
        stored = store_rows(StoredRows(piece), rows.dtype, begin)
        assert isinstance(stored, StoredRows)
        yield stored
