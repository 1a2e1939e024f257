"""A graph and the nodes where walks start in, the nodes they visit out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import bare, bare_kernel

__all__ = ["walk"]

_LOW = np.uint64(0xFFFFFFFF)


@bare
def _unit(bits: Integer) -> Real:
    return np.float64(bits >> np.uint64(11)) * 2.0**-53


@bare
def _search(neighbours: AnyArray, low: Integer, high: Integer, node: Integer) -> Integer:
    """The first place of low .. high - 1 whose neighbour is not below `node`, or high. Halving without a branch to guess."""
    n = high - low
    while n > 0:
        half = n >> 1
        step = np.int64(np.int64(peek(neighbours, low + half)) < node)
        low += step * (half + 1)
        n = step * (n - half - 1) + (1 - step) * half
    return low


@bare
def _linked(indptr: AnyArray, neighbours: AnyArray, node: Integer, other: Integer) -> Integer:
    high = indptr[node + 1]
    at = _search(neighbours, indptr[node], high, other)
    return at < high and np.int64(neighbours[at]) == other


@bare
def _propose(sums: AnyArray, bits: Integer, low: Integer, high: Integer) -> Integer:
    """An edge of low .. high - 1 by its weight."""
    if sums.size == 0:
        return low + below(bits >> np.uint64(32), high - low)
    aim = sums[low] + _unit(bits) * (sums[high] - sums[low])
    first, last = low, high - 1
    while first < last:
        middle = (first + last) // 2
        if sums[middle + 1] <= aim:
            first = middle + 1
        else:
            last = middle
    return first


@bare
def _step(
    indptr: AnyArray, neighbours: AnyArray, sums: AnyArray, p: Real, q: Real, state: Integer, previous: Integer, node: Integer
) -> Any:
    """The new state and the next node."""
    low, high = indptr[node], indptr[node + 1]
    if previous < 0 or (p == 1 and q == 1):
        state += GOLDEN
        return state, np.int64(neighbours[_propose(sums, mix(state), low, high)])
    highest = max(1.0, 1 / q)
    certain = min(1.0, 1 / q)  # below it a neighbour other than the last node is kept whether or not it is linked
    extra = 0.0
    if 1 / p > highest:
        back = _search(neighbours, low, high, previous)
        if back < high and np.int64(neighbours[back]) == previous:
            extra = (1 / p - highest) * (sums[back + 1] - sums[back] if sums.size > 0 else 1.0)
    total = highest * (sums[high] - sums[low] if sums.size > 0 else np.float64(high - low))
    while True:
        state += GOLDEN
        if extra > 0 and _unit(mix(state)) * (total + extra) >= total:
            return state + GOLDEN, previous
        state += GOLDEN
        bits = mix(state)
        following = np.int64(neighbours[_propose(sums, bits, low, high)])
        height = highest * (_unit(mix(bits + GOLDEN)) if sums.size > 0 else np.float64(bits & _LOW) * 2.0**-32)
        if following == previous:
            if height < 1 / p:
                return state, following
        elif height < certain or _linked(indptr, neighbours, previous, following) == (q > 1):
            return state, following  # between `certain` and `highest`: 1 with a link, 1 / q without


@bare_kernel
def walk(
    indptr: AnyArray, neighbours: AnyArray, sums: AnyArray, p: Real, q: Real, key: Integer, starts: AnyArray, places: AnyArray,
    span: tuple[Integer, Integer, Integer], ids: AnyArray, begins: AnyArray,
) -> None:  # fmt: skip
    """Walk numbers first .. stop - 1; span = (first, stop, the number of walk 0 in the epoch)."""
    first, stop, offset = span
    for number in range(first, stop):
        state = mix(np.uint64(key) + np.uint64(number + offset) * GOLDEN)
        previous, node = np.int64(-1), np.int64(-1)
        for place in range(places[number], places[number + 1]):
            if node < 0 or indptr[node] == indptr[node + 1]:
                previous, node = np.int64(-1), np.int64(starts[number])
                poke(begins, place, np.uint8(1))
            else:
                poke(begins, place, np.uint8(0))
                state, following = _step(indptr, neighbours, sums, p, q, state, previous, node)
                previous, node = node, following
            poke(ids, place, np.int32(node))
