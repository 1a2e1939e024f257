"""Distinct words and their counts in, the order of a vocabulary out: falling count, ties in byte order."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Bytes, Offsets
from semap.text.types import Types

__all__ = ["rank", "select"]


def rank(types: Types, min_count: int, max_size: int | None) -> AnyArray:
    """Return the numbers of the types that come `min_count` times or more, in order, `max_size` of them at most: int64."""
    kept = np.flatnonzero(types.counts >= min_count)
    if max_size is not None and len(kept) > max_size:  # sort no more than those that tie with the last one
        lowest = np.partition(types.counts[kept], len(kept) - max_size)[len(kept) - max_size]
        kept = kept[types.counts[kept] >= lowest]
    counts = types.counts[kept]
    heads, tails = (_eight_bytes(types, kept, at) for at in (0, 8))
    order = np.lexsort((tails, heads, -counts))
    kept, counts, heads, tails = kept[order], counts[order], heads[order], tails[order]
    same = (counts[1:] == counts[:-1]) & (heads[1:] == heads[:-1]) & (tails[1:] == tails[:-1])
    for first, stop in _runs(same):
        kept[first:stop] = sorted(kept[first:stop].tolist(), key=types.bytes_of)
    return kept[:max_size]


def select(types: Types, numbers: AnyArray) -> tuple[Bytes, Offsets]:
    """Return the bytes of these types, one after another, and their offsets: uint8, int64 (V + 1,)."""
    first = types.starts[numbers]
    lengths = types.starts[numbers + 1] - first
    offsets = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    places = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], lengths)
    return types.arena[places], offsets


def _eight_bytes(types: Types, numbers: AnyArray, at: int) -> AnyArray:
    """Bytes at .. at + 8 of each type, zeros after its end, as numbers that sort like them: uint64."""
    first = types.starts[numbers] + at
    left = types.starts[numbers + 1] - first
    eight = np.zeros(len(numbers), np.uint64)
    for place in range(8):
        byte = np.where(left > place, types.arena[np.minimum(first + place, len(types.arena) - 1)], 0)
        eight = eight << np.uint64(8) | byte.astype(np.uint64)
    return eight


def _runs(same: AnyArray) -> list[tuple[int, int]]:
    """Where neighbours are the same: (first, stop) of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return [(int(first), int(last) + 1) for first, last in edges.reshape(-1, 2)]
