"""Rows of a table of data in (dicts, columns, a structured array, a data frame), its columns as lists out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from operator import index
from typing import Any, TypeAlias

from semap.errors import SettingsError, ShapeError

__all__ = ["Rows", "category_of", "columns_of", "is_missing", "number_of"]

Rows: TypeAlias = Any  # dicts, a dict of columns, a structured array, or what has `columns` and gives one by its name


def columns_of(rows: Rows) -> dict[str, list[Any]]:
    """Return the columns by name, each a list of the N values.

    rows: an iterable of mappings with the same keys; a mapping of sequences; a NumPy array with named fields; or a data frame
    (pandas, polars: what has `columns`). Raises ShapeError (a row with other columns, columns of different lengths) and
    SettingsError for other things, no row or no column.
    """
    if hasattr(rows, "columns") and hasattr(rows, "__getitem__"):
        columns = {_name(name): list(rows[name]) for name in rows.columns}
    elif getattr(getattr(rows, "dtype", None), "names", None):
        columns = {name: rows[name].tolist() for name in rows.dtype.names}
    elif isinstance(rows, Mapping):
        columns = {_name(name): _values(name, values) for name, values in rows.items()}
    elif isinstance(rows, Iterable) and not isinstance(rows, str | bytes):
        columns = _of_dicts(rows)
    else:
        raise SettingsError(f"rows are {type(rows).__name__}; give dicts, a dict of columns, a structured array or a data frame")
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name!r} {length:,}" for name, length in islice(lengths.items(), 8))
        raise ShapeError(f"columns have different lengths ({shown}); give one value a row to each")
    return columns


def is_missing(value: Any) -> bool:
    """Whether a value stands for none: None, NaN, or what a data frame has for that."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):  # pandas' NA is neither equal nor unequal to itself
        return True


def category_of(value: Any, column: str, row: int) -> str:
    """Return a category as the text that names it: 5, 5.0 and "5" are the same one. Raises SettingsError."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return str(bool(value))
    with suppress(TypeError):
        return str(index(value))  # before float, which would make one of two long ids
    number = _real(value)
    if number is None or math.isinf(number):
        kind = type(value).__name__
        raise SettingsError(f"row {row:,} of the column {column!r} is {kind}; a category is text, a whole number, True or False")
    if not number.is_integer():
        raise SettingsError(
            f"row {row:,} of the column {column!r} is {value!r}, a fraction, which names no category; add {column!r} to numbers"
        )
    return str(int(value))


def number_of(value: Any, column: str, row: int) -> float:
    """Return a number. Raises SettingsError for what is none, or infinite."""
    number = None if isinstance(value, str | bytes) else _real(value)
    if number is None or not math.isfinite(number):
        raise SettingsError(
            f"row {row:,} of the column {column!r} is {value!r}; expected a finite number, or None for a missing one"
        )
    return number


def _real(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _of_dicts(rows: Iterable[Any]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise SettingsError(f"row {number:,} is {type(row).__name__}; give each row as a dict of column and value")
        if number == 0:
            columns = {_name(name): [] for name in row}
        if row.keys() != columns.keys():
            differing = sorted(map(str, row.keys() ^ columns.keys()))
            raise ShapeError(
                f"row {number:,} has other columns than row 0: {', '.join(map(repr, differing[:8]))}; give None where a value "
                "is missing"
            )
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _values(name: Any, values: Any) -> list[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise SettingsError(f"the column {name!r} is {type(values).__name__}; give a sequence of values")
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise SettingsError(f"the name of a column is text, not {type(name).__name__} {name!r}")
    return name
