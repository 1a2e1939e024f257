"""The rows of a sparse matrix in, its products with dense ones and its largest singular vectors out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from semap.arrays import DoubleVector, FloatMatrix, FloatVector, Offsets, TokenIds
from semap.learn.tall import over_stretches, signed, squared, times, to_basis

__all__ = ["Sparse", "left_singular"]

_NUMBERS_A_TASK = 1 << 22  # about a millisecond


@dataclass(frozen=True)
class Sparse:
    """A square matrix in rows: indptr int64 (V + 1,), indices int32 (n,), data float32 (n,); diagonal float32 (V,) or empty."""

    indptr: Offsets
    indices: TokenIds
    data: FloatVector
    diagonal: FloatVector
    threads: int

    def __matmul__(self, dense: FloatMatrix) -> FloatMatrix:
        """The product with float32 (V, D), C-contiguous; its bits do not depend on the threads."""
        from semap.kernels.native.spread import spread

        out = np.empty_like(dense)
        bounds = self._bounds(dense.shape[1])
        over_stretches(
            len(bounds) - 1,
            self.threads,
            lambda n: spread(self.indptr, self.indices, self.data, self.diagonal, dense, bounds[n], bounds[n + 1], out),
        )
        return out

    @cached_property
    def transposed(self) -> Sparse:
        """The same matrix by columns."""
        n_rows = len(self.indptr) - 1
        order = np.argsort(self.indices, kind="stable")
        indptr = np.zeros(n_rows + 1, np.int64)
        np.cumsum(np.bincount(self.indices, minlength=n_rows), out=indptr[1:])
        rows = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(self.indptr))
        return Sparse(indptr, rows[order], self.data[order], self.diagonal, self.threads)

    def _bounds(self, dim: int) -> list[int]:
        work = self.indptr + np.arange(len(self.indptr))
        marks = np.arange(0, work[-1] + 1, max(1, _NUMBERS_A_TASK // dim))
        bounds: list[int] = np.unique(np.append(np.searchsorted(work, marks), [0, len(work) - 1])).tolist()
        return bounds


def left_singular(
    matrix: Sparse, dim: int, seed: int, *, rounds: int = 5, more: int = 10, told: Callable[[], None] = lambda: None
) -> tuple[FloatMatrix, DoubleVector]:
    """Return the `dim` largest left singular vectors, float32 (V, D), and values, float64 (D,), approximately.

    Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1: a random subspace of `more` dimensions more and `rounds` power
    iterations, `told` after each. Columns past the rank are zeros.
    """
    n_rows, threads = len(matrix.indptr) - 1, matrix.threads
    rng = np.random.default_rng(seed)
    basis = matrix @ rng.standard_normal((n_rows, min(n_rows, dim + more)), np.float32)
    for _ in range(rounds):
        basis = matrix @ to_basis(matrix.transposed @ to_basis(basis, threads), threads)
        told()
    basis = to_basis(basis, threads, passes=2)
    squares, turn = np.linalg.eigh(squared(matrix.transposed @ basis, threads))  # of B B^T, B = Q^T A
    order = np.argsort(-squares, kind="stable")[:dim]
    vectors = times(basis, signed(turn[:, order]), threads)
    return vectors, np.sqrt(np.maximum(squares[order], 0))
