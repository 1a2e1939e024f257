"""The bytes of a fastText `.bin` in, its dictionary and quantised rows out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["decode_codes", "index_entries"]


@kernel
def index_entries(
    content: Any, begin: int, first: int, last: int, begins: Any, ends: Any, counts: Any, kinds: Any
) -> tuple[int, int]:
    """Note where the word of each entry first..last lies, its count and its kind; the first entry begins at content[begin].

    An entry is a word, a zero byte, an int64 and a byte. Returns the entry after the last whole one, and where it begins.
    """
    at = begin
    for entry in range(first, last):
        end = at
        while end < len(content) and content[end] != 0:
            end += 1
        if end + 10 > len(content):
            return entry, at
        begins[entry], ends[entry] = at, end
        count = np.uint64(0)
        for place in range(8):
            count |= np.uint64(content[end + 1 + place]) << np.uint64(8 * place)
        counts[entry], kinds[entry] = np.int64(count), content[end + 9]
        at = end + 10
    return last, at


@kernel
def decode_codes(codes: Any, centroids: Any, width: int, norms: Any, norm_codes: Any, rows: Any, out: Any) -> None:
    """Write the quantised rows with these numbers to `out` (B, D), float32."""
    dim = out.shape[1]
    for place in range(len(rows)):
        row = rows[place]
        norm = norms[norm_codes[row]] if len(norms) else np.float32(1)
        for m in range(codes.shape[1]):
            first = m * width
            size = min(width, dim - first)
            at = first * 256 + np.int64(codes[row, m]) * size
            for column in range(size):
                out[place, first + column] = centroids[at + column] * norm
