"""Sums of outer products in tiles of 16 x 16, and the triangular factor of a symmetric matrix: no library, one order of sums.

A matrix of the size S (a multiple of 16) lies row by row in flat float32 (S * S); only the tiles on the diagonal and right of
it are used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined
from semap.kernels.native.simd import LANES, fma, hsum, load, mul, splat, store
from semap.kernels.native.tiles import broadcast

__all__ = ["add_squares", "factor", "solve"]

_LEAST_PIVOT = np.float32(1e-6)  # of what stood there at first; a smaller one is rounding: nothing is left to divide by


@inlined
def _add_tile(matrix: Any, at: Any, size: Any, source: Any, across: Any, down: Any, stride: Any, n: Any, sign: Any) -> None:
    """matrix[at + size r + c] += sign * sum_j source[across + stride j + r] * source[down + stride j + c] for 16 r and 16 c."""
    a, b, c, d = load(matrix, at), load(matrix, at + size), load(matrix, at + 2 * size), load(matrix, at + 3 * size)
    low = at + 4 * size
    e, f, g, h = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    i, j, k, l = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    m, o, p, q = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    for _ in range(n):
        x = mul(load(source, down), sign)
        a = fma(broadcast(source, across), x, a)
        b = fma(broadcast(source, across + 1), x, b)
        c = fma(broadcast(source, across + 2), x, c)
        d = fma(broadcast(source, across + 3), x, d)
        e = fma(broadcast(source, across + 4), x, e)
        f = fma(broadcast(source, across + 5), x, f)
        g = fma(broadcast(source, across + 6), x, g)
        h = fma(broadcast(source, across + 7), x, h)
        i = fma(broadcast(source, across + 8), x, i)
        j = fma(broadcast(source, across + 9), x, j)
        k = fma(broadcast(source, across + 10), x, k)
        l = fma(broadcast(source, across + 11), x, l)
        m = fma(broadcast(source, across + 12), x, m)
        o = fma(broadcast(source, across + 13), x, o)
        p = fma(broadcast(source, across + 14), x, p)
        q = fma(broadcast(source, across + 15), x, q)
        across += stride
        down += stride
    for number, row in enumerate((a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)):
        store(matrix, at + number * size, row)


@inlined
def add_squares(matrix: Any, size: Any, source: Any, begin: Any, stride: Any, n: Any, first: Any, sign: Any) -> None:
    """Add sign * sum_j s_j s_j' to the tiles from coordinate `first` on; s_j = source[begin + stride j :], n of them."""
    for top in range(first, size, LANES):
        for left in range(top, size, LANES):
            _add_tile(matrix, top * size + left, size, source, begin + top, begin + left, stride, n, splat(np.float32(sign)))


@inlined
def factor(matrix: Any, size: Any, inverses: Any) -> None:
    """Put U with U' U = matrix in its place, 16 rows at a time, and 1 / U[k, k] in inverses (0 for a pivot that is none)."""
    for k in range(size):
        inverses[k] = matrix[k * size + k]
    for top in range(0, size, LANES):
        for k in range(top, top + LANES):
            pivot = matrix[k * size + k]
            inverse = np.float32(1) / np.sqrt(pivot) if pivot > _LEAST_PIVOT * inverses[k] else np.float32(0)
            inverses[k] = inverse
            for at in range(k * size + top, (k + 1) * size, LANES):
                store(matrix, at, mul(load(matrix, at), splat(inverse)))
            for below in range(k + 1, top + LANES):
                share = splat(-matrix[k * size + below])
                for left in range(top, size, LANES):
                    at = below * size + left
                    store(matrix, at, fma(share, load(matrix, k * size + left), load(matrix, at)))
        if top + LANES < size:
            add_squares(matrix, size, matrix, top * size, size, LANES, top + LANES, -1)


@inlined
def solve(matrix: Any, size: Any, inverses: Any, right: Any, between: Any) -> None:
    """Put x with U' U x = right in its place; between float32 (S,) is scratch."""
    for k in range(size):
        between[k] = right[k] * inverses[k]
        share = splat(-between[k])
        for left in range(k // LANES * LANES, size, LANES):  # places up to k are overwritten: they were used
            store(right, left, fma(share, load(matrix, k * size + left), load(right, left)))
    for k in range(size):
        right[k] = 0.0
    for back in range(size):
        k = size - 1 - back
        total = splat(np.float32(0))
        for left in range(k // LANES * LANES, size, LANES):  # right is still 0 up to k
            total = fma(load(matrix, k * size + left), load(right, left), total)
        right[k] = (between[k] - hsum(total)) * inverses[k]
