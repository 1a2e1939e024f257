"""Rows of one side held fast, those of the other solved for; the plain twin says what is computed.

Sums are float32, the tiles of a block in the order of the entries; the losses are float64. A row's bits depend on its own
entries only, never on the rows of the same call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import LANES, add, fma, hsums, load, mul, splat, store, sub
from semap.kernels.native.squares import add_squares, factor, solve
from semap.kernels.native.tiles import broadcast

__all__ = ["gram", "solve_rows"]

_ENTRIES = 128  # added at a time: their part of a block, 32 KB at most, stays in the first cache
_COPIED = 1 << 13
_STRETCH = 1 << 20  # floats of neighbours' rows copied together, 4 MB: a longer row is copied again for every block


@kernel
def solve_rows(
    indptr: Any, others: Any, weights: Any, targets: Any, fixed: Any, square: Any, ridges: Any, block: Any, tell: Any,
    start: Any, stop: Any, rows: Any, losses: Any,
) -> None:  # fmt: skip
    """Lower L(w) for every row start <= r < stop, one block of coordinates after the other.

    The rows of the neighbours are copied once, times the root of their weight: near[n * first + own * j + c] is coordinate
    first + c of entry j, so that each block lies together; gaps[j] = sqrt(weight) (w . h_j - target).
    """
    width = rows.shape[1]
    flat, held, squares = rows.reshape(rows.size), fixed.reshape(fixed.size), square.reshape(square.size)
    size, longest = min(block, width), _up(_longest(indptr, start, stop))
    most = min(max(LANES, _STRETCH // width // LANES * LANES), longest)
    few = max(LANES, _COPIED // width // LANES * LANES)
    near, gaps = np.zeros(most * width, np.float32), np.zeros(longest, np.float32)
    matrix, step = np.empty(size * size, np.float32), np.empty(size, np.float32)
    diagonal = np.empty(size, np.float32)
    for row in range(start, stop):
        begin, n, at = indptr[row], indptr[row + 1] - indptr[row], row * width
        if n == 0:
            flat[at : at + width] = 0.0
            losses[row, :] = 0.0
            continue
        whole = _up(n) <= most
        for j in range(0, n, most):
            m = min(most, n - j)
            for part in range(0, m, few):
                some = min(few, m - part)
                _copy(held, others, weights, begin + j, part, some, m, width, size, near)
                _aim(weights, targets, begin + j + part, some, gaps, j + part)
                for first in range(0, width, size):
                    own = min(size, width - first)
                    _move(near, _up(m) * first + own * part, own, some, flat, at + first, gaps, j + part)
        for first in range(0, width, size):
            own = min(size, width - first)
            _begin(squares, flat, at, width, first, own, ridges[row], matrix, step)
            for j in range(0, n, most):
                m = min(most, n - j)
                if not whole:
                    _copy(held, others, weights, begin + j, 0, m, m, width, size, near)
                for part in range(0, m, _ENTRIES):
                    place, some = _up(m) * first + own * part, min(_ENTRIES, m - part)
                    add_squares(matrix, own, near, place, own, some, 0, 1)
                    _pull(near, place, own, some, gaps, j + part, step)
            factor(matrix, own, diagonal)
            solve(matrix, own, step)
            for left in range(0, own, LANES):
                store(step, left, sub(splat(np.float32(0)), load(step, left)))
                store(flat, at + first + left, add(load(flat, at + first + left), load(step, left)))
            if tell or first + own < width:
                for j in range(0, n, most):
                    m = min(most, n - j)
                    if not whole:
                        _copy(held, others, weights, begin + j, 0, m, m, width, size, near)
                    _move(near, _up(m) * first, own, m, step, 0, gaps, j)
        _tell(gaps, n if tell else 0, flat, at, width, ridges[row], losses[row])


@inlined
def _up(n: Any) -> Any:
    """n, filled up to whole vectors."""
    return (n + LANES - 1) // LANES * LANES


@inlined
def _longest(indptr: Any, start: Any, stop: Any) -> Any:
    longest = np.int64(0)
    for row in range(start, stop):
        longest = max(longest, indptr[row + 1] - indptr[row])
    return longest


@inlined
def _begin(squares: Any, flat: Any, at: Any, width: Any, first: Any, own: Any, ridge: Any, matrix: Any, step: Any) -> None:
    """matrix = square_BB + ridge I; step = (square w)_B + ridge w_B"""
    for k in range(own):
        source = (first + k) * width + first
        for left in range(k // LANES * LANES, own, LANES):
            store(matrix, k * own + left, load(squares, source + left))
        matrix[k * own + k] += ridge
    for left in range(0, own, LANES):
        store(step, left, mul(splat(ridge), load(flat, at + first + left)))
    _move(squares, first * width, width, own, flat, at, step, 0)  # the square is symmetric, so its rows serve as columns


@inlined
def _copy(
    held: Any, others: Any, weights: Any, begin: Any, part: Any, some: Any, m: Any, width: Any, size: Any, near: Any
) -> None:
    """The rows of some of m entries, times the roots of their weights, block by block; at the end zeros up to whole vectors."""
    for entry in range(part, part + some):
        scale = splat(np.sqrt(weights[begin + entry]))
        source = np.int64(others[begin + entry]) * width
        for first in range(0, width, size):
            own = min(size, width - first)
            target = _up(m) * first + own * entry
            for left in range(0, own, LANES):
                store(near, target + left, mul(scale, load(held, source + first + left)))
    if part + some == m:
        for first in range(0, width, size):
            own = min(size, width - first)
            for place in range(_up(m) * first + own * m, _up(m) * (first + own), LANES):
                store(near, place, splat(np.float32(0)))


@inlined
def _aim(weights: Any, targets: Any, begin: Any, m: Any, gaps: Any, j: Any) -> None:
    for entry in range(m):
        gaps[j + entry] = -np.sqrt(weights[begin + entry]) * targets[begin + entry]


@inlined
def _move(near: Any, place: Any, own: Any, m: Any, step: Any, at: Any, gaps: Any, j: Any) -> None:
    """gaps[j + e] += near_e . step for m entries, 16 at a time: their sums across are taken together."""
    for entry in range(0, m, LANES):
        low = place + own * entry
        zero = splat(np.float32(0))
        a, b, c, d, e, f, g, h = zero, zero, zero, zero, zero, zero, zero, zero
        p, q, r, s, t, u, v, w = zero, zero, zero, zero, zero, zero, zero, zero
        for left in range(0, own, LANES):
            x, k = load(step, at + left), low + left
            a, b = fma(load(near, k), x, a), fma(load(near, k + own), x, b)
            c, d = fma(load(near, k + 2 * own), x, c), fma(load(near, k + 3 * own), x, d)
            e, f = fma(load(near, k + 4 * own), x, e), fma(load(near, k + 5 * own), x, f)
            g, h = fma(load(near, k + 6 * own), x, g), fma(load(near, k + 7 * own), x, h)
            p, q = fma(load(near, k + 8 * own), x, p), fma(load(near, k + 9 * own), x, q)
            r, s = fma(load(near, k + 10 * own), x, r), fma(load(near, k + 11 * own), x, s)
            t, u = fma(load(near, k + 12 * own), x, t), fma(load(near, k + 13 * own), x, u)
            v, w = fma(load(near, k + 14 * own), x, v), fma(load(near, k + 15 * own), x, w)
        sums = hsums((a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w))
        store(gaps, j + entry, add(load(gaps, j + entry), sums))


@inlined
def _pull(near: Any, place: Any, own: Any, m: Any, gaps: Any, j: Any, step: Any) -> None:
    """step += sum_e gaps[j + e] near_e; even and odd entries apart, so that one sum need not wait for the other."""
    for left in range(0, own, LANES):
        even, odd = load(step, left), splat(np.float32(0))
        k = place + left
        for entry in range(0, m, 2):  # past the last entry there are zeros
            even = fma(broadcast(gaps, j + entry), load(near, k), even)
            odd = fma(broadcast(gaps, j + entry + 1), load(near, k + own), odd)
            k += 2 * own
        store(step, left, add(even, odd))


@inlined
def _tell(gaps: Any, n: Any, flat: Any, at: Any, width: Any, ridge: Any, out: Any) -> None:
    total, length = 0.0, 0.0
    for j in range(n):
        total += np.float64(gaps[j]) * np.float64(gaps[j])
    for column in range(width):
        length += np.float64(flat[at + column]) * np.float64(flat[at + column])
    out[0], out[1] = total, np.float64(ridge) * length


@kernel
def gram(rows: Any, start: Any, stop: Any, out: Any) -> None:
    """Add the sum of r r' to the tiles of `out` on and right of the diagonal: float32 over 128 rows, then float64."""
    width = rows.shape[1]
    flat = rows.reshape(rows.size)
    some = np.empty(width * width, np.float32)
    for first in range(start, stop, 128):
        some[:] = 0.0
        add_squares(some, width, flat, first * width, width, min(128, stop - first), 0, 1)
        for row in range(width):
            for column in range(row, width):
                out[row, column] += some[row * width + column]
