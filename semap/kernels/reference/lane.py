"""A block of the corpus in, its words as slots and a private copy of the rows they use out; plain twin of `native/lane.py`."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from semap.kernels.layout import INPUT, OUTPUT, Copies, Desk, Matrices, Noise, Reading
from semap.kernels.reference.draws import GOLDEN, alias_draw, mix

__all__ = ["copy_rows", "draw_noise", "first_slot", "kept", "read_block", "release_slots", "slot_of"]


def kept(position: int, word: int, key: int, keep: Any) -> bool:
    """Sub-sampling: a draw of the position alone, so that neighbouring blocks agree on it."""
    return mix(key + position * GOLDEN) >> 32 <= int(keep[word])


def first_slot(lane: int, copies: Copies) -> int:
    """Slots are numbered through all lanes: this is the lane's first."""
    return lane * (copies.rows.size // copies.n_slots.size)


def slot_of(word: int, need: int, lane: int, desk: Desk, copies: Copies) -> int:
    """The slot of a word in this lane, a new one at its first use."""
    if desk.slots[word] < 0:
        slot = first_slot(lane, copies) + int(copies.n_slots[lane])
        copies.n_slots[lane] += 1
        desk.slots[word] = slot
        copies.rows[slot] = word
        copies.needs[slot] = 0
        copies.touches[2 * slot : 2 * slot + 2] = 0
    slot = int(desk.slots[word])
    copies.needs[slot] |= need
    return slot


def read_block(
    start: int, stop: int, reading: Reading, key: int, keep: Any, window: int, own_need: int, lane: int, desk: Desk,
    copies: Copies,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill desk.words and desk.positions with the kept words of start .. stop - 1 and of the margins its windows reach."""

    def is_kept(position: int) -> bool:
        return kept(position, int(reading.ids[position - reading.first]), key, keep)

    offsets = reading.offsets.tolist()
    own = [position for position in range(start, stop) if is_kept(position)]
    text_begin = offsets[bisect_right(offsets, start) - 1]
    text_end = offsets[bisect_right(offsets, stop - 1)]
    left: list[int] = []
    for position in range(start - 1, text_begin - 1, -1):
        if len(left) == window:
            break
        if is_kept(position):
            left.insert(0, position)
    right: list[int] = []
    for position in range(stop, text_end):
        if len(right) == window:
            break
        if is_kept(position):
            right.append(position)
    entries: list[int] = []  # positions, -1 between texts
    first = last = 0
    for group, positions in enumerate((left, own, right)):
        if group == 1:
            first = len(entries)
        for position in positions:
            text = bisect_right(offsets, position)
            if entries and bisect_right(offsets, entries[-1]) != text:
                entries.append(-1)
            entries.append(position)
        if group == 1:
            last = len(entries)
    for place, position in enumerate(entries):
        desk.positions[place] = position
        if position < 0:
            desk.words[place] = -1
            continue
        need = own_need if start <= position < stop else INPUT
        desk.words[place] = slot_of(int(reading.ids[position - reading.first]), need, lane, desk, copies)
    return first, last, len(entries)


def draw_noise(block: int, key: int, noise: Noise, lane: int, desk: Desk, copies: Copies) -> int:
    """Draw the block's noise words and give them slots; returns the state from which its centres draw on."""
    state = mix(key + block * GOLDEN)
    for place in range(desk.negatives.size):
        state = (state + GOLDEN) % 2**64
        word = alias_draw(mix(state), noise.limits, noise.others)
        desk.negatives[place] = slot_of(word, OUTPUT, lane, desk, copies)
    return state


def copy_rows(lane: int, width: int, inputs: int, matrices: Matrices, copies: Copies) -> None:
    """Copy the needed rows of every slot into the lane's part of the private matrices; input rows only if `inputs` is INPUT."""
    begin = first_slot(lane, copies)
    for slot in range(begin, begin + int(copies.n_slots[lane])):
        word = copies.rows[slot]
        if copies.needs[slot] & inputs:
            copies.inputs.reshape(-1, width)[slot] = matrices.inputs.reshape(-1, width)[word]
        if copies.needs[slot] & OUTPUT:
            copies.outputs.reshape(-1, width)[slot] = matrices.outputs.reshape(-1, width)[word]


def release_slots(lane: int, desk: Desk, copies: Copies) -> None:
    """Leave desk.slots as it was found: all -1."""
    begin = first_slot(lane, copies)
    desk.slots[copies.rows[begin : begin + int(copies.n_slots[lane])]] = -1
