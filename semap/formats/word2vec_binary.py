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
from semap.formats.foreign import as_bytes, check_tokens, pack_tokens, table_from, warn_of_loss
from semap.formats.header import Header, parse_header, read_header
from semap.formats.pieces import each_piece
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import map_file
from semap.table.table import Table

__all__ = ["NAME", "looks_like", "read", "write"]

NAME = "word2vec binary"
_PIECE = 1 << 23


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
    begins, ends = _index(path, cells, header, limit)
    vectors = _unpack(path, cells, begins, ends, header.dim, threads)
    return table_from(path, NAME, pack_tokens(cells, begins, ends), vectors)


def _index(path: str | PathLike[str], cells: Bytes, header: Header, limit: int | None) -> tuple[Offsets, Offsets]:
    """Where the token of each row begins and ends."""
    from semap.kernels.native.packedrows import index_rows

    n_rows = header.n_rows if limit is None else min(limit, header.n_rows)
    begins, ends = np.empty(n_rows, np.int64), np.empty(n_rows, np.int64)
    whole, at = index_rows(cells, header.end, 4 * header.dim, begins, ends)
    if whole < n_rows:
        reason = f"the header promises {header.n_rows:,} rows of {header.dim:,} numbers; row {whole:,} is cut short"
        raise BadFile(path, f"{reason}: the file ends at byte {len(cells):,}", offset=at)
    rest = cells[at:]
    if limit is None and np.any(rest != 10):
        reason = f"the header promises {header.n_rows:,} rows, which end here; {len(rest):,} bytes follow"
        raise BadFile(path, f"{reason}: the file is damaged or was added to", offset=at)
    return begins, ends


def _unpack(
    path: str | PathLike[str], cells: Bytes, begins: Offsets, ends: Offsets, dim: int, threads: int
) -> FloatMatrix:
    from semap.kernels.native.packedrows import unpack_rows

    vectors = np.empty((len(begins), dim), np.float32)
    step = max(1, _PIECE // (4 * dim))
    starts = range(0, len(begins), step)
    broken = np.full(len(starts), -1)

    def work(piece: int) -> None:
        last = min(starts[piece] + step, len(begins))
        broken[piece] = unpack_rows(cells, ends, starts[piece], last, vectors.view(np.uint8), vectors.view(np.int32))

    each_piece(len(starts), threads, work)
    if np.any(broken >= 0):
        row = int(broken[broken >= 0][0])
        token = cells[begins[row] : min(ends[row], begins[row] + 40)].tobytes().decode("utf-8", "replace")
        raise BadFile(path, f"row {row:,} ({token!r}) holds NaN or an infinite number", offset=int(ends[row]) + 1)
    return vectors


def write(table: Table, path: str | PathLike[str], *, threads: int = 0) -> None:
    """Write a file as word2vec.c does.

    Warns what the format cannot keep. Raises SettingsError (a token with a space or line break) and CannotWrite.
    """
    from semap.kernels.native.packedrows import pack_rows

    check_tokens(table.tokens, NAME, (" ", "\n"))
    tokens, cells = table.tokens, table.vectors.view(np.uint8)
    step = max(1, _PIECE // (4 * table.dim))
    with atomic_file(path) as file:
        file.write(f"{len(table)} {table.dim}\n".encode())
        for first in range(0, len(table), step):
            last = min(first + step, len(table))
            n_bytes = int(tokens.offsets[last] - tokens.offsets[first]) + (last - first) * (4 * table.dim + 2)
            out = np.empty(n_bytes, np.uint8)
            pack_rows(tokens.data, tokens.offsets, cells, first, last, out)
            file.write(out.data)
    warn_of_loss(table, path, NAME)
