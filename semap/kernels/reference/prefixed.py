"""Strings that each follow their own length in, where each begins and ends out; plain twin of `native/prefixed.py`."""

from __future__ import annotations

from typing import Any

__all__ = ["prefixed_spans"]


def prefixed_spans(content: Any, at: int, stop: int, tail: int, begins: Any, ends: Any) -> int:
    """Set begins[i] and ends[i] for len(begins) strings in content[at:stop]: 4 bytes of length, the string, `tail` bytes more.

    The length is little-endian. Returns the place after the last, or, where one does not fit, -1 - its number.
    """
    for item in range(len(begins)):
        size = int.from_bytes(bytes(content[at : at + 4]), "little")
        begin = at + 4
        if begin > stop or begin + size + tail > stop:
            return -1 - item
        begins[item], ends[item] = begin, begin + size
        at = begin + size + tail
    return at
