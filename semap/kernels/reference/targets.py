"""A centre's place in, the slots of its contexts and of its outputs out; plain twin of `native/targets.py`."""

from __future__ import annotations

from semap.kernels.layout import Desk, Plan
from semap.kernels.reference.draws import GOLDEN, below, mix

__all__ = ["collect_contexts", "draw_targets", "signs_of", "window_of"]


def window_of(position: int, window: int, fixed: int, key: int) -> int:
    """The reach of a centre's window: `window`, or uniform in 1 .. window, a draw of the position."""
    return window if fixed else 1 + below(mix(key + int(position) * GOLDEN), window)


def collect_contexts(i: int, n: int, plan: Plan, key: int, desk: Desk) -> list[int]:
    """The slots of the words around entry i, within its window and its text."""
    reach = window_of(desk.positions[i], plan.window, plan.fixed_window, key)
    words = desk.words[:n].tolist()
    text_begin = max((j + 1 for j in range(i) if words[j] < 0), default=0)
    text_end = min((j for j in range(i, n) if words[j] < 0), default=n)
    return [words[j] for j in range(max(text_begin, i - reach), min(text_end, i + reach + 1)) if j != i]


def draw_targets(centre: int, n_outputs: int, state: int, desk: Desk) -> tuple[int, list[int], list[float]]:
    """The next state, the centre's slot followed by `negatives` noise slots of the block's pool, and their signs."""
    targets = [centre]
    for _ in range(1, n_outputs):
        state = (state + GOLDEN) % 2**64
        targets.append(int(desk.negatives[below(mix(state), desk.negatives.size)]))
    return state, targets, signs_of(targets)


def signs_of(targets: list[int]) -> list[float]:
    """1 for the centre's own, -1 for noise, 0 for a drawn positive."""
    return [1.0] + [float(-(slot != targets[0])) for slot in targets[1:]]
