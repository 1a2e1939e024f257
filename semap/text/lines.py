"""A source of text in, its lines out, each with its number and the name of the file that it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from semap.errors import BadText
from semap.text.source import Files, Texts
from semap.text.splitter import Errors

__all__ = ["Line", "Lines"]


class Line(NamedTuple):
    """`text` without its end, the `number` of the line from 1, and the `name` of the file."""

    text: str
    number: int
    name: str


class Lines:
    """The lines of files, one after another, or of texts that were given (each a line).

    A line ends with a line feed, or a carriage return and one, as everywhere in semap. `replaced`: how many U+FFFD stand for
    bytes that are not UTF-8, in what has been read so far; errors="strict" makes the first of them a BadText.
    """

    def __init__(self, found: Files | Texts, errors: Errors = "replace") -> None:
        self._found, self._errors = found, errors
        self.replaced = 0

    def __iter__(self) -> Iterator[Line]:
        number, rest, name = 0, b"", ""
        given = isinstance(self._found, Texts)
        for chunk in self._found.chunks():
            if chunk.begins:
                if rest or (given and number):
                    yield self._line(rest, number + 1, name)
                    number, rest = number + 1, b""
                name = "the given texts" if given else chunk.name
                number = number if given else 0
            *whole, rest = (rest + chunk.data).split(b"\n")
            for line in whole:
                number += 1
                yield self._line(line, number, name)
        if rest:
            yield self._line(rest, number + 1, name)

    def _line(self, line: bytes, number: int, name: str) -> Line:
        line = line.removesuffix(b"\r")
        try:
            return Line(line.decode(), number, name)
        except UnicodeDecodeError as failure:
            if self._errors == "strict":
                place = f"{name}, line {number:,}: byte {failure.start + 1:,} of it is not UTF-8"
                raise BadText(f'{place}; give errors="replace" to read it as U+FFFD') from None
        text = line.decode("utf-8", "replace")
        self.replaced += text.count("\ufffd") - line.count("\ufffd".encode())
        return Line(text, number, name)
