"""Word counts in, what chance reads out: how often a word is kept, and how often it serves as noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semap.arrays import Counts64, DoubleVector
from semap.errors import SettingsError
from semap.kernels.layout import Noise

__all__ = ["alias_table", "keep_limits", "keep_probabilities", "noise_of"]

_ALWAYS = 2**32 - 1


def noise_of(counts: Counts64, sample: float, ns_exponent: float) -> Noise:
    """Return sub-sampling limits and the alias table of count ** ns_exponent, for counts int64 (V,)."""
    with np.errstate(over="ignore"):
        weights = counts.astype(np.float64) ** ns_exponent
    limits, others = alias_table(weights)
    return Noise(keep_limits(counts, sample), limits, others)


def keep_probabilities(counts: Counts64, sample: float) -> DoubleVector:
    """Return how likely a word is kept: min(1, sqrt(sample / f) + sample / f), f its share of the corpus; 1 for sample 0.

    This is the formula of word2vec.c, which differs from the one printed in Mikolov et al. 2013 (1 - sqrt(t / f)).
    """
    if sample == 0 or not counts.sum():
        return np.ones(len(counts))
    share = np.maximum(counts, 1) / counts.sum()
    kept: DoubleVector = np.minimum(1.0, np.sqrt(sample / share) + sample / share)
    return kept


def keep_limits(counts: Counts64, sample: float) -> npt.NDArray[np.uint32]:
    """Return the largest 32-bit draw that keeps each word, uint32 (V,)."""
    draws = np.floor(keep_probabilities(counts, sample) * 2.0**32) - 1
    limits: npt.NDArray[np.uint32] = np.clip(draws, 0, _ALWAYS).astype(np.uint32)
    return limits


def alias_table(weights: DoubleVector) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
    """Return the alias table of a distribution: limits uint32 (V,) and the other word int32 (V,) of each column.

    Walker 1977 in the order of Vose 1991: a column holds its own word up to its limit and one other word above it.
    All counts may be 0 (every word is then as likely).
    """
    if not np.isfinite(weights).all():
        raise SettingsError("ns_exponent is too large: the counts to this power are infinite; word2vec's is 0.75")
    n_words, total = len(weights), weights.sum()
    heights = weights / total * n_words if total > 0 else np.ones(n_words)
    limits = np.full(n_words, _ALWAYS, np.uint32)
    others = np.arange(n_words, dtype=np.int32)
    small, large = np.flatnonzero(heights < 1.0)[::-1], np.flatnonzero(heights >= 1.0)[::-1]
    stops = _fill_up(heights, small, large)
    n_full = stops[-1] if stops else 0
    filled = np.concatenate([small[:n_full], large[: len(stops) - 1]])
    taken = np.diff([0, *stops])  # none at all where every column is just below 1, by rounding
    others[filled] = np.concatenate([np.repeat(large[: len(stops)], taken), large[1 : len(stops)]])
    limits[filled] = np.minimum(heights[filled] * 2.0**32, _ALWAYS).astype(np.uint32)
    return limits, others


def _fill_up(heights: DoubleVector, small: npt.NDArray[np.int64], large: npt.NDArray[np.int64]) -> list[int]:
    """Fill the columns of `small` up from those of `large`; returns at which of `small` each of the large ones ended.

    A large word that has fallen below 1 is the very next one to be filled up, by the large word after it. So Vose's stack is
    the list of small words and at most one more, and what is left to do for each word is a subtraction. Changes `heights`.
    """
    stops: list[int] = []
    gaps = (1.0 - heights[small]).tolist()
    stop, n_small, fallen = 0, len(gaps), 0.0
    for high, room in zip(large.tolist(), heights[large].tolist(), strict=True):
        room -= fallen  # what the large word before it lacks
        while room >= 1.0 and stop < n_small:
            room -= gaps[stop]
            stop += 1
        stops.append(stop)
        if room >= 1.0:  # every column is full
            break
        heights[high], fallen = room, 1.0 - room
    return stops
