"""Words as symbols in, the pairs of neighbours and what a merge makes of them out (`reference/merging.py` says more)."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.native.jit import inlined, kernel

__all__ = ["count_pairs", "merge_pair", "rebuild_pairs", "slot_of_pair"]

_N_PAIRS, _N_ENTRIES = 0, 1
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@inlined
def _key(symbols: Any, after: Any, place: Any) -> Any:
    return np.int64(symbols[place]) << 32 | np.int64(symbols[after[place]])


@inlined
def slot_of_pair(slots: Any, keys: Any, key: Any) -> Any:
    """The slot of a pair, or the empty one where it belongs: `slots` has a power of two of them and is never full."""
    slot = np.intp((np.uint64(key) * _MULTIPLIER) >> np.uint64(24)) & (slots.size - 1)
    while slots[slot] >= 0 and keys[slots[slot]] != key:
        slot = (slot + 1) & (slots.size - 1)
    return slot


@inlined
def _add(
    symbols: Any, after: Any, weights: Any, slots: Any, keys: Any, counts: Any, heads: Any, places: Any, nexts: Any, state: Any,
    place: Any,
) -> Any:  # fmt: skip
    key = _key(symbols, after, place)
    slot = slot_of_pair(slots, keys, key)
    pair = slots[slot]
    if pair < 0:
        pair = state[_N_PAIRS]
        slots[slot] = pair
        keys[pair], counts[pair], heads[pair] = key, 0, -1
        state[_N_PAIRS] += 1
    entry = state[_N_ENTRIES]
    places[entry], nexts[entry], heads[pair] = place, heads[pair], entry
    counts[pair] += weights[place]
    state[_N_ENTRIES] += 1
    return pair


@kernel
def rebuild_pairs(slots: AnyArray, keys: AnyArray, n_pairs: int) -> None:
    """Fill the slots, all of them -1 and more than there are pairs, with the first `n_pairs` pairs."""
    for pair in range(n_pairs):
        slots[slot_of_pair(slots, keys, keys[pair])] = pair


@kernel
def count_pairs(
    symbols: AnyArray, after: AnyArray, weights: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray, heads: AnyArray,
    places: AnyArray, nexts: AnyArray, state: AnyArray, first: int,
) -> int:  # fmt: skip
    """Take note of the pairs at the places from `first` on; return where to go on once there is room for more pairs, or P."""
    for place in range(first, symbols.size):
        if state[_N_PAIRS] == keys.size:
            return place
        if after[place] >= 0:
            _add(symbols, after, weights, slots, keys, counts, heads, places, nexts, state, place)
    return symbols.size


@kernel
def merge_pair(
    symbols: AnyArray, before: AnyArray, after: AnyArray, weights: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray,
    heads: AnyArray, places: AnyArray, nexts: AnyArray, state: AnyArray, pair: int, merged: int, touched: AnyArray,
) -> int:  # fmt: skip
    """Make `merged` of the pair wherever it stands, from left to right; return how many entries of `touched` were filled."""
    left, right = keys[pair] >> 32, keys[pair] & 0xFFFFFFFF
    n_found, entry = 0, heads[pair]
    while entry >= 0:
        n_found, entry = n_found + 1, nexts[entry]
    found = np.empty(n_found, np.int32)
    entry = heads[pair]
    for at in range(n_found):
        found[at], entry = places[entry], nexts[entry]
    found.sort()
    heads[pair], n_touched = -1, 0
    for place in found:
        other = after[place]
        if symbols[place] != left or other < 0 or symbols[other] != right:
            continue
        previous, following = before[place], after[other]
        weight = weights[place]
        counts[pair] -= weight
        if previous >= 0:
            counts[slots[slot_of_pair(slots, keys, _key(symbols, after, previous))]] -= weight
        if following >= 0:
            counts[slots[slot_of_pair(slots, keys, _key(symbols, after, other))]] -= weight
            before[following] = place
        symbols[place], symbols[other], after[place] = merged, -1, following
        if previous >= 0:
            touched[n_touched] = _add(symbols, after, weights, slots, keys, counts, heads, places, nexts, state, previous)
            n_touched += 1
        if following >= 0:
            touched[n_touched] = _add(symbols, after, weights, slots, keys, counts, heads, places, nexts, state, place)
            n_touched += 1
    return n_touched
