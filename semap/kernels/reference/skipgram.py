"""The centres of a block in, its private rows one gradient step further out; plain twin of `native/skipgram.py`."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.layout import Copies, Desk, Plan, Tree
from semap.kernels.reference.logistic import descend, groups
from semap.kernels.reference.paths import path_targets
from semap.kernels.reference.targets import collect_contexts, draw_targets

__all__ = ["TILE", "train_skipgram"]

TILE = 32  # contexts in one gradient step


def train_skipgram(
    own_first: int,
    own_last: int,
    n: int,
    state: int,
    key: int,
    plan: Plan,
    tree: Tree,
    rate: float,
    lane: int,
    desk: Desk,
    copies: Copies,
) -> None:
    """Every centre in turn: the input rows of its contexts against its own output row and `negatives` noise rows,
    or against the rows of the nodes on its path, that it is found by (plan.hierarchical).
    """
    inputs, outputs = copies.inputs.reshape(-1, plan.width), copies.outputs.reshape(-1, plan.width)
    pairs, loss = 0, 0.0
    for i in range(own_first, own_last):
        centre = int(desk.words[i])
        if centre < 0:
            continue
        contexts = collect_contexts(i, n, plan, key, desk)
        if plan.hierarchical:
            targets, signs = path_targets(centre, tree, desk, copies)
        else:
            state, targets, signs = draw_targets(centre, 1 + plan.negatives, state, desk)
        pairs += len(contexts)
        for slot in targets if contexts else ():
            copies.touches[2 * slot + 1] += len(contexts)
        for slot in contexts:
            copies.touches[2 * slot] += len(targets)
        for first in range(0, len(contexts), TILE):
            for slots, group_signs in groups(targets, signs):
                loss += step(contexts[first : first + TILE], slots, group_signs, rate, inputs, outputs)
    copies.pairs[lane] = pairs
    copies.losses[lane] = loss


def step(contexts: list[int], slots: list[int], signs: AnyArray, rate: float, inputs: AnyArray, outputs: np.ndarray) -> float:
    """One gradient step on sum over contexts i and outputs k of log sigmoid(s_k v_k . v_i); returns minus that sum."""
    before = outputs[slots].copy()
    gradients, loss = descend(inputs[contexts] @ before.T, signs, rate)
    for r, context in enumerate(contexts):  # in turn: a context may stand twice in the window
        row = inputs[context].copy()
        inputs[context] = row + gradients[r] @ before
        for k, slot in enumerate(slots):
            outputs[slot] += gradients[r, k] * row
    return loss
