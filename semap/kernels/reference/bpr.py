"""Who has what in, rows moved so that each user's items score above others out; written to be read, in any type of float."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.reference.draws import GOLDEN, below, mix

__all__ = ["DRAWS", "LIMIT", "deal", "train"]

DRAWS = 32  # of a sample: one for the pair, the others for an item that the user has not
LIMIT = 80.0  # differences of scores are cut here: e^80 is finite in float32


def deal(
    users: AnyArray, items: AnyArray, groups: AnyArray, start: int, stop: int, pairs: AnyArray, begins: AnyArray
) -> None:  # fmt: skip
    """Put the interactions start .. stop - 1 into pairs, sorted by the group of their item; of one group the order stays.

    users, items int32 (N,), groups int32 (I,); pairs int64 (N,) gets user * 2^32 + item in start .. stop - 1, and begins int64
    (G + 1,) where each group begins.
    """
    own = groups[items[start:stop]]
    begins[0] = start
    begins[1:] = start + np.cumsum(np.bincount(own, minlength=len(begins) - 1))
    both = users[start:stop].astype(np.int64) << 32 | items[start:stop]
    pairs[start:stop] = both[np.argsort(own, kind="stable")]


def train(
    pairs: AnyArray, pool: AnyArray, key: int, rates: tuple[float, float], users: AnyArray, items: AnyArray, biases: AnyArray,
    told: AnyArray,
) -> None:  # fmt: skip
    """Draw as many samples as there are pairs, and take a step for each: LearnBPR of Rendle et al. 2009, figure 4.

    A sample is a pair (u, i), drawn with replacement, and an item j of the pool that u has not; where no draw finds one, it
    is left out. With x = w_u . (h_i - h_j) + b_i - b_j and rates = (a, l), the step is -a times the slope of

        -ln sigmoid(x) + l / 2 (|w_u|^2 + |h_i|^2 + |h_j|^2 + b_i^2 + b_j^2)

    pairs: int64 (n,) rising, u * 2^32 + i: all that these users have of the pool. pool: int32 (P,). key: of the draws.
    users (U, W), items (I, W); biases (I,), or empty for none. told float64 (2,) gets the sum of -ln sigmoid(x) before each
    step, and the number of steps.
    """
    had = set(pairs.tolist())
    rate, strength = rates
    for sample in range(len(pairs)):
        place = key + sample * DRAWS * GOLDEN
        pair = int(pairs[below(mix(place), len(pairs))])
        u, i = pair >> 32, pair & 0xFFFFFFFF
        drawn = (int(pool[below(mix(place + n * GOLDEN), len(pool))]) for n in range(1, DRAWS))
        j = next((item for item in drawn if (u << 32 | item) not in had), None)
        if j is None:
            continue
        w, gap = users[u].copy(), items[i] - items[j]
        x = w @ gap + (biases[i] - biases[j] if len(biases) else 0)
        x = np.clip(x, -LIMIT, LIMIT)
        slope = 1 / (1 + np.exp(x))
        users[u] += rate * (slope * gap - strength * w)
        items[i] += rate * (slope * w - strength * items[i])
        items[j] += rate * (-slope * w - strength * items[j])
        if len(biases):
            biases[i] += rate * (slope - strength * biases[i])
            biases[j] += rate * (-slope - strength * biases[j])
        told += np.log1p(np.exp(-x)), 1
