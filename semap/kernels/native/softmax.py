"""The centres of a block in, its private rows one gradient step further out: skip-gram with the full softmax.

P(context | centre) = exp(v_context . v_centre) / sum_w exp(v_w . v_centre), over every word w: exact, for small vocabularies.
Here the centre has the input row and the context the output row, as the formula is written; every word is an output.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import INPUT, OUTPUT, Copies, Desk, Plan
from semap.kernels.native.jit import bare
from semap.kernels.native.lane import slot_of
from semap.kernels.native.logistic import LIMIT
from semap.kernels.native.simd import clamp, exp, fma, hsum, load, splat, store, sub
from semap.kernels.native.targets import collect_contexts, text_around, touch
from semap.kernels.native.tiles import broadcast

__all__ = ["claim_all_words", "train_softmax"]

_CHANGE = 64  # place in desk.floats: the change of the centre's row (P long), then one score for each word


@bare
def claim_all_words(lane: Integer, desk: Desk, copies: Copies) -> None:
    """Give every word of the vocabulary a slot, in order of their ids."""
    for word in range(desk.slots.size):
        slot_of(word, INPUT | OUTPUT, lane, desk, copies)


@bare
def train_softmax(
    own_first: Integer, own_last: Integer, n: Integer, first_slot: Integer, key: Integer, plan: Plan, rate: Real, lane: Integer,
    desk: Desk, copies: Copies,
) -> None:  # fmt: skip
    """Every centre in turn, its contexts together: the gradient of the sum of their log probabilities."""
    n_words = desk.slots.size
    width, floats = plan.width, desk.floats
    scores = _CHANGE + width
    pairs, loss = 0, 0.0
    begin = end = own_first
    for i in range(own_first, own_last):
        centre = np.int64(desk.words[i])
        if centre < 0:
            continue
        if i >= end:
            begin, end = text_around(i, n, desk.words)
        n_contexts = collect_contexts(i, begin, end, plan, key, desk)
        if n_contexts == 0:
            continue
        pairs += n_contexts
        copies.touches[2 * centre] += n_contexts
        top = _score_all(centre, first_slot, n_words, width, floats, copies)
        for r in range(n_contexts):
            loss -= np.float64(floats[scores + desk.contexts[r] - first_slot]) - top
        total = _exponentials(n_words, scores, top, floats)
        loss += n_contexts * np.log(total)
        scale = np.float32(-rate * n_contexts / total)
        for w in range(n_words):
            floats[scores + w] *= scale
        for r in range(n_contexts):
            floats[scores + desk.contexts[r] - first_slot] += rate
        _step(centre, first_slot, n_words, width, floats, copies)
    for w in range(n_words):  # every output row moved with every pair
        touch(copies.touches, 2 * (first_slot + w) + 1, pairs)
    copies.losses[lane] = loss
    copies.pairs[lane] = pairs


@bare
def _score_all(centre: Integer, first_slot: Integer, n_words: Integer, width: Integer, floats: AnyArray, copies: Copies) -> Real:
    """scores[w] = v_w . v_centre; returns the largest."""
    top = np.float32(-np.inf)
    for w in range(n_words):
        total = splat(np.float32(0))
        for t in range(0, width, 16):
            total = fma(load(copies.inputs, centre * width + t), load(copies.outputs, (first_slot + w) * width + t), total)
        score = hsum(total)
        floats[_CHANGE + width + w] = score
        top = max(top, score)
    return top


@bare
def _exponentials(n_words: Integer, scores: Integer, top: Real, floats: AnyArray) -> Real:
    """scores[w] = exp(scores[w] - top) in place; returns their float64 sum."""
    limit, largest = splat(np.float32(LIMIT)), splat(top)
    for w in range(0, n_words, 16):
        store(floats, scores + w, exp(clamp(sub(load(floats, scores + w), largest), limit)))
    total = 0.0
    for w in range(n_words):
        total += np.float64(floats[scores + w])
    return total


@bare
def _step(centre: Integer, first_slot: Integer, n_words: Integer, width: Integer, floats: AnyArray, copies: Copies) -> None:
    """v_centre += sum_w g[w] v_w and v_w += g[w] v_centre, both with the values from before."""
    inputs, outputs = copies.inputs, copies.outputs
    for t in range(0, width, 16):
        x = load(inputs, centre * width + t)
        change = x
        for w in range(n_words):
            g = broadcast(floats, _CHANGE + width + w)
            at = (first_slot + w) * width + t
            v = load(outputs, at)
            change = fma(g, v, change)
            store(outputs, at, fma(g, x, v))
        store(inputs, centre * width + t, change)
