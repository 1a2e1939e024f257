"""A file whose lines are `token number number ...` in, tokens and a matrix out; and back."""

from __future__ import annotations

from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from semap.arrays import Bytes, FloatMatrix, Offsets
from semap.errors import BadFile
from semap.formats.foreign import as_bytes, pack_tokens
from semap.formats.pieces import each_piece
from semap.kernels.reference.numerals import read_number
from semap.kernels.reference.textrows import parse_rows as parse_rows_exactly
from semap.kernels.reference.textrows import split_line
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["read_text_rows", "write_text_rows"]

_PIECE = 1 << 22
_SMALL = 1 << 17


def read_text_rows(
    path: str | PathLike[str],
    content: Any,
    begin: int,
    dim: int,
    *,
    n_rows: int | None,
    limit: int | None,
    threads: int,
) -> tuple[Tokens, FloatMatrix]:
    """Return tokens and float32 (V, D) of the lines from byte `begin` on, of the first `limit` of them where given.

    `n_rows`: how many there must be, where a header says so; blank lines at the end do not count. Each number is the
    float32 nearest to its decimal. Raises BadFile with the line, the byte and what was expected there.
    """
    cells = as_bytes(content)
    return _TextRows(path, cells, begin, dim, threads).read(n_rows, limit)


class _TextRows:
    """One reading of one file."""

    def __init__(self, path: str | PathLike[str], cells: Bytes, begin: int, dim: int, threads: int) -> None:
        self.path, self.cells, self.begin, self.dim, self.threads = path, cells, begin, dim, threads

    def read(self, n_rows: int | None, limit: int | None) -> tuple[Tokens, FloatMatrix]:
        """See `read_text_rows`; lines are counted first, so that threads write to their own rows of one matrix."""
        end = self._end(limit)
        bounds = self._pieces(end)
        firsts = self._first_rows(bounds)
        found = int(firsts[-1])
        expected = found if n_rows is None else n_rows if limit is None else min(n_rows, limit)
        if found != expected:
            reason = f"the header promises {n_rows:,} rows, found {found:,} lines: the file is damaged or was added to"
            raise BadFile(self.path, reason, offset=end)
        vectors = np.empty((found, self.dim), np.float32)
        begins, ends = np.empty(found, np.int64), np.empty(found, np.int64)

        def parse(piece: int) -> None:
            """Read the numbers of one piece."""
            self._parse(int(bounds[piece]), int(bounds[piece + 1]), int(firsts[piece]), vectors, begins, ends)

        each_piece(len(bounds) - 1, self.threads, parse)
        return pack_tokens(self.cells, begins, ends), vectors

    def _end(self, limit: int | None) -> int:
        """Where the rows to read end: after `limit` lines, and before blank lines at the end of the file."""
        from semap.kernels.native.textrows import skip_lines

        end = len(self.cells)
        while end > self.begin and self.cells[end - 1] in (10, 13):
            end -= 1
        end = min(end + 1, len(self.cells)) if end > self.begin else end
        return end if limit is None else skip_lines(self.cells, self.begin, end, limit)

    def _pieces(self, end: int) -> Offsets:
        """Bytes at which lines begin, some megabytes apart, and `end`."""
        bounds = [self.begin]
        while bounds[-1] < end:
            near = bounds[-1] + _PIECE
            while near < end:
                breaks = np.flatnonzero(self.cells[near : min(near + _SMALL, end)] == 10)
                if len(breaks):
                    near += int(breaks[0]) + 1
                    break
                near += _SMALL
            bounds.append(min(near, end))
        return np.array(bounds, np.int64)

    def _first_rows(self, bounds: Offsets) -> Offsets:
        """The row with which each piece begins, and the number of rows."""
        from semap.kernels.native.textrows import count_lines

        n_lines = np.zeros(len(bounds), np.int64)

        def count(piece: int) -> None:
            """Count the lines of one piece."""
            begin, end = int(bounds[piece]), int(bounds[piece + 1])
            n_lines[piece + 1] = count_lines(self.cells, begin, end) + (self.cells[end - 1] != 10)

        each_piece(len(bounds) - 1, self.threads, count)
        return np.cumsum(n_lines)

    def _parse(self, at: int, end: int, row: int, vectors: FloatMatrix, begins: Offsets, ends: Offsets) -> None:
        """Read the lines of at..end; those that the kernel cannot decide are read by plain Python, or refused."""
        from semap.kernels.native.textrows import parse_rows

        while at < end:
            row, at = parse_rows(self.cells, at, end, row, vectors, begins, ends)
            if at < end:
                line_end = at + len(self._line(at, end))
                reached, _ = parse_rows_exactly(self.cells, at, line_end, row, vectors, begins, ends)
                if reached == row:
                    raise self._refusal(at, line_end)
                row, at = reached, min(line_end + 1, end)

    def _line(self, at: int, end: int) -> bytes:
        stop = at
        while stop < end:
            breaks = np.flatnonzero(self.cells[stop : min(stop + _SMALL, end)] == 10)
            if len(breaks):
                return self.cells[at : stop + int(breaks[0])].tobytes()
            stop += _SMALL
        return self.cells[at:end].tobytes()

    def _refusal(self, at: int, line_end: int) -> BadFile:
        """What is wrong with the line at..line_end."""
        line = self.cells[at:line_end].tobytes()
        number = self.cells[:at].tobytes().count(b"\n") + 1
        token, numerals = split_line(line, self.dim)
        shown = (token or line.partition(b" ")[0])[:40].decode("utf-8", "replace")
        place = f"line {number:,} ({shown!r})"
        for numeral in numerals:
            value = read_number(numeral)
            if numeral.strip(b"+-").lower() in (b"nan", b"inf", b"infinity") or (value is not None and np.isinf(value)):
                reason = f"{place} holds {numeral[:40].decode()}, which is not a finite float32"
                return BadFile(self.path, reason, offset=at)
        fields = line.removesuffix(b"\r").removesuffix(b" ").split(b" ")
        n_numbers = 0
        while n_numbers < len(fields) - 1 and read_number(fields[-1 - n_numbers]) is not None:
            n_numbers += 1
        reason = f"{place} must be a token and {self.dim} numbers, one space between; found {n_numbers} numbers"
        odd = fields[-1 - n_numbers] if n_numbers < min(self.dim, len(fields) - 1) else None
        reason += f" after {odd[:40]!r}" if odd is not None else ""
        return BadFile(self.path, reason, offset=at)


def write_text_rows(file: BinaryIO, table: Table, threads: int) -> None:
    """Write a line a row: token and numbers, one space between, each the shortest that reads as the same float32."""
    from semap.kernels.native.numerals import LONGEST_NUMERAL
    from semap.kernels.native.textrows import print_rows

    tokens, vectors = table.tokens, table.vectors
    bits = vectors.view(np.int32)
    step = max(1, _PIECE // ((LONGEST_NUMERAL + 1) * table.dim))
    starts = range(0, len(table), step)
    printed: dict[int, Bytes] = {}

    def print_piece(piece: int) -> None:
        """Print the rows of one piece."""
        first, last = starts[piece], min(starts[piece] + step, len(table))
        n_bytes = int(tokens.offsets[last] - tokens.offsets[first])
        out = np.empty(n_bytes + (last - first) * ((LONGEST_NUMERAL + 1) * table.dim + 1), np.uint8)
        printed[piece] = out[: print_rows(tokens.data, tokens.offsets, vectors, bits, first, last, out)]

    each_piece(len(starts), threads, print_piece, lambda piece: _write(file, printed.pop(piece)))


def _write(file: BinaryIO, content: Bytes) -> None:
    file.write(content.data)
