"""Merging pairs: the compiled kernels do what the plain ones do, and the plain ones count what stands there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import merging as native
from semap.kernels.reference import merging as reference

ROOM = 256


class Words:
    """Words of symbols as the kernels want them."""

    def __init__(self, module: Any, words: list[list[int]], weights: list[int]) -> None:
        self.module = module
        lengths = np.array([len(word) for word in words])
        self.symbols = np.array([symbol for word in words for symbol in word], np.int32)
        ends = np.cumsum(lengths)
        self.after = np.arange(1, len(self.symbols) + 1, dtype=np.int32)
        self.after[ends - 1] = -1
        self.before = np.arange(-1, len(self.symbols) - 1, dtype=np.int32)
        self.before[ends - lengths] = -1
        self.weights = np.repeat(np.array(weights, np.int64), lengths)
        self.slots = np.full(2 * ROOM, -1, np.int32)
        self.keys, self.counts, self.heads = np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int32)
        self.places, self.nexts = np.zeros((2, 3 * len(self.symbols)), np.int32)
        self.state, self.touched = np.zeros(2, np.int64), np.zeros(2 * len(self.symbols), np.int32)
        self.rest = (self.slots, self.keys, self.counts, self.heads, self.places, self.nexts, self.state)
        assert module.count_pairs(self.symbols, self.after, self.weights, *self.rest, 0) == len(self.symbols)

    def merge(self, pair: int, merged: int) -> list[int]:
        arrays = (self.symbols, self.before, self.after, self.weights, *self.rest)
        n_touched = self.module.merge_pair(*arrays, pair, merged, self.touched)
        return self.touched[:n_touched].tolist()

    def pairs(self) -> dict[tuple[int, int], int]:
        n_pairs = self.state[reference.N_PAIRS]
        keys, counts = self.keys[:n_pairs].tolist(), self.counts[:n_pairs].tolist()
        return {(key >> 32, key & 0xFFFFFFFF): count for key, count in zip(keys, counts, strict=True)}

    def spelled(self) -> list[int]:
        return self.symbols[self.symbols >= 0].tolist()


@pytest.mark.parametrize("module", [reference, native])
def test_a_merge_takes_from_its_neighbours_and_gives_to_the_new_pairs(module: Any) -> None:
    words = Words(module, [[5, 6, 5, 6, 7], [6, 5]], [10, 3])  # ababc ten times, ba three times
    assert words.pairs() == {(5, 6): 20, (6, 5): 13, (6, 7): 10}
    touched = words.merge(0, 9)
    assert words.spelled() == [9, 9, 7, 6, 5]
    assert words.pairs() == {(5, 6): 0, (6, 5): 3, (6, 7): 0, (9, 5): 0, (9, 9): 10, (9, 7): 10}
    assert {3, 4, 5} == set(touched)


@pytest.mark.parametrize("module", [reference, native])
def test_a_run_of_one_letter_is_merged_from_the_left(module: Any) -> None:
    words = Words(module, [[4, 4, 4, 4, 4]], [2])
    words.merge(0, 8)
    assert words.spelled() == [8, 8, 4]
    assert {pair: n for pair, n in words.pairs().items() if n} == {(8, 8): 2, (8, 4): 2}


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 3), min_size=1, max_size=9), st.integers(1, 9)), min_size=1, max_size=5),
    st.lists(st.integers(0, 10), max_size=4),
)
def test_both_kernels_keep_the_counts_of_what_stands_there(words: list[tuple[list[int], int]], choices: list[int]) -> None:
    texts, weights = [word for word, _ in words], [weight for _, weight in words]
    plain, fast = Words(reference, texts, weights), Words(native, texts, weights)
    for merged, choice in enumerate(choices, 20):
        if plain.state[reference.N_PAIRS]:
            pair = choice % int(plain.state[reference.N_PAIRS])
            assert plain.merge(pair, merged) == fast.merge(pair, merged)
    assert plain.spelled() == fast.spelled()
    assert plain.pairs() == fast.pairs()
    standing: Counter[tuple[int, int]] = Counter()
    for place in np.flatnonzero((plain.symbols >= 0) & (plain.after >= 0)):
        standing[int(plain.symbols[place]), int(plain.symbols[plain.after[place]])] += int(plain.weights[place])
    assert {pair: n for pair, n in plain.pairs().items() if n} == standing


@pytest.mark.parametrize("module", [reference, native])
def test_counting_stops_where_there_is_no_room_and_goes_on_there(module: Any) -> None:
    words = Words(module, [[1, 2, 3]], [1])
    words.state[:] = 0
    words.slots[:] = -1
    keys = np.zeros(1, np.int64)
    arguments = (words.symbols, words.after, words.weights, words.slots, keys, *words.rest[2:])
    assert module.count_pairs(*arguments, 0) == 1
