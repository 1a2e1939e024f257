"""Decimal digits in, the float32 nearest to them out; and back: the fewest digits that read as the same float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined

__all__ = ["LONGEST_NUMERAL", "NOT_A_NUMBER", "NUMBER", "UNDECIDED", "print_number", "read_number"]

NOT_A_NUMBER, NUMBER, UNDECIDED = 0, 1, 2
LONGEST_NUMERAL = 16  # -0.0000123456789

_REACH = 290  # beyond it a float64 could leave its range below; plain Python decides then
_MOST_DIGITS = 18  # as many as fit in int64; the rest changes the value by less than 1e-17 of it
_POWERS = np.array([float(f"1e{power}") for power in range(-_REACH, _REACH + 1)])
_TENS = np.array([10**power for power in range(11)], np.int64)
# Half the distance from a float32 to the next one, by its exponent bits.
_HALF_STEPS = np.array([2.0 ** (max(exponent, 1) - 151) for exponent in range(256)])
_BELOW, _ABOVE = 1 - 2.0**-50, 1 + 2.0**-50
_UNSURE = 1e-6


@inlined
def read_number(content: Any, at: int, end: int) -> tuple[Any, int, int]:
    """Read [+-]digits[.digits][e[+-]digits] from content[at:end]: its value, where it stops, and what it was.

    The value is computed in float64 with an error below 2^-51 of it. Where both ends of twice that interval round to
    the same float32, that is the one nearest to the decimal; else (about once in ten million) the answer is UNDECIDED.
    """
    negative = at < end and content[at] == 45
    if at < end and (content[at] == 45 or content[at] == 43):
        at += 1
    digits: Any = np.int64(0)
    n_digits, power, seen = 0, 0, 0
    while at < end:
        digit: Any = np.int64(content[at]) - 48
        if digit < 0 or digit > 9:
            break
        if n_digits < _MOST_DIGITS:
            digits = digits * 10 + digit
            n_digits += digits > 0
        else:
            power += 1
        seen += 1
        at += 1
    if at < end and content[at] == 46:
        at += 1
        while at < end:
            digit = np.int64(content[at]) - 48
            if digit < 0 or digit > 9:
                break
            if n_digits < _MOST_DIGITS:
                digits = digits * 10 + digit
                n_digits += digits > 0
                power -= 1
            seen += 1
            at += 1
    if seen == 0:
        return np.float32(0), at, NOT_A_NUMBER
    if at < end and (content[at] == 101 or content[at] == 69):
        shift, at, known = _read_exponent(content, at + 1, end)
        if not known:
            return np.float32(0), at, NOT_A_NUMBER
        power += shift
    if power < -_REACH or power > _REACH:
        return np.float32(0), at, UNDECIDED
    size = np.float64(digits) * _POWERS[power + _REACH]
    low, high = np.float32(size * _BELOW), np.float32(size * _ABOVE)
    if low != high or not np.isfinite(high):
        return np.float32(0), at, UNDECIDED
    return (-low if negative else low), at, NUMBER


@inlined
def _read_exponent(content: Any, at: int, end: int) -> tuple[int, int, bool]:
    """[+-]digits, no further from 0 than a million."""
    negative = at < end and content[at] == 45
    if at < end and (content[at] == 45 or content[at] == 43):
        at += 1
    shift: Any = 0
    first = at
    while at < end:
        digit: Any = np.int64(content[at]) - 48
        if digit < 0 or digit > 9:
            break
        shift = min(shift * 10 + digit, 1_000_000)
        at += 1
    return (-shift if negative else shift), at, at > first


@inlined
def print_number(value: Any, bits: int, out: Any, at: int) -> int:
    """Write a finite float32, whose bits are `bits`, to out[at:], at most LONGEST_NUMERAL bytes; return where it stops.

    All decimals between the middles to the two neighbouring float32 read back as this one. Seen with nine digits before
    the point they are 6 to 120 whole numbers; the one that ends in most zeros, nearest to the value, is the shortest.
    The middles themselves are left out: not every reader breaks a tie alike.
    """
    if bits < 0:
        out[at] = 45
        at += 1
    bits = np.int64(bits) & 0x7FFFFFFF  # type: ignore[assignment]
    if bits == 0:
        out[at] = 48
        return at + 1
    size, exponent = abs(np.float64(value)), bits >> 23
    place: Any = np.int64(np.floor(np.log10(size)))  # of the first digit; may be one off, which the digits below allow for
    scale = _POWERS[8 - place + _REACH]
    step = _HALF_STEPS[exponent]
    below = step if (bits & 0x7FFFFF) or exponent < 2 else step / 2  # under a power of two the steps are half as long
    lowest = np.int64(np.ceil((size - below) * scale + _UNSURE))
    highest = np.int64(np.floor((size + step) * scale - _UNSURE))
    zeros = 0
    while highest // _TENS[zeros + 1] * _TENS[zeros + 1] >= lowest and zeros < 9:
        zeros += 1
    unit = _TENS[zeros]
    number: Any = np.int64(np.rint(size * scale / unit))
    if number * unit < lowest:
        number += 1
    elif number * unit > highest:
        number -= 1
    return _print_decimal(number, zeros + place - 8, out, at)


@inlined
def _print_decimal(number: int, power: int, out: Any, at: int) -> int:
    """number * 10^power, number > 0: with a point from 0.00001 to 999999999, else as d.ddde-dd."""
    while number % 10 == 0:
        number //= 10
        power += 1
    n_digits = 1
    while number >= _TENS[n_digits]:
        n_digits += 1
    first = n_digits - 1 + power  # the place of the first digit: 0 for units
    if first < -5 or first > 8:
        at = _print_digits(number, n_digits, 1, out, at)
        out[at] = 101
        out[at + 1] = 45 if first < 0 else 43
        out[at + 2] = 48 + abs(first) // 10
        out[at + 3] = 48 + abs(first) % 10
        return at + 4
    if first < 0:
        out[at], out[at + 1] = 48, 46
        for place in range(-first - 1):
            out[at + 2 + place] = 48
        return _print_digits(number, n_digits, n_digits, out, at + 1 - first)
    at = _print_digits(number, n_digits, min(first + 1, n_digits), out, at)
    for _ in range(power):
        out[at] = 48
        at += 1
    return at


@inlined
def _print_digits(number: int, n_digits: int, before: int, out: Any, at: int) -> int:
    """The digits of a number, a point after the first `before` of them where more follow."""
    stop = at + n_digits + (before < n_digits)
    for place in range(stop - 1, at - 1, -1):
        if place == at + before:
            out[place] = 46
        else:
            out[place] = 48 + number % 10
            number //= 10
    return stop
