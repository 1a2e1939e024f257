"""The bytes of a usearch graph and queries in, near rows out; the plain twin says what is computed.

What takes the time is waiting for memory: every row and list of links lies somewhere else. So all rows that one list leads to
are asked for before the first of them is met, and the list after it before that. The candidates stand in one sorted list of
64-bit numbers that compare as (distance, node): its lowest bit says that the links of the node were followed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.bits import load32, load64
from semap.kernels.native.halves import from_halves, leading
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import LANES, fma, hsum, load, prefetch, splat, sub
from semap.kernels.native.tiles import widened

__all__ = ["nearest"]

_GAPS, _COSINES = 1, 2
_LINE = 64  # bytes that memory sends together
_ROWS, _HEAD, _SIZES = 8, 64, 40  # bytes before the rows, after them, and of the sizes that follow
_NODE = 10  # bytes of a node before its links


@kernel
def nearest(
    content: Any,
    offsets: Any,
    size: int,
    measure: int,
    connectivity: int,
    expansion: int,
    queries: Any,
    start: int,
    stop: int,
    found: Any,
    counts: Any,
) -> None:
    """Fill found int64 (B, K) with the keys of near rows, nearest first, and counts int64 (B,), for start .. stop - 1."""
    n_nodes, dim = offsets.size, queries.shape[1]
    sizes = _ROWS + n_nodes * dim * size + _HEAD
    highest, entry = np.int64(load64(content, sizes + 24)), np.int64(load64(content, sizes + 32))
    ground = 4 * (1 + 2 * connectivity)
    seen = np.empty((n_nodes + 63) // 64, np.uint64)
    keys = np.empty(expansion, np.int64)
    fresh = np.empty(2 * connectivity, np.int64)
    query = np.zeros(dim + LANES, np.float32)
    for b in range(start, stop):
        for column in range(dim):
            query[column] = queries[b, column]
        node, best = _descend(content, offsets, size, measure, connectivity, query, dim, highest, entry)
        seen[:] = np.uint64(0)
        _mark(seen, node)
        keys[0], n, cursor = _key(best, node), 1, 0
        while cursor < n:
            node = _node(keys[cursor])
            keys[cursor] |= 1
            n_fresh = _gather(content, offsets[node] + _NODE, dim * size, seen, fresh)
            while cursor < n and keys[cursor] & 1:
                cursor += 1
            if cursor < n:
                _ask(content, offsets[_node(keys[cursor])] + _NODE, ground)
            for i in range(n_fresh):
                link = fresh[np.uint64(i)]
                key = _key(_distance(content, _ROWS + dim * size * link, dim, size, measure, query), link)
                if n < expansion or key < keys[n - 1]:
                    n += n < expansion
                    place = _insert(keys, n, key)
                    if place <= cursor:
                        cursor = place
                        _ask(content, offsets[link] + _NODE, ground)
        counts[b] = min(n, found.shape[1])
        for i in range(counts[b]):
            found[b, i] = np.int64(load64(content, offsets[_node(keys[i])]))


@inlined
def _descend(
    content: Any, offsets: Any, size: Any, measure: Any, connectivity: Any, query: Any, dim: Any, highest: Any, entry: Any
) -> Any:
    """The node that is reached, and its distance, by going to the nearest neighbour level by level down to the ground."""
    row = dim * size
    node, depth = entry, highest
    best = _distance(content, _ROWS + row * node, dim, size, measure, query)
    while depth > 0:
        at = offsets[node] + _NODE + 4 * (1 + 2 * connectivity) + 4 * (1 + connectivity) * (depth - 1)
        count = load32(content, at)
        for i in range(count):
            _ask(content, _ROWS + row * load32(content, at + 4 + 4 * i), row)
        before = node
        for i in range(count):
            link = load32(content, at + 4 + 4 * i)
            distance = _distance(content, _ROWS + row * link, dim, size, measure, query)
            if distance < best:
                node, best = link, distance
        if node == before:
            depth -= 1
    return node, best


@inlined
def _gather(content: Any, at: Any, row: Any, seen: Any, fresh: Any) -> Any:
    """Put the links at a place that were not seen before into `fresh`, mark them, ask for their rows; return how many."""
    n_fresh = 0
    for i in range(load32(content, at)):
        link = load32(content, at + 4 + 4 * i)
        if _mark(seen, link):
            fresh[np.uint64(n_fresh)] = link
            n_fresh += 1
            _ask(content, _ROWS + row * link, row)
    return n_fresh


@inlined
def _mark(seen: Any, node: Any) -> Any:
    """Set the bit of a node; return whether it was not set."""
    word, bit = np.uint64(node) >> np.uint64(6), np.uint64(1) << (np.uint64(node) & np.uint64(63))
    before = seen[word]
    seen[word] = before | bit
    return before & bit == np.uint64(0)


@inlined
def _ask(content: Any, at: Any, n_bytes: Any) -> None:
    for byte in range(0, n_bytes, _LINE):
        prefetch(content, at + byte)
    prefetch(content, at + n_bytes - 1)


@inlined
def _insert(keys: Any, n: Any, key: Any) -> Any:
    """Put a key among the first n - 1, which ascend, and return where it went."""
    low, high = 0, n - 1
    while low < high:
        middle = (low + high) >> 1
        if keys[np.uint64(middle)] < key:
            low = middle + 1
        else:
            high = middle
    for at in range(n - 1, low, -1):
        keys[np.uint64(at)] = keys[np.uint64(at - 1)]
    keys[low] = key
    return low


@inlined
def _key(distance: Any, node: Any) -> Any:
    """A number that compares as (distance, node): the bits of a float, those of a negative one turned round, come first."""
    bits = np.float32(distance).view(np.int32)
    bits ^= (bits >> np.int32(31)) & np.int32(0x7FFFFFFF)
    return (np.int64(bits) << np.int64(32)) | (np.int64(node) << np.int64(1))


@inlined
def _node(key: Any) -> Any:
    return (key & np.int64(0xFFFFFFFF)) >> np.int64(1)


@inlined
def _distance(content: Any, at: Any, dim: Any, size: Any, measure: Any, query: Any) -> Any:
    """How far the row at a place is; the length of the query is left out of cosines."""
    total = squares = splat(np.float32(0))
    for column in range(0, dim, LANES):
        row = _numbers(content, at + size * column, size)
        if column + LANES > dim:  # what is read past the last row lies in the head
            row = leading(row, dim - column)
        if measure == _GAPS:
            gap = sub(row, load(query, column))
            total = fma(gap, gap, total)
        else:
            total = fma(row, load(query, column), total)
            if measure == _COSINES:
                squares = fma(row, row, squares)
    if measure == _GAPS:
        return hsum(total)
    if measure == _COSINES:
        square = hsum(squares)
        return -hsum(total) / np.sqrt(square) if square > 0 else np.float32(0)
    return -hsum(total)


@inlined
def _numbers(content: Any, at: Any, size: Any) -> Any:
    if size == 4:
        return load(content, at)
    if size == 2:
        return from_halves(content, at)
    return widened(content, at)
