"""A place in, 64 random bits out, in whole Python numbers; the plain twin of `native/draws.py`."""

from __future__ import annotations

from typing import Any

__all__ = ["GOLDEN", "alias_draw", "below", "mix", "stream_key"]

GOLDEN = 0x9E3779B97F4A7C15
_ALL = 2**64 - 1


def mix(bits: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014, figure 15)."""
    bits &= _ALL
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _ALL
    return bits ^ (bits >> 31)


def stream_key(seed: int, epoch: int, purpose: int) -> int:
    """One key for each (seed, epoch, purpose)."""
    key = mix(seed + GOLDEN)
    key = mix(key ^ (epoch + GOLDEN))
    return mix(key ^ ((purpose * GOLDEN) & _ALL))


def below(bits: int, limit: int) -> int:
    """A number in 0 .. limit - 1 from the low 32 bits."""
    return ((bits & 0xFFFFFFFF) * int(limit)) >> 32


def alias_draw(bits: int, limits: Any, others: Any) -> int:
    """A word from an alias table (Walker 1977): the high half picks the column, the low half its word or the other."""
    column = below(bits >> 32, limits.size)
    return column if (bits & 0xFFFFFFFF) <= int(limits[column]) else int(others[column])
