"""A sparse matrix and a dense one in, their product out, written to be read."""

from __future__ import annotations

from semap.arrays import AnyArray

__all__ = ["spread"]


def spread(
    indptr: AnyArray, indices: AnyArray, data: AnyArray, diagonal: AnyArray, dense: AnyArray, start: int, stop: int, out: AnyArray
) -> None:
    """Set out[i] = diagonal[i] * dense[i] + sum over j of data[i, j] * dense[j] for start <= i < stop.

    The matrix has the rows of a CSR: indptr int64 (R + 1,), indices int32 (n,), data float32 (n,); diagonal float32 (R,), or
    empty, which is zeros; dense float32 (C, D), C at least R where there is a diagonal; out float32 (R, D). Sums in float32.
    """
    for row in range(start, stop):
        out[row] = diagonal[row] * dense[row] if len(diagonal) else 0
        for place in range(indptr[row], indptr[row + 1]):
            out[row] += data[place] * dense[indices[place]]
