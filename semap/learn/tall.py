"""A matrix of many rows and few columns in, its products, a basis and its singular vectors out, on several threads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np

from semap.arrays import AnyArray, DoubleVector, FloatMatrix
from semap.parallel.crew import run, thread_count

__all__ = ["over_stretches", "signed", "squared", "times", "to_basis", "to_scaled_left"]

_ROWS_AT_ONCE = 512  # a part of the sum; fixed, so that the bits do not depend on the threads
_TINY = 1e-10  # of the largest eigenvalue


def times(rows: FloatMatrix, small: AnyArray, threads: int) -> FloatMatrix:
    """Return rows @ small, float32 (V, D), of (V, K) and (K, D)."""
    from semap.kernels.native.tall import turned

    out = np.empty((len(rows), small.shape[1]), np.float32)
    factor = np.ascontiguousarray(small, np.float32)
    n_parts = -(-len(rows) // _ROWS_AT_ONCE)
    over_stretches(
        n_parts, threads, lambda n: turned(rows, factor, n * _ROWS_AT_ONCE, min(len(rows), (n + 1) * _ROWS_AT_ONCE), out)
    )
    return out


def squared(rows: FloatMatrix, threads: int) -> DoubleVector:
    """Return rows^T rows, float64 (K, K); parts of 512 rows are summed in float32."""
    from semap.kernels.native.tall import gram

    n_parts = -(-len(rows) // _ROWS_AT_ONCE)
    parts = np.empty((n_parts, rows.shape[1], rows.shape[1]), np.float32)
    over_stretches(n_parts, threads, lambda n: gram(rows, n * _ROWS_AT_ONCE, min(len(rows), (n + 1) * _ROWS_AT_ONCE), parts[n]))
    upper = parts.sum(axis=0, dtype=np.float64)
    both: DoubleVector = upper + np.triu(upper, 1).T
    return both


def to_basis(columns: FloatMatrix, threads: int, *, passes: int = 1) -> FloatMatrix:
    """Return columns at right angles that span the same space, float32 (V, K); what has no length of its own becomes zeros.

    By Cholesky's factor of the small product; a second pass takes away what a badly conditioned start leaves.
    """
    for _ in range(passes):
        columns = times(columns, _inverse_factor(squared(columns, threads)).T, threads)
    return columns


def _inverse_factor(product: DoubleVector) -> DoubleVector:
    """L^-1 of product = L L^T, with rows of zeros for what depends on those before. A loop: LAPACK would wake its threads."""
    n = len(product)
    factor, inverse = np.zeros((n, n)), np.zeros((n, n))
    for j in range(n):
        column = product[j:, j] - factor[j:, :j] @ factor[j, :j]
        if column[0] > _TINY * max(product[j, j], 1e-30) * 1e4:
            factor[j:, j] = column / np.sqrt(column[0])
            inverse[j, :j] = -(factor[j, :j] @ inverse[:j, :j]) / factor[j, j]
            inverse[j, j] = 1 / factor[j, j]
    return inverse


def to_scaled_left(rows: FloatMatrix, threads: int) -> FloatMatrix:
    """Return U sqrt(S) of rows = U S V^T, float32 (V, D), largest first; columns past the rank are zeros."""
    squares, turn = np.linalg.eigh(squared(rows, threads))
    order = np.argsort(-squares, kind="stable")
    values = squares[order]
    good = values > max(values[0], 0) * _TINY
    scale = np.where(good, np.where(good, values, 1) ** -0.25, 0)
    return times(rows, signed(turn[:, order]) * scale, threads)


def signed(vectors: AnyArray) -> AnyArray:
    """Return the columns with signs that do not depend on the library: the largest entry of each is positive."""
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    with_signs: AnyArray = vectors * np.where(largest < 0, -1, 1)
    return with_signs


def over_stretches(n_tasks: int, threads: int, work: Callable[[int], None]) -> None:
    """Call work(0) .. work(n_tasks - 1) on several threads; each call writes what no other does."""
    tasks = count()

    def take(thread: int) -> None:
        """Do one task after another."""
        while (task := next(tasks)) < n_tasks:
            work(task)

    n_threads = min(thread_count(threads), n_tasks)
    if n_threads > 1:
        run(n_threads, take)
    else:
        take(0)
