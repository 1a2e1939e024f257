"""Words as symbols in, the pairs of neighbours and what a merge makes of them out, in plain Python.

All distinct words stand one after another in `symbols` int32 (P,); `before` and `after` int32 (P,) say where the neighbours of
each symbol in its word are, -1 where there is none; a symbol that went into the one before it is -1. `weights` int64 (P,): how
often its word comes. Pair i, of the state[N_PAIRS] that were met, is the two symbols keys[i] = left << 32 | right, int64, comes
counts[i] times, int64, and stands at the places heads[i], next_places[..] and so on, int32, -1 after the last one:
entry e of this chain is the place places[e], int32 (3 P,), and goes on at nexts[e]; state[N_ENTRIES] are in use. A chain keeps
places where the pair stands no more. `slots` int32 (S,) belongs to the fast twin, which finds pairs by hashing.
"""

from __future__ import annotations

from semap.arrays import AnyArray

__all__ = ["N_ENTRIES", "N_PAIRS", "N_STATE", "count_pairs", "merge_pair"]

N_PAIRS, N_ENTRIES, N_STATE = 0, 1, 2


def count_pairs(
    symbols: AnyArray, after: AnyArray, weights: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray, heads: AnyArray,
    places: AnyArray, nexts: AnyArray, state: AnyArray, first: int,
) -> int:  # fmt: skip
    """Take note of the pairs at the places from `first` on; return where to go on once there is room for more pairs, or P."""
    for place in range(first, len(symbols)):
        if state[N_PAIRS] == len(keys):
            return place
        if after[place] >= 0:
            _add(symbols, after, weights, keys, counts, heads, places, nexts, state, place)
    return len(symbols)


def merge_pair(
    symbols: AnyArray, before: AnyArray, after: AnyArray, weights: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray,
    heads: AnyArray, places: AnyArray, nexts: AnyArray, state: AnyArray, pair: int, merged: int, touched: AnyArray,
) -> int:  # fmt: skip
    """Make `merged` of the pair wherever it stands, from left to right; fill `touched`, int32, with the pairs that now come more
    often, some of them several times, and return how many entries that are. There must be room for two new pairs a place.
    """
    left, right = int(keys[pair]) >> 32, int(keys[pair]) & 0xFFFFFFFF
    found, entry = [], heads[pair]
    while entry >= 0:
        found.append(int(places[entry]))
        entry = nexts[entry]
    heads[pair], n_touched = -1, 0
    for place in sorted(found):
        other = after[place]
        if symbols[place] != left or other < 0 or symbols[other] != right:
            continue
        for neighbour in (before[place], place, other):
            if neighbour >= 0 and after[neighbour] >= 0:
                key = int(symbols[neighbour]) << 32 | int(symbols[after[neighbour]])
                counts[_find(keys, state, key)] -= weights[place]
        symbols[place], symbols[other], after[place] = merged, -1, after[other]
        if after[other] >= 0:
            before[after[other]] = place
        for neighbour in (before[place], place):
            if neighbour >= 0 and after[neighbour] >= 0:
                touched[n_touched] = _add(symbols, after, weights, keys, counts, heads, places, nexts, state, neighbour)
                n_touched += 1
    return n_touched


def _find(keys: AnyArray, state: AnyArray, key: int) -> int:
    return next((pair for pair in range(state[N_PAIRS]) if keys[pair] == key), -1)


def _add(
    symbols: AnyArray, after: AnyArray, weights: AnyArray, keys: AnyArray, counts: AnyArray, heads: AnyArray,
    places: AnyArray, nexts: AnyArray, state: AnyArray, place: int,
) -> int:  # fmt: skip
    """Take note of the pair at a place; return its number."""
    key = int(symbols[place]) << 32 | int(symbols[after[place]])
    pair = _find(keys, state, key)
    if pair < 0:
        pair = int(state[N_PAIRS])
        keys[pair], counts[pair], heads[pair] = key, 0, -1
        state[N_PAIRS] += 1
    entry = state[N_ENTRIES]
    places[entry], nexts[entry], heads[pair] = place, heads[pair], entry
    counts[pair] += weights[place]
    state[N_ENTRIES] += 1
    return pair
