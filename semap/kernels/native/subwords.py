"""The rows of words and n-grams in, a block's words composed of them out, and the words' changes handed back to the rows.

Bojanowski et al. 2017 (Enriching Word Vectors with Subword Information, section 3.2): a word's input is made of its own row and
those of its n-grams; here, as in fastText's program, their mean. The block trains on composed inputs as on any others; only the
fold knows of rows. So each row is read once for a word of a block, not once for every pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import DIVIDED, INPUT, Copies, Desk, Matrices, Plan
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.lane import first_slot
from semap.kernels.native.simd import add, fma, load, mul, prefetch, prefetch_to_write, splat, store, sub

__all__ = ["compose_rows", "fold_subwords", "leave_changes"]

_AHEAD = 6  # rows asked for before they are folded


@bare
def _ask_for(slot: Integer, end: Integer, width: Integer, matrices: Matrices, copies: Copies) -> None:
    """Ask for the rows that the word of a slot is composed of."""
    if slot < end and peek(copies.needs, slot) & INPUT:
        word = np.int64(peek(copies.rows, slot))
        for at in range(peek(matrices.grams.starts, word), peek(matrices.grams.starts, word + 1)):
            start = np.int64(peek(matrices.grams.rows, at)) * width
            for t in range(0, width, 16):
                prefetch(matrices.inputs, start + t)


@bare
def _sum_of_four(matrix: AnyArray, numbers: AnyArray, first: Integer, last: Integer, width: Integer, t: Integer) -> Any:
    """Columns t .. t + 63 of the sum of the rows numbers[first:last], added in that order."""
    a = b = c = d = splat(np.float32(0))
    for i in range(first, last):
        at = np.int64(peek(numbers, i)) * width + t
        a, b = add(a, load(matrix, at)), add(b, load(matrix, at + 16))
        c, d = add(c, load(matrix, at + 32)), add(d, load(matrix, at + 48))
    return a, b, c, d


@bare
def _sum_of_two(matrix: AnyArray, numbers: AnyArray, first: Integer, last: Integer, width: Integer, t: Integer) -> Any:
    """The same for columns t .. t + 31."""
    a = b = splat(np.float32(0))
    for i in range(first, last):
        at = np.int64(peek(numbers, i)) * width + t
        a, b = add(a, load(matrix, at)), add(b, load(matrix, at + 16))
    return a, b


@bare
def _sum_of_one(matrix: AnyArray, numbers: AnyArray, first: Integer, last: Integer, width: Integer, t: Integer) -> Any:
    """The same for columns t .. t + 15."""
    a = splat(np.float32(0))
    for i in range(first, last):
        a = add(a, load(matrix, np.int64(peek(numbers, i)) * width + t))
    return a


@bare
def _store_twice(one: AnyArray, at: Integer, other: AnyArray, place: Integer, value: Any) -> None:
    store(one, at, value)
    store(other, place, value)


@bare
def _compose(
    word: Integer, at: Integer, place: Integer, width: Integer, matrices: Matrices, inputs: AnyArray, bases: AnyArray
) -> None:
    """Write the mean of a word's rows to inputs[at] and to bases[place]; four vectors at a time, so that no sum waits long."""
    first, last = peek(matrices.grams.starts, word), peek(matrices.grams.starts, word + 1)
    share = splat(np.float32(1.0 / max(last - first, 1)))
    t = 0
    while t + 64 <= width:
        a, b, c, d = _sum_of_four(matrices.inputs, matrices.grams.rows, first, last, width, t)
        _store_twice(inputs, at + t, bases, place + t, mul(share, a))
        _store_twice(inputs, at + t + 16, bases, place + t + 16, mul(share, b))
        _store_twice(inputs, at + t + 32, bases, place + t + 32, mul(share, c))
        _store_twice(inputs, at + t + 48, bases, place + t + 48, mul(share, d))
        t += 64
    if t + 32 <= width:
        a, b = _sum_of_two(matrices.inputs, matrices.grams.rows, first, last, width, t)
        _store_twice(inputs, at + t, bases, place + t, mul(share, a))
        _store_twice(inputs, at + t + 16, bases, place + t + 16, mul(share, b))
        t += 32
    if t < width:
        a = _sum_of_one(matrices.inputs, matrices.grams.rows, first, last, width, t)
        _store_twice(inputs, at + t, bases, place + t, mul(share, a))


@bare
def compose_rows(lane: Integer, width: Integer, matrices: Matrices, copies: Copies, bases: AnyArray) -> None:
    """The input of every slot that needs one: the mean of its word's rows, in copies.inputs and in `bases`."""
    begin = first_slot(lane, copies)
    end = begin + copies.n_slots[lane]
    _ask_for(begin, end, width, matrices, copies)
    for slot in range(begin, end):
        _ask_for(slot + 1, end, width, matrices, copies)
        if peek(copies.needs, slot) & INPUT:
            word = np.int64(peek(copies.rows, slot))
            _compose(word, slot * width, (slot - begin) * width, width, matrices, copies.inputs, bases)


@bare
def _stretched(touches: Integer, factor: Real, rate: Real, curvature: Real) -> Real:
    """By how much to multiply a word's change so that it is what steps `factor` times as long would have made of it.

    Few touches: `factor`. Many: the word is near its optimum with either step, so it tends to 1.
    """
    travelled = np.float64(curvature) * rate * touches
    if travelled < 1e-9:
        return np.float32(factor)
    return np.float32((1.0 - np.exp(-factor * travelled)) / (1.0 - np.exp(-travelled)))


