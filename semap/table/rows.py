"""A float32 matrix in, the same rows stored as float32, float16 or int8 out, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix, FloatVector
from semap.errors import SettingsError

__all__ = ["STORED_DTYPES", "StoredRows", "store_rows"]

STORED_DTYPES = ("float32", "float16", "int8")


@dataclass(frozen=True)
class StoredRows:
    """`values` (V, D) float32, float16 or int8; an int8 row stands for values[i] * scales[i], `scales` float32 (V,)."""

    values: npt.NDArray[Any]
    scales: FloatVector | None = None

    @property
    def dtype(self) -> str:
        """The name of the stored dtype."""
        return str(self.values.dtype)

    def first(self, n_rows: int) -> StoredRows:
        """Return the first rows, stored as they are."""
        return StoredRows(self.values[:n_rows], None if self.scales is None else self.scales[:n_rows])

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (B, D); float32 rows are a view where NumPy's indexing gives one."""
        taken = self.values[rows]
        if self.scales is not None:
            taken = np.multiply(taken, self.scales[rows][..., None], dtype=np.float32)
        decoded: FloatMatrix = np.asarray(taken, np.float32)
        return decoded


def store_rows(vectors: FloatMatrix, dtype: str) -> StoredRows:
    """Return float32 (V, D) stored as `dtype`; the scale of an int8 row is its largest value / 127.

    Raises SettingsError for another dtype, and for float16 where a value is beyond its range.
    """
    if dtype == "float32":
        return StoredRows(vectors)
    if dtype == "float16":
        with np.errstate(over="ignore"):
            halves = vectors.astype(np.float16)
        if not np.isfinite(halves).all():
            row = int(np.flatnonzero(~np.isfinite(halves).all(axis=1))[0])
            largest = np.abs(vectors[row]).max()
            raise SettingsError(f"row {row:,} has a value of {largest:g}; float16 ends at 65,504: use int8")
        return StoredRows(halves)
    if dtype != "int8":
        raise SettingsError(f"a table can be stored as {', '.join(STORED_DTYPES)}, not as {dtype!r}")
    scales = (np.abs(vectors).max(axis=1, initial=0) / np.float32(127)).astype(np.float32)
    divisors = np.where(scales > 0, scales, np.float32(1))  # a row of zeros stays zeros
    values = np.clip(np.rint(vectors / divisors[:, None]), -127, 127).astype(np.int8)
    return StoredRows(values, scales)
