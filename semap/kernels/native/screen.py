"""Rows as bytes, and a search that looks at the bytes first; the plain twin says what is computed.

`rows` and `queries` are C-contiguous; `scales`, `steps` and `slacks` go on with zeros to a multiple of 16.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.nearest import holds, replace_worst
from semap.kernels.native.panels import GROUP, dots, pack_queries
from semap.kernels.native.simd import LANES, fma, load, mul, splat, store
from semap.kernels.native.tiles import above, broadcast, widened

__all__ = ["encode", "search"]

_HALF_STEP = 2.0**-24
_FEW = 4  # queries, or tiles of one query: as many sums as hide the latency of the multiply-add


@kernel
def encode(rows: Any, scales: Any, start: int, stop: int, codes: Any, steps: Any, slacks: Any) -> None:
    """Fill codes int8 (V * D), steps and slacks float32 (V,) for the rows start .. stop - 1."""
    dim = rows.shape[1]
    for row in range(start, stop):
        scale, largest = np.float64(scales[row]), 0.0
        for column in range(dim):
            largest = max(largest, abs(np.float64(rows[row, column]) * scale))
        step = np.float32(largest / 127)
        per_step = 1 / np.float64(step) if step > 0 else 0.0
        first, missing = row // LANES * LANES * dim + row % LANES, 0.0
        for column in range(dim):
            value = np.float64(rows[row, column]) * scale
            whole = np.rint(value * per_step)
            codes[first + LANES * column] = np.int8(whole)
            missing += (value - whole * np.float64(step)) ** 2
        missing = np.sqrt(missing)
        steps[row] = step
        slacks[row] = np.float32(missing * 1.00001 + (2 * dim + 16) * _HALF_STEP * (1 + missing))


@kernel
def search(
    rows: Any,
    scales: Any,
    codes: Any,
    steps: Any,
    slacks: Any,
    queries: Any,
    start: int,
    stop: int,
    excluded: Any,
    excluded_offsets: Any,
    kept_scores: Any,
    kept_rows: Any,
) -> None:
    """Offer the rows start .. stop - 1, `start` being a multiple of 16, to the heap of each query."""
    n_queries, dim = queries.shape
    flat, packed = rows.reshape(rows.size), pack_queries(queries)
    panel = np.empty(LANES * dim, np.float32)
    bounds = np.zeros((GROUP + 1) * LANES, np.float32)  # and room for one exact score
    limits = np.full((n_queries + GROUP - 1) // GROUP * GROUP, np.inf, np.float32)  # nothing enters past the last query
    limits[:n_queries] = kept_scores[:, 0]
    if n_queries == 1:
        for first in range(start, stop, _FEW * LANES):
            n_tiles = min(_FEW, (stop - first + LANES - 1) // LANES)
            _bounds_of_tiles(codes, first, n_tiles, packed, dim, steps, slacks, bounds)
            for tile in range(n_tiles):
                row = first + LANES * tile
                if above(load(bounds, LANES * tile), broadcast(limits, 0)):
                    _offer(
                        flat, scales, packed, dim, 0, row, stop, bounds, LANES * tile, limits, excluded, kept_scores, kept_rows
                    )
        return
    for first in range(start, stop, LANES):
        _widen(codes, first * dim, dim, panel)
        for query in range(0, n_queries, GROUP):
            n_group = min(GROUP, n_queries - query)
            _bounds_of_group(panel, packed, query * dim, dim, n_group, load(steps, first), load(slacks, first), bounds)
            for j in range(n_group):
                b = query + j
                if above(load(bounds, LANES * j), broadcast(limits, b)):
                    hidden = excluded[excluded_offsets[b] : excluded_offsets[b + 1]]
                    _offer(flat, scales, packed, dim, b, first, stop, bounds, LANES * j, limits, hidden, kept_scores, kept_rows)


@inlined
def _offer(
    flat: Any, scales: Any, packed: Any, dim: Any, b: Any, first: Any, stop: Any, bounds: Any, at: Any, limits: Any,
    hidden: Any, kept_scores: Any, kept_rows: Any,
) -> None:  # fmt: skip
    """Offer 16 rows from `first` to the heap of query b; rare: about K log(V / K) of V rows have to be looked at."""
    for i in range(min(LANES, stop - first)):
        row = first + i
        if bounds[at + i] > limits[b]:
            score = _score(flat, row * dim, packed, b, dim, scales[row], bounds)
            if score > limits[b] and not holds(hidden, row):
                replace_worst(kept_scores[b], kept_rows[b], score, row)
                limits[b] = kept_scores[b, 0]


@inlined
def _score(flat: Any, at: Any, packed: Any, b: Any, dim: Any, scale: Any, room: Any) -> Any:
    """The score of one row and one query, with the bits of `nearest.search`: the same operations in the same order."""
    total, q = splat(np.float32(0)), b // GROUP * GROUP * dim + b % GROUP
    for column in range(dim):
        total = fma(broadcast(flat, at + column), broadcast(packed, q + GROUP * column), total)
    store(room, GROUP * LANES, mul(total, splat(scale)))
    return room[GROUP * LANES]


@inlined
def _widen(codes: Any, at: Any, dim: Any, panel: Any) -> None:
    """The bytes of 16 rows as floats, once for all queries."""
    for column in range(dim):
        store(panel, LANES * column, widened(codes, at + LANES * column))


@inlined
def _bounds_of_group(panel: Any, packed: Any, group: Any, dim: Any, n_group: Any, step: Any, slack: Any, bounds: Any) -> None:
    """Set bounds[16 j + i] for row i of a tile and query j of a group; past 4 queries for all 8."""
    if n_group <= _FEW:
        a, b, c, d = _dots_of_few(panel, packed, group, dim)
    else:
        a, b, c, d, e, f, g, h = dots(panel, 0, packed, group, dim)
        store(bounds, 4 * LANES, fma(e, step, slack))
        store(bounds, 5 * LANES, fma(f, step, slack))
        store(bounds, 6 * LANES, fma(g, step, slack))
        store(bounds, 7 * LANES, fma(h, step, slack))
    store(bounds, 0, fma(a, step, slack))
    store(bounds, LANES, fma(b, step, slack))
    store(bounds, 2 * LANES, fma(c, step, slack))
    store(bounds, 3 * LANES, fma(d, step, slack))


@inlined
def _dots_of_few(panel: Any, packed: Any, group: Any, dim: Any) -> Any:
    """sum_d row[d] query[d] for 16 rows and 4 queries."""
    a = b = c = d = splat(np.float32(0))
    for column in range(dim):
        row, q = load(panel, LANES * column), group + GROUP * column
        a = fma(row, broadcast(packed, q), a)
        b = fma(row, broadcast(packed, q + 1), b)
        c = fma(row, broadcast(packed, q + 2), c)
        d = fma(row, broadcast(packed, q + 3), d)
    return a, b, c, d


@inlined
def _bounds_of_tiles(codes: Any, first: Any, n_tiles: Any, packed: Any, dim: Any, steps: Any, slacks: Any, bounds: Any) -> None:
    """Set bounds[16 t + i] for row i of tile t and the one query, four tiles at a time."""
    size = LANES * dim
    at = first * dim
    a = b = c = d = splat(np.float32(0))
    if n_tiles == _FEW:
        for column in range(dim):
            query, place = broadcast(packed, GROUP * column), at + LANES * column
            a = fma(widened(codes, place), query, a)
            b = fma(widened(codes, place + size), query, b)
            c = fma(widened(codes, place + 2 * size), query, c)
            d = fma(widened(codes, place + 3 * size), query, d)
        store(bounds, 0, fma(a, load(steps, first), load(slacks, first)))
        store(bounds, LANES, fma(b, load(steps, first + LANES), load(slacks, first + LANES)))
        store(bounds, 2 * LANES, fma(c, load(steps, first + 2 * LANES), load(slacks, first + 2 * LANES)))
        store(bounds, 3 * LANES, fma(d, load(steps, first + 3 * LANES), load(slacks, first + 3 * LANES)))
        return
    for tile in range(n_tiles):
        total, row = splat(np.float32(0)), first + LANES * tile
        for column in range(dim):
            total = fma(widened(codes, row * dim + LANES * column), broadcast(packed, GROUP * column), total)
        store(bounds, LANES * tile, fma(total, load(steps, row), load(slacks, row)))
