"""The centres of a block in, its private rows moved down the gradient out: skip-gram with negative sampling."""

from __future__ import annotations

import numpy as np

from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import bare
from semap.kernels.native.tiles import broadcast
from semap.kernels.native.simd import (
    add, clamp, div, exp, fma, hsums, load, mul, splat, split_exponents, store, sub,
)

PRODUCT, SIGNS, GRADIENTS = 0, 16, 48  # places in desk.floats
SCORES_LIMIT = 80.0  # e^80 is finite in float32; the sigmoid is 1 to the last bit long before


@bare
def window_of(position, window, fixed, key):
    """The reach of a centre's window: `window`, or uniform in 1 .. window, a draw of the position."""
    if fixed:
        return window
    return 1 + below(mix(key + np.uint64(position) * GOLDEN), window)


@bare
def dots(inputs, a, b, outputs, o, width):
    """Scores of inputs rows at a and b with six output rows: a's in places 0 .. 5, b's in 8 .. 13, others 0."""
    zero = splat(np.float32(0))
    a0 = a1 = a2 = a3 = a4 = a5 = zero
    b0 = b1 = b2 = b3 = b4 = b5 = zero
    o0, o1, o2, o3, o4, o5 = o
    for t in range(0, width, 16):
        x, y = load(inputs, a + t), load(inputs, b + t)
        v = load(outputs, o0 + t)
        a0, b0 = fma(x, v, a0), fma(y, v, b0)
        v = load(outputs, o1 + t)
        a1, b1 = fma(x, v, a1), fma(y, v, b1)
        v = load(outputs, o2 + t)
        a2, b2 = fma(x, v, a2), fma(y, v, b2)
        v = load(outputs, o3 + t)
        a3, b3 = fma(x, v, a3), fma(y, v, b3)
        v = load(outputs, o4 + t)
        a4, b4 = fma(x, v, a4), fma(y, v, b4)
        v = load(outputs, o5 + t)
        a5, b5 = fma(x, v, a5), fma(y, v, b5)
    return hsums((a0, a1, a2, a3, a4, a5, zero, zero, b0, b1, b2, b3, b4, b5, zero, zero))


@bare
def descend(scores, floats, signs, rate, product, exponents):
    """Turn scores x with signs s (1 true, -1 noise, 0 unused) into rate * s * sigmoid(-s x); adds -log sigmoid(s x).

    The loss is kept as a product of 1 + e^(-s x), whose exponents are put aside, so that it costs no logarithm here.
    """
    s = load(floats, signs)
    limit = splat(np.float32(SCORES_LIMIT))
    e = exp(clamp(mul(scores, sub(splat(np.float32(0)), s)), limit))
    e = mul(e, mul(s, s))
    factor = add(splat(np.float32(1)), e)
    store(floats, product, split_exponents(mul(load(floats, product), factor), exponents, 0))
    return mul(mul(splat(rate), s), div(e, factor))


@bare
def update(inputs, contexts, n_contexts, outputs, o, width, floats, gradients):
    """inputs[r] += sum_k g[r, k] outputs[k] and outputs[k] += sum_r g[r, k] inputs[r], both with the values from before.

    Contexts that repeat within a window are taken one after another.
    """
    o0, o1, o2, o3, o4, o5 = o
    for t in range(0, width, 16):
        v0, v1, v2 = load(outputs, o0 + t), load(outputs, o1 + t), load(outputs, o2 + t)
        v3, v4, v5 = load(outputs, o3 + t), load(outputs, o4 + t), load(outputs, o5 + t)
        zero = splat(np.float32(0))
        d0 = d1 = d2 = d3 = d4 = d5 = zero
        for r in range(n_contexts):
            g = gradients + 8 * r
            at = contexts[r] + t
            x = load(inputs, at)
            g0, g1, g2 = broadcast(floats, g), broadcast(floats, g + 1), broadcast(floats, g + 2)
            g3, g4, g5 = broadcast(floats, g + 3), broadcast(floats, g + 4), broadcast(floats, g + 5)
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


@bare
def prepare_group(group, n_outputs, outputs, floats):
    """Signs of outputs 6 * group .. + 5 for two contexts (at SIGNS) and for one (at SIGNS + 16); returns the group's rows."""
    for k in range(6):
        place = 6 * group + k
        sign = np.float32(0)
        if place == 0:
            sign = np.float32(1)
        elif place < n_outputs and outputs[place] != outputs[0]:  # a drawn positive is not used as a negative
            sign = np.float32(-1)
        floats[SIGNS + k] = sign
        floats[SIGNS + 8 + k] = sign
        floats[SIGNS + 16 + k] = sign


@bare
def train_skipgram(own_first, own_last, n, state, reading_key, plan, rate, lane, desk, copies):
    """Every centre of a block in turn: its contexts' input rows against its own output row and `negatives` noise rows."""
    width, floats, words, contexts = plan.width, desk.floats, desk.words, desk.contexts
    inputs, outputs, touches = copies.inputs, copies.outputs, copies.touches
    targets = desk.targets
    n_outputs = 1 + plan.negatives
    pairs = 0
    for i in range(own_first, own_last):
        if words[i] < 0:
            continue
        reach = window_of(desk.positions[i], plan.window, plan.fixed_window, reading_key)
        n_contexts = 0
        j = i - 1
        while j >= 0 and i - j <= reach and words[j] >= 0:
            j -= 1
        j += 1
        while j < n and j - i <= reach and words[j] >= 0:
            if j != i:
                slot = np.int64(words[j])
                contexts[n_contexts] = slot * width
                touches[2 * slot] += n_outputs
                n_contexts += 1
            j += 1
        targets[0] = words[i]
        for k in range(1, n_outputs):
            state += GOLDEN
            targets[k] = desk.negatives[below(mix(state), desk.negatives.size)]
        if n_contexts == 0:
            continue
        pairs += n_contexts
        for k in range(n_outputs):
            touches[2 * targets[k] + 1] += n_contexts
        for group in range((n_outputs + 5) // 6):
            prepare_group(group, n_outputs, targets, floats)
            o = group_rows(group, n_outputs, targets, width)
            r = 0
            while r < n_contexts:
                two = r + 1 < n_contexts
                a = contexts[r]
                b = contexts[r + 1] if two else a
                signs = SIGNS if two else SIGNS + 16
                scores = dots(inputs, a, b, outputs, o, width)
                store(floats, GRADIENTS + 8 * r, descend(scores, floats, signs, rate, PRODUCT, desk.exponents))
                r += 2
            update(inputs, contexts, n_contexts, outputs, o, width, floats, GRADIENTS)
    copies.pairs[lane] = pairs


@bare
def group_rows(group, n_outputs, targets, width):
    """Where the six output rows of a group start; unused places point at the centre's and have sign 0."""
    k = 6 * group
    o0 = targets[k] * width
    o1 = (targets[k + 1] if k + 1 < n_outputs else targets[0]) * width
    o2 = (targets[k + 2] if k + 2 < n_outputs else targets[0]) * width
    o3 = (targets[k + 3] if k + 3 < n_outputs else targets[0]) * width
    o4 = (targets[k + 4] if k + 4 < n_outputs else targets[0]) * width
    o5 = (targets[k + 5] if k + 5 < n_outputs else targets[0]) * width
    return o0, o1, o2, o3, o4, o5
