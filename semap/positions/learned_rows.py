"""A number of positions and a seed in, the rows that training starts from out."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix
from semap.positions.angles import EXACT
from semap.settings import whole

__all__ = ["learned"]

_DEVIATION = 0.02


def learned(n: int, dim: int, seed: int = 1) -> FloatMatrix:
    """Return a vector for each position 0 .. n - 1 to train from, float32 (n, dim), the caller's own.

    Uniform with the standard deviation of BERT's and GPT-2's rows, 0.02, which draw from a normal distribution: uniform
    numbers need no logarithm, so they have the same bits on every machine. The first rows do not depend on `n`.
    n: from 0. dim: from 1. seed: from 0. Raises SettingsError.
    Source: Devlin et al. 2019, BERT, section 3.2 (learned position embeddings); initializer_range of its code.
    """
    n, dim, seed = whole("n", n, 0, EXACT), whole("dim", dim, 1, EXACT), whole("seed", seed, 0, 2**64 - 1)
    drawn = np.random.Philox(key=seed).random_raw(n * dim) >> np.uint64(40)  # 24 bits, what a float32 holds
    centred = (drawn.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23) - np.float32(1)  # in (-1, 1)
    rows: FloatMatrix = (centred * np.float32(_DEVIATION * 3**0.5)).reshape(n, dim)
    return rows
