"""A table or a matrix and rows that were added to it in, single rows and what tells one such thing from another out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix
from semap.index.checksum import checksum
from semap.index.vectors import kernel_matrix, unit_rows
from semap.table.rows import StoredRows
from semap.table.table import Table

__all__ = ["HeldRows", "fingerprint"]


class HeldRows:
    """The rows behind an index: those of `base`, and after them `added` (A, D). tame: see `semap.index.lengths`."""

    def __init__(self, base: Table | FloatMatrix, added: FloatMatrix, tame: bool) -> None:
        self.base, self.added, self.tame = base, added, tame
        self.dim = int(base.dim if isinstance(base, Table) else base.shape[1])
        self._n_base = len(base)
        self._stored = base.stored[0] if isinstance(base, Table) else StoredRows(base)

    def __len__(self) -> int:
        return self._n_base + len(self.added)

    def at(self, ids: npt.NDArray[np.int64]) -> FloatMatrix:
        """Return rows (N, D) by number; unit rows where products of the rows themselves could overflow."""
        if len(self.added) and (ids >= self._n_base).any():
            old = ids < self._n_base
            rows = np.empty((len(ids), self.dim), np.float32)
            rows[old] = self._stored.decode(ids[old])
            rows[~old] = self.added[ids[~old] - self._n_base]
        else:
            rows = self._stored.decode(ids)
        rows.flags.writeable = False  # kernels would be compiled a second time for a writable one
        return rows if self.tame else unit_rows(rows)

    def all(self) -> FloatMatrix:
        """Return every row (V, D), where they lie if nothing was added."""
        rows = kernel_matrix(self.base.vectors if isinstance(self.base, Table) else self.base)
        if len(self.added):
            rows = kernel_matrix(np.concatenate([rows, self.added]))
        return rows if self.tame else unit_rows(rows)


def fingerprint(base: Table | FloatMatrix, threads: int) -> str:
    """Return what tells the rows of a table or matrix from others: dtype, shape and checksums, of the rows as they are stored."""
    arrays: list[AnyArray] = [base] if not isinstance(base, Table) else [base.stored[0].values]
    scales = getattr(base.stored[0], "scales", None) if isinstance(base, Table) else None
    if scales is not None:
        arrays.append(scales)
    shape = " x ".join(map(str, arrays[0].shape))
    return f"{arrays[0].dtype.name} {shape} " + "-".join(checksum(array, threads) for array in arrays)
