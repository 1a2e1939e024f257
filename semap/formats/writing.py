"""Tokens and pieces of rows in, the parts that several writers have in common out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from semap.formats.idlist import ids_path
from semap.storage.atomic import atomic_file
from semap.table.table import Table

__all__ = ["written_ids"]

_TOKENS_AT_ONCE = 1 << 16


@contextmanager
def written_ids(table: Table, path: str | PathLike[str]) -> Iterator[None]:
    """Write the tokens, one a line, to `ids_path(path)`, which takes its place once the block has ended well."""
    with atomic_file(ids_path(path)) as file:
        for first in range(0, len(table), _TOKENS_AT_ONCE):
            lines = table.tokens[first : first + _TOKENS_AT_ONCE]
            file.write("\n".join([*lines, ""]).encode("utf-8", "surrogateescape"))
        yield
