"""Decimal digits in, the float32 nearest to them out; and back: exact arithmetic, a number at a time."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

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
    direction = np.float32(np.inf if double > float(nearest) else -np.inf)
    other = np.nextafter(nearest, direction)
    if np.isinf(other) or abs(double - float(nearest)) != abs(float(other) - double):
        return nearest
    exact, middle = Decimal(numeral.decode()), Decimal(double)
    if exact == middle:
        return nearest  # a true middle: NumPy has rounded it to even
    return np.float32(max(nearest, other) if exact > middle else min(nearest, other))


def print_number(value: np.float32) -> bytes:
    """Return the shortest decimal that reads as `value`: with a point from 0.00001 to 999999999, else as d.ddde-dd.

    It lies between the middles to the two neighbouring float32, but is neither: not every reader breaks a tie alike.
    """
    sign, size = b"-" if np.signbit(value) else b"", abs(value)
    if size == 0:
        return sign + b"0"
    mantissa, exponent = np.frexp(size)
    exact, step = Fraction(float(size)), Fraction(2) ** max(int(exponent) - 24, -149)
    at_power = mantissa == 0.5 and size > np.finfo(np.float32).tiny  # below it the steps are half as long
    lowest, highest = exact - (step / 4 if at_power else step / 2), exact + step / 2
    power = int(np.floor(np.log10(float(size)))) + 1
    while True:
        unit = Fraction(10) ** power
        numbers = [number for number in (exact // unit, exact // unit + 1) if lowest < number * unit < highest]
        if numbers:
            number = min(numbers, key=lambda each: (abs(each * unit - exact), each % 2))
            return sign + _decimal(number, power)
        power -= 1


def _decimal(number: int, power: int) -> bytes:
    """number * 10^power."""
    digits = str(number).rstrip("0")
    first = len(str(number)) - 1 + power
    if first < -5 or first > 8:
        return f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{first:+03d}".encode()
    if first < 0:
        return f"0.{'0' * (-first - 1)}{digits}".encode()
    whole, rest = digits[: first + 1].ljust(first + 1, "0"), digits[first + 1 :]
    return f"{whole}{'.' if rest else ''}{rest}".encode()
