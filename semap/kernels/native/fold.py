"""The private rows of a round's lanes in, the shared matrices with their differences added out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import INPUT, OUTPUT, WHOLE, Copies, Matrices, Plan
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.simd import fma, load, prefetch, prefetch_to_write, splat, store, sub

__all__ = ["fold"]

_AHEAD = 3  # words asked for before they are folded


@bare
def share(n_lanes: Integer, touches: Integer, rate: Real, curvature: Real) -> Real:
    """How much of each lane's difference to add, so that n stale ones land where n in turn would have.

    A lane relaxes a row towards its optimum by rho = 1 - exp(-curvature * rate * touches / n_lanes); n in turn relax it by
    1 - (1 - rho)^n, n stale sums by n rho. The share is their ratio: 1 for rare rows, 1 / n for rows that every lane moved far.
    """
    total = np.float64(curvature) * rate * touches
    if n_lanes == 1 or total < 1e-9:
        return np.float32(1)
    return np.float32((1.0 - np.exp(-total)) / (n_lanes * (1.0 - np.exp(-total / n_lanes))))


@bare
def _fold_row(
    matrix: AnyArray, at: Integer, own: AnyArray, output: Integer, rate: Real, plan: Plan, copies: Copies, head: Integer,
    places: AnyArray,
) -> None:  # fmt: skip
    """matrix[row] += share * sum over its lanes, in lane order, of (the lane's row - matrix[row])."""
    need = OUTPUT if output else INPUT
    n_lanes, touches, link = 0, 0, head
    while link >= 0:
        if peek(copies.needs, link) & need:
            touches += peek(copies.touches, 2 * link + output)
            poke(places, n_lanes, link * plan.width)
            n_lanes += 1
        link = np.int64(peek(copies.following, link))
    if n_lanes == 0:
        return
    if n_lanes == 1:
        mine = places[0]
        for t in range(0, plan.width, 16):
            store(matrix, at + t, load(own, mine + t))
        return
    part = splat(share(n_lanes, touches, rate, plan.curvature))
    for t in range(0, plan.width, 16):
        base = load(matrix, at + t)
        total = base
        for k in range(n_lanes):
            total = fma(part, sub(load(own, peek(places, k) + t), base), total)
        store(matrix, at + t, total)


@bare
def _link_words(part: Integer, n_parts: Integer, n_lanes: Integer, heads: AnyArray, copies: Copies, order: AnyArray) -> Integer:
    """Chain the touches of each word of this part in lane order; `order` gets the first touch of each; returns their number."""
    n_slots = copies.rows.size // copies.n_slots.size
    n = 0
    for lane in range(n_lanes - 1, -1, -1):  # backwards, so that each chain runs forwards
        for link in range(lane * n_slots, lane * n_slots + copies.n_slots[lane]):
            word = np.int64(peek(copies.rows, link))
            if word & (n_parts - 1) == part:
                poke(copies.following, link, peek(heads, word))
                poke(heads, word, np.int32(link))
    for lane in range(n_lanes):
        for link in range(lane * n_slots, lane * n_slots + copies.n_slots[lane]):
            word = np.int64(peek(copies.rows, link))
            if word & (n_parts - 1) == part and peek(heads, word) == link:
                poke(heads, word, np.int32(-1))
                poke(order, n, np.int32(link))
                n += 1
    return n


@bare
def fold(
    part: Integer, n_parts: Integer, n_lanes: Integer, rate: Real, matrices: Matrices, plan: Plan, copies: Copies,
    order: AnyArray, places: AnyArray,
) -> None:  # fmt: skip
    """Fold the words whose number leaves `part` when divided by `n_parts`, a power of 2; parts touch different rows."""
    n = _link_words(part, n_parts, n_lanes, matrices.heads, copies, order)
    width = plan.width
    for i in range(n):
        if i + _AHEAD < n:
            link = np.int64(peek(order, i + _AHEAD))
            ahead, mine = np.int64(peek(copies.rows, link)) * width, link * width
            for t in range(0, width, 16):
                prefetch_to_write(matrices.outputs, ahead + t)
                prefetch(copies.outputs, mine + t)
            if peek(copies.needs, link) & INPUT and plan.subwords == WHOLE:
                for t in range(0, width, 16):
                    prefetch_to_write(matrices.inputs, ahead + t)
                    prefetch(copies.inputs, mine + t)
        head = np.int64(peek(order, i))
        at = np.int64(peek(copies.rows, head)) * width
        if plan.subwords == WHOLE:
            _fold_row(matrices.inputs, at, copies.inputs, 0, rate, plan, copies, head, places)
        _fold_row(matrices.outputs, at, copies.outputs, 1, rate, plan, copies, head, places)
