"""A file whose lines are `token number number ...` in, tokens and a matrix out; and back."""

from __future__ import annotations

from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from semap.arrays import Bytes, FloatMatrix, Offsets
from semap.errors import BadFile
from semap.formats.filerows import FileRows
from semap.formats.foreign import as_bytes, pack_tokens
from semap.formats.pieces import each_piece
from semap.kernels.reference.numerals import read_number
from semap.kernels.reference.textrows import parse_rows as parse_rows_exactly
from semap.kernels.reference.textrows import split_line
from semap.storage.mapped import release
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["read_text_rows", "stream_text_rows", "write_text_rows"]

_PIECE = 1 << 22
_SMALL = 1 << 17
_ROWS = 1 << 12  # of which tokens are packed before their pages go


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


def stream_text_rows(
    path: str | PathLike[str],
    content: Any,
    begin: int,
    dim: int,
    *,
    n_rows: int | None,
    limit: int | None,
    threads: int,
) -> tuple[Tokens, FileRows]:
    """Return what `read_text_rows` does, but only tokens and the places of lines are read now; the numbers stay in the file."""
    cells = as_bytes(content)
    return _TextRows(path, cells, begin, dim, threads).stream(n_rows, limit)


class _TextRows:
    """One reading of one file."""

    def __init__(self, path: str | PathLike[str], cells: Bytes, begin: int, dim: int, threads: int) -> None:
        self.path, self.cells, self.begin, self.dim, self.threads = path, cells, begin, dim, threads

    def read(self, n_rows: int | None, limit: int | None) -> tuple[Tokens, FloatMatrix]:
        """See `read_text_rows`; lines are counted first, so that threads write to their own rows of one matrix."""
        bounds, firsts, found = self._lines(n_rows, limit)
        vectors = np.empty((found, self.dim), np.float32)
        begins, ends = np.empty(found, np.int64), np.empty(found, np.int64)

        def parse(piece: int) -> None:
            """Read the numbers of one piece."""
            self._parse(int(bounds[piece]), int(bounds[piece + 1]), int(firsts[piece]), vectors, begins, ends)

        each_piece(len(bounds) - 1, self.threads, parse)
        return pack_tokens(self.cells, begins, ends), vectors

    def stream(self, n_rows: int | None, limit: int | None) -> tuple[Tokens, FileRows]:
        """See `stream_text_rows`."""
        bounds, firsts, found = self._lines(n_rows, limit)
        begins, ends = np.empty(found + 1, np.int64), np.empty(found, np.int64)
        begins[found] = bounds[-1]

        def index(piece: int) -> None:
            """Find the lines and tokens of one piece."""
            at, end = int(bounds[piece]), int(bounds[piece + 1])
            self._index(at, end, int(firsts[piece]), begins, ends)
            release(self.cells[at:end])

        each_piece(len(bounds) - 1, self.threads, index)
        tokens = self._packed(begins, ends)
        return tokens, FileRows(found, self.dim, lambda first, last: self._read_lines(begins, first, last))

    def _lines(self, n_rows: int | None, limit: int | None) -> tuple[Offsets, Offsets, int]:
        """Bytes at which pieces begin, their first rows, and how many rows there are: as many as the header promises."""
        end = self._end(limit)
        bounds = self._pieces(end)
        firsts = self._first_rows(bounds)
        found = int(firsts[-1])
        expected = found if n_rows is None else n_rows if limit is None else min(n_rows, limit)
        if found != expected:
            reason = f"the header promises {n_rows:,} rows, found {found:,} lines: the file is damaged or was added to"
            raise BadFile(self.path, reason, offset=end)
        return bounds, firsts, found

    def _index(self, at: int, end: int, row: int, begins: Offsets, ends: Offsets) -> None:
        from semap.kernels.native.textrows import index_lines

        _, reached = index_lines(self.cells, at, end, row, self.dim, begins, ends)
        if reached < end:
            raise self._refusal(reached, reached + len(self._line(reached, end)))

    def _packed(self, begins: Offsets, ends: Offsets) -> Tokens:
        """The tokens, packed a piece at a time: they lie all over the file, and its pages need not stay."""
        packed = []
        for first in range(0, len(ends), _ROWS):
            last = min(first + _ROWS, len(ends))
            packed.append(pack_tokens(self.cells, begins[first:last], ends[first:last]))
            release(self.cells[int(begins[first]) : int(begins[last])])
        offsets = np.zeros(len(ends) + 1, np.int64)
        np.cumsum(ends - begins[:-1], out=offsets[1:])
        return Tokens(np.concatenate([np.empty(0, np.uint8), *(each.data for each in packed)]), offsets)

    def _read_lines(self, begins: Offsets, first: int, last: int) -> FloatMatrix:
        """The numbers of some rows."""
        vectors = np.empty((last - first, self.dim), np.float32)
        scratch = np.empty((2, last - first), np.int64)
        step = max(1, _PIECE // (8 * self.dim))  # about 8 bytes a number

        def parse(piece: int) -> None:
            """Read some of them."""
            row = piece * step
            until = min(row + step, last - first)
            at, end = int(begins[first + row]), int(begins[first + until])
            self._parse(at, end, 0, vectors[row:until], scratch[0, row:until], scratch[1, row:until])
            release(self.cells[at:end])

        each_piece(-(-(last - first) // step), self.threads, parse)
        return vectors

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
                seen = self.cells[near : min(near + _SMALL, end)]
                breaks = np.flatnonzero(seen == 10)
                release(seen)
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
            release(self.cells[begin:end])

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
        from semap.kernels.native.textrows import count_lines

        line = self.cells[at:line_end].tobytes()
        number = count_lines(self.cells, 0, at) + 1
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

    step = max(1, _PIECE // ((LONGEST_NUMERAL + 1) * table.dim))
    for begin, piece in table.stored[0].pieces(4 * step * table.dim):
        _write_piece(file, table.tokens.data, table.tokens.offsets[begin:], np.ascontiguousarray(piece), step, threads)


def _write_piece(file: BinaryIO, data: Bytes, offsets: Offsets, vectors: FloatMatrix, step: int, threads: int) -> None:
    """Write some rows, `step` of them printed by a thread at a time."""
    from semap.kernels.native.numerals import LONGEST_NUMERAL
    from semap.kernels.native.textrows import print_rows

    bits = vectors.view(np.int32)
    printed: dict[int, Bytes] = {}

    def print_rows_of(piece: int) -> None:
        """Print the rows of one piece."""
        first, last = piece * step, min((piece + 1) * step, len(vectors))
        n_bytes = int(offsets[last] - offsets[first])
        out = np.empty(n_bytes + (last - first) * ((LONGEST_NUMERAL + 1) * vectors.shape[1] + 1), np.uint8)
        printed[piece] = out[: print_rows(data, offsets, vectors, bits, first, last, out)]

    def write(piece: int) -> None:
        """Write what was printed, in the order of the rows."""
        file.write(printed.pop(piece).data)

    each_piece(-(-len(vectors) // step), threads, print_rows_of, write)
