"""A source of text in, batches of its texts out: one a line of a file, empty lines too, or one an item of an iterable."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from typing import Any

from semap.errors import SemapWarning
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
    """The lines of files, without the line feed; a new file begins a new line. Warns of bytes that are not UTF-8."""
    begun: list[bytes] = []
    n_lines = n_replaced = 0

    def decoded(line: bytes) -> str:
        """The line as text; broken bytes are counted."""
        nonlocal n_lines, n_replaced
        text, replaced = _decoded([*begun, line])
        begun.clear()
        n_lines, n_replaced = n_lines + bool(replaced), n_replaced + replaced
        return text

    for chunk in files.chunks():
        if chunk.begins and begun:
            yield decoded(b"")
        *whole, rest = chunk.data.split(b"\n")
        for line in whole:
            yield decoded(line)
        if rest:
            begun.append(rest)
    if begun:
        yield decoded(b"")
    if n_replaced:
        message = f"{n_replaced:,} times bytes that are not UTF-8 were replaced by U+FFFD, in {n_lines:,} lines; convert the text"
        warnings.warn(message, SemapWarning, stacklevel=2)


def _decoded(pieces: list[bytes]) -> tuple[str, int]:
    """A line as text, and how often bytes that are not UTF-8 became U+FFFD."""
    line = b"".join(pieces).removesuffix(b"\r")
    try:
        return line.decode(), 0
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
        return text, text.count("\ufffd") - line.count("\ufffd".encode())
