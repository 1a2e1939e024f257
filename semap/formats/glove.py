"""GloVe text files in and out: a line a row, `token number number ...`, and no header.

The GloVe files of Stanford hold tokens with spaces (". . ."), so numbers are counted from the right, and D is what most
of the first lines have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from os import PathLike
from typing import Any

from semap.errors import BadFile
from semap.formats.foreign import check_tokens, table_from, warn_of_loss
from semap.formats.textrows import read_text_rows, stream_text_rows, write_text_rows
from semap.kernels.reference.numerals import read_number
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import map_file
from semap.table.table import Table

__all__ = ["NAME", "looks_like", "read", "stream", "write"]

NAME = "GloVe text"
_LINES_SEEN = 100
_LONGEST_LINE = 1 << 22  # a corpus can be one line of any length: do not split it


def looks_like(content: Any) -> bool:
    """Whether most of the first lines are a token and the same number of numbers."""
    return _dim(content) > 0


def _dim(content: Any) -> int:
    """The number of numbers that most of the first lines have, or 0."""
    counts: Counter[int] = Counter()
    at = 0
    while at < len(content) and counts.total() < _LINES_SEEN:
        stop = content.find(b"\n", at, at + _LONGEST_LINE)
        if stop < 0:
            stop = len(content)
        if stop - at > _LONGEST_LINE:
            return 0
        fields = bytes(content[at:stop]).rstrip(b" \r").split(b" ")
        n_numbers = 0
        while n_numbers < len(fields) - 1 and read_number(fields[-1 - n_numbers]) is not None:
            n_numbers += 1
        counts[n_numbers] += 1
        at = stop + 1
    return counts.most_common(1)[0][0] if counts else 0


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
    dim = _dim(content)
    if dim == 0:
        raise BadFile(path, "expected lines of a token and numbers, one space between; found none", offset=0)
    tokens, rows = rows_of(path, content, 0, dim, n_rows=None, limit=limit, threads=threads)
    return table_from(path, NAME, tokens, rows)


def write(table: Table, path: str | PathLike[str], *, threads: int = 0) -> None:
    """Write a file; each number has the fewest digits that read as the same float32.

    Warns what the format cannot keep. Raises SettingsError (a token with a space or line break) and CannotWrite.
    """
    check_tokens(table.tokens, NAME, (" ", "\n"))
    with atomic_file(path) as file:
        write_text_rows(file, table, threads)
    warn_of_loss(table, path, NAME)
