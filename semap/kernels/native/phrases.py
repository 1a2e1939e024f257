"""Texts as ids in, pairs of neighbours counted and joined out (`reference/phrases.py` says what each argument is).

Pairs are counted a head at a time: the words after it are gathered first, then counted in an array with a place for every
word. Frequent words have low ids, so that most of what is read and written stays in a near cache; a table of all pairs, which a
text of any size outgrows, is never made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.merging import slot_of_pair

__all__ = ["count_heads", "count_pairs", "gather", "join"]

_POSITION, _TEXT, _HEAD, _N_HEADS = 0, 1, 2, 3


@inlined
def _key(head: Any, token: Any) -> Any:
    return np.int64(head) << 32 | np.int64(token)


@kernel
def count_heads(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, slots: AnyArray, keys: AnyArray, counts: AnyArray, pairs: AnyArray,
    state: AnyArray, stop: int,
) -> bool:  # fmt: skip
    """Read on to position `stop`: number the heads, count each token and the pairs of each head; False: make room."""
    position, text, head, n_heads = state[_POSITION], state[_TEXT], state[_HEAD], state[_N_HEADS]
    text_stop = offsets[text + 1]
    whole = True
    while position < stop:
        if position == text_stop:
            text, head = text + 1, -1
            text_stop = offsets[text + 1]
        token = np.int64(peek(ids, position))
        if not peek(between, token):
            if head >= 0:
                poke(pairs, head, peek(pairs, head) + 1)
            head = token
        elif head >= 0:
            slot = slot_of_pair(slots, keys, _key(head, token))
            number = np.int64(slots[slot])
            if number < 0:
                if n_heads == keys.size:
                    whole = False
                    break
                number = n_heads
                slots[slot], keys[number] = number, _key(head, token)
                n_heads += 1
            head = between.size + number
        poke(counts, token, peek(counts, token) + 1)
        position += 1
    state[_POSITION], state[_TEXT], state[_HEAD], state[_N_HEADS] = position, text, head, n_heads
    return whole


@kernel
def gather(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, slots: AnyArray, keys: AnyArray, first: int, cursors: AnyArray,
    words: AnyArray, state: AnyArray, stop: int,
) -> None:  # fmt: skip
    """Read on to position `stop`: put the words after head first + i to words[cursors[i]], and move the cursor on."""
    position, text, head = state[_POSITION], state[_TEXT], state[_HEAD]
    text_stop = offsets[text + 1]
    while position < stop:
        if position == text_stop:
            text, head = text + 1, -1
            text_stop = offsets[text + 1]
        token = np.int64(peek(ids, position))
        if not peek(between, token):
            place = head - first
            if 0 <= place < cursors.size:
                cursor = peek(cursors, place)
                poke(words, cursor, np.int32(token))
                poke(cursors, place, cursor + 1)
            head = token
        elif head >= 0:
            head = between.size + np.int64(slots[slot_of_pair(slots, keys, _key(head, token))])
        position += 1
    state[_POSITION], state[_TEXT], state[_HEAD] = position, text, head


@kernel
def count_pairs(
    words: AnyArray, starts: AnyArray, least: int, seen: AnyArray, met: AnyArray, heads: AnyArray, seconds: AnyArray,
    counts: AnyArray,
) -> tuple[int, int]:  # fmt: skip
    """Count the different words of each head; note those that come `least` times or more; `seen` is left as it was, zeros."""
    noted = different = 0
    for head in range(starts.size - 1):
        n_met = 0
        for place in range(starts[head], starts[head + 1]):
            word = np.int64(peek(words, place))
            count = peek(seen, word)
            poke(seen, word, np.int32(count + 1))
            poke(met, n_met, np.int32(word))
            n_met += count == 0
        different += n_met
        for place in range(n_met):
            word = np.int64(peek(met, place))
            count = peek(seen, word)
            if count >= least:
                heads[noted], seconds[noted], counts[noted] = head, word, count
                noted += 1
            poke(seen, word, np.int32(0))
    return noted, different


@inlined
def _write(ids: Any, held: Any, position: Any, out: Any, n_out: Any) -> Any:
    """What was held back, as it stands; returns the new number of tokens."""
    if held >= 0:
        for place in range(held, position):
            out[n_out] = ids[place]
            n_out += 1
    return n_out


@kernel
def join(
    ids: AnyArray, offsets: AnyArray, between: AnyArray, begins: AnyArray, slots: AnyArray, keys: AnyArray, values: AnyArray,
    first: int, stop: int, out: AnyArray, ends: AnyArray,
) -> tuple[int, int]:  # fmt: skip
    """Write the tokens at first .. stop - 1 with their phrases joined to `out`, and where each text ends in it to `ends`."""
    text = np.searchsorted(offsets, first, side="right")
    n_out = n_ends = 0
    held = head = np.int64(-1)
    for position in range(first, stop):
        token = np.int64(ids[position])
        number = np.int64(-1)
        if head >= 0:
            number = np.int64(slots[slot_of_pair(slots, keys, _key(head, token))])
        made = np.int64(0) if number < 0 else np.int64(values[number])
        if between[token]:
            if held >= 0:
                head = made if number >= 0 else np.int64(-1)
            else:
                out[n_out] = token
                n_out += 1
        elif number >= 0:
            out[n_out] = between.size + ~made
            n_out += 1
            held = head = np.int64(-1)
        else:
            n_out = _write(ids, held, position, out, n_out)
            held, head = np.int64(position), token if begins[token] else np.int64(-1)
        text_ends = position + 1 == offsets[text]
        if text_ends or position + 1 == stop:
            n_out = _write(ids, held, position + 1, out, n_out)
            held = head = np.int64(-1)
        if text_ends:
            ends[n_ends] = n_out
            n_ends += 1
            text += 1
    return n_out, n_ends
