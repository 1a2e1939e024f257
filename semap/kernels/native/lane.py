"""A block of the corpus in, its words as slots and a private copy of the rows they use out."""

from __future__ import annotations

import numpy as np

from semap.kernels.layout import INPUT, OUTPUT
from semap.kernels.native.draws import GOLDEN, alias_draw, mix
from semap.kernels.native.jit import bare
from semap.kernels.native.simd import load, prefetch, store

__all__ = ["copy_rows", "draw_noise", "first_slot", "kept", "read_block", "release_slots", "slot_of"]

_AHEAD = 4  # rows asked for before they are copied


@bare
def kept(position, word, key, keep):
    """Sub-sampling: a draw of the position alone, so that neighbouring blocks agree on it."""
    return np.uint32(mix(key + np.uint64(position) * GOLDEN) >> np.uint64(32)) <= keep[word]


@bare
def first_slot(lane, copies):
    """Slots are numbered through all lanes: this is the lane's first."""
    return lane * (copies.rows.size // copies.n_slots.size)


@bare
def slot_of(word, need, lane, desk, copies):
    """The slot of a word in this lane, a new one at its first use."""
    slot = np.int64(desk.slots[word])
    if slot < 0:
        used = copies.n_slots[lane]
        copies.n_slots[lane] = used + 1
        slot = first_slot(lane, copies) + used
        desk.slots[word] = slot
        copies.rows[slot] = word
        copies.needs[slot] = 0
        copies.touches[2 * slot] = 0
        copies.touches[2 * slot + 1] = 0
    copies.needs[slot] |= need
    return slot


@bare
def _text_of(position, offsets):
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
def read_block(start, stop, reading, key, keep, window, lane, desk, copies):
    """Fill desk.words and desk.positions with the kept words of start .. stop - 1 and of the margins its windows reach.

    Returns (first, last, n): words first .. last - 1 are the block's own centres, n is the number of entries.
    A margin ends at its text's border or after `window` kept words.
    """
    ids, offsets, first = reading.ids, reading.offsets, reading.first
    text = _text_of(start, offsets)
    begin, n_kept = start, 0
    while begin > offsets[text] and n_kept < window:
        begin -= 1
        if kept(begin, ids[begin - first], key, keep):
            n_kept += 1
    n, own_first, own_last, n_kept = 0, -1, -1, 0
    position = begin
    end = offsets[offsets.size - 1]
    while position < end:
        if position >= stop and (n_kept >= window or position == offsets[text + 1]):
            break
        while position >= offsets[text + 1]:
            text += 1
            if n > 0 and desk.words[n - 1] >= 0:
                desk.words[n] = -1
                n += 1
        if own_first < 0 and position >= start:
            own_first = n
        if own_last < 0 and position >= stop:
            own_last = n
        word = ids[position - first]
        if kept(position, word, key, keep):
            need = INPUT
            if position >= start and position < stop:
                need = INPUT | OUTPUT
            desk.words[n] = slot_of(word, need, lane, desk, copies)
            desk.positions[n] = position
            n += 1
            if position >= stop:
                n_kept += 1
        position += 1
    if own_first < 0:
        own_first = n
    if own_last < 0:
        own_last = n
    return own_first, own_last, n


@bare
def draw_noise(block, key, noise, lane, desk, copies):
    """Draw the block's noise words and give them slots; returns the state from which its centres draw on."""
    state = mix(key + np.uint64(block) * GOLDEN)
    for place in range(desk.negatives.size):
        state += GOLDEN
        word = alias_draw(mix(state), noise.limits, noise.others)
        desk.negatives[place] = slot_of(word, OUTPUT, lane, desk, copies)
    return state


@bare
def copy_rows(lane, width, matrices, copies):
    """Copy the needed rows of every slot into the lane's part of the private matrices."""
    begin = first_slot(lane, copies)
    end = begin + copies.n_slots[lane]
    for slot in range(begin, end):
        if slot + _AHEAD < end:
            ahead = np.int64(copies.rows[slot + _AHEAD]) * width
            if copies.needs[slot + _AHEAD] & INPUT:
                for t in range(0, width, 16):
                    prefetch(matrices.inputs, ahead + t)
            for t in range(0, width, 16):
                prefetch(matrices.outputs, ahead + t)
        source, target = np.int64(copies.rows[slot]) * width, slot * width
        if copies.needs[slot] & INPUT:
            for t in range(0, width, 16):
                store(copies.inputs, target + t, load(matrices.inputs, source + t))
        if copies.needs[slot] & OUTPUT:
            for t in range(0, width, 16):
                store(copies.outputs, target + t, load(matrices.outputs, source + t))


@bare
def release_slots(lane, desk, copies):
    """Leave desk.slots as it was found: all -1."""
    begin = first_slot(lane, copies)
    for slot in range(begin, begin + copies.n_slots[lane]):
        desk.slots[copies.rows[slot]] = -1
