"""Rows that stay in their file: a function that reads some of them in, what a table asks of its rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix, HalfMatrix
from semap.errors import BadFile
from semap.storage.mapped import release
from semap.table.rows import StoredRows, as_halves
from semap.table.table import Table

__all__ = ["FileRows", "check_finite", "chosen_rows", "converted_rows", "gathered"]

_NUMBERS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class FileRows:
    """`n_rows` rows of `dim` numbers; `read(first, last)` returns some as float32 (last - first, D), the caller's own.

    Nothing is kept: a row that is asked for twice is read twice. `read` raises BadFile where a row is damaged.
    """

    n_rows: int
    dim: int
    read: Callable[[int, int], FloatMatrix]

    @property
    def shape(self) -> tuple[int, int]:
        """(V, D)."""
        return self.n_rows, self.dim

    @property
    def dtype(self) -> str:
        """What the rows are once they are read: "float32"."""
        return "float32"

    @property
    def values(self) -> FloatMatrix:
        """All rows, read now."""
        return self.decode()

    def first(self, n_rows: int) -> FileRows:
        """Return the first rows, none of them read."""
        return replace(self, n_rows=min(n_rows, self.n_rows))

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (..., D). rows: one number, an array of numbers of any shape, or a slice."""
        if isinstance(rows, slice):
            start, stop, step = rows.indices(self.n_rows)
            if step == 1:
                return self._span(start, max(start, stop))
        numbers = np.arange(*rows.indices(self.n_rows)) if isinstance(rows, slice) else np.asarray(rows, np.intp)
        flat = numbers.reshape(-1)
        order = np.argsort(flat, kind="stable")  # some files can be read forwards only, and begin again for a row further up
        rising = flat[order]
        decoded = np.empty((len(flat), self.dim), np.float32)
        for begin, end in _runs(rising):
            decoded[order[begin:end]] = self._span(int(rising[begin]), int(rising[end - 1]) + 1)
        return decoded.reshape(*numbers.shape, self.dim)

    def halves(self, numbers: npt.NDArray[np.int64]) -> HalfMatrix:
        """Return rows as float16 (..., D). Raises SettingsError (too large)."""
        return as_halves(self.decode(numbers))

    def pieces(self, n_numbers: int = _NUMBERS_AT_ONCE) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield the number of a row and float32 rows from there on, all rows in order, about `n_numbers` numbers at a time."""
        step = max(1, n_numbers // self.dim)
        for begin in range(0, self.n_rows, step):
            yield begin, self.read(begin, min(begin + step, self.n_rows))

    def _span(self, start: int, stop: int) -> FloatMatrix:
        """Rows start..stop, a few read at a time."""
        step = max(1, _NUMBERS_AT_ONCE // self.dim)
        if stop - start <= step:
            return self.read(start, stop) if stop > start else np.empty((0, self.dim), np.float32)
        rows = np.empty((stop - start, self.dim), np.float32)
        for begin in range(start, stop, step):
            end = min(begin + step, stop)
            rows[begin - start : end - start] = self.read(begin, end)
        return rows


def _runs(numbers: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """The places between which numbers rise by one."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    bounds = [0, *breaks.tolist(), len(numbers)]
    return ((begin, end) for begin, end in pairwise(bounds) if begin < end)


def chosen_rows(rows: Any, numbers: npt.NDArray[Any]) -> FileRows:
    """Return the rows with these numbers, in this order; `rows` may be of any kind."""
    return FileRows(len(numbers), rows.shape[1], lambda first, last: np.array(rows.decode(numbers[first:last]), np.float32))


def converted_rows(path: str | PathLike[str], array: AnyArray, widen: Callable[[AnyArray], AnyArray] | None = None) -> FileRows:
    """Return the rows of a mapped array (V, D) of any numbers, which become finite float32 when they are read.

    widen: makes numbers of what stands in the file. A row with NaN or a number beyond float32 is a BadFile that names it.
    """

    def read(first: int, last: int) -> FloatMatrix:
        """Convert some rows, and let their pages go."""
        taken = array[first:last]
        with np.errstate(over="ignore", invalid="ignore"):
            rows: FloatMatrix = np.array(taken if widen is None else widen(taken), np.float32, order="C")
        release(taken)
        check_finite(path, rows, first)
        return rows

    return FileRows(array.shape[0], array.shape[1], read)


def gathered(table: Table) -> Table:
    """Return the table with its rows in memory, where they were to stay in their file."""
    rows = table.stored[0]
    if not isinstance(rows, FileRows):
        return table
    vectors = rows.decode()
    vectors.flags.writeable = False
    return Table.of_stored(table.tokens, StoredRows(vectors), counts=table.counts, metadata=table.metadata)


def check_finite(path: str | PathLike[str], rows: FloatMatrix, first: int) -> None:
    """Raise BadFile where a row, of which the first has the number `first`, is not finite."""
    finite = np.isfinite(rows)
    if not finite.all():
        row = first + int(np.flatnonzero(~finite.all(axis=1))[0])
        raise BadFile(path, f"row {row:,} holds NaN, an infinite number, or one that is too large for float32")
