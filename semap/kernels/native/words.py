"""Bytes in, numbers of words out, 8 bytes at a time (`reference/words.py` says what each argument is).

Types are found by hashing with open addressing. A slot is two uint64: the first 8 bytes of the type; and 24 bits of its
hash, its length (255 for all longer), its number + 1. An empty slot is 0. The 8 bytes after those stand in `types`, next
to the count that changes anyway; what is longer still is compared with the arena. So no two types are ever mixed up.
Words of up to 16 bytes, nearly all of a text, take the same steps without a branch: to guess their length wrong costs
more than to hash a few zeros.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.native.bits import load64, trailing_zeros
from semap.kernels.native.jit import inlined, kernel

__all__ = ["border", "compact", "merge", "rebuild", "scan"]

_POSITION, _STOP, _N_IDS, _N_ENDS, _N_TYPES, _N_REPLACED, _FIRST_BAD = 0, 1, 2, 3, 4, 5, 6
_SLACK = 16
_START, _COUNT, _TAIL = 0, 1, 2
_SEPARATES, _BEGINS = 0, 2
_LINE_FEED, _HYPHEN = 10, 45
_REPLACEMENT = 0xFFFD

_EACH = np.uint64(0x0101010101010101)  # times a byte: that byte in all 8 places
_HIGH = np.uint64(0x80) * _EACH
_LOW = np.uint64(0x7F) * _EACH
_CASE = np.uint64(0x20) * _EACH
_NUMBER = np.uint64(0xFFFFFFFF)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@inlined
def _within(low_bits, first, last):  # type: ignore[no-untyped-def]
    """0x80 in each byte that lies in first..last; all bytes are below 0x80, so no sum reaches the next byte."""
    return (low_bits + np.uint64(0x80 - first) * _EACH) & ~(low_bits + np.uint64(0x7F - last) * _EACH) & _HIGH


@inlined
def _stops(eight, words):  # type: ignore[no-untyped-def]
    """0x80 in each byte that may end a token: ASCII that does, and all that is not ASCII."""
    low_bits = eight & _LOW
    if words:
        token = _within(low_bits | _CASE, 0x61, 0x7A) | _within(low_bits, 0x30, 0x39)
        return (~token | eight) & _HIGH
    return (_within(low_bits, 0x09, 0x0D) | _within(low_bits, 0x1C, 0x20) | eight) & _HIGH


@inlined
def _lowered(eight):  # type: ignore[no-untyped-def]
    """ASCII capitals lower-cased."""
    return eight | ((_within(eight & _LOW, 0x41, 0x5A) & ~eight) >> np.uint64(2))


@inlined
def _part(data, at, left, lower):  # type: ignore[no-untyped-def]
    """The next 8 bytes of a word with `left` of them to come, zeros after its end."""
    eight = load64(data, at)
    if left < 8:
        eight &= (np.uint64(1) << np.uint64(8 * max(left, 0))) - np.uint64(1)
    return _lowered(eight) if lower else eight


@inlined
def _mixed(mix, eight):  # type: ignore[no-untyped-def]
    mix = (mix ^ eight) * _MULTIPLIER
    return mix ^ (mix >> _HALF)


@inlined
def _read(data, start, length, lower):  # type: ignore[no-untyped-def]
    """The first 8 bytes of a word, the 8 after them, and the hash of all its bytes."""
    head, tail = _part(data, start, length, lower), _part(data, start + 8, length - 8, lower)
    mix = _mixed(_mixed(np.uint64(length), head), tail)
    for done in range(16, length, 8):
        mix = _mixed(mix, _part(data, start + done, length - done, lower))
    return head, tail, mix * _MULTIPLIER


@inlined
def _tag(mix, length):  # type: ignore[no-untyped-def]
    """24 bits of the hash and 8 of the length, in the upper half of a slot's second word."""
    return ((mix >> np.uint64(40)) << np.uint64(40)) | (np.uint64(min(length, 255)) << _HALF)


