"""`semap info`: a table in, what it is and how it was made out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import path_of
from semap.cli.options import AsJson, Ids, TableName
from semap.cli.sheet import Sheet, show
from semap.errors import BadFile, FileMissing, MissingExtra, SemapError

if TYPE_CHECKING:
    from semap.table.table import Table

__all__ = ["info"]

_LONGEST = 1000  # characters of a text that are shown
_FIRST_TOKENS = 5


def info(
    table: TableName,
    verify: Annotated[bool, typer.Option("--verify", help="Read every byte and compare its SHA-256.")] = False,
    ids: Ids = None,
    vectors: Annotated[str | None, typer.Option("--vectors", metavar="NAME", help="Which tensor or column, of several.")] = None,
    tokens: Annotated[str | None, typer.Option("--tokens", metavar="NAME", help="Which column holds the tokens.")] = None,
    part: Annotated[str | None, typer.Option("--part", help='"words" or "labels", of a supervised fastText model.')] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a file is and, of a table, how it was made.

    Rows are not read. Of what holds no table (pickles, archives, other files of semap) it says what it is; nothing in it is
    executed. With --verify also whether the data in a file of semap is what was written.

    \b
    Examples:
      semap info english
      semap info wiki.semap --verify
      semap info GoogleNews.bin
    """
    path = path_of(table)
    facts: dict[str, Any] = {"table": table}
    try:
        opened = _opened(table, ids=ids, vectors=vectors, tokens=tokens, part=part)
    except SemapError as failure:
        found = _described(path, failure)
        metadata, shown = {}, {**facts, **found, "reason": failure.reason if isinstance(failure, BadFile) else str(failure)}
    else:
        shown = {**facts, **_facts(opened, path), "sha256": _verified(path, opened) if verify else "not checked"}
        metadata = {name: value for name, value in opened.metadata.items() if name != "format"}
    rows = [(name.replace("_", " "), _words(value)) for name, value in shown.items()]
    rows += [(name.replace("_", " "), _words(value)) for name, value in metadata.items()]
    show({**shown, "metadata": metadata}, [Sheet(("", ""), rows)], as_json)


def _opened(table: str, **settings: Any) -> Table:
    """Open a table whose rows stay in their file."""
    from semap.formats.load import BUILT_IN, stream

    if table not in BUILT_IN and not table.endswith(".semap"):
        watch_compiling()
    interrupts.stage = f"opening {table}"
    opened = stream(table, **settings)
    interrupts.stage = ""
    return opened


def _described(path: Path, failure: SemapError) -> dict[str, Any]:
    """What stands at a path that is no table; the failure where nothing is known of it, or it is damaged."""
    from semap.formats.described import described

    found = None if isinstance(failure, FileMissing | MissingExtra) else described(path)
    if found is None or found["holds"] == "table":
        raise failure
    return found


def _facts(table: Table, path: Path) -> dict[str, Any]:
    """What is told of a table before its metadata."""
    files = [each for each in path.iterdir() if each.is_file()] if path.is_dir() else [path]
    made_from = table.metadata.get("format")
    facts: dict[str, Any] = {
        **({"format": "semap", "made_from": made_from} if made_from and _is_semap(path) else {"format": made_from or "semap"}),
        "bytes": sum(each.stat().st_size for each in files),
        "tokens": len(table),
        "dim": table.dim,
        "dtype": table.dtype,
        "counts": table.counts is not None,
        "output_vectors": table.stored[1] is not None,
        "composes": table.composes,
    }
    if table.subwords is not None:
        stored = table.subwords.to_stored()
        facts["ngrams"] = {**stored.settings(), "rows": stored.rows.shape[0]}
    return {**facts, "first_tokens": list(table.tokens[:_FIRST_TOKENS])}


def _is_semap(path: Path) -> bool:
    """Whether a path is a file of semap, whatever its table came from."""
    from semap.formats.safetensors_table import is_semap
    from semap.storage.safetensors import map_file

    return path.is_file() and is_semap(map_file(path))


def _verified(path: Path, table: Table) -> str:
    """Check the sum of a `.semap` file; other formats have none. Raises BadFile."""
    if not _is_semap(path):
        stored, output = table.stored
        ngrams = None if table.subwords is None else table.subwords.to_stored().rows
        for rows in (stored, output, ngrams):
            for _, _ in () if rows is None else rows.pieces():  # a damaged row is told
                pass
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
