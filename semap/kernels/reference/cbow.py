"""The centres of a block in, its private rows one gradient step further out; plain twin of `native/cbow.py`."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.layout import Copies, Desk, Plan, Tree
from semap.kernels.reference.logistic import descend, groups
from semap.kernels.reference.paths import path_targets
from semap.kernels.reference.targets import collect_contexts, draw_targets

__all__ = ["train_cbow"]


def train_cbow(
    own_first: int, own_last: int, n: int, state: int, key: int, plan: Plan, tree: Tree, rate: float, lane: int, desk: Desk,
    copies: Copies, word2vec: bool,
) -> None:  # fmt: skip
    """Every centre in turn: the mean of its contexts' input rows against its own output row and `negatives` noise rows,
    or against the nodes on its path (plan.hierarchical).
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
        if not contexts:
            continue
        pairs += 1
        for slot in targets:
            copies.touches[2 * slot + 1] += 1
        for slot in contexts:
            copies.touches[2 * slot] += 1
        loss += step(contexts, targets, signs, rate, inputs, outputs, word2vec)
    copies.pairs[lane] = pairs
    copies.losses[lane] = loss


def step(
    contexts: list[int],
    targets: list[int],
    signs: list[float],
    rate: float,
    inputs: AnyArray,
    outputs: AnyArray,
    word2vec: bool,
) -> float:
    """One gradient step on sum over outputs k of log sigmoid(s_k v_k . h), h the mean of the contexts; returns minus that sum."""
    hidden = inputs[contexts].mean(axis=0)
    change = np.zeros_like(hidden)
    loss = 0.0
    for slots, group_signs in groups(targets, signs):
        before = outputs[slots].copy()
        gradients, lost = descend(before @ hidden, group_signs, rate)
        loss += lost
        change += gradients @ before
        for k, slot in enumerate(slots):
            outputs[slot] += gradients[k] * hidden
    for context in contexts:
        inputs[context] += change if word2vec else change / len(contexts)
    return loss
