"""Numbers in, the sum that tells damage out, written to be read: the sum of w[i] (2 i + 1), modulo 2^64.

A weight is odd, so no change of one number leaves the sum as it was.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["weighted_sum"]


def weighted_sum(words: AnyArray, start: int, stop: int, out: AnyArray) -> None:
    """Add to out[0], uint64 (1,), the part of the sum that words[start:stop], uint32 (N,), contribute."""
    total = int(out[0])
    for i in range(start, stop):
        total += int(words[i]) * (2 * i + 1)
    out[0] = np.uint64(total % 2**64)
