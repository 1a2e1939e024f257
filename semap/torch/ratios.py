"""The n-grams of texts and the texts' classes in, how much more often each class has each n-gram out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.torch.bags import Bags

__all__ = ["log_count_ratios"]


def log_count_ratios(grams: Bags, classes: AnyArray, n_grams: int, n_classes: int) -> FloatMatrix:
    """Return log(p / q) of every n-gram and class, float32 (n_grams, n_classes).

    p is the share of an n-gram among those of the class's texts, q among those of all other texts; an n-gram counts once a
    text, and every count begins at 1. classes: int64 (N,), of the N texts. Wang and Manning 2012 (Baselines and Bigrams,
    section 2.2), for more than two classes each against the rest.
    """
    n_texts = len(grams.lengths)
    texts = np.repeat(np.arange(n_texts, dtype=np.int64), grams.lengths)
    once = np.unique(grams.ids.astype(np.int64) * n_texts + texts)
    ids, of_class = once // max(n_texts, 1), classes[once % max(n_texts, 1)]
    counts = np.stack([np.bincount(ids[of_class == number], minlength=n_grams) for number in range(n_classes)], axis=1)
    mine = counts + 1.0
    others = counts.sum(1, keepdims=True) - counts + 1.0
    ratios: FloatMatrix = np.log((mine / mine.sum(0)) / (others / others.sum(0))).astype(np.float32)
    return ratios