@inlined
def _slot(mix, slots):  # type: ignore[no-untyped-def]
    return np.intp((mix >> np.uint64(20)) & np.uint64(slots.shape[0] - 1))


@inlined
def _same(data, start, length, lower, arena, first):  # type: ignore[no-untyped-def]
    """Whether a word equals the type at arena[first:] after the 16 bytes that were compared before."""
    for done in range(16, length, 8):
        left = length - done
        if _part(data, start + done, left, lower) != _part(arena, first + done, left, False):
            return False
    return True


@inlined
def _number(data, start, length, lower, slots, arena, types, n_types):  # type: ignore[no-untyped-def]
    """The number of a word among the types; n_types when it is new, and then its slot is taken and its bytes are kept."""
    head, tail, mix = _read(data, start, length, lower)
    tag, slot = _tag(mix, length), _slot(mix, slots)
    while slots[slot, 1] != 0:
        if slots[slot, 0] == head and (slots[slot, 1] & ~_NUMBER) == tag:
            number = np.intp(slots[slot, 1] & _NUMBER) - 1
            if types[number, _TAIL] == np.int64(tail):
                first = types[number, _START]
                same_length = length < 255 or types[number + 1, _START] - first == length
                if length <= 16 or (same_length and _same(data, start, length, lower, arena, first)):
                    return number
        slot = (slot + 1) & (slots.shape[0] - 1)
    slots[slot, 0], slots[slot, 1] = head, tag | np.uint64(n_types + 1)
    first = types[n_types, _START]
    for place in range(length):
        byte = data[start + place]
        arena[first + place] = byte + 32 if lower and 65 <= byte <= 90 else byte
    types[n_types + 1, _START], types[n_types, _COUNT], types[n_types, _TAIL] = first + length, 0, np.int64(tail)
    return n_types


@inlined
def _decode(data, at):  # type: ignore[no-untyped-def]
    """The code point at a place and its bytes; for what is not UTF-8, -1 and the bytes that one U+FFFD stands for."""
    lead = np.intp(data[at])
    low, high, more = 0x80, 0xBF, 1
    if lead < 0x80:
        return lead, 1
    if lead < 0xC2 or lead > 0xF4:
        return -1, 1
    if lead < 0xE0:
        point = lead & 0x1F
    elif lead < 0xF0:
        point, more = lead & 0x0F, 2
        low, high = 0xA0 if lead == 0xE0 else 0x80, 0x9F if lead == 0xED else 0xBF  # no overlong form, no surrogate
    else:
        point, more = lead & 0x07, 3
        low, high = 0x90 if lead == 0xF0 else 0x80, 0x8F if lead == 0xF4 else 0xBF  # no overlong form, none past U+10FFFF
    for place in range(1, more + 1):
        byte = np.intp(data[at + place])
        if byte < low or byte > high:
            return -1, place
        point, low, high = point << 6 | (byte & 0x3F), 0x80, 0xBF
    return point, more + 1


@inlined
def _class_at(data, at, classes):  # type: ignore[no-untyped-def]
    """Class, size and goodness of the character at a place."""
    point, size = _decode(data, at)
    return classes[_REPLACEMENT if point < 0 else point], size, point >= 0


@inlined
def _ascii_end(data, at, words):  # type: ignore[no-untyped-def]
    """The first byte from a place on that may end a token, up to 16 bytes at a time."""
    size = 16
    while size == 16:
        size = trailing_zeros(_stops(load64(data, at), words)) >> 3
        size += (size >> 3) * (trailing_zeros(_stops(load64(data, at + 8), words)) >> 3)  # 8 of 8 go on
        at += size
    return at


