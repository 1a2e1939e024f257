"""Numbers in, the sum that tells damage out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["weighted_sum"]

_LANES = 64  # sums that go on side by side


@kernel
def weighted_sum(words: Any, start: int, stop: int, out: Any) -> None:
    """Add to out[0], uint64 (1,), the part of the sum that words[start:stop], uint32 (N,), contribute.

    Without a product for each word, four times sooner: word k of n of a lane is added to `plain`, and `plain` each time to
    `tower`, which so holds it n - k times.
    """
    plain, tower = np.zeros(_LANES, np.uint64), np.zeros(_LANES, np.uint64)
    n_steps = (stop - start) // _LANES
    for step in range(n_steps):
        first = np.uint64(start + _LANES * step)
        for lane in range(_LANES):
            at = np.uint64(lane)
            plain[at] += np.uint64(words[first + at])
            tower[at] += plain[at]
    total = np.uint64(0)  # wraps at 2^64, as it should
    for lane in range(_LANES):
        each_step = np.uint64(n_steps) * plain[lane] - tower[lane]
        total += np.uint64(2 * (start + lane) + 1) * plain[lane] + np.uint64(2 * _LANES) * each_step
    for i in range(start + _LANES * n_steps, stop):
        total += np.uint64(words[i]) * np.uint64(2 * i + 1)
    out[0] += total
