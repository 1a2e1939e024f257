"""A centre's place in, the slots of its contexts and of its outputs out: what every objective trains on."""

from __future__ import annotations

import numpy as np

from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import bare

__all__ = ["collect_contexts", "draw_targets", "window_of"]


@bare
def window_of(position, window, fixed, key):
    """The reach of a centre's window: `window`, or uniform in 1 .. window, a draw of the position."""
    if fixed:
        return window
    return 1 + below(mix(key + np.uint64(position) * GOLDEN), window)


@bare
def collect_contexts(i, n, plan, key, desk):
    """Put the slots of the words around entry i, within its window and its text, into desk.contexts; returns their number."""
    words = desk.words
    reach = window_of(desk.positions[i], plan.window, plan.fixed_window, key)
    j = i - 1
    while j >= 0 and i - j <= reach and words[j] >= 0:
        j -= 1
    j += 1
    n_contexts = 0
    while j < n and j - i <= reach and words[j] >= 0:
        if j != i:
            desk.contexts[n_contexts] = words[j]
            n_contexts += 1
        j += 1
    return n_contexts


@bare
def draw_targets(centre, n_outputs, state, desk):
    """Put the centre's slot and then `negatives` noise slots of the block's pool into desk.targets; returns the next state."""
    desk.targets[0] = centre
    for k in range(1, n_outputs):
        state += GOLDEN
        desk.targets[k] = desk.negatives[below(mix(state), desk.negatives.size)]
    return state
