"""Texts as ids in, their pairs of neighbours counted out, and texts in which pairs have become one token, in plain Python.

A pair is a head and the word after it. A head is a word, or a word and the connectors after it ("bank of"): words are heads by
their own id, 0 .. V - 1, and head V + k is head keys[k] >> 32 and then the connector keys[k] & 0xFFFFFFFF, int64 (K,).
`between` uint8 (V,): 1 for a connector; none of them begins or ends a pair. Pairs do not cross the end of a text.
`slots` int32 (S,) belongs to the fast twin, which finds keys by hashing.
"""

from __future__ import annotations

from collections.abc import Iterator

from semap.arrays import AnyArray

__all__ = ["HEAD", "N_HEADS", "N_STATE", "POSITION", "TEXT", "count_heads", "count_pairs", "gather", "join"]

POSITION, TEXT, HEAD, N_HEADS, N_STATE = 0, 1, 2, 3, 4  # where the texts have been read to; the head that stands there, or -1


def count_heads(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray, pairs: AnyArray,
    state: AnyArray, stop: int,
) -> bool:  # fmt: skip
    """Read on to position `stop`: number the heads, count each token, int64 (V,), and the pairs of each head, int64 (V + K,).

    Returns False where there is no room for one more head; call again with room.
    """
    for position in range(int(state[POSITION]), stop):
        token = _enter(ids, offsets, position, state)
        head = int(state[HEAD])
        if not between[token]:
            if head >= 0:
                pairs[head] += 1
            state[HEAD] = token
        elif head >= 0:
            number = _find(keys, int(state[N_HEADS]), head << 32 | token)
            if number < 0:
                number = int(state[N_HEADS])
                if number == len(keys):
                    return False
                keys[number] = head << 32 | token
                state[N_HEADS] += 1
            state[HEAD] = len(between) + number
        counts[token] += 1
        state[POSITION] = position + 1
    return True


def gather(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, slots: AnyArray, keys: AnyArray, first: int, cursors: AnyArray,
    words: AnyArray, state: AnyArray, stop: int,
) -> None:  # fmt: skip
    """Read on to position `stop`: put the words after head first + i to words[cursors[i]], int32, and move the cursor on."""
    for position in range(int(state[POSITION]), stop):
        token = _enter(ids, offsets, position, state)
        head = int(state[HEAD])
        if not between[token]:
            if first <= head < first + len(cursors):
                words[cursors[head - first]] = token
                cursors[head - first] += 1
            state[HEAD] = token
        elif head >= 0:
            state[HEAD] = len(between) + _find(keys, int(state[N_HEADS]), head << 32 | token)
        state[POSITION] = position + 1


def count_pairs(
    words: AnyArray, starts: AnyArray, least: int, seen: AnyArray, met: AnyArray, heads: AnyArray, seconds: AnyArray,
    counts: AnyArray,
) -> tuple[int, int]:  # fmt: skip
    """Count the different words in words[starts[i] : starts[i + 1]] for each i; note those that come `least` times or more.

    Note n gets heads[n] = i, the word seconds[n] and counts[n]; a head's words in the order in which they came. Returns how many
    were noted, and how many pairs are different. `seen` int32 (V,), zeros, is left so; `met` int32 (V,) is scratch.
    """
    noted = different = 0
    for head in range(len(starts) - 1):
        found: dict[int, int] = {}
        for word in words[starts[head] : starts[head + 1]].tolist():
            found[word] = found.get(word, 0) + 1
        different += len(found)
        for word, count in found.items():
            if count >= least:
                heads[noted], seconds[noted], counts[noted] = head, word, count
                noted += 1
    return noted, different


def join(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, begins: AnyArray, slots: AnyArray, keys: AnyArray, values: AnyArray,
    first: int, stop: int, out: AnyArray, ends: AnyArray,
) -> tuple[int, int]:  # fmt: skip
    """Write the tokens at first .. stop - 1 with their phrases joined to `out`, and where each text ends in it to `ends`.

    From left to right: a word and the connectors after it are held back until it is known whether the next word makes a
    phrase of them; a word of a phrase is in no other. `begins` uint8 (V,): 1 for the first word of a phrase. values[k] int32
    tells what the head keys[k] >> 32 and the token keys[k] & 0xFFFFFFFF make: another head, from V on, or ~p for phrase p,
    which is written as V + p. A phrase must not lie across `first` or `stop`. Returns the tokens written, and the ends.
    """
    known = {int(key): int(value) for key, value in zip(keys, values, strict=True)}
    bounds = set(offsets[1:].tolist())
    written: list[int] = []
    n_ends = 0
    held, head = -1, -1  # the position from which tokens are held back
    for position in range(first, stop):
        token = int(ids[position])
        made = known.get(head << 32 | token, -1 if between[token] else None) if held >= 0 and head >= 0 else None
        if between[token]:
            if held >= 0:
                head = -1 if made is None else made
            else:
                written.append(token)
        elif made is not None:
            written.append(len(between) + ~made)
            held = head = -1
        else:
            written.extend(_held(ids, held, position))
            held, head = position, token if begins[token] else -1
        if position + 1 in bounds or position + 1 == stop:
            written.extend(_held(ids, held, position + 1))
            held = head = -1
        if position + 1 in bounds:
            ends[n_ends] = len(written)
            n_ends += 1
    out[: len(written)] = written
    return len(written), n_ends


def _enter(ids: AnyArray, offsets: AnyArray, position: int, state: AnyArray) -> int:
    """The token at a position; a text that begins there has no head before it."""
    while offsets[state[TEXT] + 1] <= position:
        state[TEXT] += 1
    if offsets[state[TEXT]] == position:
        state[HEAD] = -1
    return int(ids[position])


def _find(keys: AnyArray, n_keys: int, key: int) -> int:
    return next((number for number in range(n_keys) if keys[number] == key), -1)


def _held(ids: AnyArray, held: int, position: int) -> Iterator[int]:
    return iter(ids[held:position].tolist() if held >= 0 else ())
