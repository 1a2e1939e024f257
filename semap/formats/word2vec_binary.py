"""word2vec binary files in and out: a line `rows numbers`, then for each row its token, a space and D float32.

word2vec.c ends each row with a line break, gensim does not; both are read, and the first is written. Numbers are
little-endian (the format does not say; every tool in use writes them so).
"""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import Bytes, FloatMatrix, Offsets
from semap.errors import BadFile
from semap.formats.filerows import FileRows
from semap.formats.foreign import as_bytes, check_tokens, table_from, warn_of_loss
from semap.formats.header import Header, parse_header, read_header
from semap.formats.pieces import each_piece
from semap.storage.atomic import atomic_file
from semap.storage.mapped import release
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["NAME", "looks_like", "read", "stream", "write"]

NAME = "word2vec binary"
_PIECE = 1 << 23
_ROWS_AT_ONCE = 1 << 16  # so that Ctrl-C is answered in between


def looks_like(content: Any) -> bool:
    """Whether content begins with a header (text files with a header are recognised before)."""
    return parse_header(content) is not None


def read(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Read a file, or its first `limit` rows; of equal tokens the first row is kept; a SemapWarning counts the rest.

    Raises FileMissing, and BadFile naming the row and byte of what is damaged.
    """
    content = map_file(path)
    header = read_header(path, content, least_bytes=4)
    cells = as_bytes(content)
    tokens, ends = _index(path, cells, header, limit)
    vectors = _unpack(path, cells, tokens, ends, header.dim, threads)
    return table_from(path, NAME, tokens, vectors)


def stream(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Open a file as `read` does, but for the numbers, which stay in it."""
    content = map_file(path)
    header = read_header(path, content, least_bytes=4)
    cells = as_bytes(content)
    tokens, ends = _index(path, cells, header, limit)

    def rows(first: int, last: int) -> FloatMatrix:
        """Copy some rows."""
        vectors = np.empty((last - first, header.dim), np.float32)
        _unpack_piece(path, cells, tokens, ends, first, vectors)
        release(cells[int(ends[first]) : int(ends[last - 1]) + 4 * header.dim])
        return vectors

    return table_from(path, NAME, tokens, FileRows(len(tokens), header.dim, rows))


def _index(path: str | PathLike[str], cells: Bytes, header: Header, limit: int | None) -> tuple[Tokens, Offsets]:
    """The token of each row, and where it ends."""
    n_rows = header.n_rows if limit is None else min(limit, header.n_rows)
    room = len(cells) - header.end - n_rows * (4 * header.dim + 1)
    row, at, tokens, ends = _scan(cells, header, n_rows, max(room, 0))
    if row < n_rows:  # tokens do not fit beside that many rows: look again with room for any, to name the right one
        row, at, _, _ = _scan(cells, header, n_rows, len(cells))
        promise = f"the header promises {header.n_rows:,} rows of {header.dim:,} numbers"
        reason = f"{promise}; row {row:,} is cut short: the file ends at byte {len(cells):,}"
        raise BadFile(path, reason, offset=at)
    rest = cells[at:]
    if limit is None and np.any(rest != 10):
        reason = f"the header promises {header.n_rows:,} rows, which end here; {len(rest):,} bytes follow"
        raise BadFile(path, f"{reason}: the file is damaged or was added to", offset=at)
    return tokens, ends


def _scan(cells: Bytes, header: Header, n_rows: int, room: int) -> tuple[int, int, Tokens, Offsets]:
    """How many rows are whole, where they end, their tokens (which take `room` bytes at most) and where each ends."""
    from semap.kernels.native.packedrows import index_rows

    ends, offsets = np.empty(n_rows, np.int64), np.zeros(n_rows + 1, np.int64)
    data = np.empty(room, np.uint8)  # the system gives memory to the pages that are used
    row, at = 0, header.end
    for first in range(0, n_rows, _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, n_rows)
        begin = at
        row, at = index_rows(cells, at, 4 * header.dim, first, last, ends, offsets, data)
        release(cells[begin:at])
        if row < last:
            break
    return row, at, Tokens(data[: offsets[row]].copy(), offsets[: row + 1]), ends


def _unpack(path: str | PathLike[str], cells: Bytes, tokens: Tokens, ends: Offsets, dim: int, threads: int) -> FloatMatrix:
    vectors = np.empty((len(tokens), dim), np.float32)
    step = max(1, _PIECE // (4 * dim))
    starts = range(0, len(tokens), step)

    def unpack(piece: int) -> None:
        """Copy the rows of one piece out of the file's bytes."""
        _unpack_piece(path, cells, tokens, ends, starts[piece], vectors[starts[piece] : starts[piece] + step])

    each_piece(len(starts), threads, unpack)
    return vectors


def _unpack_piece(
    path: str | PathLike[str], cells: Bytes, tokens: Tokens, ends: Offsets, first: int, vectors: FloatMatrix
) -> None:
    """Copy the rows from `first` on to `vectors`. Raises BadFile where one is not finite."""
    from semap.kernels.native.packedrows import unpack_rows

    places = ends[first : first + len(vectors)]
    broken = int(unpack_rows(cells, places, 0, len(vectors), vectors.view(np.uint8), vectors.view(np.int32)))
    if broken >= 0:
        row = first + broken
        raise BadFile(path, f"row {row:,} ({tokens[row][:40]!r}) holds NaN or an infinite number", offset=int(ends[row]) + 1)


def write(table: Table, path: str | PathLike[str], *, threads: int = 0) -> None:
    """Write a file as word2vec.c does.

    Warns what the format cannot keep. Raises SettingsError (a token with a space or line break) and CannotWrite.
    """
    from semap.kernels.native.packedrows import pack_rows

    check_tokens(table.tokens, NAME, (" ", "\n"))
    tokens = table.tokens
    with atomic_file(path) as file:
        file.write(f"{len(table)} {table.dim}\n".encode())
        for begin, piece in table.stored[0].pieces(_PIECE // 4):
            offsets, cells = tokens.offsets[begin:], np.ascontiguousarray(piece).view(np.uint8)
            out = np.empty(int(offsets[len(piece)] - offsets[0]) + len(piece) * (4 * table.dim + 2), np.uint8)
            pack_rows(tokens.data, offsets, cells, 0, len(piece), out)
            file.write(out.data)
    warn_of_loss(table, path, NAME)
