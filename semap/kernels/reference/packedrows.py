"""Rows of `token, space, D float32` as bytes in, tokens and a matrix out; and back: plain Python, a row at a time."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np

__all__ = ["hash_tokens", "index_rows", "pack_rows", "pack_spans", "unpack_rows"]


def index_rows(
    content: Any, begin: int, row_bytes: int, first: int, last: int, token_ends: Any, offsets: Any, data: Any
) -> tuple[int, int]:
    """Pack the tokens of rows first..last; returns the row after the last whole one, and where it begins."""
    blob, at = content.tobytes(), begin
    for row in range(first, last):
        token_begin = at
        while blob[token_begin : token_begin + 1] == b"\n":
            token_begin += 1
        space = blob.find(b" ", token_begin)
        stop = offsets[row] + space - token_begin
        if space < 0 or space + 1 + row_bytes > len(blob) or stop > len(data):
            return row, at
        data[offsets[row] : stop] = content[token_begin:space]
        token_ends[row], offsets[row + 1] = space, stop
        at = space + 1 + row_bytes
    return last, at


def unpack_rows(content: Any, token_ends: Any, first: int, last: int, cells: Any, bits: Any) -> int:
    """Copy the numbers of rows first..last; returns the first row that is not finite, or -1."""
    broken = -1
    for row in range(first, last):
        begin = token_ends[row] + 1
        cells[row] = content[begin : begin + cells.shape[1]]
        if broken < 0 and not np.isfinite(bits[row].view(np.float32)).all():
            broken = row
    return broken


def pack_rows(data: Any, offsets: Any, cells: Any, first: int, last: int, out: Any) -> int:
    """Write rows first..last, each token, space, numbers and line break, to `out`; returns how many bytes they took."""
    rows = b""
    for row in range(first, last):
        rows += data[offsets[row] : offsets[row + 1]].tobytes() + b" " + cells[row].tobytes() + b"\n"
    out[: len(rows)] = np.frombuffer(rows, np.uint8)
    return len(rows)


def pack_spans(content: Any, begins: Any, offsets: Any, data: Any) -> None:
    """Copy each span of content, which begins at begins[i], to data[offsets[i]:offsets[i + 1]]."""
    for row in range(len(begins)):
        length = offsets[row + 1] - offsets[row]
        data[offsets[row] : offsets[row + 1]] = content[begins[row] : begins[row] + length]


def hash_tokens(data: Any, offsets: Any, hashes: Any) -> None:
    """CRC-32 of every packed token, into hashes, uint32 (V,)."""
    for token_id in range(len(hashes)):
        hashes[token_id] = crc32(data[offsets[token_id] : offsets[token_id + 1]].tobytes())
