"""A graph and the nodes where walks start in, the nodes they visit out, written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.reference.draws import GOLDEN, below, mix

__all__ = ["walk"]

_ALL = 2**64 - 1


def walk(
    indptr: AnyArray, neighbours: AnyArray, sums: AnyArray, p: float, q: float, key: int, starts: AnyArray, places: AnyArray,
    span: tuple[int, int, int], ids: AnyArray, begins: AnyArray,
) -> None:  # fmt: skip
    """Walk numbers first .. stop - 1: fill ids[places[w]:places[w + 1]] with a walk from starts[w].

    The next node x after t, v is drawn with probability proportional to w(v, x) a(t, x), a = 1 / p for x = t, 1 where an edge
    leads from t to x, else 1 / q (Grover and Leskovec 2016, equation 2). A walk that can go nowhere begins again at its start,
    and begins[position] is 1 wherever one begins, so that each gets all of its places.

    indptr int64 (V + 1,), neighbours int32 (E,) ascending; sums float64 (E + 1,): weights added up from the first edge on, or
    empty where all are 1; starts int32 (W,), places int64 (W + 1,); span = (first, stop, the number of walk 0 in the epoch, which
    its draws depend on); ids int32 and begins uint8, one place a step.
    """
    first, stop, offset = span
    for number in range(first, stop):
        state = mix(key + (number + offset) * GOLDEN)
        place, end = int(places[number]), int(places[number + 1])
        previous, node = -1, -1
        while place < end:
            if node < 0 or indptr[node] == indptr[node + 1]:
                previous, node = -1, int(starts[number])
                begins[place] = 1
            else:
                begins[place] = 0
                state, following = _step(indptr, neighbours, sums, p, q, state, previous, node)
                previous, node = node, following
            ids[place] = node
            place += 1


def _step(
    indptr: AnyArray, neighbours: AnyArray, sums: AnyArray, p: float, q: float, state: int, previous: int, node: int
) -> tuple[int, int]:
    """The new state and the next node, by rejection sampling (Yang et al. 2019, KnightKing, section 4.2).

    A neighbour proposed by its weight is kept with probability a / highest; where going back is likelier than all else, what
    1 / p has above the others is a proposal of its own, so that few are refused.
    """
    low, high = int(indptr[node]), int(indptr[node + 1])
    if previous < 0 or (p == 1 and q == 1):
        state = (state + GOLDEN) & _ALL
        return state, int(neighbours[_propose(sums, mix(state), low, high)])
    highest = max(1.0, 1 / q)
    back = low + int(np.searchsorted(neighbours[low:high], previous))
    known = back < high and neighbours[back] == previous
    extra = max(0.0, 1 / p - highest) * (_weight(sums, back) if known else 0.0)
    total = highest * (sums[high] - sums[low] if len(sums) else high - low)
    while True:
        state = (state + GOLDEN) & _ALL
        if extra > 0 and _unit(mix(state)) * (total + extra) >= total:
            return (state + GOLDEN) & _ALL, previous
        state = (state + GOLDEN) & _ALL
        bits = mix(state)
        edge = _propose(sums, bits, low, high)
        height = (bits & 0xFFFFFFFF) * 2.0**-32 * highest if not len(sums) else _unit(mix(bits + GOLDEN)) * highest
        following = int(neighbours[edge])
        if following == previous:
            chance = 1 / p
        else:
            around = neighbours[indptr[previous] : indptr[previous + 1]]
            chance = 1.0 if following in around else 1 / q
        if height < chance:
            return state, following


def _propose(sums: AnyArray, bits: int, low: int, high: int) -> int:
    """An edge of low .. high - 1 by its weight."""
    if not len(sums):
        return low + below(bits >> 32, high - low)
    aim = sums[low] + _unit(bits) * (sums[high] - sums[low])
    return min(low + int(np.searchsorted(sums[low + 1 : high + 1], aim, side="right")), high - 1)


def _unit(bits: int) -> float:
    """A number from 0 to below 1, from the upper 53 bits."""
    return (bits >> 11) * 2.0**-53


def _weight(sums: AnyArray, edge: int) -> float:
    return float(sums[edge + 1] - sums[edge]) if len(sums) else 1.0
