"""A table of metadata in, columns beside the tokens of a chart out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from semap.errors import BadFile, SemapWarning, SettingsError
from semap.text.lines import Line, Lines
from semap.text.source import Files, find_source

__all__ = ["Metadata", "columns_for"]

_EXACT = 2**53  # whole numbers past it are none in JSON: such a column is one of names

Metadata: TypeAlias = str | PathLike[str] | Mapping[str, Mapping[str, Any]]


def columns_for(tokens: Sequence[str], metadata: Metadata | None) -> dict[str, list[Any]]:
    """Return a value for each token under each name; None where there is none.

    metadata: a file of tab-separated lines, the first one the names, the first column the token; or a dict of dicts, name ->
    token -> value. A column of numbers only becomes numbers. Tokens that are not on the chart are left out, and where none of
    them is there that is an error. Raises FileMissing, BadFile (line and number of fields) and SettingsError.
    """
    if metadata is None:
        return {}
    if isinstance(metadata, Mapping):
        return {_name(name): [_plain(values.get(token)) for token in tokens] for name, values in metadata.items()}
    path = Path(metadata)
    found = find_source(path, "strict")
    if not isinstance(found, Files) or len(found.paths) != 1:
        raise SettingsError(f"{path}: metadata is one file, a name -> token -> value dict, or left out")
    names, cells = _read(Lines(found, "strict"), path)
    known = sum(token in cells for token in tokens)
    if not known:
        raise BadFile(path, f"none of its {len(cells):,} tokens is on the map; its first column must be the token")
    nothing = [""] * len(names)
    rows = [cells.get(token, nothing) for token in tokens]
    return {name: _typed([row[number] for row in rows]) for number, name in enumerate(names)}


def _read(lines: Iterable[Line], path: Path) -> tuple[list[str], dict[str, list[str]]]:
    """The names of the columns but the first, and the cells of each token; of lines with the same token the first."""
    names: list[str] | None = None
    cells: dict[str, list[str]] = {}
    n_again = 0
    for line in lines:
        fields = line.text.split("\t")
        if names is None:
            names = [_name(name) for name in fields[1:]]
            if not names or len(set(names)) < len(names):
                raise BadFile(path, "line 1 must name the columns, different ones, with tabs between: token, then one or more")
        elif line.text:
            if len(fields) != len(names) + 1:
                raise BadFile(path, f"line {line.number:,} has {len(fields):,} fields, line 1 names {len(names) + 1:,}")
            n_again += fields[0] in cells
            cells.setdefault(fields[0], fields[1:])
    if n_again:
        warnings.warn(f"{path}: {n_again:,} lines repeat a token; the first line of each counts", SemapWarning, stacklevel=4)
    return names or [], cells


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(f"a column of metadata is named {name!r}; give it a name")
    return name.strip()


def _typed(cells: list[str]) -> list[Any]:
    """Whole numbers, numbers, or texts: whichever holds all that there is; None for what is empty."""
    if any("_" in cell for cell in cells) or not any(cells):  # 1_000 is a number to Python only
        return [cell or None for cell in cells]
    with suppress(ValueError):
        whole = [int(cell) if cell else None for cell in cells]
        exact = all(number is None or -_EXACT <= number <= _EXACT for number in whole)
        return whole if exact else [cell or None for cell in cells]
    with suppress(ValueError):
        numbers = [float(cell) if cell else None for cell in cells]
        if all(number is None or math.isfinite(number) for number in numbers):
            return numbers
    return [cell or None for cell in cells]


def _plain(value: Any) -> Any:
    """What JSON can hold: numbers of NumPy as Python's, no value as None, what is neither number nor text as text."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float) else str(value)
