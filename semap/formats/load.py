"""A path or the name of a built-in table in, a Table out: every format is recognised by its content."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from semap.errors import BadFile, FileMissing, SettingsError
from semap.formats import (
    arrow,
    fasttext,
    finalfusion,
    gensim,
    glove,
    numpy_ids,
    projector,
    safetensors_table,
    word2vec_binary,
    word2vec_text,
)
from semap.formats.described import COMPRESSED
from semap.formats.filerows import gathered
from semap.formats.first import first_rows, most_frequent
from semap.storage.safetensors import map_file
from semap.table.file import open_table
from semap.table.table import Table

__all__ = ["BUILT_IN", "form_of", "load", "stream"]

BUILT_IN = ("english",)


class _Format(NamedTuple):
    name: str
    looks_like: Callable[[Any], bool]
    read: Callable[..., Table]  # (path, limit=..., threads=...), and of ids, vectors, tokens, part what `takes` names
    stream: Callable[..., Table] | None = None  # the same, but rows stay in the file; None: `read` does so
    takes: tuple[str, ...] = ()
    counted: bool = False  # its files may hold counts, by which the rows need not be in order


def _read(stream: Callable[..., Table]) -> Callable[..., Table]:
    """The reader of a format whose rows are taken into memory as they are streamed."""
    return lambda *path, **settings: gathered(stream(*path, **settings))


def _open_semap(path: str, *, limit: int | None, threads: int) -> Table:
    table = open_table(path)
    return table if limit is None else first_rows(table, limit)


# The order matters: each is asked only where those before it have said no.
_FORMATS = (
    _Format(numpy_ids.NAME, numpy_ids.looks_like, numpy_ids.read, numpy_ids.stream, ("ids",)),
    _Format("semap", safetensors_table.is_semap, _open_semap, counted=True),
    _Format(safetensors_table.NAME, safetensors_table.looks_like, _read(safetensors_table.stream), safetensors_table.stream,
            ("ids", "vectors")),
    _Format(arrow.NAME, arrow.looks_like, _read(arrow.stream), arrow.stream, ("vectors", "tokens"), True),
    _Format(gensim.NAME, gensim.looks_like, gensim.read, gensim.stream, counted=True),
    _Format(finalfusion.NAME, finalfusion.looks_like, finalfusion.read, finalfusion.stream),
    _Format(fasttext.NAME, fasttext.looks_like, fasttext.read, takes=("part",), counted=True),
    _Format(projector.NAME, projector.looks_like, _read(projector.stream), projector.stream, ("ids", "vectors", "tokens"), True),
    _Format(word2vec_text.NAME, word2vec_text.looks_like, word2vec_text.read, word2vec_text.stream),
    _Format(word2vec_binary.NAME, word2vec_binary.looks_like, word2vec_binary.read, word2vec_binary.stream),
    _Format(glove.NAME, glove.looks_like, glove.read, glove.stream),
)  # fmt: skip


def load(
    path_or_name: str | PathLike[str],
    *,
    ids: str | PathLike[str] | None = None,
    vectors: str | None = None,
    tokens: str | None = None,
    part: str | None = None,
    limit: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a table in any format (docs/formats.md), recognised by its content; a `.semap` file is mapped, not read.

    `path_or_name`: a path, or the name "english" of the built-in table ("./english" is a file of that name). `ids`: for
    formats of numbers alone (.npy, safetensors) the file of their ids, see `semap.formats.idlist.read_ids`. `vectors`: the
    name of the matrix, where a file has several: a tensor of safetensors, a column of Arrow or Parquet; `tokens`: the column
    of the tokens there. `part`: "words" or "labels", of a supervised fastText model. `limit`: read the first so many rows
    only. `threads`: 0 for every CPU of this process.
    Raises FileMissing, BadFile (what is damaged, and where), NewerVersion, MissingExtra and SettingsError.
    """
    path, form = form_of(path_or_name)
    return form.read(
        path, limit=_checked(limit), threads=threads, **_taken(path, form, ids=ids, vectors=vectors, tokens=tokens, part=part)
    )


def stream(
    path_or_name: str | PathLike[str],
    *,
    ids: str | PathLike[str] | None = None,
    vectors: str | None = None,
    tokens: str | None = None,
    part: str | None = None,
    words: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a table as `load` does, but its rows stay in the file, and each use reads them again: for converting.

    words: only the rows of so many tokens, the most frequent ones where the file has counts, else the first ones; the others
    are not read. Tokens are read now; a damaged row is a BadFile when it is reached.
    """
    path, form = form_of(path_or_name)
    limit = _checked(words)
    opened = form.stream or form.read
    settings = _taken(path, form, ids=ids, vectors=vectors, tokens=tokens, part=part)
    table = opened(path, limit=None if form.counted else limit, threads=threads, **settings)
    return table if limit is None else most_frequent(table, limit)


def form_of(path_or_name: str | PathLike[str]) -> tuple[str, _Format]:
    """Return the path of a table, and its format. Raises FileMissing, BadFile and SettingsError."""
    if path_or_name in BUILT_IN:
        path_or_name = _built_in(fspath(path_or_name))
    path = fspath(path_or_name)
    if Path(path).is_dir():
        if projector.is_folder(path):
            return path, next(form for form in _FORMATS if form.name == projector.NAME)
        raise BadFile(path, "is a folder; give the path of a file")
    return path, _recognise(path, map_file(path))


def _checked(limit: int | None) -> int | None:
    if limit is not None and limit < 1:
        raise SettingsError(f"limit is {limit}; give the number of rows to read, from 1")
    return limit


def _taken(path: str, form: _Format, **settings: Any) -> dict[str, Any]:
    """The arguments that were given, all of which the format takes."""
    given = {name: value for name, value in settings.items() if value is not None}
    for name in given:
        if name not in form.takes:
            takers = ", ".join(each.name for each in _FORMATS if name in each.takes)
            raise SettingsError(f"{name} go with {takers} files; {path} is a {form.name} file: leave {name} out")
    return given


def _recognise(path: str, content: Any) -> _Format:
    if not len(content):
        raise BadFile(path, "the file is empty", offset=0)
    for form in _FORMATS:
        if form.looks_like(content):
            return form
    for begins, packer in COMPRESSED.items():
        if content[: len(begins)] == begins:
            raise BadFile(path, f"compressed by {packer}; unpack it first", offset=0)
    known = ", ".join(form.name for form in _FORMATS)
    raise BadFile(path, f"no known format begins with {bytes(content[:16])!r}; known are {known}", offset=0)


def _built_in(name: str) -> str:
    from importlib import resources  # 20 ms that only this name has to pay

    path = Path(str(resources.files("semap"))) / "data" / f"{name}.semap"
    if not path.is_file():
        raise FileMissing(f"the built-in table {name!r} is not part of this installation ({path}); reinstall semap")
    return str(path)
