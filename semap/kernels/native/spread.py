"""A sparse matrix and a dense one in, their product out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["spread"]


@kernel
def spread(indptr: Any, indices: Any, data: Any, diagonal: Any, dense: Any, start: int, stop: int, out: Any) -> None:
    """Set out[i] = diagonal[i] * dense[i] + sum over j of data[i, j] * dense[j] for start <= i < stop."""
    dim = dense.shape[1]
    for row in range(start, stop):
        share = diagonal[row] if diagonal.size > 0 else np.float32(0)
        for column in range(dim):
            out[row, column] = share * dense[row, column] if diagonal.size > 0 else np.float32(0)
        place, end = indptr[row], indptr[row + 1]
        while place + 4 <= end:  # four at once: the sums are read and written a quarter as often, in the same order
            a, b = np.intp(indices[place]), np.intp(indices[place + 1])
            c, d = np.intp(indices[place + 2]), np.intp(indices[place + 3])
            u, v, w, x = data[place], data[place + 1], data[place + 2], data[place + 3]
            for column in range(dim):
                total = out[row, column] + u * dense[a, column]
                total += v * dense[b, column]
                total += w * dense[c, column]
                out[row, column] = total + x * dense[d, column]
            place += 4
        while place < end:
            a, u = np.intp(indices[place]), data[place]
            for column in range(dim):
                out[row, column] += u * dense[a, column]
            place += 1
