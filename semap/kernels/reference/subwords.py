"""Rows of words and n-grams in, a block's words composed of them out, and back; plain twin of `native/subwords.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semap.kernels.layout import DIVIDED, INPUT, Copies, Desk, Matrices, Plan
from semap.kernels.reference.lane import first_slot

__all__ = ["compose_rows", "fold_subwords", "leave_changes", "stretched"]


def rows_of(word: int, matrices: Matrices) -> Any:
    """The rows that a word's input is the mean of."""
    return matrices.grams.rows[matrices.grams.starts[word] : matrices.grams.starts[word + 1]]


def composing_slots(lane: int, copies: Copies) -> list[int]:
    """The slots of a lane whose inputs are composed."""
    begin = first_slot(lane, copies)
    return [slot for slot in range(begin, begin + int(copies.n_slots[lane])) if copies.needs[slot] & INPUT]


def compose_rows(lane: int, width: int, matrices: Matrices, copies: Copies, bases: Any) -> None:
    """The input of every slot that needs one: the mean of its word's rows, in copies.inputs and in `bases`."""
    rows, inputs = matrices.inputs.reshape(-1, width), copies.inputs.reshape(-1, width)
    for slot in composing_slots(lane, copies):
        mine = rows_of(int(copies.rows[slot]), matrices)
        inputs[slot] = rows[mine].sum(axis=0) / max(len(mine), 1)
        bases.reshape(-1, width)[slot - first_slot(lane, copies)] = inputs[slot]


def stretched(touches: int, factor: float, rate: float, curvature: float) -> float:
    """By how much to multiply a word's change so that it is what steps `factor` times as long would have made of it."""
    travelled = curvature * rate * touches
    if travelled < 1e-9:
        return factor
    return (1.0 - math.exp(-factor * travelled)) / (1.0 - math.exp(-travelled))


def leave_changes(lane: int, rate: float, plan: Plan, starts: Any, copies: Copies, bases: Any) -> None:
    """Replace each trained input of the lane by what is to be added to every row of its word."""
    inputs = copies.inputs.reshape(-1, plan.width)
    for slot in composing_slots(lane, copies):
        word, scale = int(copies.rows[slot]), 1.0
        if plan.subwords == DIVIDED:
            factor = plan.stretch / max(int(starts[word + 1] - starts[word]), 1)
            scale = stretched(int(copies.touches[2 * slot]), factor, float(rate), plan.curvature)
        inputs[slot] = inputs.dtype.type(scale) * (inputs[slot] - bases.reshape(-1, plan.width)[slot - first_slot(lane, copies)])


def fold_subwords(
    part: int, n_parts: int, n_lanes: int, rate: float, matrices: Matrices, plan: Plan, copies: Copies, desk: Desk
) -> None:
    """Add the changes of the round's words to those of their rows whose number leaves `part` when divided by `n_parts`."""
    rows, changes = matrices.inputs.reshape(-1, plan.width), copies.inputs.reshape(-1, plan.width)
    slots_of: dict[int, list[int]] = {}
    for lane in range(n_lanes):
        for slot in composing_slots(lane, copies):
            for row in rows_of(int(copies.rows[slot]), matrices).tolist():
                if row % n_parts == part:
                    slots_of.setdefault(row, []).append(slot)
    for row, slots in slots_of.items():
        total = plan.crowding * float(rate) * sum(int(copies.touches[2 * slot]) for slot in slots)
        share = (1.0 - math.exp(-total)) / total if total > 1e-6 else 1.0
        rows[row] += rows.dtype.type(share) * np.sum([changes[slot] for slot in slots], axis=0)
