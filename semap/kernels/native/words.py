"""Bytes in, numbers of words out, 8 bytes at a time (`reference/words.py` says what each argument is).

Types are found by hashing with open addressing. A slot is two uint64: the first 8 bytes of the type; and 24 bits of its
hash, its length (255 for all longer), its number + 1. An empty slot is 0. So a word of up to 8 bytes, as most are, is
told apart by its slot alone. Longer ones are compared with the 8 bytes after those (TAIL), still longer ones with the
arena: no two types are ever mixed up.

Two things cost more than all the arithmetic: to wait for a slot that is not in a near cache, and to guess a branch wrong.
So words are taken in groups: all are cut out and hashed, and their slots asked for, before the first one is looked up;
and words of up to 16 bytes take the same steps whatever their length is. Counting is a loop of its own, over counts only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.native.bits import load64
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import prefetch
from semap.kernels.native.utf8 import ascii_end, class_at, lowered

__all__ = ["border", "compact", "merge", "rebuild", "scan"]

_POSITION, _STOP, _N_IDS, _N_ENDS, _N_TYPES, _N_REPLACED, _FIRST_BAD = 0, 1, 2, 3, 4, 5, 6
_SLACK = 16
_START, _COUNT, _TAIL = 0, 1, 2
_GROUP = 32  # their slots fit the 48 or so lines that a core can wait for at once
_SEPARATES, _BEGINS = 0, 2
_LINE_FEED, _HYPHEN = 10, 45

_NUMBER = np.uint64(0xFFFFFFFF)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@inlined
def _part(data: Any, at: Any, left: Any, lower: Any) -> Any:
    """The next 8 bytes of a word with `left` of them to come, zeros after its end."""
    eight = load64(data, at)
    if left < 8:
        eight &= (np.uint64(1) << np.uint64(8 * max(left, 0))) - np.uint64(1)
    return lowered(eight) if lower else eight


@inlined
def _mixed(mix: Any, eight: Any) -> Any:
    mix = (mix ^ eight) * _MULTIPLIER
    return mix ^ (mix >> _HALF)


@inlined
def _read(data: Any, start: Any, length: Any, lower: Any) -> Any:
    """The first 8 bytes of a word, the 8 after them, and the hash of all its bytes."""
    head, tail = _part(data, start, length, lower), _part(data, start + 8, length - 8, lower)
    mix = _mixed(_mixed(np.uint64(length), head), tail)
    for done in range(16, length, 8):
        mix = _mixed(mix, _part(data, start + done, length - done, lower))
    return head, tail, mix * _MULTIPLIER


@inlined
def _tag(mix: Any, length: Any) -> Any:
    """24 bits of the hash and 8 of the length, in the upper half of a slot's second word."""
    return ((mix >> np.uint64(40)) << np.uint64(40)) | (np.uint64(min(length, 255)) << _HALF)


@inlined
def _slot(mix: Any, slots: Any) -> Any:
    """Where in `slots`, uint64 (2 * S,), to look first."""
    return np.intp((mix >> np.uint64(19)) & np.uint64(slots.size - 2))


@inlined
def _same(data: Any, start: Any, length: Any, lower: Any, arena: Any, first: Any) -> Any:
    """Whether a word equals the type at arena[first:] after the 16 bytes that were compared before."""
    for done in range(16, length, 8):
        left = length - done
        if _part(data, start + done, left, lower) != _part(arena, first + done, left, False):
            return False
    return True


@inlined
def _number(
    data: Any, start: Any, length: Any, lower: Any, head: Any, tail: Any, mix: Any,
    slots: Any, arena: Any, types: Any, n_types: Any,
) -> Any:  # fmt: skip
    """The number of a word among the types; n_types when it is new, and then its slot is taken and its bytes are kept."""
    tag, slot = _tag(mix, length), _slot(mix, slots)
    while slots[slot + 1] != 0:
        if slots[slot] == head and (slots[slot + 1] & ~_NUMBER) == tag:
            number = np.intp(slots[slot + 1] & _NUMBER) - 1
            if length <= 8:
                return number
            if types[_TAIL, number] == np.int64(tail):
                first = types[_START, number]
                same_length = length < 255 or types[_START, number + 1] - first == length
                if length <= 16 or (same_length and _same(data, start, length, lower, arena, first)):
                    return number
        slot = (slot + 2) & (slots.size - 2)
    slots[slot], slots[slot + 1] = head, tag | np.uint64(n_types + 1)
    first = types[_START, n_types]
    for place in range(length):
        byte = data[start + place]
        arena[first + place] = byte + 32 if lower and 65 <= byte <= 90 else byte
    types[_START, n_types + 1], types[_COUNT, n_types], types[_TAIL, n_types] = first + length, 0, np.int64(tail)
    return n_types


@inlined
def _has_room(arena: Any, types: Any, n_types: Any, n_more: Any, n_bytes: Any) -> Any:
    """Whether `n_more` types of `n_bytes` in all can be added."""
    return n_types + n_more < types.shape[1] and types[_START, n_types] + n_bytes + _SLACK <= arena.size


@inlined
def _token_end(data: Any, at: Any, words: Any, classes: Any, state: Any) -> Any:
    """Where the token that begins at a place ends."""
    while True:
        at = ascii_end(data, at, words)
        if data[at] < 0x80:
            return at
        kind, size, good = class_at(data, at, classes)
        if kind == _SEPARATES:
            return at
        if not good:
            _note(state, at)
        at += size


@inlined
def _note(state: Any, at: Any) -> Any:
    state[_N_REPLACED] += 1
    if state[_FIRST_BAD] < 0:
        state[_FIRST_BAD] = at


