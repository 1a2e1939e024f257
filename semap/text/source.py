"""What a user names in (path, glob, folder, "-", or an iterable), one of three sources out: files, texts, or token lists."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from semap.errors import BadText, EmptyCorpus, FileMissing, SettingsError
from semap.text.chunks import CHUNK_BYTES, Chunk
from semap.text.opened import STANDARD_INPUT, file_chunks, looks_like_text

__all__ = ["Files", "Source", "Texts", "TokenLists", "find_source"]

Source: TypeAlias = str | PathLike[str] | Iterable[str] | Iterable[PathLike[str]] | Iterable[Iterable[str]]


class Files:
    """Files to read one after another. `n_bytes`: their sizes, 0 where unknown; `left_out`: sentences, one a reason."""

    def __init__(self, paths: list[str], left_out: list[str]) -> None:
        self.paths, self.left_out = paths, left_out
        self.n_bytes = sum(Path(path).stat().st_size for path in paths if path != STANDARD_INPUT)
        self.bytes_done = 0

    def chunks(self) -> Iterator[Chunk]:
        """Read them; raises what `file_chunks` does."""
        for path in self.paths:
            before = self.bytes_done

            def told(n_bytes: int, before: int = before) -> None:
                """Add what was read of this file to the files before it."""
                self.bytes_done = before + n_bytes

            yield from file_chunks(path, told)


class Texts:
    """Texts given one by one as str; a line feed inside one does not end it."""

    def __init__(self, texts: Iterator[str], errors: str) -> None:
        self._texts, self._errors = texts, errors

    def chunks(self) -> Iterator[Chunk]:
        """Encode them, many at a time; raises BadText for a lone surrogate where errors is "strict"."""
        first, waiting, n_characters = 0, [], 0
        for number, text in enumerate(self._texts):
            if not isinstance(text, str):
                raise _mixed(number, text, "text (str)")
            waiting.append(text.replace("\n", " ") if "\n" in text else text)
            n_characters += len(text)
            if n_characters >= CHUNK_BYTES:
                yield self._chunk(first, waiting)
                first, waiting, n_characters = number + 1, [], 0
        if waiting:
            yield self._chunk(first, waiting)

    def _chunk(self, first: int, texts: list[str]) -> Chunk:
        joined = "\n".join(texts)
        try:
            data = joined.encode()
        except UnicodeEncodeError as failure:
            if self._errors == "strict":
                number = first + joined.count("\n", 0, failure.start)
                raise BadText(
                    f'text {number:,} has a lone surrogate, {joined[failure.start]!r}; give errors="replace" to read it as U+FFFD'
                ) from None
            data = joined.encode("utf-8", "surrogatepass")
        return Chunk(data, f"text {first:,} and those after it", 0, True)


class TokenLists:
    """Texts that are split already: each an iterable of str, taken as they are."""

    def __init__(self, texts: Iterator[Iterable[str]]) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[Iterable[str]]:
        for number, text in enumerate(self._texts):
            if isinstance(text, str | bytes | PathLike) or not isinstance(text, Iterable):
                raise _mixed(number, text, "list of tokens")
            yield text


def find_source(source: Source, errors: str) -> Files | Texts | TokenLists:
    """Find out what `source` is: its first item decides what an iterable holds.

    A str or PathLike is a file, a folder (all files below it that look like text, sorted by path, without hidden ones),
    a glob pattern, or "-" for standard input; an iterable of PathLike names files; one of str holds texts; one of
    lists holds tokens.
    Raises FileMissing, EmptyCorpus (a folder without text, an iterable without an item), SettingsError.
    """
    return _found(source, errors)


def _found(source: Any, errors: str) -> Files | Texts | TokenLists:
    if isinstance(source, str | PathLike):
        return Files(*_paths(os.fspath(source)))
    of_columns = isinstance(source, Mapping) or (hasattr(source, "columns") and hasattr(source, "__getitem__"))
    if of_columns:
        raise SettingsError(f"a {type(source).__name__} holds columns, not texts; give one of them, as in list(data['text'])")
    if isinstance(source, bytes | bytearray) or not isinstance(source, Iterable):
        kind = type(source).__name__
        raise SettingsError(f"cannot read text from {kind}; give a path, or an iterable of texts, paths or token lists")
    items = iter(source)
    try:
        first = next(items)
    except StopIteration:
        raise EmptyCorpus("the iterable holds no text; give at least one") from None
    if isinstance(first, Mapping):
        raise SettingsError("item 0 is a mapping; give texts, or lists of tokens, as in [row['text'] for row in rows]")
    items = chain([first], items)
    if isinstance(first, str):
        return Texts(items, errors)
    if isinstance(first, PathLike):
        return _all_files(items)
    return TokenLists(items)


def _all_files(items: Iterator[Any]) -> Files:
    paths: list[str] = []
    left_out: list[str] = []
    for number, item in enumerate(items):
        if not isinstance(item, PathLike):
            raise _mixed(number, item, "path")
        more = _paths(os.fspath(item))
        paths += more[0]
        left_out += more[1]
    return Files(paths, left_out)


def _paths(name: str) -> tuple[list[str], list[str]]:
    """The files that a name stands for, and what was left out."""
    if not isinstance(name, str):
        raise SettingsError(f"paths are str, not {type(name).__name__}: {name!r}")
    if name == STANDARD_INPUT:
        return [name], []
    if not name:
        raise SettingsError("the name of a file is empty; give a path, a pattern, a folder or -")
    if os.path.isdir(name):  # noqa: PTH112 (Path raises for names that are too long)
        return _below(name)
    if os.path.exists(name):  # noqa: PTH110
        return [name], []
    if not glob.has_magic(name):
        shown = name if len(name) <= 80 else f"{name[:77]}..."
        raise FileMissing(f"there is no file {shown!r}; what is no name but text itself goes into a list: [text]")
    found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 (Path.glob knows no absolute pattern)
    files = [path for path in found if not Path(path).is_dir()]
    if not files:
        raise FileMissing(f"the pattern {name!r} matches no file, {len(found):,} folders; for a folder give its own name")
    folders = 0 if "**" in name else len(found) - len(files)
    return files, _sentence(folders, "folder that matches the pattern", "folders that match the pattern")


def _below(folder: str) -> tuple[list[str], list[str]]:
    """The files below a folder that look like text."""
    found = sorted(path for path in Path(folder).rglob("*") if not path.is_dir())
    shown = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    files = [str(path) for path in shown if path.is_file() and looks_like_text(str(path))]
    left_out = [
        *_sentence(len(found) - len(shown), "hidden file", "hidden files"),
        *_sentence(len(shown) - len(files), "file that is not text", "files that are not text"),
    ]
    if not files:
        raise EmptyCorpus(f"the folder {folder} holds no text file; left out: {', '.join(left_out) or 'nothing'}")
    return files, [f"{reason} below {folder}" for reason in left_out]


def _sentence(n: int, one: str, many: str) -> list[str]:
    return [f"{n:,} {one if n == 1 else many}"] if n else []


def _mixed(number: int, item: object, expected: str) -> SettingsError:
    return SettingsError(f"item {number:,} is {type(item).__name__}, the first one was a {expected}; give one kind only")
