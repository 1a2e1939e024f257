"""A block of the corpus in, its words as slots and a private copy of the rows they use out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer
from semap.kernels.layout import INPUT, OUTPUT, Copies, Desk, Matrices, Noise, Reading
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.draws import GOLDEN, alias_draw, mix
from semap.kernels.native.jit import bare
from semap.kernels.native.simd import load, prefetch, store

__all__ = ["copy_rows", "draw_noise", "first_slot", "kept", "read_block", "release_slots", "slot_of"]

_AHEAD = 4  # rows asked for before they are copied


@bare
def kept(position: Integer, word: Integer, key: Integer, keep: AnyArray) -> Integer:
    """Sub-sampling: a draw of the position alone, so that neighbouring blocks agree on it."""
    return np.uint32(mix(key + np.uint64(position) * GOLDEN) >> np.uint64(32)) <= keep[word]


@bare
def first_slot(lane: Integer, copies: Copies) -> Integer:
    """Slots are numbered through all lanes: this is the lane's first."""
    return lane * (copies.rows.size // copies.n_slots.size)


@bare
def slot_of(word: Integer, need: Integer, lane: Integer, desk: Desk, copies: Copies) -> Integer:
    """The slot of a word in this lane, a new one at its first use."""
    slot = np.int64(peek(desk.slots, word))
    if slot < 0:
        used = copies.n_slots[lane]
        copies.n_slots[lane] = used + 1
        slot = first_slot(lane, copies) + used
        desk.slots[word] = slot
        copies.rows[slot] = word
        copies.needs[slot] = 0
        copies.touches[2 * slot] = 0
        copies.touches[2 * slot + 1] = 0
    poke(copies.needs, slot, np.uint8(peek(copies.needs, slot) | need))
    return slot


@bare
def _text_of(position: Integer, offsets: AnyArray) -> Integer:
    """The text in which a position lies."""
    low, high = 0, offsets.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if offsets[middle] <= position:
            low = middle
        else:
            high = middle
    return low


@bare
def _sift(begin: Integer, end: Integer, n: Integer, reading: Reading, key: Integer, keep: AnyArray, desk: Desk) -> Integer:
    """Append the positions and words of begin .. end - 1 that sub-sampling keeps; returns the new number of entries."""
    for position in range(begin, end):
        word = peek(reading.ids, position - reading.first)
        poke(desk.positions, n, position)
        poke(desk.words, n, word)
        n += np.int64(np.uint32(mix(key + np.uint64(position) * GOLDEN) >> np.uint64(32)) <= peek(keep, np.int64(word)))
    return n


@bare
def _give_slots(begin: Integer, end: Integer, need: Integer, lane: Integer, desk: Desk, copies: Copies) -> None:
    """Turn the words of entries begin .. end - 1 into slots."""
    for entry in range(begin, end):
        poke(desk.words, entry, np.int32(slot_of(np.int64(peek(desk.words, entry)), need, lane, desk, copies)))


@bare
def read_block(
    start: Integer, stop: Integer, reading: Reading, key: Integer, keep: AnyArray, window: Integer, own_need: Integer,
    lane: Integer, desk: Desk, copies: Copies,
) -> tuple[Integer, Integer, Integer]:  # fmt: skip
    """Fill desk.words and desk.positions with the kept words of start .. stop - 1 and of the margins its windows reach.

    Returns (first, last, n): entries first .. last - 1 are the block's own centres, n is the number of entries; texts are
    separated by an entry of -1. A margin ends at its text's border or after `window` kept words. own_need: which rows the
    block's own words need; those of the margins need INPUT.
    """
    offsets = reading.offsets
    text = _text_of(start, offsets)
    begin, n_kept = start, 0
    while begin > offsets[text] and n_kept < window:
        begin -= 1
        n_kept += kept(begin, reading.ids[begin - reading.first], key, keep)
    n = first = _sift(begin, start, 0, reading, key, keep, desk)
    _give_slots(0, first, INPUT, lane, desk, copies)
    position = start
    while position < stop:
        while offsets[text + 1] <= position:
            text += 1
        if position == offsets[text] and n > 0 and desk.words[n - 1] >= 0:
            desk.words[n] = -1
            n += 1
        before, end = n, min(stop, offsets[text + 1])
        n = _sift(position, end, n, reading, key, keep, desk)
        _give_slots(before, n, own_need, lane, desk, copies)
        position = end
    last, n_kept = n, 0
    if stop > start:
        while position < offsets[text + 1] and n_kept < window:
            n_kept += kept(position, reading.ids[position - reading.first], key, keep)
            position += 1
        n = _sift(stop, position, n, reading, key, keep, desk)
        _give_slots(last, n, INPUT, lane, desk, copies)
    return first, last, n


@bare
def draw_noise(block: Integer, key: Integer, noise: Noise, lane: Integer, desk: Desk, copies: Copies) -> Integer:
    """Draw the block's noise words and give them slots; returns the state from which its centres draw on."""
    state = mix(key + np.uint64(block) * GOLDEN)
    for place in range(desk.negatives.size):
        state += GOLDEN
        word = alias_draw(mix(state), noise.limits, noise.others)
        desk.negatives[place] = slot_of(word, OUTPUT, lane, desk, copies)
    return state


@bare
def copy_rows(lane: Integer, width: Integer, inputs: Integer, matrices: Matrices, copies: Copies) -> None:
    """Copy the needed rows of every slot into the lane's part of the private matrices; input rows only if `inputs` is INPUT."""
    begin = first_slot(lane, copies)
    end = begin + copies.n_slots[lane]
    for slot in range(begin, end):
        if slot + _AHEAD < end:
            ahead = np.int64(peek(copies.rows, slot + _AHEAD)) * width
            if peek(copies.needs, slot + _AHEAD) & inputs:
                for t in range(0, width, 16):
                    prefetch(matrices.inputs, ahead + t)
            for t in range(0, width, 16):
                prefetch(matrices.outputs, ahead + t)
        source, target = np.int64(peek(copies.rows, slot)) * width, slot * width
        if peek(copies.needs, slot) & inputs:
            for t in range(0, width, 16):
                store(copies.inputs, target + t, load(matrices.inputs, source + t))
        if peek(copies.needs, slot) & OUTPUT:
            for t in range(0, width, 16):
                store(copies.outputs, target + t, load(matrices.outputs, source + t))


@bare
def release_slots(lane: Integer, desk: Desk, copies: Copies) -> None:
    """Leave desk.slots as it was found: all -1."""
    begin = first_slot(lane, copies)
    for slot in range(begin, begin + copies.n_slots[lane]):
        poke(desk.slots, np.int64(peek(copies.rows, slot)), np.int32(-1))
