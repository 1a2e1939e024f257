"""16 rows x 8 queries in, 8 vectors of 16 sums out: the one place where rows meet queries.

A panel holds rows 16 at a time, column by column (panel[16 d + i] = row i, column d), so that one load brings column d
of 16 rows; queries lie 8 at a time in the same way (packed[8 d + j] = query j, column d).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined
from semap.kernels.native.simd import LANES, add, fma, load, splat, store, sub
from semap.kernels.native.tiles import broadcast, transpose

__all__ = ["GROUP", "dots", "gaps", "new_panel", "one_dot", "pack_queries", "pack_rows", "tiles_of_panel"]

GROUP = 8  # with 16 sums of 16 floats a CPU of 16 registers would spill; 8 hide the latency of the multiply-add
_PANEL_FLOATS = 1700  # 7 KB: rows on their way from memory need most of the first cache (with 24 KB: 10 ms, not 4)


@inlined
def new_panel(dim: Any) -> Any:
    """Room for the tiles of a panel, and one vector more for `_touch`."""
    return np.empty((tiles_of_panel(dim) * dim + 1) * LANES, np.float32)


@inlined
def tiles_of_panel(dim: Any) -> Any:
    """How many tiles of 16 rows a panel holds, at least one."""
    return max(1, _PANEL_FLOATS // (LANES * dim))


@inlined
def pack_rows(flat: Any, n_rows: Any, dim: Any, first: Any, n_tiles: Any, panel: Any) -> None:
    """Lay 16 n_tiles rows from row `first` of flat float32 (V * D) into the panel, zeros for rows past the last."""
    for tile in range(n_tiles):
        row, at = first + LANES * tile, LANES * dim * tile
        if dim >= 4 and row + LANES <= n_rows:
            _touch(flat, row * dim, LANES * dim, panel)
            for column in range(0, dim - 3, 4):
                transpose(flat, row * dim + column, dim, panel, at + LANES * column)
            if dim % 4:  # the last 4 columns once more, over those already there
                column = dim - 4
                transpose(flat, row * dim + column, dim, panel, at + LANES * column)
        else:
            _pack_slowly(flat, n_rows, dim, row, panel, at)


@inlined
def _touch(flat: Any, at: Any, size: Any, panel: Any) -> None:
    """Read `size` floats in order: memory is prefetched for this, not for 16 rows at once (80 MB: 5 ms, not 11)."""
    total = splat(np.float32(0))
    for line in range(at, at + size, LANES):
        total = add(total, load(flat, line))
    store(panel, panel.size - LANES, total)  # kept, or the loads would be dropped


@inlined
def _pack_slowly(flat: Any, n_rows: Any, dim: Any, row: Any, panel: Any, at: Any) -> None:
    for i in range(LANES):
        for column in range(dim):
            inside = row + i < n_rows
            panel[at + LANES * column + i] = flat[(row + i) * dim + column] if inside else np.float32(0)


@inlined
def pack_queries(queries: Any) -> Any:
    """queries float32 (B, D) as groups of 8, filled up with zeros."""
    n_queries, dim = queries.shape
    packed = np.zeros((n_queries + GROUP - 1) // GROUP * GROUP * dim, np.float32)
    for b in range(n_queries):
        at = b // GROUP * GROUP * dim + b % GROUP
        for d in range(dim):
            packed[at + GROUP * d] = queries[b, d]
    return packed


@inlined
def dots(panel: Any, at: Any, packed: Any, group: Any, dim: Any) -> Any:
    """sum_d row[d] query[d] for 16 rows and 8 queries."""
    a = b = c = d = e = f = g = h = splat(np.float32(0))
    for column in range(dim):
        row = load(panel, at + LANES * column)
        q = group + GROUP * column
        a = fma(row, broadcast(packed, q), a)
        b = fma(row, broadcast(packed, q + 1), b)
        c = fma(row, broadcast(packed, q + 2), c)
        d = fma(row, broadcast(packed, q + 3), d)
        e = fma(row, broadcast(packed, q + 4), e)
        f = fma(row, broadcast(packed, q + 5), f)
        g = fma(row, broadcast(packed, q + 6), g)
        h = fma(row, broadcast(packed, q + 7), h)
    return a, b, c, d, e, f, g, h


@inlined
def gaps(panel: Any, at: Any, packed: Any, group: Any, dim: Any) -> Any:
    """sum_d (row[d] - query[d])^2 for 16 rows and 8 queries."""
    a = b = c = d = e = f = g = h = splat(np.float32(0))
    for column in range(dim):
        row = load(panel, at + LANES * column)
        q = group + GROUP * column
        a = _squared(sub(row, broadcast(packed, q)), a)
        b = _squared(sub(row, broadcast(packed, q + 1)), b)
        c = _squared(sub(row, broadcast(packed, q + 2)), c)
        d = _squared(sub(row, broadcast(packed, q + 3)), d)
        e = _squared(sub(row, broadcast(packed, q + 4)), e)
        f = _squared(sub(row, broadcast(packed, q + 5)), f)
        g = _squared(sub(row, broadcast(packed, q + 6)), g)
        h = _squared(sub(row, broadcast(packed, q + 7)), h)
    return a, b, c, d, e, f, g, h


@inlined
def one_dot(panel: Any, at: Any, packed: Any, group: Any, dim: Any) -> Any:
    """What `dots` gives for the first query of a group, with the same bits."""
    total = splat(np.float32(0))
    for column in range(dim):
        total = fma(load(panel, at + LANES * column), broadcast(packed, group + GROUP * column), total)
    return total


@inlined
def _squared(gap: Any, total: Any) -> Any:
    return fma(gap, gap, total)
