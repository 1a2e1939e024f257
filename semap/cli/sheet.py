"""Rows of text in, a table on a terminal or plain aligned lines elsewhere out, or one JSON document for machines."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from semap.cli.stderr import printable

__all__ = ["Sheet", "show"]


@dataclass(frozen=True)
class Sheet:
    """What a command answers. `right`: the numbers of the columns that are flushed right.

    headings: whether plain lines begin with them too; `notes`: lines below.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    right: frozenset[int] = frozenset()
    headings: bool = False
    notes: Sequence[str] = ()


def show(document: Mapping[str, Any], sheets: Sequence[Sheet], as_json: bool) -> None:
    """Print one JSON document, or the sheets: tables on a terminal, elsewhere lines without control characters."""
    if as_json:
        _print_json(document)
    elif sys.stdout is not None and sys.stdout.isatty():
        _print_tables(sheets)
    else:
        _write("\n".join(line for sheet in sheets for line in plain_lines(sheet)))


def plain_lines(sheet: Sheet) -> list[str]:
    """Return the rows of a sheet as aligned lines, nothing cut off."""
    rows = [[printable(cell) for cell in row] for row in sheet.rows]
    if sheet.headings:
        rows.insert(0, [printable(column) for column in sheet.columns])
    widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padding = [" " * (width - _cells(cell)) for width, cell in zip(widths, row, strict=True)]
        placed = enumerate(zip(row, padding, strict=True))
        cells = [pad + cell if column in sheet.right else cell + pad for column, (cell, pad) in placed]
        lines.append("  ".join(cells).rstrip())
    return lines + [printable(note) for note in sheet.notes]


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes: marks take none, Chinese characters two."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.category(each) in ("Mn", "Me", "Cf") for each in text)


def _print_json(document: Mapping[str, Any]) -> None:
    """One line of JSON; only where it cannot be encoded otherwise, characters are escaped as JSON does."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, ensure_ascii=True, allow_nan=False)
    _write(text)


def _write(text: str) -> None:
    stream = sys.stdout
    if stream is not None:
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _print_tables(sheets: Sequence[Sheet]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for sheet in sheets:
        title = Text(printable(sheet.title)) if sheet.title else None
        table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", show_header=any(sheet.columns))
        for number, column in enumerate(sheet.columns):
            table.add_column(Text(printable(column)), justify="right" if number in sheet.right else "left", overflow="fold")
        for row in sheet.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        console.print(table)
        for note in sheet.notes:
            console.print(Text(printable(note)))
