"""A path or the name of a built-in table in, a Table out: every format is recognised by its content."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from semap.errors import BadFile, FileMissing, SettingsError
from semap.formats import glove, numpy_ids, word2vec_binary, word2vec_text
from semap.storage.safetensors import map_file
from semap.table.file import open_table
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["BUILT_IN", "load"]

BUILT_IN = ("english",)


class _Format(NamedTuple):
    name: str
    looks_like: Callable[[Any], bool]
    read: Callable[..., Table]  # (path, limit=..., threads=...)


class _Refused(NamedTuple):
    begins: bytes
    reason: str


def _looks_like_semap(content: Any) -> bool:
    return len(content) > 9 and content[8:9] == b"{" and not any(content[5:8])


def _open_semap(path: str, *, limit: int | None, threads: int) -> Table:
    table = open_table(path)
    if limit is None or limit >= len(table):
        return table
    stored, output = table.stored
    counts = None if table.counts is None else table.counts[:limit]
    tokens = Tokens.pack(table.tokens[:limit])
    first = None if output is None else output.first(limit)
    return Table.of_stored(tokens, stored.first(limit), counts=counts, metadata=table.metadata, output=first)


# The order matters: each is asked only where those before it have said no.
_FORMATS = (
    _Format("semap", _looks_like_semap, _open_semap),
    _Format(word2vec_text.NAME, word2vec_text.looks_like, word2vec_text.read),
    _Format(word2vec_binary.NAME, word2vec_binary.looks_like, word2vec_binary.read),
    _Format(glove.NAME, glove.looks_like, glove.read),
)
_REFUSED = (
    _Refused(b"\x80", "a Python pickle (as gensim's .model and .kv), which can run code when opened; in gensim, write "
             "model.wv.save_word2vec_format(path, binary=True) and load that"),
    _Refused(b"\xba\x16\x4f\x2f", "a fastText .bin model, which this version does not read; load its .vec file"),
    _Refused(b"FiFu", "a finalfusion file, which this version does not read; convert it to word2vec with finalfusion"),
    _Refused(b"\x1f\x8b", "compressed by gzip; unpack it first"),
    _Refused(b"BZh", "compressed by bzip2; unpack it first"),
    _Refused(b"\xfd7zXZ", "compressed by xz; unpack it first"),
    _Refused(b"\x28\xb5\x2f\xfd", "compressed by zstd; unpack it first"),
    _Refused(b"PK\x03\x04", "a zip archive (or .npz); unpack it first"),
)  # fmt: skip


def load(
    path_or_name: str | PathLike[str],
    *,
    ids: str | PathLike[str] | None = None,
    limit: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a table: a `.semap` file (mapped), word2vec text or binary, GloVe text, or a `.npy` file with its `ids`.

    `path_or_name`: a path, or the name "english" of the built-in table ("./english" is a file of that name). `ids`: a
    text file, one id a line. `limit`: read the first so many rows only. `threads`: 0 for every CPU of this process.
    Raises FileMissing, BadFile (what is damaged, and where), NewerVersion and SettingsError.
    """
    if limit is not None and limit < 1:
        raise SettingsError(f"limit is {limit}; give the number of rows to read, from 1")
    if path_or_name in BUILT_IN:
        path_or_name = _built_in(fspath(path_or_name))
    path = fspath(path_or_name)
    if Path(path).is_dir():
        raise BadFile(path, "is a folder; give the path of a file")
    content = map_file(path)
    if numpy_ids.looks_like(content):
        return numpy_ids.read(path, ids, limit=limit)
    if ids is not None:
        raise SettingsError(f"ids go with a .npy file; {path} is none")
    return _recognise(path, content).read(path, limit=limit, threads=threads)


def _recognise(path: str, content: Any) -> _Format:
    if not len(content):
        raise BadFile(path, "the file is empty", offset=0)
    for refused in _REFUSED:
        if content[: len(refused.begins)] == refused.begins:
            raise BadFile(path, refused.reason, offset=0)
    for form in _FORMATS:
        if form.looks_like(content):
            return form
    known = ", ".join([*(form.name for form in _FORMATS), f"{numpy_ids.NAME} (.npy with ids)"])
    raise BadFile(path, f"no known format begins with {bytes(content[:16])!r}; known are {known}", offset=0)


def _built_in(name: str) -> str:
    from importlib import resources  # 20 ms that only this name has to pay

    path = Path(str(resources.files("semap"))) / "data" / f"{name}.semap"
    if not path.is_file():
        raise FileMissing(f"the built-in table {name!r} is not part of this installation ({path}); reinstall semap")
    return str(path)
