"""A seed and a size in, the first rows of one side out."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix
from semap.recommend.sweep import width_of
from semap.table.table import Table
from semap.vocab.vocab import Vocab

__all__ = ["starting_rows"]


def starting_rows(
    vocab: Vocab, dim: int, scale: float, seed: tuple[int, int], known: Table | None, extra: int = 0
) -> FloatMatrix:
    """Return float32 (V, W), W being `width_of(dim + extra)`: normal numbers of deviation scale / sqrt(dim), then zeros.

    seed: the seed and the number of the side. known: a table whose tokens keep their rows; it has `dim` columns.
    """
    rows = np.zeros((len(vocab), width_of(dim + extra)), np.float32)
    drawn = np.random.default_rng(seed).standard_normal((len(vocab), dim), np.float32)
    rows[:, :dim] = drawn * np.float32(scale / np.sqrt(dim))
    if known is not None:
        ids = known.ids(list(vocab.tokens))
        rows[ids >= 0, :dim] = known.vectors[ids[ids >= 0]]
    return rows
