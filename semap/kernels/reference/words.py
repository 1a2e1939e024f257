"""Bytes in, numbers of words out, in plain Python: what a token is, which number it has, where a text ends.

The types (distinct tokens) found so far are `arena` uint8, their bytes one after another, and `types` int64 (3, C + 1):
a row of START, where each begins in the arena, one of COUNT, one of TAIL; the first `state[N_TYPES]` of the C places are
taken, and the START after them is where the next type goes. TAIL and `slots` uint64 (2 * S,) belong to the fast twin,
which finds types by hashing; this one makes a dict of the arena.
"""

from __future__ import annotations

from semap.arrays import AnyArray

__all__ = [
    "COUNT", "FIRST_BAD", "GROUP", "N_ENDS", "N_IDS", "N_REPLACED", "N_STATE", "N_TYPES", "POSITION", "SLACK", "START", "STOP",
    "TAIL", "border", "compact", "merge", "scan",
]  # fmt: skip

# Places of `state`, int64 (N_STATE,).
POSITION, STOP, N_IDS, N_ENDS, N_TYPES, N_REPLACED, FIRST_BAD, N_STATE = 0, 1, 2, 3, 4, 5, 6, 7
# Rows of `types`.
START, COUNT, TAIL = 0, 1, 2
# The fast twin reads 8 bytes at a time: what it reads goes on for this many bytes after its end.
SLACK = 16
# It takes words in groups of this many, and stops before a group for which there may be no room.
GROUP = 32

_REPLACEMENT = 0xFFFD
_LINE_FEED = 10


def scan(
    data: AnyArray, classes: AnyArray, lower: bool,
    slots: AnyArray, arena: AnyArray, types: AnyArray,
    ids: AnyArray, ends: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number the tokens of data[state[POSITION] : state[STOP]]; False when the types' arrays must grow first.

    data: uint8, a separator at the stop and SLACK bytes from there. classes: uint8, one for each code point (`letters`).
    lower: whether ASCII letters are lower-cased. ids: int32, filled with type ids; ends: int32, filled with the number of
    tokens before each line feed that ends a text, also before the first one that ends none, since a text may have begun
    before `data`. Bytes that are not UTF-8 count as U+FFFD in `state[N_REPLACED]`, the first in `state[FIRST_BAD]`.
    """
    known = {_type(arena, types, number): number for number in range(state[N_TYPES])}
    position, stop = int(state[POSITION]), int(state[STOP])
    while position < stop:
        point, size, good = _decode(data, position)
        if classes[point] != 2:
            if point == _LINE_FEED and (state[N_ENDS] == 0 or state[N_IDS] > ends[state[N_ENDS] - 1]):
                ends[state[N_ENDS]] = state[N_IDS]
                state[N_ENDS] += 1
            _note(state, position, good)
            position += size
            continue
        end, bad = position, []
        while classes[point] != 0:
            if not good:
                bad.append(end)
            end += size
            point, size, good = _decode(data, end)
        number = _number(_word(data, position, end, lower), known, arena, types, state)
        if number < 0:
            state[POSITION] = position
            return False
        for at in bad:
            _note(state, at, False)
        types[COUNT, number] += 1
        ids[state[N_IDS]] = number
        state[N_IDS] += 1
        position = end
    state[POSITION] = position
    return True


def merge(
    from_arena: AnyArray, from_types: AnyArray, slots: AnyArray, arena: AnyArray, types: AnyArray,
    numbers: AnyArray, state: AnyArray,
) -> bool:  # fmt: skip
    """Number types state[POSITION] .. state[STOP] of others among these; False when their arrays must grow first.

    numbers: int32, filled with the type id of each; their counts are added.
    """
    known = {_type(arena, types, number): number for number in range(state[N_TYPES])}
    for source in range(int(state[POSITION]), int(state[STOP])):
        number = _number(_type(from_arena, from_types, source), known, arena, types, state)
        if number < 0:
            state[POSITION] = source
            return False
        types[COUNT, number] += from_types[COUNT, source]
        numbers[source] = number
    state[POSITION] = state[STOP]
    return True


def border(data: AnyArray, start: int, at: int, classes: AnyArray) -> int:
    """Return the last place in start + 1 .. at where a separator begins, so that no token and no character is cut, or `start`."""
    for place in range(at, start, -1):
        continuation = data[place] & 0xC0 == 0x80
        if not continuation and classes[_decode(data, place)[0]] == 0:
            return place
    return start


def compact(ids: AnyArray, ends: AnyArray, new_ids: AnyArray) -> int:
    """Put new_ids[id] in the place of each id, leave out those below 0, move `ends` along, return how many are left."""
    kept = [int(new_ids[number]) for number in ids]
    before = [0]
    for number in kept:
        before.append(before[-1] + (number >= 0))
    ends[:] = [before[end] for end in ends]
    kept = [number for number in kept if number >= 0]
    ids[: len(kept)] = kept
    return len(kept)


def _decode(data: AnyArray, at: int) -> tuple[int, int, bool]:
    """The code point at a place, how many bytes it takes and whether they are UTF-8."""
    head = data[at : at + 4].tobytes()
    for size in (1, 2, 3, 4):
        try:
            return ord(head[:size].decode()), size, True
        except (UnicodeDecodeError, TypeError):
            continue
    # What one U+FFFD stands for: the longest beginning of a character. Longer ones are followed by a second U+FFFD or more.
    sizes = [size for size in (1, 2, 3) if size <= len(head) and len(head[:size].decode("utf-8", "replace")) == 1]
    return _REPLACEMENT, max(sizes), False


def _word(data: AnyArray, start: int, end: int, lower: bool) -> bytes:
    word: bytes = data[start:end].tobytes()
    return word.lower() if lower else word  # bytes.lower() is that of ASCII


def _type(arena: AnyArray, types: AnyArray, number: int) -> bytes:
    word: bytes = arena[types[START, number] : types[START, number + 1]].tobytes()
    return word


def _number(word: bytes, known: dict[bytes, int], arena: AnyArray, types: AnyArray, state: AnyArray) -> int:
    n_types = int(state[N_TYPES])
    used = int(types[START, n_types])
    if n_types == types.shape[1] - 1 or used + len(word) + SLACK > len(arena):
        return -1
    if word not in known:
        known[word] = n_types
        arena[used : used + len(word)] = list(word)
        types[START, n_types + 1], types[COUNT, n_types] = used + len(word), 0
        state[N_TYPES] += 1
    return known[word]


def _note(state: AnyArray, position: int, good: bool) -> None:
    if not good:
        state[N_REPLACED] += 1
        if state[FIRST_BAD] < 0:
            state[FIRST_BAD] = position
