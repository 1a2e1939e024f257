"""Rows stored as float32, float16 or int8 in, the rows that are asked for out; and rows stored in another dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix, FloatVector, HalfMatrix
from semap.errors import SettingsError
from semap.storage.mapped import release

__all__ = ["STORED_DTYPES", "Rows", "StoredRows", "as_halves", "store_rows"]

STORED_DTYPES = ("float32", "float16", "int8")
_NUMBERS_AT_ONCE = 1 << 17  # stay in a core's cache, and keep what is made on the way small beside a giant table


class Rows(Protocol):
    """What a table asks of its rows, wherever they are: in memory, mapped, or read from a file when they are asked for."""

    @property
    def shape(self) -> tuple[int, int]:
        """(V, D)."""

    @property
    def dtype(self) -> str:
        """The name of the stored dtype, one of STORED_DTYPES."""

    @property
    def values(self) -> npt.NDArray[Any]:
        """All rows as they are stored, (V, D)."""

    def first(self, n_rows: int) -> Rows:
        """Return the first rows, stored as they are."""

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (..., D): one number, an array of numbers of any shape, or a slice."""

    def halves(self, numbers: npt.NDArray[np.int64]) -> HalfMatrix:
        """Return rows as float16 (..., D). Raises SettingsError (too large)."""

    def pieces(self, n_numbers: int = ...) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield the number of a row and float32 rows from there on, all rows in order, about `n_numbers` numbers at a time."""


@dataclass(frozen=True)
class StoredRows:
    """`values` (V, D) float32, float16 or int8; an int8 row stands for values[i] * scales[i], `scales` float32 (V,)."""

    values: npt.NDArray[Any]
    scales: FloatVector | None = None

    @property
    def dtype(self) -> str:
        """The name of the stored dtype."""
        return str(self.values.dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """(V, D)."""
        n_rows, dim = self.values.shape
        return n_rows, dim

    def first(self, n_rows: int) -> StoredRows:
        """Return the first rows, stored as they are."""
        return StoredRows(self.values[:n_rows], None if self.scales is None else self.scales[:n_rows])

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (..., D); float32 rows are a view where NumPy's indexing gives one.

        rows: one number, an array of numbers of any shape, or a slice; a few rows are read at a time.
        """
        if self.values.dtype == np.float32:
            taken: FloatMatrix = np.asarray(self.values[rows], np.float32)
            return taken
        numbers = np.arange(*rows.indices(len(self.values))) if isinstance(rows, slice) else np.asarray(rows, np.intp)
        flat, dim = numbers.reshape(-1), self.values.shape[1]
        decoded = np.empty((len(flat), dim), np.float32)
        step = max(1, _NUMBERS_AT_ONCE // dim)
        for begin in range(0, len(flat), step):
            self._decode_to(flat[begin : begin + step], decoded[begin : begin + step])
        return decoded.reshape(*numbers.shape, dim)

    def halves(self, numbers: npt.NDArray[np.int64]) -> HalfMatrix:
        """Return rows as float16 (..., D), as they are where they are stored so. Raises SettingsError (too large)."""
        if self.values.dtype == np.float16:
            taken: HalfMatrix = self.values[numbers]
            return taken
        return as_halves(self.decode(numbers))

    def pieces(self, n_numbers: int = _NUMBERS_AT_ONCE) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield the number of a row and float32 rows from there on, all rows in order, about `n_numbers` numbers at a time."""
        step = max(1, n_numbers // self.values.shape[1])
        for begin in range(0, len(self.values), step):
            yield begin, self.decode(slice(begin, begin + step))
            release(self.values[begin : begin + step])

    def _decode_to(self, numbers: Any, out: FloatMatrix) -> None:
        taken = self.values[numbers]
        if self.scales is not None:
            np.multiply(taken, self.scales[numbers][:, None], out=out, dtype=np.float32)
        else:
            _widen(taken, out)


def store_rows(rows: Rows, dtype: str, first: int = 0) -> Rows:
    """Return rows stored as `dtype`, converted a few at a time; the scale of an int8 row is its largest value / 127.

    first: the number that the first row has in a message. Raises SettingsError for another dtype, and for float16 where a
    value is beyond its range.
    """
    if dtype not in STORED_DTYPES:
        raise SettingsError(f"a table can be stored as {', '.join(STORED_DTYPES)}, not as {dtype!r}")
    if dtype == rows.dtype:
        return rows
    if dtype == "float32":
        return StoredRows(rows.decode())
    values = np.empty(rows.shape, dtype)
    scales = np.empty(len(values), np.float32) if dtype == "int8" else None
    for begin, piece in rows.pieces():
        end = begin + len(piece)
        if scales is None:
            values[begin:end] = as_halves(piece, first + begin)
        else:
            values[begin:end], scales[begin:end] = _as_bytes(piece)
    return StoredRows(values, scales)


def as_halves(rows: FloatMatrix, first: int = 0) -> HalfMatrix:
    """Return float32 rows, of which the first has the number `first`, as float16. Raises SettingsError (too large)."""
    with np.errstate(over="ignore"):
        halves = rows.astype(np.float16)
    flat = halves.reshape(-1, halves.shape[-1])
    if not np.isfinite(halves).all():
        row = int(np.flatnonzero(~np.isfinite(flat).all(axis=1))[0])
        largest = np.abs(rows.reshape(flat.shape)[row]).max()
        raise SettingsError(f"row {first + row:,} has a value of {largest:g}; float16 ends at 65,504: use int8")
    return halves


def _as_bytes(rows: FloatMatrix) -> tuple[AnyArray, FloatVector]:
    """Rows as int8 and their scales."""
    scales = (np.abs(rows).max(axis=1, initial=0) / np.float32(127)).astype(np.float32)
    divisors = np.where(scales > 0, scales, np.float32(1))  # a row of zeros stays zeros
    return np.clip(np.rint(rows / divisors[:, None]), -127, 127).astype(np.int8), scales


def _widen(halves: HalfMatrix, out: FloatMatrix) -> None:
    """Write float16 numbers to float32 ones: sign, exponent and mantissa in their new places, then times 2^112.

    NumPy's own conversion takes each number apart on its own, two to four times slower. The product is exact: float32 has the
    exponent of every float16, and its smallest numbers become normal ones. Infinities have an exponent of their own.
    """
    if len(halves) and int((halves.view(np.uint16) & 0x7FFF).max()) >= 0x7C00:
        out[...] = halves
        return
    bits = out.view(np.int32)
    bits[...] = halves.view(np.int16)  # widened with its sign, which fills the upper half
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, np.int32(-0x70002000), out=bits)  # the sign and the 15 bits that were moved
    np.multiply(out, np.float32(2.0**112), out=out)
