"""Lines of `token number number ...` in, rows of a matrix out; and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.numerals import NOT_A_NUMBER, NUMBER, print_number, read_number

__all__ = ["count_lines", "index_lines", "parse_rows", "print_rows", "skip_lines"]


@kernel
def count_lines(content: Any, begin: int, end: int) -> int:
    """How many b"\\n" content[begin:end] holds."""
    total: Any = np.int64(0)
    for at in range(begin, end):
        total += content[at] == 10
    return total  # type: ignore[no-any-return]


@kernel
def skip_lines(content: Any, begin: int, end: int, n_lines: int) -> int:
    """Where content[begin:end] goes on after `n_lines` lines."""
    at = begin
    while at < end and n_lines > 0:
        n_lines -= content[at] == 10
        at += 1
    return at


@kernel
def index_lines(
    content: Any, begin: int, end: int, row: int, n_columns: int, line_begins: Any, token_ends: Any
) -> tuple[int, int]:
    """Note where the lines of content[begin:end] and their tokens lie, D fields before the end of a line.

    Returns the row and the byte of the first line that has too few or too many fields; else the row after the last and `end`.
    No number is read but one that ends a token.
    """
    at = begin
    while at < end:
        split, stop = _split_from_right(content, at, end, n_columns)
        if split < at or content[split] != 32:
            return row, at
        line_begins[row], token_ends[row] = at, split
        row += 1
        at = min(stop + 1, end)
    return row, end


@kernel
def parse_rows(content: Any, begin: int, end: int, row: int, vectors: Any, token_begins: Any, token_ends: Any) -> tuple[int, int]:
    """Read the lines of content[begin:end] into vectors[row:], float32 (V, D), and note where their tokens lie.

    Returns the row and the byte of the first line that it leaves to plain Python, to be decided exactly or refused;
    else the row after the last and `end`. A line is a token, a space and D numbers with one space between; one more
    space and a b"\\r" may follow. A token may hold spaces: the numbers are counted from the right then.
    """
    n_columns = vectors.shape[1]
    at = begin
    while at < end:
        line, split = at, at
        while split < end and content[split] != 32 and content[split] != 10:
            split += 1
        at = _parse_numbers(content, split, end, vectors[row])
        if at < 0:
            split, stop = _split_from_right(content, line, end, n_columns)
            at = _parse_numbers(content, split, stop, vectors[row]) if split > line else -1
            if at < 0:
                return row, line
            at = min(stop + 1, end)
        token_begins[row], token_ends[row] = line, split
        row += 1
    return row, end


@inlined
def _parse_numbers(content: Any, at: int, end: int, vector: Any) -> int:
    """D numbers, a space before each, to the end of the line; returns where the next line begins, or -1."""
    for column in range(len(vector)):
        if at >= end or content[at] != 32:
            return -1
        value, at, kind = read_number(content, at + 1, end)
        if kind != NUMBER:
            return -1
        vector[column] = value
    if at < end and content[at] == 32:
        at += 1
    if at < end and content[at] == 13:
        at += 1
    if at < end and content[at] != 10:
        return -1
    return min(at + 1, end)


@inlined
def _split_from_right(content: Any, line: int, end: int, n_columns: int) -> tuple[int, int]:
    """The space before the last D fields of a line, and the line's end; -1 where the token itself ends in a number."""
    stop = line
    while stop < end and content[stop] != 10:
        stop += 1
    split = stop
    if split > line and content[split - 1] == 13:
        split -= 1
    if split > line and content[split - 1] == 32:
        split -= 1
    for _ in range(n_columns):
        split -= 1
        while split > line and content[split] != 32:
            split -= 1
    word = split
    while word > line and content[word - 1] != 32:
        word -= 1
    if word > line:
        _, after, kind = read_number(content, word, split)
        if kind != NOT_A_NUMBER and after == split:
            return -1, stop
    return split, stop


@kernel
def print_rows(data: Any, offsets: Any, vectors: Any, bits: Any, first: int, last: int, out: Any) -> int:
    """Write rows first..last as lines to `out`, uint8, and return how many bytes they took.

    `data`, `offsets`: packed tokens; `vectors`: float32 (V, D), finite; `bits`: the same memory as int32. `out` has
    room for the tokens, and for LONGEST_NUMERAL + 1 bytes a number and 1 a row.
    """
    at = 0
    for row in range(first, last):
        for place in range(offsets[row], offsets[row + 1]):
            out[at] = data[place]
            at += 1
        for column in range(vectors.shape[1]):
            out[at] = 32
            at = print_number(vectors[row, column], bits[row, column], out, at + 1)
        out[at] = 10
        at += 1
    return at
