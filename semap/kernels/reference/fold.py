"""The private rows of a round's lanes in, the shared matrices changed by them out; plain twin of `native/fold.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semap.kernels.layout import INPUT, OUTPUT, WHOLE, Copies, Matrices, Plan

__all__ = ["fold", "share"]


def share(n_lanes: int, touches: int, rate: float, curvature: float) -> float:
    """How much of each lane's difference to add, so that n stale ones land where n in turn would have."""
    total = curvature * rate * touches
    if n_lanes == 1 or total < 1e-9:
        return 1.0
    return (1.0 - math.exp(-total)) / (n_lanes * (1.0 - math.exp(-total / n_lanes)))


def fold(
    part: int,
    n_parts: int,
    n_lanes: int,
    rate: float,
    matrices: Matrices,
    plan: Plan,
    copies: Copies,
    order: Any,
    places: Any,
) -> None:
    """Fold the words whose number leaves `part` when divided by `n_parts`; parts touch different rows."""
    n_slots = copies.rows.size // copies.n_slots.size
    for need, matrix, own in ((INPUT, matrices.inputs, copies.inputs), (OUTPUT, matrices.outputs, copies.outputs)):
        if need == INPUT and plan.subwords != WHOLE:
            continue
        rows, own_rows = matrix.reshape(-1, plan.width), own.reshape(-1, plan.width)
        touched: dict[int, list[int]] = {}
        for lane in range(n_lanes):
            for slot in range(lane * n_slots, lane * n_slots + int(copies.n_slots[lane])):
                word = int(copies.rows[slot])
                if word % n_parts == part and copies.needs[slot] & need:
                    touched.setdefault(word, []).append(slot)
        for word, slots in touched.items():
            touches = sum(int(copies.touches[2 * slot + (need == OUTPUT)]) for slot in slots)
            part_of_each = rows.dtype.type(share(len(slots), touches, rate, plan.curvature))
            before = rows[word].copy()
            if len(slots) == 1:
                rows[word] = own_rows[slots[0]]
            else:
                rows[word] = before + part_of_each * np.sum([own_rows[slot] - before for slot in slots], axis=0)
