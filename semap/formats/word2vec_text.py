"""word2vec text files in and out: a line `rows numbers`, then a line a row: `token number number ...`.

Written by word2vec.c (`-binary 0`), gensim and fastText (`.vec`); GloVe with `-write-header` is the same. A token may
hold spaces, so numbers are counted from the right. gensim reads what `write` writes.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

from semap.formats.foreign import check_tokens, table_from, warn_of_loss
from semap.formats.header import parse_header, read_header
from semap.formats.textrows import read_text_rows, stream_text_rows, write_text_rows
from semap.kernels.reference.numerals import read_number
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import map_file
from semap.table.table import Table

__all__ = ["NAME", "looks_like", "read", "stream", "write"]

NAME = "word2vec text"
_LONGEST_LINE = 1 << 22
_HEAD = 1 << 12
_CONTROL = bytes(set(range(32)) - {9, 10, 13})


def looks_like(content: Any) -> bool:
    """Whether content begins with a header and a line of text (in a binary file, numbers are bytes of any kind)."""
    header = parse_header(content)
    if header is None:
        return False
    longest = header.end + _LONGEST_LINE
    stop = content.find(b"\n", header.end, longest)
    line = bytes(content[header.end : longest if stop < 0 else stop])
    fields = line.rstrip(b" \r").split(b" ")
    if len(fields) > header.dim and all(read_number(field) is not None for field in fields[-header.dim :]):
        return True
    head = bytes(content[header.end : header.end + _HEAD])
    return b" " in head and len(head) == len(head.translate(None, _CONTROL))  # text, though damaged


def read(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Read a file, or its first `limit` rows; of equal tokens the first row is kept; a SemapWarning counts the rest.

    Raises FileMissing, and BadFile naming the line and byte of what is damaged.
    """
    return _opened(path, limit, threads, read_text_rows)


def stream(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Open a file as `read` does, but for the numbers, which stay in it."""
    return _opened(path, limit, threads, stream_text_rows)


def _opened(path: str | PathLike[str], limit: int | None, threads: int, rows_of: Callable[..., Any]) -> Table:
    content = map_file(path)
    header = read_header(path, content, least_bytes=2)
    tokens, rows = rows_of(path, content, header.end, header.dim, n_rows=header.n_rows, limit=limit, threads=threads)
    return table_from(path, NAME, tokens, rows)


def write(table: Table, path: str | PathLike[str], *, threads: int = 0) -> None:
    """Write a file; each number has the fewest digits that read as the same float32.

    Warns what the format cannot keep. Raises SettingsError (a token with a space or line break) and CannotWrite.
    """
    check_tokens(table.tokens, NAME, (" ", "\n"))
    with atomic_file(path) as file:
        file.write(f"{len(table)} {table.dim}\n".encode())
        write_text_rows(file, table, threads)
    warn_of_loss(table, path, NAME)
