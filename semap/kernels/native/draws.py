"""A place in, 64 random bits out: every draw is a function of (seed, epoch, place), so any thread may make it."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, Integer
from semap.kernels.native.jit import bare

__all__ = ["GOLDEN", "alias_draw", "below", "mix", "stream_key"]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)


@bare
def mix(bits: Integer) -> Integer:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014, figure 15)."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


@bare
def stream_key(seed: Integer, epoch: Integer, purpose: Integer) -> Integer:
    """One key for each (seed, epoch, purpose)."""
    key = mix(np.uint64(seed) + GOLDEN)
    key = mix(key ^ (np.uint64(epoch) + GOLDEN))
    return mix(key ^ (np.uint64(purpose) * GOLDEN))


@bare
def below(bits: Integer, limit: Integer) -> Integer:
    """A number in 0 .. limit - 1 from the low 32 bits; limit < 2^31."""
    return np.int64(((bits & _LOW) * np.uint64(limit)) >> np.uint64(32))


@bare
def alias_draw(bits: Integer, limits: AnyArray, others: AnyArray) -> Integer:
    """A word from an alias table (Walker 1977): the high half picks the column, the low half its word or the other."""
    column = below(bits >> np.uint64(32), limits.size)
    if np.uint32(bits & _LOW) <= limits[column]:
        return column
    return np.int64(others[column])