@inlined
def _token_end(data, at, words, classes, state):  # type: ignore[no-untyped-def]
    """Where the token that begins at a place ends."""
    while True:
        at = _ascii_end(data, at, words)
        if data[at] < 0x80:
            return at
        kind, size, good = _class_at(data, at, classes)
        if kind == _SEPARATES:
            return at
        if not good:
            _note(state, at)
        at += size


@inlined
def _note(state, at):  # type: ignore[no-untyped-def]
    state[_N_REPLACED] += 1
    if state[_FIRST_BAD] < 0:
        state[_FIRST_BAD] = at


@kernel
def scan(
    data: AnyArray, classes: AnyArray, lower: bool,
    slots: AnyArray, arena: AnyArray, types: AnyArray,
    ids: AnyArray, ends: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number the tokens of data[state[POSITION] : state[STOP]]; False when the types' arrays must grow first."""
    position, stop, n_ids, n_ends, n_types = state[_POSITION], state[_STOP], state[_N_IDS], state[_N_ENDS], state[_N_TYPES]
    words = classes[_HYPHEN] == _SEPARATES
    done = True
    while position < stop:
        kind, size, good = _class_at(data, position, classes)
        if kind != _BEGINS:
            if data[position] == _LINE_FEED and (n_ends == 0 or n_ids > ends[n_ends - 1]):
                ends[n_ends] = n_ids
                n_ends += 1
            if not good:
                _note(state, position)
            position += size
            continue
        replaced, first_bad = state[_N_REPLACED], state[_FIRST_BAD]
        end = _token_end(data, position, words, classes, state)
        length = end - position
        if n_types == types.shape[0] - 1 or types[n_types, _START] + length + _SLACK > arena.size:
            state[_N_REPLACED], state[_FIRST_BAD] = replaced, first_bad  # this token is read once more
            done = False
            break
        number = _number(data, position, length, lower, slots, arena, types, n_types)
        if number == n_types:
            n_types += 1
        types[number, _COUNT] += 1
        ids[n_ids] = number
        n_ids += 1
        position = end
    state[_POSITION], state[_N_IDS], state[_N_ENDS], state[_N_TYPES] = position, n_ids, n_ends, n_types
    return done


@kernel
def merge(
    from_arena: AnyArray, from_types: AnyArray,
    slots: AnyArray, arena: AnyArray, types: AnyArray,
    numbers: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number the types from_types[state[POSITION]] .. state[STOP] among others; False when those arrays must grow first."""
    source, stop, n_types = state[_POSITION], state[_STOP], state[_N_TYPES]
    done = True
    while source < stop:
        first = from_types[source, _START]
        length = from_types[source + 1, _START] - first
        if n_types == types.shape[0] - 1 or types[n_types, _START] + length + _SLACK > arena.size:
            done = False
            break
        number = _number(from_arena, first, length, False, slots, arena, types, n_types)
        if number == n_types:
            n_types += 1
        types[number, _COUNT] += from_types[source, _COUNT]
        numbers[source] = number
        source += 1
    state[_POSITION], state[_N_TYPES] = source, n_types
    return done


@kernel
def rebuild(slots: AnyArray, arena: AnyArray, types: AnyArray, n_types: int) -> None:
    """Fill the slots, all of them empty and more than there are types, with the first `n_types` types."""
    for number in range(n_types):
        first = types[number, _START]
        length = types[number + 1, _START] - first
        head, _, mix = _read(arena, first, length, False)
        slot = _slot(mix, slots)
        while slots[slot, 1] != 0:
            slot = (slot + 1) & (slots.shape[0] - 1)
        slots[slot, 0], slots[slot, 1] = head, _tag(mix, length) | np.uint64(number + 1)


@kernel
def border(data: AnyArray, start: int, at: int, classes: AnyArray) -> int:
    """Return the last place in start + 1 .. at where a separator begins, so that no token and no character is cut, or `start`."""
    for place in range(at, start, -1):
        if data[place] & 0xC0 != 0x80 and _class_at(data, place, classes)[0] == _SEPARATES:
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
