"""Counted words in, the merges of byte-pair encoding out."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.kernels.native import merging
from semap.kernels.reference.merging import N_PAIRS, N_STATE

__all__ = ["learn_merges"]

_ROOM = 1 << 12
_Arrays: TypeAlias = tuple[AnyArray, AnyArray, AnyArray, AnyArray, AnyArray, AnyArray, AnyArray, AnyArray, AnyArray, AnyArray]


def learn_merges(
    words: Sequence[Sequence[int]], counts: Counts64, tokens: list[str], size: int, min_count: int,
    join: Callable[[str, str], str], told: Callable[[int], None],
) -> list[tuple[str, str]]:  # fmt: skip
    """Merge the most frequent pair of neighbours, again and again, until there are `size` tokens; return the merged pairs.

    words: each as numbers of `tokens`, which grows; counts: int64, how often each comes; min_count: of a pair that is merged;
    join: the spelling of two tokens as one; told: hears the number of tokens. Of equally frequent pairs the one whose tokens
    are older goes first, so that nothing is left to chance. Sennrich, Haddow and Birch 2016, algorithm 1, with the counts kept
    up to date at the places of each merge only.
    """
    pairs = _Pairs(words, counts)
    numbers = {token: number for number, token in enumerate(tokens)}
    heap = [(-count, key, pair) for pair, (count, key) in enumerate(pairs.counted()) if count >= min_count]
    heapq.heapify(heap)
    merges = []
    while heap and len(tokens) < size:
        minus, key, pair = heapq.heappop(heap)
        count = int(pairs.counts[pair])
        if count != -minus:  # other merges took some of its places since it was put there
            if min_count <= count < -minus:
                heapq.heappush(heap, (-count, key, pair))
            continue
        left, right = tokens[key >> 32], tokens[key & 0xFFFFFFFF]
        merged = join(left, right)
        merges.append((left, right))
        if merged not in numbers:
            numbers[merged] = len(tokens)
            tokens.append(merged)
        for more in pairs.merge(pair, numbers[merged]):
            if pairs.counts[more] >= min_count:
                heapq.heappush(heap, (-int(pairs.counts[more]), int(pairs.keys[more]), more))
        told(len(tokens))
    return merges


class _Pairs:
    """The arrays of `kernels/reference/merging.py`, and their growth."""

    def __init__(self, words: Sequence[Sequence[int]], counts: Counts64) -> None:
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        self._symbols = np.fromiter((symbol for word in words for symbol in word), np.int32, int(lengths.sum()))
        n_places = len(self._symbols)
        ends = np.cumsum(lengths)
        self._after = np.arange(1, n_places + 1, dtype=np.int32)
        self._after[ends - 1] = -1
        self._before = np.arange(-1, n_places - 1, dtype=np.int32)
        self._before[ends - lengths] = -1
        self._weights = np.repeat(counts, lengths)
        # A merge makes two new neighbours at most, and there is one place less after it.
        self._places, self._nexts = np.empty(3 * n_places, np.int32), np.empty(3 * n_places, np.int32)
        self._state = np.zeros(N_STATE, np.int64)
        self.keys = self.counts = np.empty(0, np.int64)
        self._heads: AnyArray = np.empty(0, np.int32)
        self._touched: AnyArray = np.empty(2 * n_places, np.int32)
        self._make_room(_ROOM)
        done = 0
        while (done := merging.count_pairs(*self._arrays(), done)) < n_places:
            self._make_room(len(self.keys))

    def counted(self) -> list[tuple[int, int]]:
        """Return the count and the key of each pair."""
        n_pairs = self._state[N_PAIRS]
        return list(zip(self.counts[:n_pairs].tolist(), self.keys[:n_pairs].tolist(), strict=True))

    def merge(self, pair: int, merged: int) -> list[int]:
        """Merge a pair; return the pairs that come more often now."""
        self._make_room(2 * int(min(self.counts[pair], len(self._symbols))))
        arrays = self._arrays()
        n_touched = merging.merge_pair(arrays[0], self._before, *arrays[1:], pair, merged, self._touched)
        return sorted(set(self._touched[:n_touched].tolist()))

    def _arrays(self) -> _Arrays:
        return (
            self._symbols, self._after, self._weights, self._slots, self.keys, self.counts, self._heads, self._places,
            self._nexts, self._state,
        )  # fmt: skip

    def _make_room(self, n_more: int) -> None:
        """See to it that so many more pairs fit."""
        n_pairs = int(self._state[N_PAIRS])
        if n_pairs + n_more <= len(self.keys):
            return
        room = 1 << int(n_pairs + n_more).bit_length()
        self.keys, self.counts, self._heads = (_grown(array, room) for array in (self.keys, self.counts, self._heads))
        self._slots = np.full(2 * room, -1, np.int32)
        merging.rebuild_pairs(self._slots, self.keys, n_pairs)


def _grown(array: AnyArray, size: int) -> AnyArray:
    grown = np.empty(size, array.dtype)
    grown[: len(array)] = array
    return grown
