"""Rows of `token, space, D float32` as bytes in, tokens and a matrix out; and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["hash_tokens", "index_rows", "pack_rows", "pack_spans", "unpack_rows"]


def _crc_steps() -> Any:
    """What CRC-32 (the one of zip files) makes of each byte."""
    steps = np.zeros(256, np.uint32)
    for byte in range(256):
        rest = byte
        for _ in range(8):
            rest = rest >> 1 ^ (0xEDB88320 if rest & 1 else 0)
        steps[byte] = rest
    return steps


_CRC_STEPS = _crc_steps()


@kernel
def index_rows(
    content: Any, begin: int, row_bytes: int, first: int, last: int, token_ends: Any, offsets: Any, data: Any
) -> tuple[int, int]:
    """Pack the tokens of rows first..last, of which the first begins at content[begin], and note where each ends.

    `row_bytes` follow the space after a token; line breaks before a token are skipped. Returns the row after the last
    whole one, and where it begins. Stops where `data` is full; offsets[first] is set.
    """
    at = begin
    for row in range(first, last):
        start, place = at, offsets[row]
        while at < len(content) and content[at] == 10:
            at += 1
        while at < len(content) and content[at] != 32 and place < len(data):
            data[place] = content[at]  # the row is in the cache now; packing tokens later would fetch it again
            at += 1
            place += 1
        token_ends[row], offsets[row + 1] = at, place
        if at + 1 + row_bytes > len(content) or content[at] != 32:
            return row, start
        at += 1 + row_bytes
    return last, at


@kernel
def unpack_rows(content: Any, token_ends: Any, first: int, last: int, cells: Any, bits: Any) -> int:
    """Copy the numbers of rows first..last; returns the first row that is not finite, or -1.

    `cells`: uint8 (V, 4 D) and `bits`: int32 (V, D) are the same memory, the matrix.
    """
    broken = -1
    for row in range(first, last):
        begin = token_ends[row] + 1
        for place in range(cells.shape[1]):
            cells[row, place] = content[begin + place]
        worst = np.int32(0)
        for column in range(bits.shape[1]):
            worst = max(worst, bits[row, column] & np.int32(0x7F800000))
        if worst == 0x7F800000 and broken < 0:
            broken = row
    return broken


@kernel
def pack_rows(data: Any, offsets: Any, cells: Any, first: int, last: int, out: Any) -> int:
    """Write rows first..last, each token, space, numbers and line break, to `out`; returns how many bytes they took."""
    at = 0
    for row in range(first, last):
        for place in range(offsets[row], offsets[row + 1]):
            out[at] = data[place]
            at += 1
        out[at] = 32
        at += 1
        for place in range(cells.shape[1]):
            out[at + place] = cells[row, place]
        at += cells.shape[1]
        out[at] = 10
        at += 1
    return at


@kernel
def pack_spans(content: Any, begins: Any, offsets: Any, data: Any) -> None:
    """Copy each span of content, which begins at begins[i], to data[offsets[i]:offsets[i + 1]]."""
    for row in range(len(begins)):
        for place in range(offsets[row + 1] - offsets[row]):
            data[offsets[row] + place] = content[begins[row] + place]


@kernel
def hash_tokens(data: Any, offsets: Any, hashes: Any) -> None:
    """CRC-32 of every packed token, into hashes, uint32 (V,)."""
    for token_id in range(len(hashes)):
        rest = np.uint32(0xFFFFFFFF)
        for place in range(offsets[token_id], offsets[token_id + 1]):
            rest = (rest >> np.uint32(8)) ^ _CRC_STEPS[(rest ^ np.uint32(data[place])) & np.uint32(255)]
        hashes[token_id] = rest ^ np.uint32(0xFFFFFFFF)