@inlined
def _cut_words(
    data: Any, classes: Any, lower: Any, slots: Any, ends: Any, state: Any, words: Any, hashes: Any, places: Any
) -> Any:
    """Cut out and hash the next group of words and ask for their slots; return how many, their bytes, and where to go on."""
    position, stop, n_ids, n_ends = state[_POSITION], state[_STOP], state[_N_IDS], state[_N_ENDS]
    n_words = n_bytes = 0
    while position < stop and n_words < _GROUP:
        kind, size, good = class_at(data, position, classes)
        if kind == _BEGINS:
            end = _token_end(data, position, words, classes, state)
            places[n_words, 0], places[n_words, 1] = position, end
            head, tail, mix = _read(data, position, end - position, lower)
            hashes[n_words, 0], hashes[n_words, 1], hashes[n_words, 2] = head, tail, mix
            prefetch(slots, _slot(mix, slots))
            n_words += 1
            n_bytes += end - position
            position = end
            continue
        n_before = n_ids + n_words
        if data[position] == _LINE_FEED and (n_ends == 0 or n_before > ends[n_ends - 1]):
            ends[n_ends] = n_before
            n_ends += 1
        if not good:
            _note(state, position)
        position += size
    state[_N_ENDS] = n_ends
    return n_words, n_bytes, position


@kernel
def scan(
    data: AnyArray, classes: AnyArray, lower: bool,
    slots: AnyArray, arena: AnyArray, types: AnyArray,
    ids: AnyArray, ends: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number the tokens of data[state[POSITION] : state[STOP]]; False when the types' arrays must grow first."""
    words = classes[_HYPHEN] == _SEPARATES
    hashes, places = np.empty((_GROUP, 3), np.uint64), np.empty((_GROUP, 2), np.int64)
    n_ids, n_types = state[_N_IDS], state[_N_TYPES]
    first_id = n_ids
    done = True
    while state[_POSITION] < state[_STOP]:
        n_ends, replaced, first_bad = state[_N_ENDS], state[_N_REPLACED], state[_FIRST_BAD]
        n_words, n_bytes, position = _cut_words(data, classes, lower, slots, ends, state, words, hashes, places)
        if not _has_room(arena, types, n_types, n_words, n_bytes):
            # Forget what was seen in this group: it will be read once more.
            state[_N_ENDS], state[_N_REPLACED], state[_FIRST_BAD] = n_ends, replaced, first_bad
            done = False
            break
        for word in range(n_words):
            start, length = places[word, 0], places[word, 1] - places[word, 0]
            head, tail, mix = hashes[word, 0], hashes[word, 1], hashes[word, 2]
            slot = _slot(mix, slots)
            number = np.intp(slots[slot + 1] & _NUMBER) - 1
            # Nearly every word is found right here. The rest is a call, for which Numba counts references to each array.
            same = slots[slot] == head and (slots[slot + 1] & ~_NUMBER) == _tag(mix, length)
            if not (same and length <= 16 and types[_TAIL, number] == np.int64(tail)):
                number = _number(data, start, length, lower, head, tail, mix, slots, arena, types, n_types)
                if number == n_types:
                    n_types += 1
            ids[n_ids] = number
            n_ids += 1
        state[_POSITION], state[_N_IDS] = position, n_ids
    for place in range(first_id, n_ids):
        types[_COUNT, ids[place]] += 1
    state[_N_TYPES] = n_types
    return done


@kernel
def merge(
    from_arena: AnyArray, from_types: AnyArray, slots: AnyArray, arena: AnyArray, types: AnyArray,
    numbers: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number types state[POSITION] .. state[STOP] of others among these; False when their arrays must grow first."""
    n_types = state[_N_TYPES]
    while state[_POSITION] < state[_STOP]:
        source = state[_POSITION]
        first = from_types[_START, source]
        length = from_types[_START, source + 1] - first
        if not _has_room(arena, types, n_types, 1, length):
            break
        head, tail, mix = _read(from_arena, first, length, False)
        number = _number(from_arena, first, length, False, head, tail, mix, slots, arena, types, n_types)
        if number == n_types:
            n_types += 1
        types[_COUNT, number] += from_types[_COUNT, source]
        numbers[source] = number
        state[_POSITION] += 1
    state[_N_TYPES] = n_types
    return bool(state[_POSITION] == state[_STOP])


@kernel
def rebuild(slots: AnyArray, arena: AnyArray, types: AnyArray, n_types: int) -> None:
    """Fill the slots, all of them empty and more than there are types, with the first `n_types` types."""
    for number in range(n_types):
        first = types[_START, number]
        length = types[_START, number + 1] - first
        head, _, mix = _read(arena, first, length, False)
        slot = _slot(mix, slots)
        while slots[slot + 1] != 0:
            slot = (slot + 2) & (slots.size - 2)
        slots[slot], slots[slot + 1] = head, _tag(mix, length) | np.uint64(number + 1)


@kernel
def border(data: AnyArray, start: int, at: int, classes: AnyArray) -> int:
    """Return the last place in start + 1 .. at where a separator begins, so that no token and no character is cut, or `start`."""
    for place in range(at, start, -1):
        if data[place] & 0xC0 != 0x80 and class_at(data, place, classes)[0] == _SEPARATES:
            return place
    return start


@kernel
def compact(ids: AnyArray, ends: AnyArray, new_ids: AnyArray) -> int:
    """Put new_ids[id] in the place of each id, leave out those below 0, move `ends` along, return how many are left."""
    kept = 0
    end = 0
    for place in range(ids.size):
        while end < ends.size and ends[end] <= place:
            ends[end] = kept
            end += 1
        number = new_ids[ids[place]]
        ids[kept] = number
        kept += number >= 0
    ends[end:] = kept
    return kept
