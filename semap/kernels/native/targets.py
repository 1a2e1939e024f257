"""A centre's place in, the slots of its contexts and of its outputs out: what every objective trains on."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer
from semap.kernels.layout import Desk, Plan
from semap.kernels.native.cells import copy_16, peek, poke
from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import bare

__all__ = ["collect_contexts", "draw_targets", "text_around", "touch", "window_of"]


@bare
def window_of(position: Integer, window: Integer, fixed: Integer, key: Integer) -> Integer:
    """The reach of a centre's window: `window`, or uniform in 1 .. window, a draw of the position."""
    if fixed:
        return window
    return 1 + below(mix(key + np.uint64(position) * GOLDEN), window)


@bare
def text_around(i: Integer, n: Integer, words: AnyArray) -> tuple[Integer, Integer]:
    """First entry and the one past the last of the text in which entry i lies."""
    begin, end = i, i + 1
    while begin > 0 and words[begin - 1] >= 0:
        begin -= 1
    while end < n and words[end] >= 0:
        end += 1
    return begin, end


@bare
def collect_contexts(i: Integer, begin: Integer, end: Integer, plan: Plan, key: Integer, desk: Desk) -> Integer:
    """Put the slots of the words around entry i, within its window and its text, into desk.contexts; returns their number."""
    reach = window_of(peek(desk.positions, i), plan.window, plan.fixed_window, key)
    first, last = max(begin, i - reach), min(end, i + reach + 1)
    # 16 at a time, past the end too: a loop of a handful of words costs more in mispredicted ends than in copying
    for j in range(first, i, 16):
        copy_16(desk.words, j, desk.contexts, j - first)
    for j in range(i + 1, last, 16):
        copy_16(desk.words, j, desk.contexts, j - 1 - first)
    return last - first - 1


@bare
def draw_targets(centre: Integer, n_outputs: Integer, state: Integer, desk: Desk) -> Integer:
    """Put the centre's slot and then `negatives` noise slots of the block's pool into desk.targets; returns the next state.

    Their signs go to desk.signs: 1 for the centre's own, -1 for noise, 0 for a drawn positive.
    """
    desk.targets[0] = centre
    desk.signs[0] = 1
    for k in range(1, n_outputs):
        state += GOLDEN
        slot = peek(desk.negatives, below(mix(state), desk.negatives.size))
        poke(desk.targets, k, slot)
        poke(desk.signs, k, np.float32(-1) if slot != centre else np.float32(0))
    return state


@bare
def touch(touches: AnyArray, at: Integer, n: Integer) -> None:
    """Note n more pairs that changed a row."""
    poke(touches, at, np.int32(peek(touches, at) + n))