@bare
def leave_changes(lane: Integer, rate: Real, plan: Plan, starts: AnyArray, copies: Copies, bases: AnyArray) -> None:
    """Replace each trained input of the lane by what is to be added to every row of its word."""
    begin = first_slot(lane, copies)
    width = plan.width
    for slot in range(begin, begin + copies.n_slots[lane]):
        if peek(copies.needs, slot) & INPUT:
            word = np.int64(peek(copies.rows, slot))
            scale = np.float32(1)
            if plan.subwords == DIVIDED:
                factor = plan.stretch / np.float64(max(peek(starts, word + 1) - peek(starts, word), 1))
                scale = _stretched(peek(copies.touches, 2 * slot), factor, rate, plan.curvature)
            part = splat(scale)
            for t in range(0, width, 16):
                at = slot * width + t
                store(copies.inputs, at, mul(part, sub(load(copies.inputs, at), load(bases, at - begin * width))))


@bare
def _link_rows(part: Integer, n_parts: Integer, n_lanes: Integer, matrices: Matrices, copies: Copies, desk: Desk) -> Integer:
    """List the rows of this part of every slot of the round, in lane order; returns their number."""
    n_slots = copies.rows.size // copies.n_slots.size
    n = np.int64(0)
    for lane in range(n_lanes):
        for slot in range(lane * n_slots, lane * n_slots + copies.n_slots[lane]):
            if peek(copies.needs, slot) & INPUT:
                word = np.int64(peek(copies.rows, slot))
                for at in range(peek(matrices.grams.starts, word), peek(matrices.grams.starts, word + 1)):
                    row = peek(matrices.grams.rows, at)
                    poke(desk.links.slots, n, np.int32(slot))
                    poke(desk.links.rows, n, row)
                    n += np.int64(row & (n_parts - 1) == part)
    return n


@bare
def _chain(n: Integer, heads: AnyArray, desk: Desk) -> Integer:
    """Chain the n links of each row in their order; desk.links.firsts gets the first of each row; returns the number of rows."""
    for i in range(n - 1, -1, -1):  # backwards, so that each chain runs forwards
        row = np.int64(peek(desk.links.rows, i))
        poke(desk.links.nexts, i, peek(heads, row))
        poke(heads, row, np.int32(i))
    n_rows = np.int64(0)
    for i in range(n):
        row = np.int64(peek(desk.links.rows, i))
        poke(desk.links.firsts, n_rows, np.int32(i))
        n_rows += np.int64(peek(heads, row) == i)
    for i in range(n_rows):
        poke(heads, np.int64(peek(desk.links.rows, np.int64(peek(desk.links.firsts, i)))), np.int32(-1))
    return n_rows


@bare
def _add_sum(
    matrix: AnyArray, start: Integer, share: Any, source: AnyArray, numbers: AnyArray, n: Integer, width: Integer
) -> None:
    """matrix[start] += share * the sum of the n rows `numbers` of `source`."""
    t = 0
    while t + 64 <= width:
        a, b, c, d = _sum_of_four(source, numbers, 0, n, width, t)
        store(matrix, start + t, fma(share, a, load(matrix, start + t)))
        store(matrix, start + t + 16, fma(share, b, load(matrix, start + t + 16)))
        store(matrix, start + t + 32, fma(share, c, load(matrix, start + t + 32)))
        store(matrix, start + t + 48, fma(share, d, load(matrix, start + t + 48)))
        t += 64
    if t + 32 <= width:
        a, b = _sum_of_two(source, numbers, 0, n, width, t)
        store(matrix, start + t, fma(share, a, load(matrix, start + t)))
        store(matrix, start + t + 16, fma(share, b, load(matrix, start + t + 16)))
        t += 32
    if t < width:
        a = _sum_of_one(source, numbers, 0, n, width, t)
        store(matrix, start + t, fma(share, a, load(matrix, start + t)))


@bare
def fold_subwords(
    part: Integer, n_parts: Integer, n_lanes: Integer, rate: Real, matrices: Matrices, plan: Plan, copies: Copies, desk: Desk
) -> None:
    """Add the changes of the round's words to those of their rows whose number leaves `part` when divided by `n_parts`.

    n words that moved a row k times together count (1 - exp(-c r k)) / (c r k) each, c = plan.crowding: what they move alike is
    not added up beyond the optimum.
    """
    n_rows = _chain(_link_rows(part, n_parts, n_lanes, matrices, copies, desk), matrices.grams.heads, desk)
    width = plan.width
    unit = np.float64(plan.crowding) * rate
    for i in range(n_rows):
        if i + _AHEAD < n_rows:
            ahead = np.int64(peek(desk.links.rows, np.int64(peek(desk.links.firsts, i + _AHEAD)))) * width
            for t in range(0, width, 16):
                prefetch_to_write(matrices.inputs, ahead + t)
        link = np.int64(peek(desk.links.firsts, i))
        start = np.int64(peek(desk.links.rows, link)) * width
        n, touches = 0, 0
        while link >= 0:
            slot = peek(desk.links.slots, link)
            touches += peek(copies.touches, 2 * np.int64(slot))
            poke(desk.links.gathered, n, slot)
            n += 1
            link = np.int64(peek(desk.links.nexts, link))
        total = unit * touches
        share = (1.0 - np.exp(-total)) / total if total > 1e-6 else 1.0
        _add_sum(matrices.inputs, start, splat(np.float32(share)), copies.inputs, desk.links.gathered, n, width)
