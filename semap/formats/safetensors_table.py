"""A safetensors file of any library and its ids in, a Table out; and back: a matrix `embeddings` and a list of ids beside it."""

from __future__ import annotations

import re
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, SettingsError
from semap.formats.filerows import chosen_rows, converted_rows
from semap.formats.foreign import check_tokens, first_tokens, table_from, warn_of_loss
from semap.formats.idlist import ids_path, read_ids
from semap.formats.writing import written_ids
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import Head, Place, map_array, map_file, pack_head, parse_head
from semap.table.table import Table

__all__ = ["NAME", "is_semap", "looks_like", "stream", "write"]

NAME = "safetensors"
_MATRIX = "embeddings"
_KINDS = ("F32", "F16", "BF16", "F64", "I8")
_SEMAP = re.compile(rb'"format"\s*:\s*"semap"')
_BESIDE = ("tokenizer.json", "vocab.json", "vocab.txt")


def looks_like(content: Any) -> bool:
    """Whether content begins with the length of a header and a header."""
    return len(content) > 9 and content[8:9] == b"{" and not any(content[5:8])


def is_semap(content: Any) -> bool:
    """Whether content is of semap: `__metadata__`, which need not come first, says so."""
    return looks_like(content) and any(_SEMAP.search(content[8:end]) for end in (512, 1 << 20))


def stream(
    path: str | PathLike[str],
    *,
    ids: str | PathLike[str] | None = None,
    vectors: str | None = None,
    limit: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a file whose rows stay in it: those of its only matrix, or of `vectors`, named.

    ids: see `semap.formats.idlist.read_ids`; where none is given, `NAME.ids.txt`, `tokenizer.json`, `vocab.json` or
    `vocab.txt` beside the file is taken, the first that there is, and `metadata["source"]` names it. bfloat16 and float64
    become float32, int8 too where nothing else is there.
    Raises FileMissing, BadFile, ShapeError (as many ids as rows are needed) and SettingsError.
    """
    content = map_file(path)
    head = parse_head(path, content)
    name = _matrix(path, head, vectors)
    place = head.places[name]
    rows = converted_rows(path, map_array(content, place), _widen if place.kind == "BF16" else None)
    found = _ids_beside(path) if ids is None else ids
    tokens, numbers = read_ids(found, path, rows.n_rows)
    if numbers is not None:
        rows = chosen_rows(rows, numbers)
    if limit is not None and limit < len(tokens):
        tokens, rows = first_tokens(tokens, limit), rows.first(limit)
    return table_from(path, NAME, tokens, rows, facts={"source": {"vectors": name, "ids": Path(found).name}})


def _matrix(path: str | PathLike[str], head: Head, asked: str | None) -> str:
    """The name of the matrix to read."""
    listed = ", ".join(f"{name} {place.kind} {list(place.shape)}" for name, place in list(head.places.items())[:50]) or "none"
    if asked is not None:
        if asked not in head.places:
            raise SettingsError(f"{fspath(path)} has no tensor {asked!r}; it has {listed}")
        if not _is_matrix(head.places[asked]):
            raise SettingsError(f"the tensor {asked!r} of {fspath(path)} is no (V, D) matrix of numbers; it has {listed}")
        return asked
    matrices = [name for name, place in head.places.items() if _is_matrix(place) and place.kind != "I8"]
    if not matrices:  # Model2Vec stores small models so
        matrices = [name for name, place in head.places.items() if _is_matrix(place)]
    if len(matrices) != 1:
        advice = "name the one with the vectors as vectors= (--vectors)" if matrices else "there is nothing to read"
        raise BadFile(path, f"expected one (V, D) matrix of numbers, found {len(matrices)} among {listed}; {advice}")
    return matrices[0]


def _is_matrix(place: Place) -> bool:
    return len(place.shape) == 2 and min(place.shape) > 0 and place.kind in _KINDS


def _ids_beside(path: str | PathLike[str]) -> Path:
    tried = [ids_path(path), *(Path(path).parent / name for name in _BESIDE)]
    for each in tried:
        if each.is_file():
            return each
    names = ", ".join(each.name for each in tried)
    raise SettingsError(f"{fspath(path)} holds numbers only, and none of {names} is beside it; give the ids as ids= (--ids)")


def _widen(bits: AnyArray) -> AnyArray:
    """bfloat16, given as its bits: the upper half of a float32."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write the rows as the tensor `embeddings`, float32 or float16 as they are stored, and ids one a line to `ids_path(path)`.

    Warns what the format cannot keep. Raises SettingsError (a token with a line break) and CannotWrite.
    """
    check_tokens(table.tokens, NAME, ("\n", "\r"))
    rows = table.stored[0]
    dtype = np.dtype("<f2" if rows.dtype == "float16" else "<f4")
    n_bytes = len(table) * table.dim * dtype.itemsize
    entry = (_MATRIX, "F16" if dtype.itemsize == 2 else "F32", (len(table), table.dim), n_bytes)
    with atomic_file(path) as file, written_ids(table, path):
        file.write(pack_head([entry], {"format": "pt"}))
        for _, piece in rows.pieces():
            file.write(np.ascontiguousarray(piece, dtype).reshape(-1).view(np.uint8).data)
    warn_of_loss(table, path, NAME)
