"""Lines of `token number number ...` in, rows of a matrix out; and back: plain Python, a line at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.reference.numerals import print_number, read_number

__all__ = ["count_lines", "index_lines", "parse_rows", "print_rows", "skip_lines", "split_line"]


def count_lines(content: Any, begin: int, end: int) -> int:
    """How many b"\\n" content[begin:end] holds."""
    n_lines: int = content[begin:end].tobytes().count(b"\n")
    return n_lines


def skip_lines(content: Any, begin: int, end: int, n_lines: int) -> int:
    """Where content[begin:end] goes on after `n_lines` lines."""
    lines = content[begin:end].tobytes().split(b"\n")
    return min(begin + sum(len(line) + 1 for line in lines[:n_lines]), end)


def index_lines(
    content: Any, begin: int, end: int, row: int, n_columns: int, line_begins: Any, token_ends: Any
) -> tuple[int, int]:
    """Note where the lines of content[begin:end] and their tokens lie, up to one that is not a token and D fields."""
    at = begin
    while at < end:
        line = content[at:end].tobytes().partition(b"\n")[0]
        token, fields = split_line(line, n_columns)
        if len(fields) < n_columns:
            return row, at
        line_begins[row], token_ends[row] = at, at + len(token)
        row, at = row + 1, min(at + len(line) + 1, end)
    return row, end


def parse_rows(content: Any, begin: int, end: int, row: int, vectors: Any, token_begins: Any, token_ends: Any) -> tuple[int, int]:
    """Read the lines of content[begin:end] into vectors[row:], up to one that is not a token and D finite numbers."""
    at = begin
    while at < end:
        line = content[at:end].tobytes().partition(b"\n")[0]
        token, numerals = split_line(line, vectors.shape[1])
        numbers = [read_number(numeral) for numeral in numerals]
        if len(numbers) < vectors.shape[1] or any(number is None or not np.isfinite(number) for number in numbers):
            return row, at
        vectors[row] = numbers
        token_begins[row], token_ends[row] = at, at + len(token)
        row, at = row + 1, min(at + len(line) + 1, end)
    return row, end


def split_line(line: bytes, n_columns: int) -> tuple[bytes, list[bytes]]:
    """Return the token of a line and its last D fields; all its fields where the token would end in a number too."""
    fields = line.removesuffix(b"\r").removesuffix(b" ").split(b" ")
    words, numerals = fields[:-n_columns], fields[-n_columns:]
    if not words:
        return b"", []
    if len(words) > 1 and read_number(words[-1]) is not None:
        return words[0], []
    return b" ".join(words), numerals


def print_rows(data: Any, offsets: Any, vectors: Any, bits: Any, first: int, last: int, out: Any) -> int:
    """Write rows first..last as lines to `out`, uint8, and return how many bytes they took."""
    lines = b""
    for row in range(first, last):
        numerals = b"".join(b" " + print_number(value) for value in vectors[row])
        lines += data[offsets[row] : offsets[row + 1]].tobytes() + numerals + b"\n"
    out[: len(lines)] = np.frombuffer(lines, np.uint8)
    return len(lines)
