"""Rows of cells in, one after the other, the matrix that they make up out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semap.arrays import Counts64, Offsets, TokenIds
from semap.counts.spool import Spool

__all__ = ["Cells", "CellsSpool"]

_BYTES = 12  # of a cell


@dataclass(frozen=True)
class Cells:
    """A sparse matrix V x V in rows, in memory or mapped from a temporary file.

    Row r has the cells indptr[r] .. indptr[r + 1] - 1; `columns` rise in a row; `sums` are whole numbers of 1 / `unit`.
    """

    indptr: Offsets
    columns: TokenIds
    sums: Counts64
    unit: int
    on_disk: int = 0  # bytes

    def __len__(self) -> int:
        return len(self.columns)


class CellsSpool:
    """Takes rows of a matrix in their order, `most` cells or fewer; more than `room` bytes of them go to temporary files."""

    def __init__(self, n_rows: int, room: int, most: int) -> None:
        room = min(room, most * _BYTES)  # no more than can be used: the system may refuse a large piece as a whole
        self._indptr = np.zeros(n_rows + 1, np.int64)
        self._row = 0
        self._columns = Spool(np.int32, room // _BYTES * 4)
        self._sums = Spool(np.int64, room // _BYTES * 8)

    def append(self, lengths: Counts64, columns: TokenIds, sums: Counts64) -> None:
        """Add rows with `lengths` cells each. Raises CannotWrite."""
        begin, self._row = self._row, self._row + len(lengths)
        self._indptr[begin + 1 : self._row + 1] = self._indptr[begin] + np.cumsum(lengths)
        self._columns.append(columns)
        self._sums.append(sums)

    def cells(self, unit: int) -> Cells:
        """Return the matrix of all rows. Raises CannotWrite."""
        on_disk = self._columns.on_disk + self._sums.on_disk
        return Cells(self._indptr, self._columns.array(), self._sums.array(), unit, on_disk)
