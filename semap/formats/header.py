"""The first line of a word2vec file in, how many rows of how many numbers it promises out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike
from typing import Any

from semap.errors import BadFile

__all__ = ["Header", "parse_header", "read_header"]

_LINE = re.compile(rb"([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t\r]*\n")
_LONGEST = 64


@dataclass(frozen=True)
class Header:
    """`n_rows` rows of `dim` numbers, which begin at byte `end`."""

    n_rows: int
    dim: int
    end: int


def parse_header(content: Any) -> Header | None:
    """Return the header of a word2vec file, or None where the first line is not two numbers."""
    found = _LINE.match(content[:_LONGEST])
    return Header(int(found[1]), int(found[2]), found.end()) if found else None


def read_header(path: str | PathLike[str], content: Any, least_bytes: int) -> Header:
    """Return the header, whose promise the file is long enough to keep with `least_bytes` a number.

    Raises BadFile.
    """
    header = parse_header(content)
    if header is None:
        raise BadFile(path, f"expected a first line 'rows numbers', found {bytes(content[:40])!r}", offset=0)
    if header.n_rows == 0 or header.dim == 0:
        raise BadFile(path, f"the header promises {header.n_rows:,} rows of {header.dim:,} numbers: nothing", offset=0)
    needed = header.n_rows * (header.dim * least_bytes + 1)
    found = len(content) - header.end
    if needed > found + 1:  # the last line break may be missing
        promise = f"the header promises {header.n_rows:,} rows of {header.dim:,} numbers"
        reason = f"{promise}, which take {needed:,} bytes at least; the file has {found:,} after it"
        raise BadFile(path, f"{reason}: it is cut short, or the header is wrong", offset=0)
    return header
