"""A source of text or rows in, its lines out, each with its number and the name of what it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from semap.errors import BadText
from semap.text.source import Files, Texts
from semap.text.splitter import Errors

__all__ = ["Batch", "Line", "Lines", "frame_rows", "numbered"]

_AT_ONCE = 1 << 14


class Line(NamedTuple):
    """`text` without its end, the `number` of the line from 1, and the `name` of the file."""

    text: str
    number: int
    name: str


class Batch(NamedTuple):
    """Lines of one file, or rows that are cut into fields already; `first` is the number of the first, from 1."""

    name: str
    first: int
    lines: list[Any]


class Lines:
    """The lines of files, one after another, or of texts that were given (each a line), one by one or a batch at a time.

    A line ends with a line feed, or a carriage return and one, as everywhere in semap. `replaced`: how many U+FFFD stand for
    bytes that are not UTF-8, in what has been read so far; errors="strict" makes the first of them a BadText.
    """

    def __init__(self, found: Files | Texts, errors: Errors = "replace") -> None:
        self._found, self._errors = found, errors
        self.replaced = 0

    def __iter__(self) -> Iterator[Line]:
        for batch in self.batches():
            for number, text in enumerate(batch.lines, batch.first):
                yield Line(text, number, batch.name)

    def batches(self) -> Iterator[Batch]:
        """Read a chunk at a time; a line of any length stays whole, and a new file begins a new line, number 1."""
        given = isinstance(self._found, Texts)
        begun: list[bytes] = []
        name, number = "the given texts", 1
        for chunk in self._found.chunks():
            data = chunk.data
            if chunk.begins and not given:
                if any(begun):
                    yield self._batch(name, number, b"".join(begun))
                begun, name, number = [], chunk.name, 1
            if not given:  # texts come whole, each chunk holds some
                end = data.rfind(b"\n")
                if end < 0:
                    begun.append(data)
                    continue
                data, rest = b"".join([*begun, data[:end]]), data[end + 1 :]
                begun = [rest]
            batch = self._batch(name, number, data)
            yield batch
            number += len(batch.lines)
        if any(begun):
            yield self._batch(name, number, b"".join(begun))

    def _batch(self, name: str, first: int, data: bytes) -> Batch:
        try:
            text = data.decode()
        except UnicodeDecodeError as failure:
            if self._errors == "strict":
                line, start = first + data.count(b"\n", 0, failure.start), data.rfind(b"\n", 0, failure.start) + 1
                place = f"{name}, line {line:,}: byte {failure.start - start + 1:,} of it is not UTF-8"
                raise BadText(f'{place}; give errors="replace" to read it as U+FFFD') from None
            text = data.decode("utf-8", "replace")
            self.replaced += text.count("\ufffd") - data.count("\ufffd".encode())
        lines = text.split("\n")
        return Batch(name, first, [line.removesuffix("\r") for line in lines] if "\r" in text else lines)


def numbered(rows: Iterable[Any], name: str) -> Iterator[Batch]:
    """Number the items of a list from 1, many at a time."""
    first, waiting = 1, []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _AT_ONCE:
            yield Batch(name, first, waiting)
            first, waiting = first + _AT_ONCE, []
    if waiting:
        yield Batch(name, first, waiting)


def frame_rows(source: Any) -> Iterator[Any] | None:
    """Return the rows of a data frame (pandas, polars) as tuples, or None for what is none."""
    rows: Iterator[Any] | None = None
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        rows = iter(source.itertuples(index=False, name=None))
    elif hasattr(source, "columns") and hasattr(source, "iter_rows"):
        rows = iter(source.iter_rows())
    return rows
