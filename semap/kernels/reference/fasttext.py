"""The bytes of a fastText `.bin` in, its dictionary and quantised rows out; plain twin of `native/fasttext.py`."""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["decode_codes", "index_entries"]


def index_entries(
    content: Any, begin: int, first: int, last: int, begins: Any, ends: Any, counts: Any, kinds: Any
) -> tuple[int, int]:
    """Note where the word of each entry first..last lies, its count and its kind; the first entry begins at content[begin].

    An entry is a word, a zero byte, an int64 and a byte. Returns the entry after the last whole one, and where it begins.
    """
    at, data = begin, bytes(content)
    for entry in range(first, last):
        end = data.find(b"\0", at)
        if end < 0 or end + 10 > len(data):
            return entry, at
        begins[entry], ends[entry] = at, end
        counts[entry], kinds[entry] = struct.unpack_from("<qB", data, end + 1)
        at = end + 10
    return last, at


def decode_codes(codes: Any, centroids: Any, width: int, norms: Any, norm_codes: Any, rows: Any, out: Any) -> None:
    """Write the quantised rows with these numbers to `out` (B, D), float32.

    Product quantisation (Jegou et al. 2011): place m of a row holds the `width` numbers (the last place: those that are left) of
    centroid codes[row, m] of the 256 that stand for that place, times norms[norm_codes[row]] where there are norms.
    """
    dim = out.shape[1]
    for place, row in enumerate(rows):
        for m in range(codes.shape[1]):
            size = min(width, dim - m * width)
            at = m * width * 256 + int(codes[row, m]) * size
            out[place, m * width : m * width + size] = centroids[at : at + size]
        if len(norms):
            out[place] *= norms[norm_codes[row]]
