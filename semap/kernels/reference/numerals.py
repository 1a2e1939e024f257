"""Decimal digits in, the float32 nearest to them out; and back: exact arithmetic, a number at a time."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np

__all__ = ["print_number", "read_number"]

_NUMERAL = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def read_number(numeral: bytes) -> np.float32 | None:
    """Return the float32 nearest to a decimal, ties to even, infinite beyond the range; None for what is no number."""
    if _NUMERAL.fullmatch(numeral) is None:
        return None
    double = float(numeral)
    with np.errstate(over="ignore"):
        nearest = np.float32(double)
    if double == 0 or not np.isfinite(nearest) or np.float64(nearest) == double:
        return nearest if double != 0 else np.float32(double)
    # Rounding twice goes wrong only where `double` is the middle of two float32: let the decimal itself decide there.
    direction = np.float32(np.inf if double > nearest else -np.inf)
    other = np.nextafter(nearest, direction)
    if np.isinf(other) or abs(double - float(nearest)) != abs(float(other) - double):
        return nearest
    exact, middle = Decimal(numeral.decode()), Decimal(double)
    if exact == middle:
        return nearest  # a true middle: NumPy has rounded it to even
    return np.float32(max(nearest, other) if exact > middle else min(nearest, other))


def print_number(value: np.float32) -> bytes:
    """Return the shortest decimal that reads as `value`: with a point from 0.00001 to 999999999, else as d.ddde-dd."""
    if value == 0:
        return b"-0" if np.signbit(value) else b"0"
    scientific = np.format_float_scientific(value, unique=True, trim="-", exp_digits=2)
    exponent = int(scientific.partition("e")[2])
    if -5 <= exponent <= 8:
        return np.format_float_positional(value, unique=True, trim="-").encode()
    return scientific.encode()
