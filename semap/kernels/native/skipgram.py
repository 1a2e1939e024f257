"""The centres of a block in, its private rows one gradient step further out: skip-gram with negative sampling.

Mikolov et al. 2013 (Distributed Representations, equation 4): log sigmoid(v_o . v_i) + sum_k log sigmoid(-v_k . v_i) for each
context i of the centre o. As in word2vec.c the context has the input row and the centre the output row. The noise words are
drawn once for a centre and shared by its contexts, so that the step is three small matrix products.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import Copies, Desk, Plan, Tree
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.logistic import GROUP, SIGNS, Places, descend, dots_of_one, dots_of_two, group_rows, set_signs
from semap.kernels.native.paths import path_targets
from semap.kernels.native.simd import add, fma, load, mul, splat, store
from semap.kernels.native.targets import collect_contexts, draw_targets, text_around, touch
from semap.kernels.native.tiles import broadcast

__all__ = ["TILE", "train_skipgram"]

TILE = 32  # contexts in one gradient step: of a window of hundreds the stale steps of one row would add up and diverge
_GRADIENTS = 64  # place in desk.floats: 8 numbers for each context, in the places of `dots_of_one`


@bare
def train_skipgram(
    own_first: Integer, own_last: Integer, n: Integer, state: Integer, key: Integer, plan: Plan, tree: Tree, rate: Real,
    lane: Integer, desk: Desk, copies: Copies,
) -> None:  # fmt: skip
    """Every centre in turn: the input rows of its contexts against its own output row and `negatives` noise rows,
    or against the rows of the nodes on its path, that it is found by (plan.hierarchical).
    """
    n_outputs = 1 + plan.negatives
    pairs = 0
    begin = end = own_first
    for i in range(own_first, own_last):
        centre = np.int64(desk.words[i])
        if centre < 0:
            continue
        if i >= end:
            begin, end = text_around(i, n, desk.words)
        n_contexts = collect_contexts(i, begin, end, plan, key, desk)
        if plan.hierarchical:
            n_outputs = path_targets(centre, tree, desk, copies)
        else:
            state = draw_targets(centre, n_outputs, state, desk)
        if n_contexts == 0:
            continue
        pairs += n_contexts
        for k in range(n_outputs):
            touch(copies.touches, 2 * peek(desk.targets, k) + 1, n_contexts)
        for r in range(n_contexts):
            slot = np.int64(peek(desk.contexts, r))
            touch(copies.touches, 2 * slot, n_outputs)
            poke(desk.starts, r, slot * plan.width)
        for first in range(0, n_contexts, TILE):
            n_tile = min(TILE, n_contexts - first)
            for group in range((n_outputs + GROUP - 1) // GROUP):
                set_signs(group, n_outputs, desk.signs, desk.floats)
                o = group_rows(group, n_outputs, desk.targets, plan.width)
                _score(first, n_tile, o, plan.width, rate, desk, copies)
                _update(first, n_tile, o, plan.width, desk.starts, desk.floats, copies)
    copies.pairs[lane] = pairs


@bare
def _score(first: Integer, n_contexts: Integer, o: Places, width: Integer, rate: Real, desk: Desk, copies: Copies) -> None:
    """Gradients of all (context, output) scores of contexts first .. first + n_contexts - 1."""
    starts, floats = desk.starts, desk.floats
    for r in range(0, n_contexts - 1, 2):
        scores = dots_of_two(copies.inputs, peek(starts, first + r), peek(starts, first + r + 1), copies.outputs, o, width)
        store(floats, _GRADIENTS + 8 * r, descend(scores, floats, SIGNS, rate, desk.exponents))
    if n_contexts & 1:
        r = n_contexts - 1
        scores = dots_of_one(copies.inputs, peek(starts, first + r), copies.outputs, o, width)
        store(floats, _GRADIENTS + 8 * r, descend(scores, floats, SIGNS + 16, rate, desk.exponents))


@bare
def _update(
    first: Integer, n_contexts: Integer, o: Places, width: Integer, starts: AnyArray, floats: AnyArray, copies: Copies
) -> None:
    """inputs[r] += sum_k g[r, k] outputs[k] and outputs[k] += sum_r g[r, k] inputs[r], both with the values from before.

    A context that stands twice in the window is taken twice, one after the other.
    """
    inputs, outputs = copies.inputs, copies.outputs
    o0, o1, o2, o3, o4, o5 = o
    zero = splat(np.float32(0))
    for t in range(0, width, 16):
        v0, v1, v2 = load(outputs, o0 + t), load(outputs, o1 + t), load(outputs, o2 + t)
        v3, v4, v5 = load(outputs, o3 + t), load(outputs, o4 + t), load(outputs, o5 + t)
        d0 = d1 = d2 = d3 = d4 = d5 = zero
        for r in range(n_contexts):
            g = _GRADIENTS + 8 * r
            at = peek(starts, first + r) + t
            x = load(inputs, at)
            g0, g1, g2 = broadcast(floats, g), broadcast(floats, g + 1), broadcast(floats, g + 2)
            g3, g4, g5 = broadcast(floats, g + 4), broadcast(floats, g + 5), broadcast(floats, g + 6)
            d0, d1, d2 = fma(g0, x, d0), fma(g1, x, d1), fma(g2, x, d2)
            d3, d4, d5 = fma(g3, x, d3), fma(g4, x, d4), fma(g5, x, d5)
            y = fma(g2, v2, fma(g1, v1, fma(g0, v0, x)))
            z = fma(g5, v5, fma(g4, v4, mul(g3, v3)))
            store(inputs, at, add(y, z))
        store(outputs, o0 + t, add(load(outputs, o0 + t), d0))
        store(outputs, o1 + t, add(load(outputs, o1 + t), d1))
        store(outputs, o2 + t, add(load(outputs, o2 + t), d2))
        store(outputs, o3 + t, add(load(outputs, o3 + t), d3))
        store(outputs, o4 + t, add(load(outputs, o4 + t), d4))
        store(outputs, o5 + t, add(load(outputs, o5 + t), d5))
