"""Bytes at a place in, their character, its class, or the end of a run of ASCII out; what kernels of text share."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.bits import load64, trailing_zeros
from semap.kernels.native.jit import inlined

__all__ = ["ascii_end", "class_at", "lowered"]

_REPLACEMENT = 0xFFFD
_EACH = np.uint64(0x0101010101010101)  # times a byte: that byte in all 8 places
_HIGH = np.uint64(0x80) * _EACH
_LOW = np.uint64(0x7F) * _EACH
_CASE = np.uint64(0x20) * _EACH


@inlined
def _within(low_bits: Any, first: Any, last: Any) -> Any:
    """0x80 in each byte that lies in first..last; all bytes are below 0x80, so no sum reaches the next byte."""
    return (low_bits + np.uint64(0x80 - first) * _EACH) & ~(low_bits + np.uint64(0x7F - last) * _EACH) & _HIGH


@inlined
def _stops(eight: Any, words: Any) -> Any:
    """0x80 in each byte that may end a token: ASCII that does, and all that is not ASCII."""
    low_bits = eight & _LOW
    if words:
        token = _within(low_bits | _CASE, 0x61, 0x7A) | _within(low_bits, 0x30, 0x39)
        return (~token | eight) & _HIGH
    return (_within(low_bits, 0x09, 0x0D) | _within(low_bits, 0x1C, 0x20) | eight) & _HIGH


@inlined
def lowered(eight: Any) -> Any:
    """ASCII capitals lower-cased."""
    return eight | ((_within(eight & _LOW, 0x41, 0x5A) & ~eight) >> np.uint64(2))


@inlined
def _decode(data: Any, at: Any) -> Any:
    """The code point at a place and its bytes; for what is not UTF-8, -1 and the bytes that one U+FFFD stands for."""
    lead = np.intp(data[at])
    low, high, more = 0x80, 0xBF, 1
    if lead < 0x80:
        return lead, 1
    if lead < 0xC2 or lead > 0xF4:
        return -1, 1
    if lead < 0xE0:
        point = lead & 0x1F
    elif lead < 0xF0:
        point, more = lead & 0x0F, 2
        low, high = 0xA0 if lead == 0xE0 else 0x80, 0x9F if lead == 0xED else 0xBF  # no overlong form, no surrogate
    else:
        point, more = lead & 0x07, 3
        low, high = 0x90 if lead == 0xF0 else 0x80, 0x8F if lead == 0xF4 else 0xBF  # no overlong form, none past U+10FFFF
    for place in range(1, more + 1):
        byte = np.intp(data[at + place])
        if byte < low or byte > high:
            return -1, place
        point, low, high = point << 6 | (byte & 0x3F), 0x80, 0xBF
    return point, more + 1


@inlined
def class_at(data: Any, at: Any, classes: Any) -> Any:
    """Class, size and goodness of the character at a place."""
    point, size = _decode(data, at)
    return classes[_REPLACEMENT if point < 0 else point], size, point >= 0


@inlined
def ascii_end(data: Any, at: Any, words: Any) -> Any:
    """The first byte from a place on that may end a token, up to 16 bytes at a time."""
    size = 16
    while size == 16:
        size = trailing_zeros(_stops(load64(data, at), words)) >> 3
        size += (size >> 3) * (trailing_zeros(_stops(load64(data, at + 8), words)) >> 3)  # 8 of 8 go on
        at += size
    return at
