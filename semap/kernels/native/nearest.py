"""Rows and queries in, scores or the best rows of each query out; the plain twin says what is computed.

`rows` and `queries` are C-contiguous; `scales` is empty or goes on with zeros to a multiple of 16.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.panels import GROUP, dots, gaps, new_panel, one_dot, pack_queries, pack_rows, tiles_of_panel
from semap.kernels.native.simd import LANES, load, mul, splat, store
from semap.kernels.native.tiles import above, broadcast

__all__ = ["holds", "meet", "replace_worst", "scores", "search"]

# The loops of `scores` and `search` are the same down to `meet`. Shared, with the rest as a function handed in, they made the
# search 8 to 14 % slower: the arrays that pass through a tuple are counted at every tile.


@kernel
def scores(rows: Any, scales: Any, queries: Any, euclidean: bool, start: int, stop: int, out: Any) -> None:
    """Fill out[b, i] float32 (B, stop - start) with the score of query b and row start + i."""
    n_queries, dim = queries.shape
    flat, packed, panel = rows.reshape(rows.size), pack_queries(queries), new_panel(dim)
    found = np.zeros(GROUP * LANES, np.float32)
    for first in range(start, stop, LANES * tiles_of_panel(dim)):
        n_tiles = min(tiles_of_panel(dim), (stop - first + LANES - 1) // LANES)
        pack_rows(flat, rows.shape[0], dim, first, n_tiles, panel)
        for query in range(0, n_queries, GROUP):
            n_group = min(GROUP, n_queries - query)
            for tile in range(n_tiles):
                row = first + LANES * tile
                meet(panel, tile, packed, query, dim, n_group, euclidean, _scale(scales, row, euclidean), found)
                for j in range(n_group):
                    for i in range(min(LANES, stop - row)):
                        out[query + j, row - start + i] = found[LANES * j + i]


@kernel
def search(
    rows: Any,
    scales: Any,
    queries: Any,
    euclidean: bool,
    start: int,
    stop: int,
    excluded: Any,
    excluded_offsets: Any,
    kept_scores: Any,
    kept_rows: Any,
) -> None:
    """Offer the rows start .. stop - 1 to the heap of each query: kept_scores float32, kept_rows int64 (B, K)."""
    n_queries, dim = queries.shape
    flat, packed, panel = rows.reshape(rows.size), pack_queries(queries), new_panel(dim)
    found = np.zeros(GROUP * LANES, np.float32)
    limits = np.full((n_queries + GROUP - 1) // GROUP * GROUP, np.inf, np.float32)  # nothing enters past the last query
    limits[:n_queries] = kept_scores[:, 0]
    for first in range(start, stop, LANES * tiles_of_panel(dim)):
        n_tiles = min(tiles_of_panel(dim), (stop - first + LANES - 1) // LANES)
        pack_rows(flat, rows.shape[0], dim, first, n_tiles, panel)
        for query in range(0, n_queries, GROUP):
            n_group = min(GROUP, n_queries - query)
            for tile in range(n_tiles):
                row = first + LANES * tile
                meet(panel, tile, packed, query, dim, n_group, euclidean, _scale(scales, row, euclidean), found)
                worth = 0
                for j in range(GROUP):
                    worth |= above(load(found, LANES * j), broadcast(limits, query + j))
                if worth:  # rare: about K log(V / K) of V rows
                    for at in range(n_group * LANES):
                        b, candidate = query + at // LANES, row + at % LANES
                        if found[at] > limits[b] and candidate < stop:
                            of_query = excluded[excluded_offsets[b] : excluded_offsets[b + 1]]
                            if not holds(of_query, candidate):
                                replace_worst(kept_scores[b], kept_rows[b], found[at], candidate)
                                limits[b] = kept_scores[b, 0]


@inlined
def _scale(scales: Any, row: Any, euclidean: Any) -> Any:
    if scales.size > 0:
        return load(scales, row)
    return splat(np.float32(-1)) if euclidean else splat(np.float32(1))


@inlined
def meet(panel: Any, tile: Any, packed: Any, query: Any, dim: Any, n_group: Any, euclidean: Any, scale: Any, found: Any) -> None:
    """Set found[16 j + i] to the score of query j of a group and row i of a tile, for every j < n_group."""
    at, group = LANES * dim * tile, query * dim
    if euclidean:
        sums = gaps(panel, at, packed, group, dim)
    elif n_group > 1:
        sums = dots(panel, at, packed, group, dim)
    else:
        store(found, 0, mul(one_dot(panel, at, packed, group, dim), scale))
        return
    a, b, c, d, e, f, g, h = sums
    store(found, 0, mul(a, scale))
    store(found, LANES, mul(b, scale))
    store(found, 2 * LANES, mul(c, scale))
    store(found, 3 * LANES, mul(d, scale))
    store(found, 4 * LANES, mul(e, scale))
    store(found, 5 * LANES, mul(f, scale))
    store(found, 6 * LANES, mul(g, scale))
    store(found, 7 * LANES, mul(h, scale))


@inlined
def holds(ascending: Any, number: Any) -> Any:
    """Return whether a sorted list holds a number, by halving."""
    low, high = 0, ascending.size
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] < number:
            low = middle + 1
        else:
            high = middle
    return low < ascending.size and ascending[low] == number


@inlined
def replace_worst(heap_scores: Any, heap_rows: Any, score: Any, row: Any) -> None:
    """Put a pair in place of the front of a heap and let it sink below every worse one."""
    size, at = heap_scores.size, 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _worse(heap_scores, heap_rows, child + 1, heap_scores[child], heap_rows[child]):
            child += 1
        if not _worse(heap_scores, heap_rows, child, score, row):
            break
        heap_scores[at], heap_rows[at] = heap_scores[child], heap_rows[child]
        at = child
    heap_scores[at], heap_rows[at] = score, row


@inlined
def _worse(heap_scores: Any, heap_rows: Any, at: Any, score: Any, row: Any) -> Any:
    return heap_scores[at] < score or (heap_scores[at] == score and heap_rows[at] > row)
