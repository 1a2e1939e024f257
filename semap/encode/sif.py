"""Counts of words in, their weights in a mean out; means in, what they have in common out."""

from __future__ import annotations

import numpy as np

from semap.arrays import Counts64, FloatMatrix, FloatVector
from semap.errors import SettingsError

__all__ = ["common_component", "sif_weights"]


def sif_weights(counts: Counts64 | None, a: float) -> FloatVector:
    """Return a / (a + p(w)) of every row, float32 (V,), where p(w) is the row's share of all counts.

    Arora, Liang and Ma 2017 ("A Simple but Tough-to-Beat Baseline for Sentence Embeddings"), algorithm 1, line 2.
    Raises SettingsError where there are no counts or `a` is not above 0.
    """
    if counts is None:
        raise SettingsError('pooling "sif" weighs words by their counts, and this table has none; use pooling="mean"')
    if not (a > 0 and np.isfinite(a)):
        raise SettingsError(f"sif_a is {a}; give a number above 0 (1e-4 to 1e-2 are usual)")
    shares = counts / max(int(counts.sum()), 1)
    weights: FloatVector = (a / (a + shares)).astype(np.float32)
    return weights


def common_component(means: FloatMatrix, n_components: int) -> FloatMatrix:
    """Return the first right singular vectors of means (B, D): float32 (n_components, D), rows of length 1.

    Algorithm 1, line 5, of the same paper, which takes one. The sign, which is free, makes the largest number positive.
    Raises SettingsError where fewer texts than components have a vector.
    """
    present = means[np.any(means != 0, axis=1)].astype(np.float64)
    if len(present) < max(n_components, 1):
        raise SettingsError(f"{len(present):,} texts have a known word; {n_components} components need as many at least")
    _, vectors = np.linalg.eigh(present.T @ present)  # in rising order
    components = vectors[:, ::-1][:, :n_components].T
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(n_components), largest])
    return np.ascontiguousarray(components * signs[:, None], np.float32)
