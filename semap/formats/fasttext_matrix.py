"""A matrix of a fastText `.bin` in, dense or quantised, the rows that are asked for out; it stays where it lies in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from semap.arrays import AnyArray, Bytes, FloatMatrix, FloatVector
from semap.errors import BadFile
from semap.formats.cursor import Cursor

__all__ = ["Coded", "Dense", "Matrix", "read_matrix"]

_KEYS = 256  # centroids of each part of a row


@dataclass(frozen=True)
class Dense:
    """float32 (N, D) mapped; the file does not align it."""

    values: FloatMatrix

    @property
    def behind(self) -> AnyArray:
        """What rows are read from."""
        return self.values

    def pick(self, rows: Any) -> FloatMatrix:
        """Return a copy of the rows with these numbers, float32 (B, D)."""
        picked = np.empty((len(rows), self.values.shape[1]), np.float32)
        picked[...] = self.values[rows]
        return picked


@dataclass(frozen=True)
class Coded:
    """Product quantisation: `codes` uint8 (N, parts) mapped, each a centroid of `width` numbers; see kernels/reference.

    norms: float32 (256,) and norm_codes uint8 (N,), by which rows are multiplied; or both empty.
    """

    codes: Bytes
    centroids: FloatVector
    width: int
    norms: FloatVector
    norm_codes: Bytes

    @property
    def behind(self) -> AnyArray:
        """What rows are read from."""
        return self.codes

    def pick(self, rows: Any) -> FloatMatrix:
        """Return the rows with these numbers, decoded, float32 (B, D)."""
        from semap.kernels.native.fasttext import decode_codes

        out = np.empty((len(rows), len(self.centroids) // _KEYS), np.float32)
        numbers = np.ascontiguousarray(rows, np.int64)
        decode_codes(self.codes, self.centroids, self.width, self.norms, self.norm_codes, numbers, out)
        return out


Matrix: TypeAlias = Dense | Coded


def read_matrix(cursor: Cursor, name: str, promised: tuple[tuple[int, str], ...], dim: int, quantized: bool) -> Matrix:
    """Return the matrix at the cursor. promised: how many rows it must have, in parts, each with what these rows stand for.

    Raises BadFile where the file holds another number of rows or columns, or less than it says.
    """
    has_norms = cursor.flag(f"whether the {name} matrix has norms") if quantized else False
    begin = cursor.at
    n_rows, n_columns = cursor.take("2q", f"the shape of the {name} matrix")
    expected = sum(count for count, _ in promised)
    if n_rows != expected:
        told = " and ".join(what for _, what in promised)
        raise BadFile(cursor.path, f"the {name} matrix has {n_rows:,} rows; there are {told}, {expected:,} rows", offset=begin)
    if n_columns != dim:
        reason = f"the {name} matrix has {n_columns:,} columns; vectors have {dim:,} dimensions"
        raise BadFile(cursor.path, reason, offset=begin + 8)
    if quantized:
        return _coded(cursor, name, n_rows, dim, has_norms)
    return Dense(cursor.array("<f4", n_rows * dim, f"{n_rows:,} x {dim:,} numbers of the {name} matrix").reshape(n_rows, dim))


def _coded(cursor: Cursor, name: str, n_rows: int, dim: int, has_norms: bool) -> Coded:
    begin = cursor.at
    (n_codes,) = cursor.take("i", f"the number of codes of the {name} matrix")
    cursor.room(max(n_codes, 0), f"{n_codes:,} codes of the {name} matrix")
    codes = cursor.array("u1", max(n_codes, 0), "the codes")
    width, centroids = _quantizer(cursor, name, dim)
    parts = -(-dim // width)
    if n_codes != n_rows * parts:
        reason = f"the {name} matrix has {n_codes:,} codes; {n_rows:,} rows of {parts:,} parts need {n_rows * parts:,}"
        raise BadFile(cursor.path, reason, offset=begin)
    norms, norm_codes = np.empty(0, np.float32), np.empty(0, np.uint8)
    if has_norms:
        norm_codes = cursor.array("u1", n_rows, f"the norms of {n_rows:,} rows")
        _, norms = _quantizer(cursor, f"norms of the {name}", 1)
    return Coded(_read_only(codes.reshape(n_rows, parts)), centroids, width, _read_only(norms), _read_only(norm_codes))


def _quantizer(cursor: Cursor, name: str, dim: int) -> tuple[int, FloatVector]:
    """How many numbers a centroid has, and the centroids."""
    begin = cursor.at
    found = cursor.take("4i", f"the quantiser of the {name} matrix")
    n_numbers, parts, width, last = found
    fits = n_numbers == dim and width >= 1 and parts == -(-dim // max(width, 1)) and last == dim - (parts - 1) * width
    if not fits:
        told = f"{n_numbers:,} numbers in {parts:,} parts of {width:,}, the last of {last:,}"
        raise BadFile(cursor.path, f"the quantiser of the {name} matrix has {told}; rows have {dim:,}", offset=begin)
    centroids = cursor.array("<f4", dim * _KEYS, f"the centroids of the {name} matrix").astype(np.float32)
    return width, _read_only(centroids)


def _read_only(array: AnyArray) -> AnyArray:
    """A view that kernels know by one type, whether the array came from a file or not."""
    view = array.view()
    view.flags.writeable = False
    return view
