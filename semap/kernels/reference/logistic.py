"""Scores of a centre's outputs in, gradients and loss out; plain twin of `native/logistic.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["GROUP", "descend", "groups"]

GROUP = 6  # outputs in one gradient step


def groups(targets: list[int], signs: list[float]) -> Iterator[tuple[list[int], Any]]:
    """Six outputs at a time with their signs."""
    for begin in range(0, len(targets), GROUP):
        yield targets[begin : begin + GROUP], np.array(signs[begin : begin + GROUP])


def descend(scores: Any, signs: Any, rate: float) -> tuple[Any, float]:
    """Gradients rate * s * sigmoid(-s x) of scores x with signs s, and the loss: the sum of -log sigmoid(s x)."""
    live = signs != 0
    gradients = rate * signs / (1.0 + np.exp(np.clip(signs * scores, -80.0, 80.0)))
    loss = np.log1p(np.exp(np.clip(-signs * scores, -80.0, 80.0)))
    return gradients, float((loss * live).sum())
