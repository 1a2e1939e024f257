"""A NumPy file of vectors and a text file of ids, one a line, in and out: any model's vectors become a table."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, DuplicateToken, SettingsError, ShapeError
from semap.formats.filerows import chosen_rows, converted_rows
from semap.formats.foreign import TEXT_SETTINGS, check_tokens, first_tokens, warn_of_loss
from semap.formats.idlist import read_ids
from semap.formats.npy import map_npy
from semap.formats.writing import written_ids
from semap.storage.atomic import atomic_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["NAME", "looks_like", "read", "stream", "write"]

NAME = "NumPy"


def looks_like(content: Any) -> bool:
    """Whether content begins as a `.npy` file does."""
    return bool(content[:6] == b"\x93NUMPY")


def read(
    path: str | PathLike[str], *, ids: str | PathLike[str] | None = None, limit: int | None = None, threads: int = 0
) -> Table:
    """Read (V, D) numbers and their V ids, or the first `limit` of both; float32 in C order stays mapped.

    ids: see `semap.formats.idlist.read_ids`. Raises SettingsError (no ids given), FileMissing, BadFile, ShapeError (as many
    ids as rows are needed) and DuplicateToken.
    """
    vectors, tokens, numbers = _parts(path, ids)
    if numbers is not None:
        vectors = vectors[numbers]
    if limit is not None:
        tokens, vectors = first_tokens(tokens, limit), vectors[:limit]
    try:
        return Table(tokens, vectors, metadata={"format": NAME, "text": TEXT_SETTINGS})
    except ShapeError as failure:
        raise BadFile(path, str(failure)) from failure


def stream(
    path: str | PathLike[str], *, ids: str | PathLike[str] | None = None, limit: int | None = None, threads: int = 0
) -> Table:
    """Open a file as `read` does, but for the numbers, which stay in it whatever their dtype and order."""
    vectors, tokens, numbers = _parts(path, ids)
    rows = converted_rows(path, vectors)
    if numbers is not None:
        rows = chosen_rows(rows, numbers)
    if limit is not None:
        tokens, rows = first_tokens(tokens, limit), rows.first(limit)
    return Table.of_stored(tokens, rows, metadata={"format": NAME, "text": TEXT_SETTINGS})


def _parts(path: str | PathLike[str], ids: str | PathLike[str] | None) -> tuple[Any, Tokens, Any]:
    """The mapped matrix, the tokens, and the rows that have one where not all do."""
    if ids is None:
        raise SettingsError(f"{fspath(path)} holds numbers only; give a text file with one id a line as ids (--ids)")
    vectors = _vectors(path)
    tokens, numbers = read_ids(ids, path, len(vectors))
    twins = tokens.duplicates()
    if len(twins):
        again = f"{tokens[int(twins[0])]!r} stands twice, again in line {int(twins[0]) + 1:,}"
        raise DuplicateToken(f"{fspath(ids)}: {again}; {len(twins):,} lines repeat an id, and ids must be unique")
    return vectors, tokens, numbers


def _vectors(path: str | PathLike[str]) -> AnyArray:
    mapped = map_npy(path)
    if mapped.ndim != 2:
        raise BadFile(path, f"expected (V, D) numbers, found {mapped.dtype} of the shape {mapped.shape}")
    return mapped


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write the vectors as float32 to `path`, and the tokens, one a line, to `ids_path(path)`.

    Warns what the format cannot keep. Raises SettingsError (a token with a line break) and CannotWrite.
    """
    check_tokens(table.tokens, NAME, ("\n", "\r"))
    facts = {"descr": "<f4", "fortran_order": False, "shape": (len(table), table.dim)}
    with atomic_file(path) as file, written_ids(table, path):
        np.lib.format.write_array_header_1_0(file, facts)
        for _, piece in table.stored[0].pieces():
            file.write(np.ascontiguousarray(piece, "<f4").reshape(-1).view(np.uint8).data)
    warn_of_loss(table, path, NAME)
