"""The parts of a sparse matrix in, the same matrix as SciPy or NumPy wants it out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, Offsets
from semap.errors import MissingExtra, ShapeError

__all__ = ["Counts"]


class Counts:
    """A sparse matrix in rows (CSR); immutable.

    data: (n,) numbers, the entries row by row; indices: (n,) whole numbers, the column of each; indptr: int64 (R + 1,):
    row r has the entries indptr[r] .. indptr[r + 1] - 1; shape: (R, C).
    Indices are kept as int32, or as int64 where a column needs it. Raises ShapeError when the parts do not fit.
    """

    __slots__ = ("data", "indices", "indptr", "shape")

    def __init__(self, data: Any, indices: Any, indptr: Any, shape: tuple[int, int]) -> None:
        n_rows, n_columns = (int(size) for size in shape)
        width = np.int32 if n_columns <= np.iinfo(np.int32).max else np.int64
        columns, starts = np.asarray(indices), np.asarray(indptr)
        _check(np.asarray(data), columns, starts, n_rows, n_columns)
        self.shape: tuple[int, int] = (n_rows, n_columns)
        self.data: AnyArray = _read_only(np.asarray(data))
        self.indices: AnyArray = _read_only(columns.astype(width, copy=False))
        self.indptr: Offsets = _read_only(starts.astype(np.int64, copy=False))

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"Counts({self.shape[0]:,} x {self.shape[1]:,}, {len(self.data):,} entries, {self.data.dtype})"

    def to_scipy(self) -> Any:
        """Return a `scipy.sparse.csr_array` that is the caller's own. Raises MissingExtra without SciPy."""
        try:
            from scipy.sparse import csr_array
        except ModuleNotFoundError as failure:
            raise MissingExtra("scipy") from failure
        return csr_array((self.data, self.indices, self.indptr), shape=self.shape, copy=True)

    def to_dense(self) -> AnyArray:
        """Return all entries, zeros too, as an array (R, C). Raises ShapeError when it does not fit memory."""
        try:
            dense = np.zeros(self.shape, self.data.dtype)
        except (MemoryError, ValueError) as failure:
            size = self.shape[0] * self.shape[1] * self.data.itemsize / 2**30
            raise ShapeError(f"{self!r} takes {size:,.0f} GiB with its zeros; use to_scipy()") from failure
        rows = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        np.add.at(dense, (rows, self.indices), self.data)
        return dense


def _check(data: AnyArray, indices: AnyArray, indptr: AnyArray, n_rows: int, n_columns: int) -> None:
    if data.ndim != 1 or data.shape != indices.shape:
        raise ShapeError(f"data has the shape {data.shape} and indices {indices.shape}; give one column for each entry")
    if (len(indices) and indices.dtype.kind not in "iu") or indptr.dtype.kind not in "iu":
        raise ShapeError(f"indices and indptr must be whole numbers, given are {indices.dtype} and {indptr.dtype}")
    if indptr.shape != (n_rows + 1,) or indptr[0] != 0 or indptr[-1] != len(data) or (np.diff(indptr) < 0).any():
        raise ShapeError(f"indptr must be {n_rows + 1:,} ascending numbers from 0 to {len(data):,}, the number of entries")
    if len(indices) and not 0 <= indices.min() <= indices.max() < n_columns:
        raise ShapeError(f"indices go from {indices.min():,} to {indices.max():,}; the columns are 0 to {n_columns - 1:,}")


def _read_only(array: AnyArray) -> AnyArray:
    view = array.view()
    view.flags.writeable = False
    return view
