"""`semap info`: a table in, what it is and how it was made out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semap.cli.interrupts import interrupts
from semap.cli.opened import open_table, path_of
from semap.cli.options import AsJson, Ids, TableName
from semap.cli.sheet import Sheet, show

if TYPE_CHECKING:
    from semap.table.table import Table

__all__ = ["info"]

_LONGEST = 1000  # characters of a text that are shown
_FIRST_TOKENS = 5


def info(
    table: TableName,
    verify: Annotated[bool, typer.Option("--verify", help="Read every byte and compare its SHA-256.")] = False,
    ids: Ids = None,
    as_json: AsJson = False,
) -> None:
    """Say what a table is and how it was made.

    With --verify also whether the data in its file is what was written.

    \b
    Examples:
      semap info english
      semap info wiki.semap --verify
    """
    opened = open_table(table, ids, searching=False)
    path = path_of(table)
    facts: dict[str, Any] = {
        "table": table,
        "format": opened.metadata.get("format", "semap"),
        "bytes": path.stat().st_size,
        "tokens": len(opened),
        "dim": opened.dim,
        "dtype": opened.dtype,
        "counts": opened.counts is not None,
        "output_vectors": opened.stored[1] is not None,
        "first_tokens": list(opened.tokens[:_FIRST_TOKENS]),
        "sha256": _verified(path, opened) if verify else "not checked",
    }
    metadata = {name: value for name, value in opened.metadata.items() if name != "format"}
    rows = [(name.replace("_", " "), _words(value)) for name, value in facts.items()]
    rows += [(name.replace("_", " "), _words(value)) for name, value in metadata.items()]
    show({**facts, "metadata": metadata}, [Sheet(("", ""), rows)], as_json)


def _verified(path: Path, table: Table) -> str:
    """Check the sum of a `.semap` file; other formats have none. Raises BadFile."""
    if "format" in table.metadata:
        return "this format has none; every row was read and is well formed"
    from semap.storage.container import open_container

    interrupts.stage = f"reading {path}"
    open_container(path).verify()
    return "right"


def _words(value: Any) -> str:
    """A value as people write it: yes and no, 1,000, names before values."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, str) and len(value) > _LONGEST:  # numbers in base64
        return f"{value[:40]}... ({len(value):,} characters)"
    return value if isinstance(value, str) else json.dumps(value)
