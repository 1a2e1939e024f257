"""The centres of a block in, its private rows one gradient step further out; plain twin of `native/softmax.py`."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.layout import INPUT, OUTPUT, Copies, Desk, Plan
from semap.kernels.reference.lane import slot_of
from semap.kernels.reference.targets import collect_contexts

__all__ = ["claim_all_words", "train_softmax"]


def claim_all_words(lane: int, desk: Desk, copies: Copies) -> None:
    """Give every word of the vocabulary a slot, in order of their ids."""
    for word in range(desk.slots.size):
        slot_of(word, INPUT | OUTPUT, lane, desk, copies)


def train_softmax(
    own_first: int,
    own_last: int,
    n: int,
    first_slot: int,
    key: int,
    plan: Plan,
    rate: float,
    lane: int,
    desk: Desk,
    copies: Copies,
) -> None:
    """Every centre in turn, its contexts together: the gradient of the sum of their log probabilities."""
    n_words = desk.slots.size
    inputs = copies.inputs.reshape(-1, plan.width)
    outputs = copies.outputs.reshape(-1, plan.width)[first_slot : first_slot + n_words]
    pairs, loss = 0, 0.0
    for i in range(own_first, own_last):
        centre = int(desk.words[i])
        if centre < 0:
            continue
        contexts = collect_contexts(i, n, plan, key, desk)
        if not contexts:
            continue
        pairs += len(contexts)
        copies.touches[2 * centre] += len(contexts)
        loss += step(centre, [slot - first_slot for slot in contexts], rate, inputs, outputs)
    copies.touches[2 * first_slot + 1 : 2 * (first_slot + n_words) : 2] += pairs  # every output row moved with every pair
    copies.losses[lane] = loss
    copies.pairs[lane] = pairs


def step(centre: int, contexts: list[int], rate: float, inputs: AnyArray, outputs: AnyArray) -> float:
    """One gradient step on sum over contexts c of log P(c | centre), P the softmax over all rows; returns minus that sum."""
    hidden = inputs[centre].copy()
    scores = outputs @ hidden
    scores -= scores.max()
    powers = np.exp(np.maximum(scores, -80.0))
    probabilities = powers / powers.sum()
    loss = float((np.log(powers.sum()) - scores[contexts]).sum())
    gradients = -len(contexts) * probabilities
    np.add.at(gradients, contexts, 1.0)
    inputs[centre] = hidden + rate * (gradients @ outputs)
    outputs += rate * np.outer(gradients, hidden)
    return loss
