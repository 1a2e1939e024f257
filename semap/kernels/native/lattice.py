"""Words with all pieces that stand in them in, how often each piece is expected out (`reference/lattice.py` says more)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.native.jit import inlined, kernel

__all__ = ["best_without", "expect"]


@inlined
def _log_sum(a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)); one of the two may be -inf."""
    high, low = max(a, b), min(a, b)
    return high if low == -np.inf else high + math.log1p(math.exp(low - high))


@kernel
def expect(
    offsets: AnyArray, starts: AnyArray, ends: AnyArray, pieces: AnyArray, lengths: AnyArray, weights: AnyArray,
    scores: AnyArray, expected: AnyArray,
) -> float:  # fmt: skip
    """Add to `expected` how often each piece comes, over all ways to spell each word; return the log-likelihood."""
    longest = lengths.max() if lengths.size else 0
    forward, backward = np.empty(longest + 1), np.empty(longest + 1)
    total = 0.0
    for word in range(lengths.size):
        length, first, stop = lengths[word], offsets[word], offsets[word + 1]
        forward[: length + 1], backward[: length + 1] = -np.inf, -np.inf
        forward[0] = backward[length] = 0.0
        for edge in range(first, stop):
            reached = forward[starts[edge]] + scores[pieces[edge]]
            if reached > -np.inf:
                forward[ends[edge]] = _log_sum(forward[ends[edge]], reached)
        if forward[length] == -np.inf:
            continue
        for edge in range(stop - 1, first - 1, -1):
            left = backward[ends[edge]] + scores[pieces[edge]]
            if left > -np.inf:
                expected[pieces[edge]] += weights[word] * math.exp(forward[starts[edge]] + left - forward[length])
                backward[starts[edge]] = _log_sum(backward[starts[edge]], left)
        total += weights[word] * forward[length]
    return total


@kernel
def best_without(
    offsets: AnyArray, starts: AnyArray, ends: AnyArray, pieces: AnyArray, lengths: AnyArray, own: AnyArray, scores: AnyArray,
    best: AnyArray,
) -> None:  # fmt: skip
    """Fill `best` with the score of the best way to spell each word that does without the piece own[w]."""
    reached = np.empty((lengths.max() if lengths.size else 0) + 1)
    for word in range(lengths.size):
        reached[: lengths[word] + 1] = -np.inf
        reached[0] = 0.0
        for edge in range(offsets[word], offsets[word + 1]):
            if pieces[edge] != own[word]:
                reached[ends[edge]] = max(reached[ends[edge]], reached[starts[edge]] + scores[pieces[edge]])
        best[word] = reached[lengths[word]]
