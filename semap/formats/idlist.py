"""A file of ids in, the token of each row of a matrix out: a list, one a line, or the vocabulary of a tokenizer."""

from __future__ import annotations

import json
import warnings
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.errors import BadFile, SemapWarning, ShapeError
from semap.storage.safetensors import map_file
from semap.vocab.tokens import Tokens

__all__ = ["ids_path", "read_ids"]

_LARGEST = 1 << 30


def ids_path(path: str | PathLike[str]) -> Path:
    """Return where writers put the ids of `vectors.npy`: `vectors.ids.txt`."""
    return Path(path).with_suffix(".ids.txt")


def read_ids(ids: str | PathLike[str], of: str | PathLike[str], n_rows: int) -> tuple[Tokens, npt.NDArray[np.int64] | None]:
    """Return tokens for the rows of the file `of`, and the numbers of their rows where not every row has a token.

    ids: a text file with one id a line (BERT's `vocab.txt` is one), for every row; or, where its name ends in .json, the
    `tokenizer.json` of the library tokenizers or a `vocab.json`, a map of tokens to rows: rows that they do not name, which
    pad many a matrix, are left out and counted in a SemapWarning.
    Raises FileMissing, BadFile, and ShapeError (not as many lines as rows).
    """
    if Path(ids).suffix.lower() != ".json":
        tokens = Tokens.pack_bytes(_lines(ids))
        if len(tokens) != n_rows:
            raise ShapeError(f"{fspath(ids)} has {len(tokens):,} ids, {fspath(of)} has {n_rows:,} rows; give one id a row")
        return tokens, None
    places = _places(ids, _json(ids))
    beyond = next((token for token, row in places.items() if not 0 <= row < n_rows), None)
    if beyond is not None:
        reason = f"the token {beyond[:40]!r} has the id {places[beyond]:,}, {fspath(of)} has {n_rows:,} rows"
        raise BadFile(ids, f"{reason}: the two do not belong together")
    rows = np.fromiter(places.values(), np.int64, len(places))
    order = np.argsort(rows, kind="stable")
    names = list(places)
    tokens = Tokens.pack_bytes([names[number].encode("utf-8", "surrogatepass") for number in order])
    rows = rows[order]
    twin = np.flatnonzero(np.diff(rows) == 0)
    if len(twin):
        both = " and ".join(repr(tokens[int(twin[0]) + each][:40]) for each in (0, 1))
        raise BadFile(ids, f"the tokens {both} have the same id, {rows[twin[0]]:,}")
    if len(rows) == n_rows:
        return tokens, None
    message = f"{fspath(of)}: left out {n_rows - len(rows):,} of {n_rows:,} rows, for which {fspath(ids)} has no token"
    warnings.warn(message, SemapWarning, stacklevel=5)
    return tokens, rows


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


def _json(path: str | PathLike[str]) -> Any:
    content = map_file(path)
    if len(content) > _LARGEST:
        raise BadFile(path, f"{len(content):,} bytes are more than any vocabulary takes; expected at most {_LARGEST:,}")
    try:
        return json.loads(bytes(content))
    except (ValueError, RecursionError) as failure:
        raise BadFile(path, f"is not JSON: {failure}") from failure


def _places(path: str | PathLike[str], found: Any) -> dict[str, int]:
    """The id of each token."""
    model = found.get("model") if isinstance(found, dict) else None
    vocabulary = model.get("vocab") if isinstance(model, dict) else found
    if isinstance(vocabulary, list):  # Unigram: tokens and their scores
        pairs = [entry[0] if isinstance(entry, list) and entry else None for entry in vocabulary]
        places = {token: row for row, token in enumerate(pairs) if isinstance(token, str)}
        if len(places) < len(vocabulary):
            raise BadFile(path, f"its vocabulary lists {len(vocabulary):,} entries, {len(places):,} different tokens")
    else:
        places = dict(vocabulary) if isinstance(vocabulary, dict) else {}
    added = found.get("added_tokens", []) if isinstance(model, dict) else []
    for entry in added if isinstance(added, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
            raise BadFile(path, "an entry of added_tokens has no content")
        places[entry["content"]] = entry.get("id", -1)
    if not places or not all(type(row) is int for row in places.values()):
        raise BadFile(path, "expected a tokenizer.json with model.vocab, or a map of tokens to ids")
    return places
