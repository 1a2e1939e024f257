"""The centres of a block in, its private rows one gradient step further out: continuous bag of words.

Mikolov et al. 2013 (Efficient Estimation, section 3.1): the mean h of the contexts' input rows predicts the centre's output row
against noise. The gradient of a context's row is that of h divided by the number of contexts; word2vec.c leaves the division out
(gensim#1873), which `word2vec=True` repeats.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import Copies, Desk, Plan, Tree
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.logistic import GROUP, SIGNS, Places, descend, dots_of_one, group_rows, set_signs
from semap.kernels.native.paths import path_targets
from semap.kernels.native.simd import add, fma, load, mul, splat, store
from semap.kernels.native.targets import collect_contexts, draw_targets, text_around, touch
from semap.kernels.native.tiles import broadcast

__all__ = ["train_cbow"]

_GRADIENTS, _HIDDEN = 64, 80  # places in desk.floats; after the hidden vector comes its change, both P long


@bare
def train_cbow(
    own_first: Integer, own_last: Integer, n: Integer, state: Integer, key: Integer, plan: Plan, tree: Tree, rate: Real,
    lane: Integer, desk: Desk, copies: Copies, word2vec: bool,
) -> None:  # fmt: skip
    """Every centre in turn: the mean of its contexts' input rows against its own output row and `negatives` noise rows,
    or against the nodes on its path (plan.hierarchical).
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
        pairs += 1
        for k in range(n_outputs):
            touch(copies.touches, 2 * peek(desk.targets, k) + 1, 1)
        for r in range(n_contexts):
            slot = np.int64(peek(desk.contexts, r))
            touch(copies.touches, 2 * slot, 1)
            poke(desk.starts, r, slot * plan.width)
        n_groups = (n_outputs + GROUP - 1) // GROUP
        share = np.float32(1.0 / n_contexts)
        _average(n_contexts, share, plan.width, desk.starts, desk.floats, copies.inputs)
        spread = np.float32(1) if word2vec else share
        for group in range(n_groups):
            set_signs(group, n_outputs, desk.signs, desk.floats)
            o = group_rows(group, n_outputs, desk.targets, plan.width)
            scores = dots_of_one(desk.floats, _HIDDEN, copies.outputs, o, plan.width)
            store(desk.floats, _GRADIENTS, descend(scores, desk.floats, SIGNS + 16, rate, desk.exponents))
            reach = n_contexts if group == n_groups - 1 else 0  # the contexts move once, after the last group
            _update(o, group, reach, spread, plan.width, desk.starts, desk.floats, copies)
    copies.pairs[lane] = pairs


@bare
def _average(n_contexts: Integer, share: Real, width: Integer, starts: AnyArray, floats: AnyArray, inputs: AnyArray) -> None:
    """hidden = share * sum of the contexts' rows."""
    part = splat(share)
    for t in range(0, width, 16):
        total = splat(np.float32(0))
        for r in range(n_contexts):
            total = add(total, load(inputs, peek(starts, r) + t))
        store(floats, _HIDDEN + t, mul(part, total))


@bare
def _update(
    o: Places, group: Integer, n_contexts: Integer, spread: Real, width: Integer, starts: AnyArray, floats: AnyArray,
    copies: Copies,
) -> None:  # fmt: skip
    """change += sum_k g[k] outputs[k] and outputs[k] += g[k] hidden, both with the values from before;
    then inputs[r] += spread * change for the first `n_contexts` contexts.
    """
    inputs, outputs = copies.inputs, copies.outputs
    o0, o1, o2, o3, o4, o5 = o
    g0, g1, g2 = broadcast(floats, _GRADIENTS), broadcast(floats, _GRADIENTS + 1), broadcast(floats, _GRADIENTS + 2)
    g3, g4, g5 = broadcast(floats, _GRADIENTS + 4), broadcast(floats, _GRADIENTS + 5), broadcast(floats, _GRADIENTS + 6)
    part = splat(spread)
    for t in range(0, width, 16):
        h = load(floats, _HIDDEN + t)
        change = splat(np.float32(0))
        if group > 0:
            change = load(floats, _HIDDEN + width + t)
        v0, v1, v2 = load(outputs, o0 + t), load(outputs, o1 + t), load(outputs, o2 + t)
        v3, v4, v5 = load(outputs, o3 + t), load(outputs, o4 + t), load(outputs, o5 + t)
        y = fma(g2, v2, fma(g1, v1, fma(g0, v0, change)))
        z = fma(g5, v5, fma(g4, v4, mul(g3, v3)))
        change = add(y, z)
        store(outputs, o0 + t, fma(g0, h, v0))
        store(outputs, o1 + t, fma(g1, h, load(outputs, o1 + t)))  # again from memory: two of the rows may be one
        store(outputs, o2 + t, fma(g2, h, load(outputs, o2 + t)))
        store(outputs, o3 + t, fma(g3, h, load(outputs, o3 + t)))
        store(outputs, o4 + t, fma(g4, h, load(outputs, o4 + t)))
        store(outputs, o5 + t, fma(g5, h, load(outputs, o5 + t)))
        if n_contexts == 0:
            store(floats, _HIDDEN + width + t, change)
        change = mul(part, change)
        for r in range(n_contexts):
            at = peek(starts, r) + t
            store(inputs, at, add(load(inputs, at), change))
