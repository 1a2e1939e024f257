"""Arrow IPC and Parquet in and out: a column of tokens, a column of vectors, and where they are known one of counts."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import Counts64, FloatMatrix
from semap.errors import BadFile, SettingsError
from semap.formats.arrow_backend import ARROW, PARQUET, STREAM, Source, open_source, write_batches
from semap.formats.filerows import FileRows, check_finite
from semap.formats.foreign import broken_tokens, first_tokens, table_from, warn_of_loss
from semap.formats.in_order import InOrder
from semap.storage.atomic import atomic_file
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["NAME", "looks_like", "stream", "write_arrow", "write_parquet"]

NAME = "Arrow"
_BEGINS = (ARROW, PARQUET, STREAM)
_NUMBERS_AT_ONCE = 1 << 22  # 16 MB: a row group of Parquet
_MOST_DIMS = 1 << 24


def looks_like(content: Any) -> bool:
    """Whether content begins as Parquet, or as a file or a stream of Arrow does."""
    return any(content[: len(begins)] == begins for begins in _BEGINS)


def stream(
    path: str | PathLike[str],
    *,
    vectors: str | None = None,
    tokens: str | None = None,
    limit: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a file whose rows stay in it: those of its only column of lists of numbers, or of `vectors`, named.

    tokens: the column of the tokens, the only one of text where none is named; whole numbers are taken as their digits. A
    column of whole numbers called "count" gives the counts. Lists of any length are read; all must have the same.
    Raises FileMissing, BadFile (a null, rows of different lengths, a number that is not finite: which row), MissingExtra and
    SettingsError.
    """
    head = bytes(map_file(path)[:8])
    source = open_source(path, next(begins for begins in _BEGINS if head.startswith(begins)))
    texts = _column(source, "text", "tokens", tokens)
    lists = _column(source, "list", "vectors", vectors)
    packed = _tokens(source, texts)
    counts = _counts(source) if "count" in source.names("whole") and texts != "count" else None
    if counts is not None and len(counts) != len(packed):
        raise BadFile(path, f"there are {len(packed):,} tokens and {len(counts):,} counts")
    dim = _dim(source, lists)
    in_order = InOrder(path, lambda: _rows(source, lists, dim), len(packed), dim)
    rows = FileRows(len(packed), dim, in_order.read)
    if limit is not None and limit < len(packed):
        packed, rows = first_tokens(packed, limit), rows.first(limit)
        counts = None if counts is None else counts[:limit]
    return table_from(path, NAME, packed, rows, counts=counts, facts={"source": {"vectors": lists, "tokens": texts}})


def _column(source: Source, kind: Any, setting: str, asked: str | None) -> str:
    """The column to read."""
    listed = ", ".join(f"{name} ({each})" for name, each in source.columns) or "none"
    names = source.names(kind)
    allowed = names + source.names("whole") if kind == "text" else names
    if asked is not None:
        if asked not in allowed:
            raise SettingsError(f"{source.path} has no column {asked!r} that can be {setting}; its columns are {listed}")
        return asked
    if len(names) != 1:
        what = "column of text" if kind == "text" else "column of lists of numbers"
        reason = f"expected one {what}, found {len(names)} among {listed}; name it as {setting}= (--{setting})"
        raise BadFile(source.path, reason)
    return names[0]


def _tokens(source: Source, column: str) -> Tokens:
    data, lengths, row = [np.empty(0, np.uint8)], [np.zeros(1, np.int64)], 0
    for content, offsets, nulls in source.texts(column):
        _refuse_nulls(source, column, row, nulls)
        data.append(content.copy())
        lengths.append(np.diff(offsets))
        row += len(offsets) - 1
    if row == 0:
        raise BadFile(source.path, "it has no row")
    return Tokens(np.concatenate(data), np.cumsum(np.concatenate(lengths)))


def _counts(source: Source) -> Counts64:
    parts, row = [np.empty(0, np.int64)], 0
    for numbers, nulls in source.whole_numbers("count"):
        _refuse_nulls(source, "count", row, nulls)
        if len(numbers) and numbers.min() < 0:
            where = row + int(np.argmin(numbers))
            raise BadFile(source.path, f"row {where:,} has the count {numbers.min():,}; counts are whole numbers from 0")
        parts.append(numbers)
        row += len(numbers)
    return np.concatenate(parts)


def _refuse_nulls(source: Source, column: str, row: int, nulls: Any) -> None:
    if nulls:
        raise BadFile(source.path, f"the column {column!r} has no value in row {row + nulls[0]:,}; every row needs one")


def _dim(source: Source, column: str) -> int:
    """The length of the first list."""
    dim = next((int(ends[1] - ends[0]) for _, ends, _, _ in source.lists(column) if len(ends) > 1), 0)
    if not 0 < dim <= _MOST_DIMS:
        raise BadFile(source.path, f"the first list of the column {column!r} has {dim:,} numbers; expected 1 to {_MOST_DIMS:,}")
    return dim


def _rows(source: Source, column: str, dim: int) -> Iterator[FloatMatrix]:
    """The rows from the first on, some at a time."""
    row = 0
    for numbers, ends, nulls, has_null in source.lists(column):
        _refuse_nulls(source, column, row, nulls)
        odd = np.flatnonzero(np.diff(ends) != dim)
        if len(odd):
            found = int(ends[odd[0] + 1] - ends[odd[0]])
            raise BadFile(source.path, f"row {row + int(odd[0]):,} has {found:,} numbers, the rows before it have {dim:,}")
        with np.errstate(over="ignore", invalid="ignore"):
            rows = np.asarray(numbers, np.float32).reshape(-1, dim)
        if has_null:
            broken = row + int(np.flatnonzero(np.isnan(rows).any(axis=1))[0])
            raise BadFile(source.path, f"row {broken:,} of the column {column!r} holds a null; every number must be there")
        check_finite(source.path, rows, row)
        row += len(rows)
        yield rows


def write_arrow(table: Table, path: str | PathLike[str]) -> None:
    """Write an Arrow IPC file: token (text), vector (D float32) and, where known, count (int64). See `write_parquet`."""
    _write(table, path, ARROW, "Arrow")


def write_parquet(table: Table, path: str | PathLike[str]) -> None:
    """Write a Parquet file of the same columns, compressed by zstd.

    Tokens that are not UTF-8 make the column of tokens one of bytes. Warns what the format cannot keep.
    Raises MissingExtra and CannotWrite.
    """
    _write(table, path, PARQUET, "Parquet")


def _write(table: Table, path: str | PathLike[str], begins: bytes, form: str) -> None:
    tokens, counts = table.tokens, table.counts

    def batches() -> Iterator[tuple[Any, Any, FloatMatrix, Any]]:
        """The table, some rows at a time."""
        for begin, rows in table.stored[0].pieces(_NUMBERS_AT_ONCE):
            offsets = tokens.offsets[begin : begin + len(rows) + 1]
            data = tokens.data[offsets[0] : offsets[-1]]
            yield data, offsets - offsets[0], rows, None if counts is None else counts[begin : begin + len(rows)]

    binary = bool(broken_tokens(tokens))
    with atomic_file(path) as file:
        write_batches(file, begins, table.dim, batches(), binary=binary, counts=counts is not None)
    warn_of_loss(table, fspath(path), form, counts=True)
