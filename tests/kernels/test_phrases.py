"""Pairs of neighbours: the compiled kernels do what the plain ones do, and both what a dictionary does."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.corpus.neighbours import find_keys
from semap.kernels.native import phrases as native
from semap.kernels.reference import phrases as plain
from semap.kernels.reference.phrases import HEAD, N_HEADS, N_STATE, POSITION

V = 9
TEXTS = st.lists(st.lists(st.integers(0, V - 1), min_size=1, max_size=17), min_size=1, max_size=6)
CONNECTORS = st.sets(st.integers(0, V - 1), max_size=3)
BOTH = pytest.mark.parametrize("kernels", [plain, native], ids=["plain", "native"])


def arrays(texts, connectors):
    ids = np.array([token for text in texts for token in text], np.int32)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    between = np.zeros(V, np.uint8)
    between[list(connectors)] = 1
    return ids, offsets, between


def beginning():
    state = np.zeros(N_STATE, np.int64)
    state[HEAD] = -1
    return state


def number(kernels, ids, offsets, between, room=500):
    """What count_heads finds, read a few positions at a time."""
    keys, state = np.zeros(room, np.int64), beginning()
    slots, counts, pairs = find_keys(keys, 0), np.zeros(V, np.int64), np.zeros(V + room, np.int64)
    while state[POSITION] < len(ids):
        stop = min(len(ids), int(state[POSITION]) + 5)
        assert kernels.count_heads(ids, offsets, between, slots, keys, counts, pairs, state, stop)
    return keys[: state[N_HEADS]], slots, counts, pairs[: V + state[N_HEADS]]


def pairs_of(texts, connectors):
    """The pairs of all texts, (word, connectors ..., word), in the order in which they come."""
    for text in texts:
        held = []
        for token in text:
            if token in connectors:
                held = [*held, token] if held else []
            else:
                if held:
                    yield (*held, token)
                held = [token]


@BOTH
@given(TEXTS, CONNECTORS, st.integers(1, 3))
@settings(max_examples=40)
def test_pairs_are_those_of_a_dictionary(kernels, texts, connectors, least):
    ids, offsets, between = arrays(texts, connectors)
    keys, slots, counts, pairs = number(kernels, ids, offsets, between)
    expected = Counter(pairs_of(texts, connectors))
    assert counts.tolist() == np.bincount(ids, minlength=V).tolist()
    assert pairs.sum() == expected.total()
    n_different, found = 0, {}
    for first, stop in ((0, 4), (4, V), (V, len(pairs))):  # heads a few at a time
        starts = np.concatenate([[0], np.cumsum(pairs[first:stop])])
        words, cursors, state = np.full(starts[-1], -1, np.int32), starts[:-1].copy(), beginning()
        state[N_HEADS] = len(keys)
        while state[POSITION] < len(ids):
            kernels.gather(
                ids, offsets, between, slots, keys, first, cursors, words, state, min(len(ids), int(state[POSITION]) + 7)
            )
        assert cursors.tolist() == starts[1:].tolist()
        heads, seconds, times = np.zeros(len(words), np.int64), np.zeros(len(words), np.int32), np.zeros(len(words), np.int64)
        seen = np.zeros(V, np.int32)
        noted, different = kernels.count_pairs(words, starts, least, seen, np.zeros(V + 1, np.int32), heads, seconds, times)
        assert not seen.any()
        n_different += different
        for n in range(noted):
            head, path = first + int(heads[n]), []
            while head >= V:
                path.insert(0, int(keys[head - V] & 0xFFFFFFFF))
                head = int(keys[head - V] >> 32)
            found[(head, *path, int(seconds[n]))] = int(times[n])
    assert n_different == len(expected)
    assert found == {pair: count for pair, count in expected.items() if count >= least}


@BOTH
def test_without_room_the_kernel_stops_where_it_can_go_on(kernels):
    texts = [[3, 7, 8, 4, 7, 7, 5, 3, 8, 6]]
    ids, offsets, between = arrays(texts, {7, 8})
    whole = number(kernels, ids, offsets, between)
    assert len(whole[0]) == 5  # 3 7, 3 7 8, 4 7, 4 7 7, 3 8
    keys, state = np.zeros(1, np.int64), beginning()
    counts, pairs = np.zeros(V, np.int64), np.zeros(V + 5, np.int64)
    stopped = 0
    while not kernels.count_heads(
        ids, offsets, between, find_keys(keys, int(state[N_HEADS])), keys, counts, pairs, state, len(ids)
    ):
        keys, stopped = np.concatenate([keys, np.zeros(1, np.int64)]), stopped + 1
    assert stopped == 4
    for one, other in zip(whole, (keys, whole[1], counts, pairs), strict=True):
        np.testing.assert_array_equal(one, other)


PHRASES = st.sets(st.lists(st.integers(0, V - 1), min_size=2, max_size=4).map(tuple), max_size=12)


@given(TEXTS, CONNECTORS, PHRASES)
@settings(max_examples=80)
def test_both_join_alike(texts, connectors, given_phrases):
    phrases = [
        p for p in sorted(given_phrases) if all((token in connectors) == (0 < n < len(p) - 1) for n, token in enumerate(p))
    ]
    ids, offsets, between = arrays(texts, connectors)
    begins, edges, n_heads = np.zeros(V, np.uint8), {}, V
    for place, phrase in enumerate(phrases):
        head = phrase[0]
        begins[head] = 1
        for token in phrase[1:-1]:
            if head << 32 | token not in edges:
                edges[head << 32 | token] = n_heads
                n_heads += 1
            head = edges[head << 32 | token]
        edges[head << 32 | phrase[-1]] = ~place
    keys, values = np.fromiter(edges, np.int64, len(edges)), np.fromiter(edges.values(), np.int32, len(edges))
    results = []
    for kernels in (plain, native):
        out, ends = np.zeros(len(ids), np.int32), np.zeros(len(texts), np.int32)
        n_out, n_ends = kernels.join(
            ids, offsets, between, begins, find_keys(keys, len(keys)), keys, values, 0, len(ids), out, ends
        )
        assert n_ends == len(texts)
        results.append((out[:n_out].tolist(), ends.tolist()))
    assert results[0] == results[1]
    expected, bounds = [], []
    for text in texts:
        expected += joined(text, connectors, {phrase: V + place for place, phrase in enumerate(phrases)})
        bounds.append(len(expected))
    assert results[0] == (expected, bounds)


def joined(text, connectors, names):
    """A text with its phrases as numbers, from left to right, looking ahead instead of holding back."""
    out, at = [], 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] in connectors:
            end += 1
        name = names.get(tuple(text[at : end + 1])) if text[at] not in connectors else None
        out.append(text[at] if name is None else name)
        at = at + 1 if name is None else end + 1
    return out
