"""Numbers in, the sum that tells damage out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["weighted_sum"]


@kernel
def weighted_sum(words: Any, start: int, stop: int, out: Any) -> None:
    """Add to out[0], uint64 (1,), the part of the sum that words[start:stop], uint32 (N,), contribute."""
    total = np.uint64(0)  # wraps at 2^64, as it should
    weight = np.uint64(2 * start + 1)
    for i in range(start, stop):
        total += np.uint64(words[i]) * weight
        weight += np.uint64(2)
    out[0] += total
