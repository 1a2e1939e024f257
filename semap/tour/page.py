"""A page of Markdown in, its sections out: prose, and the Python blocks that stand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

__all__ = ["Part", "Section", "Snippet", "parts_of", "sections_of"]

_FENCE = re.compile(r"^```python([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (\d+)\. (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """A fenced block of Python.

    code: as it stands, with prompts and outputs or without. options: the `name=value` words after "```python":
    `needs` names what must be there (`english`, or a library), `about` how far a printed number may be off.
    start, stop: where `code` lies in the page, in characters.
    """

    code: str
    options: Mapping[str, str]
    start: int
    stop: int


Part: TypeAlias = str | Snippet


@dataclass(frozen=True)
class Section:
    """A heading `## number. title` and what follows it."""

    number: int
    title: str
    parts: tuple[Part, ...]


def sections_of(page: str) -> list[Section]:
    """Return the numbered sections of a page; what stands before the first is left out."""
    headings = list(_HEADING.finditer(page))
    stops = [heading.start() for heading in headings[1:]] + [len(page)]
    return [
        Section(int(heading[1]), heading[2], tuple(parts_of(page, heading.end(), stop)))
        for heading, stop in zip(headings, stops, strict=True)
    ]


def parts_of(page: str, start: int = 0, stop: int | None = None) -> list[Part]:
    """Return prose and snippets of page[start:stop] in their order; prose without blank lines around it."""
    stop = len(page) if stop is None else stop
    parts: list[Part] = []
    at = start
    for fence in _FENCE.finditer(page, start, stop):
        parts += _prose(page[at : fence.start()])
        options = dict(word.split("=", 1) for word in fence[1].split())
        parts.append(Snippet(fence[2], MappingProxyType(options), fence.start(2), fence.end(2)))
        at = fence.end()
    return parts + _prose(page[at:stop])


def _prose(text: str) -> list[Part]:
    return [text.strip("\n")] if text.strip() else []
