"""A NumPy file of vectors and a text file of ids, one a line, in and out: any model's vectors become a table."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.errors import BadFile, FileMissing, SettingsError, ShapeError
from semap.formats.foreign import TEXT_SETTINGS, check_tokens, warn_of_loss
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["NAME", "ids_path", "looks_like", "read", "write"]

NAME = "NumPy"


def looks_like(content: Any) -> bool:
    """Whether content begins as a `.npy` file does."""
    return bool(content[:6] == b"\x93NUMPY")


def ids_path(path: str | PathLike[str]) -> Path:
    """Return where `write` puts the ids of `vectors.npy`: `vectors.ids.txt`."""
    return Path(path).with_suffix(".ids.txt")


def read(path: str | PathLike[str], ids: str | PathLike[str] | None, *, limit: int | None = None) -> Table:
    """Read (V, D) numbers and their V ids, or the first `limit` of both; float32 in C order stays mapped.

    Raises SettingsError (no ids given), FileMissing, BadFile, ShapeError (as many ids as rows are needed) and
    DuplicateToken.
    """
    if ids is None:
        raise SettingsError(f"{fspath(path)} holds numbers only; give a text file with one id a line as ids (--ids)")
    vectors = _vectors(path)
    tokens = Tokens.pack_bytes(_lines(ids))
    if len(tokens) != len(vectors):
        raise ShapeError(f"{fspath(ids)} has {len(tokens):,} ids, {fspath(path)} has {len(vectors):,} rows; give one id a row")
    if limit is not None:
        tokens, vectors = Tokens.pack(tokens[:limit]), vectors[:limit]
    return Table(tokens, vectors, metadata={"format": NAME, "text": TEXT_SETTINGS})


def _vectors(path: str | PathLike[str]) -> Any:
    try:
        mapped = np.lib.format.open_memmap(fspath(path), mode="r")
    except FileNotFoundError:
        raise FileMissing(f"{fspath(path)}: no such file") from None
    except (ValueError, OSError, EOFError, SyntaxError, OverflowError) as failure:
        raise BadFile(path, f"not a whole .npy file of numbers: {failure}") from failure
    if mapped.ndim != 2 or mapped.dtype.kind not in "fiub":
        raise BadFile(path, f"expected (V, D) numbers, found {mapped.dtype} of the shape {mapped.shape}")
    expected, found = mapped.offset + mapped.nbytes, Path(path).stat().st_size
    if expected != found:
        raise BadFile(path, f"its header tells of {expected:,} bytes, found {found:,}", offset=min(expected, found))
    return mapped


def _lines(path: str | PathLike[str]) -> list[bytes]:
    """The lines of a file without their ends. Raises BadFile for an empty line before the last."""
    content = bytes(map_file(path))
    lines = content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").split(b"\n") if content.strip(b"\r\n") else []
    if lines and all(line.endswith(b"\r") for line in lines[:-1]):
        lines = [line.removesuffix(b"\r") for line in lines]
    if b"" in lines:
        number = lines.index(b"") + 1
        raise BadFile(path, f"line {number:,} is empty; each of the {len(lines):,} lines must hold an id")
    return lines


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write the vectors as float32 to `path`, and the tokens, one a line, to `ids_path(path)`.

    Warns what the format cannot keep. Raises SettingsError (a token with a line break) and CannotWrite.
    """
    check_tokens(table.tokens, "ids", ("\n", "\r"))
    with atomic_file(ids_path(path)) as file:
        file.write("\n".join([*table.tokens, ""]).encode("utf-8", "surrogateescape"))
    with atomic_file(path) as file:
        np.lib.format.write_array(file, np.asarray(table.vectors), allow_pickle=False)
    warn_of_loss(table, path, NAME)
