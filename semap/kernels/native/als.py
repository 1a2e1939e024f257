"""Rows of one side held fast, those of the other solved for; the plain twin says what is computed.

Sums are float32, the tiles of a block in the order of the entries; the losses are float64. A row's bits depend on its own
entries only, never on the rows of the same call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import LANES, fma, hsum, load, mul, splat, store, sub
from semap.kernels.native.squares import add_squares, factor, solve

__all__ = ["gram", "solve_rows"]

_ENTRIES = 64  # copied together: 64 rows of 64 coordinates are 16 KB, half of the first cache


@kernel
def solve_rows(
    indptr: Any, others: Any, weights: Any, targets: Any, fixed: Any, square: Any, ridges: Any, block: Any, tell: Any,
    start: Any, stop: Any, rows: Any, losses: Any,
) -> None:  # fmt: skip
    """Lower L(w) for every row start <= r < stop, one block of coordinates after the other."""
    width = rows.shape[1]
    flat, held, squares = rows.reshape(rows.size), fixed.reshape(fixed.size), square.reshape(square.size)
    size = min(block, width)
    near, gaps = np.empty(_ENTRIES * size, np.float32), np.empty(_longest(indptr, start, stop), np.float32)
    matrix, step = np.empty(size * size, np.float32), np.empty(size, np.float32)
    inverses, between = np.empty(size, np.float32), np.empty(size, np.float32)
    for row in range(start, stop):
        begin, n, at = indptr[row], indptr[row + 1] - indptr[row], row * width
        if n == 0:
            flat[at : at + width] = 0.0
            losses[row, :] = 0.0
            continue
        for j in range(n):
            score = _dot(held, np.int64(others[begin + j]) * width, flat, at, width)
            gaps[j] = score - targets[begin + j]
        for first in range(0, width, size):
            own = min(size, width - first)
            _begin(squares, flat, at, width, first, own, ridges[row], matrix, step)
            for j in range(0, n, _ENTRIES):
                m = min(_ENTRIES, n - j)
                _copy(held, others, weights, gaps, begin, j, m, width, first, own, near, step)
                add_squares(matrix, own, near, 0, own, m, 0, 1)
            factor(matrix, own, inverses)
            solve(matrix, own, inverses, step, between)
            for left in range(0, own, LANES):
                store(flat, at + first + left, sub(load(flat, at + first + left), load(step, left)))
            if tell or first + own < width:
                for j in range(n):
                    gaps[j] -= _dot(held, np.int64(others[begin + j]) * width + first, step, 0, own)
        _tell(weights, gaps, begin, n if tell else 0, flat, at, width, ridges[row], losses[row])


@inlined
def _longest(indptr: Any, start: Any, stop: Any) -> Any:
    longest = np.int64(0)
    for row in range(start, stop):
        longest = max(longest, indptr[row + 1] - indptr[row])
    return longest


@inlined
def _dot(one: Any, at: Any, other: Any, other_at: Any, size: Any) -> Any:
    total = mul(load(one, at), load(other, other_at))
    for left in range(LANES, size, LANES):
        total = fma(load(one, at + left), load(other, other_at + left), total)
    return hsum(total)


@inlined
def _begin(squares: Any, flat: Any, at: Any, width: Any, first: Any, own: Any, ridge: Any, matrix: Any, step: Any) -> None:
    """matrix = square_BB + ridge I; step = (square w)_B + ridge w_B"""
    for k in range(own):
        source = (first + k) * width + first
        for left in range(k // LANES * LANES, own, LANES):
            store(matrix, k * own + left, load(squares, source + left))
        matrix[k * own + k] += ridge
    for left in range(0, own, LANES):
        total = mul(splat(ridge), load(flat, at + first + left))
        for k in range(width):  # the square is symmetric, so its rows serve as columns
            total = fma(splat(flat[at + k]), load(squares, k * width + first + left), total)
        store(step, left, total)


@inlined
def _copy(
    held: Any, others: Any, weights: Any, gaps: Any, begin: Any, j: Any, m: Any, width: Any, first: Any, own: Any, near: Any,
    step: Any,
) -> None:  # fmt: skip
    """near[own e + c] = sqrt(weight) h_c of m entries from the j-th on; step += their weight * gap * h."""
    for entry in range(m):
        root = np.sqrt(weights[begin + j + entry])
        source = np.int64(others[begin + j + entry]) * width + first
        scale, pull = splat(root), splat(root * gaps[j + entry])
        for left in range(0, own, LANES):
            scaled = mul(scale, load(held, source + left))
            store(near, entry * own + left, scaled)
            store(step, left, fma(pull, scaled, load(step, left)))


@inlined
def _tell(weights: Any, gaps: Any, begin: Any, n: Any, flat: Any, at: Any, width: Any, ridge: Any, out: Any) -> None:
    total, length = 0.0, 0.0
    for j in range(n):
        total += np.float64(weights[begin + j]) * np.float64(gaps[j]) * np.float64(gaps[j])
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
