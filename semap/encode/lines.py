"""A source of text in, batches of its texts out: one a line of a file, empty lines too, or one an item of an iterable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from typing import Any

from semap.text.source import Files, Source, find_source

__all__ = ["batches_of"]


def batches_of(source: Source, size: int) -> Iterator[list[str]]:
    """Yield `size` texts at a time. Raises what `find_source` and reading files do; an empty iterable is no text."""
    texts = _texts(source)
    while batch := list(islice(texts, size)):
        yield batch


def _texts(source: Any) -> Iterator[str]:
    if not isinstance(source, str | PathLike) and isinstance(source, Iterable):
        items = iter(source)
        first = list(islice(items, 1))
        if not first or not isinstance(first[0], PathLike):
            return chain(first, items)
        source = chain(first, items)
    found = find_source(source, "replace")
    assert isinstance(found, Files)
    return _lines(found)


def _lines(files: Files) -> Iterator[str]:
    """The lines of files, without the line feed; a new file begins a new line. What is not UTF-8 becomes U+FFFD."""
    begun: list[bytes] = []
    for chunk in files.chunks():
        if chunk.begins and begun:
            yield _decoded(begun)
            begun = []
        *whole, rest = chunk.data.split(b"\n")
        for line in whole:
            yield _decoded([*begun, line])
            begun = []
        if rest:
            begun.append(rest)
    if begun:
        yield _decoded(begun)


def _decoded(pieces: list[bytes]) -> str:
    return b"".join(pieces).removesuffix(b"\r").decode("utf-8", "replace")
