"""Strings that each follow their own length in, where each begins and ends out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["prefixed_spans"]


@kernel
def prefixed_spans(content: Any, at: int, stop: int, tail: int, begins: Any, ends: Any) -> int:
    """Set begins[i] and ends[i] for len(begins) strings in content[at:stop]; returns the place after them, or -1 - a number."""
    for item in range(len(begins)):
        begin = at + 4
        if begin > stop:
            return -1 - item
        size: Any = np.int64(0)
        for place in range(4):
            size |= np.int64(content[at + place]) << np.int64(8 * place)
        if begin + size + tail > stop:
            return -1 - item
        begins[item], ends[item] = begin, begin + size
        at = begin + size + tail
    return at
