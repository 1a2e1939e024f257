"""Files or texts in, their lines out, each with a place that a message can name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from semap.text.chunks import Chunk

__all__ = ["Lines", "batches_of", "lines_of"]

_AT_ONCE = 1 << 14


class Lines(NamedTuple):
    """Lines of one file or list, or rows that are split already; `first` is the number of the first, from 1."""

    name: str
    first: int
    lines: list[Any]
    replaced: int = 0


def lines_of(chunks: Iterator[Chunk]) -> Iterator[Lines]:
    """Cut the chunks of files into lines, a chunk at a time; one of any length stays whole, a new file begins a new line.

    `replaced` counts the U+FFFD that stand for bytes which are no UTF-8.
    """
    begun: list[bytes] = []
    name, number = "", 1
    for chunk in chunks:
        if chunk.begins:
            if begun:
                yield _decoded(name, number, b"".join(begun))
            begun, name, number = [], chunk.name, 1
        end = chunk.data.rfind(b"\n")
        if end < 0:
            begun.append(chunk.data)
            continue
        found = _decoded(name, number, b"".join([*begun, chunk.data[:end]]))
        yield found
        number += len(found.lines)
        begun = [chunk.data[end + 1 :]]
    if any(begun):
        yield _decoded(name, number, b"".join(begun))


def batches_of(rows: Iterable[Any], name: str) -> Iterator[Lines]:
    """Number the items of a list, many at a time."""
    first, waiting = 1, []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _AT_ONCE:
            yield Lines(name, first, waiting)
            first, waiting = first + _AT_ONCE, []
    if waiting:
        yield Lines(name, first, waiting)


def _decoded(name: str, first: int, data: bytes) -> Lines:
    try:
        text, replaced = data.decode(), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    lines = text.split("\n")
    return Lines(name, first, [line.removesuffix("\r") for line in lines] if "\r" in text else lines, replaced)
