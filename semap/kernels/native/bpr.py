"""Who has what in, rows moved so that each user's items score above others out; the plain twin says what is computed.

Rows are float32, 16 coordinates at a time; the loss is float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.cells import peek
from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import LANES, add, clamp, div, exp, fma, hsum, load, mul, splat, store, sub

__all__ = ["deal", "train"]

_DRAWS, _LIMIT = 32, 80.0  # as in the plain twin
_ITEM = 0xFFFFFFFF
_FULL = 1e200  # of a product in float64 that has room for one more factor of 1 + e^80


@kernel
def deal(users: Any, items: Any, groups: Any, start: Any, stop: Any, pairs: Any, begins: Any) -> None:
    """Put the interactions start .. stop - 1 into pairs, sorted by the group of their item, by counting."""
    begins[:] = 0
    for entry in range(start, stop):
        begins[groups[items[entry]] + 1] += 1
    begins[0] = start
    for group in range(1, begins.size):
        begins[group] += begins[group - 1]
    places = begins.copy()
    for entry in range(start, stop):
        group = groups[items[entry]]
        pairs[places[group]] = np.int64(users[entry]) << 32 | np.int64(items[entry])
        places[group] += 1


@kernel
def train(pairs: Any, pool: Any, key: Any, rates: Any, users: Any, items: Any, biases: Any, told: Any) -> None:
    """Draw as many samples as there are pairs, and take a step for each.

    The loss is the logarithm of the product of 1 + e^-x, taken when that product is large.
    """
    rate, strength = np.float32(rates[0]), np.float32(rates[1])
    width = users.shape[1]
    left, right = users.reshape(users.size), items.reshape(items.size)
    factors = np.empty(LANES, np.float32)
    product, loss, steps = 1.0, 0.0, 0
    for sample in range(pairs.size):
        place = np.uint64(key) + np.uint64(sample * _DRAWS) * GOLDEN
        pair = peek(pairs, below(mix(place), pairs.size))
        u, i = pair >> 32, pair & _ITEM
        j = _other(pairs, pair - i, pool, place)
        if j < 0:
            continue
        bias = biases[i] - biases[j] if biases.size > 0 else np.float32(0)
        slope = _slope(left, u * width, right, i * width, j * width, width, bias, rate, factors)
        _move(left, u * width, right, i * width, j * width, width, slope, splat(-(rate * strength)))
        if biases.size > 0:
            share = rate * (factors[0] - np.float32(1)) / factors[0]
            biases[i] += share - rate * strength * biases[i]
            biases[j] += -share - rate * strength * biases[j]
        product *= np.float64(factors[0])
        if product > _FULL:
            loss += np.log(product)
            product = 1.0
        steps += 1
    told[0] += loss + np.log(product)
    told[1] += steps


@inlined
def _other(pairs: Any, user: Any, pool: Any, place: Any) -> Any:
    """An item of the pool that makes no pair with the user, or -1."""
    for n in range(1, _DRAWS):
        item = np.int64(peek(pool, below(mix(place + np.uint64(n) * GOLDEN), pool.size)))
        first, length = np.int64(0), np.int64(pairs.size)
        while length > 1:  # halving without a branch to guess: the last place that is not above the pair
            half = length >> 1
            first += half * np.int64(peek(pairs, first + half) <= user + item)
            length -= half
        if peek(pairs, first) != user + item:
            return item
    return np.int64(-1)


@inlined
def _slope(left: Any, u: Any, right: Any, i: Any, j: Any, width: Any, bias: Any, rate: Any, factors: Any) -> Any:
    """rate * sigmoid(-x) in all places; factors = 1 + e^-x."""
    total = splat(np.float32(0))
    for t in range(0, width, LANES):
        total = fma(load(left, u + t), sub(load(right, i + t), load(right, j + t)), total)
    x = splat(-(hsum(total) + bias))
    e = exp(clamp(x, splat(np.float32(_LIMIT))))
    factor = add(splat(np.float32(1)), e)
    store(factors, 0, factor)
    return mul(splat(rate), div(e, factor))


@inlined
def _move(left: Any, u: Any, right: Any, i: Any, j: Any, width: Any, slope: Any, shrink: Any) -> None:
    """w_u += slope (h_i - h_j) + shrink w_u, h_i += slope w_u + shrink h_i, h_j += -slope w_u + shrink h_j"""
    for t in range(0, width, LANES):
        w, liked, other = load(left, u + t), load(right, i + t), load(right, j + t)
        pull = mul(slope, w)
        store(left, u + t, fma(slope, sub(liked, other), fma(shrink, w, w)))
        store(right, i + t, add(pull, fma(shrink, liked, liked)))
        store(right, j + t, sub(fma(shrink, other, other), pull))
