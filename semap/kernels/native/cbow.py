"""The centres of a block in, its private rows one gradient step further out: continuous bag of words.

Mikolov et al. 2013 (Efficient Estimation, section 3.1): the mean h of the contexts' input rows predicts the centre's output row
against noise. The gradient of a context's row is that of h divided by the number of contexts; word2vec.c leaves the division out
(gensim#1873), which `word2vec=True` repeats.
"""

from __future__ import annotations

import numpy as np

from semap.kernels.native.jit import bare
from semap.kernels.native.logistic import GROUP, SIGNS, descend, dots_of_one, group_rows, set_signs
from semap.kernels.native.simd import add, fma, load, mul, splat, store
from semap.kernels.native.targets import collect_contexts, draw_targets
from semap.kernels.native.tiles import broadcast

__all__ = ["train_cbow"]

_GRADIENTS, _HIDDEN = 64, 80  # places in desk.floats; after the hidden vector comes its change, both P long


@bare
def train_cbow(own_first, own_last, n, state, key, plan, rate, lane, desk, copies, word2vec):
    """Every centre in turn: the mean of its contexts' input rows against its own output row and `negatives` noise rows."""
    n_outputs = 1 + plan.negatives
    pairs = 0
    for i in range(own_first, own_last):
        centre = np.int64(desk.words[i])
        if centre < 0:
            continue
        n_contexts = collect_contexts(i, n, plan, key, desk)
        state = draw_targets(centre, n_outputs, state, desk)
        if n_contexts == 0:
            continue
        pairs += 1
        for k in range(n_outputs):
            copies.touches[2 * desk.targets[k] + 1] += 1
        for r in range(n_contexts):
            copies.touches[2 * desk.contexts[r]] += 1
        share = np.float32(1.0 / n_contexts)
        _average(n_contexts, share, plan.width, desk, copies)
        for group in range((n_outputs + GROUP - 1) // GROUP):
            set_signs(group, n_outputs, desk.targets, desk.floats)
            o = group_rows(group, n_outputs, desk.targets, plan.width)
            scores = dots_of_one(desk.floats, _HIDDEN, copies.outputs, o, plan.width)
            store(desk.floats, _GRADIENTS, descend(scores, desk.floats, SIGNS + 16, rate, desk.exponents))
            _update(o, plan.width, desk.floats, copies.outputs)
        _spread(n_contexts, np.float32(1) if word2vec else share, plan.width, desk, copies)
    copies.pairs[lane] = pairs


@bare
def _average(n_contexts, share, width, desk, copies):
    """hidden = share * sum of the contexts' rows; its change = 0."""
    part, zero = splat(share), splat(np.float32(0))
    for t in range(0, width, 16):
        total = zero
        for r in range(n_contexts):
            total = add(total, load(copies.inputs, desk.contexts[r] * width + t))
        store(desk.floats, _HIDDEN + t, mul(part, total))
        store(desk.floats, _HIDDEN + width + t, zero)


@bare
def _update(o, width, floats, outputs):
    """change += sum_k g[k] outputs[k] and outputs[k] += g[k] hidden, both with the values from before."""
    o0, o1, o2, o3, o4, o5 = o
    g0, g1, g2 = broadcast(floats, _GRADIENTS), broadcast(floats, _GRADIENTS + 1), broadcast(floats, _GRADIENTS + 2)
    g3, g4, g5 = broadcast(floats, _GRADIENTS + 3), broadcast(floats, _GRADIENTS + 4), broadcast(floats, _GRADIENTS + 5)
    for t in range(0, width, 16):
        h, change = load(floats, _HIDDEN + t), load(floats, _HIDDEN + width + t)
        v0, v1, v2 = load(outputs, o0 + t), load(outputs, o1 + t), load(outputs, o2 + t)
        v3, v4, v5 = load(outputs, o3 + t), load(outputs, o4 + t), load(outputs, o5 + t)
        y = fma(g2, v2, fma(g1, v1, fma(g0, v0, change)))
        z = fma(g5, v5, fma(g4, v4, mul(g3, v3)))
        store(floats, _HIDDEN + width + t, add(y, z))
        store(outputs, o0 + t, fma(g0, h, v0))
        store(outputs, o1 + t, fma(g1, h, load(outputs, o1 + t)))  # again from memory: two of the rows may be one
        store(outputs, o2 + t, fma(g2, h, load(outputs, o2 + t)))
        store(outputs, o3 + t, fma(g3, h, load(outputs, o3 + t)))
        store(outputs, o4 + t, fma(g4, h, load(outputs, o4 + t)))
        store(outputs, o5 + t, fma(g5, h, load(outputs, o5 + t)))


@bare
def _spread(n_contexts, share, width, desk, copies):
    """Every context's row += share * change of the hidden vector."""
    part = splat(share)
    for t in range(0, width, 16):
        change = mul(part, load(desk.floats, _HIDDEN + width + t))
        for r in range(n_contexts):
            at = desk.contexts[r] * width + t
            store(copies.inputs, at, add(load(copies.inputs, at), change))
