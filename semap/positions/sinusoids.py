"""A number of positions in, a fixed vector of sines and cosines for each out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError
from semap.positions.angles import EXACT, angles
from semap.settings import whole

__all__ = ["float_dtype", "sinusoidal"]

_BASE = 10_000.0
_NUMBERS_AT_ONCE = 1 << 18  # so that the float64 angles stay small beside the result


def sinusoidal(n: int, dim: int, *, start: int = 0, dtype: Any = np.float32) -> AnyArray:
    """Return the vectors of the positions start .. start + n - 1, (n, dim).

    PE(pos, 2i) = sin(pos / 10000^(2i/dim)), PE(pos, 2i+1) = cos(pos / 10000^(2i/dim)); an odd `dim` ends with a sine.
    n: from 0. dim: from 1. start: the first position, a whole number of either sign. dtype: float32, float16 or float64.
    Raises SettingsError. Computed in float64 and rounded once, so float32 is right to 1e-7 at position 1,000,000 too.
    Source: Vaswani et al. 2017, Attention Is All You Need, section 3.5.
    """
    n, dim = whole("n", n, 0, EXACT), whole("dim", dim, 1, EXACT)
    start = whole("start", start, -EXACT, EXACT - n)
    encoded = np.empty((n, dim), float_dtype(dtype))
    step = max(1, _NUMBERS_AT_ONCE // dim)
    for begin in range(0, n, step):
        piece = encoded[begin : begin + step]
        turned = angles(np.arange(start + begin, start + begin + len(piece), dtype=np.int64), dim, _BASE)
        piece[:, 0::2] = np.sin(turned)
        piece[:, 1::2] = np.cos(turned[:, : dim // 2])
    return encoded


def float_dtype(dtype: Any) -> np.dtype[Any]:
    """Return float16, float32 or float64 as NumPy has it. Raises SettingsError for anything else."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.float16, np.float32, np.float64):
        raise SettingsError(f"dtype is {dtype!r}; positions are float32, float16 or float64")
    return found
