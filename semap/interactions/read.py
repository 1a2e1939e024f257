"""Files, lines or rows in, interactions out: read once, line by line."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from os import PathLike
from typing import Any, Literal, TypeAlias, cast, get_args

import numpy as np

from semap.errors import BadFile, EmptyCorpus, SemapWarning, SettingsError
from semap.interactions.form import COLUMNS, Columns, Form, number_in, splitter_for
from semap.interactions.gathered import Duplicates, Gathered, Thresholds
from semap.interactions.interactions import Interactions
from semap.interactions.parquet import is_parquet, parquet_rows
from semap.interactions.rows import BadRow, list_taker, row_taker
from semap.settings import flag
from semap.text.lines import Batch, Lines, frame_rows, numbered
from semap.text.source import Files, find_source

__all__ = ["Layout", "OnError", "read_interactions"]

Layout: TypeAlias = Literal["rows", "lists"]
OnError: TypeAlias = Literal["raise", "skip"]
_HEAD = 20


class _Faults:
    """The rows that are wrong: the first is raised, or all are counted."""

    def __init__(self, on_error: OnError) -> None:
        self._raise = on_error == "raise"
        self.count, self.first = 0, ""

    def add(self, name: str, number: int, reason: str) -> None:
        """Take note of a row. Raises BadFile where rows are not to be skipped."""
        if self._raise:
            raise BadFile(
                name,
                f'line {number:,}: {reason}; mend it; on_error="skip" (--skip-bad-rows) leaves such rows out',
            )
        self.count += 1
        self.first = self.first or f"line {number:,} of {name}: {reason}"


def read_interactions(
    source: Any, columns: Columns = COLUMNS, *, delimiter: str | None = None, header: bool | None = None,
    layout: Layout = "rows", duplicates: Duplicates = "last", min_value: float | None = None, min_per_user: int = 0,
    min_per_item: int = 0, like: Interactions | None = None, on_error: OnError = "raise",
) -> Interactions:  # fmt: skip
    """Read who did what with which item; ids are text, whatever they look like.

    source: a file, folder, glob or "-" (.gz, .bz2, .xz and .zst are unpacked); a parquet file or a data frame; an iterable of
        lines or of rows, tuples such as ("196", "242", 3.0, 881250949); a SciPy sparse matrix users x items.
    columns: what the fields of a row are, from left to right: "user", "item", "rating", "time", or None for one not used. A
        rating or time that the file has no field for is left off. Or a dict from each of these to the header's name of its
        column, or to its number from 0. Ratings are finite numbers; times are numbers, or dates such as 2026-11-22T10:30
        (ISO 8601, UTC where they name no zone), which become seconds since 1970.
    delimiter: "::", a tab, a comma or any other; " " is any white space; None recognises it. header: whether the first line
        names the columns; None recognises it by its names, or, with a warning, by words where the next line has numbers.
        Parquet files and data frames always have names.
    layout: "rows", one interaction each; "lists", a user and then all of that user's items a line (LightGCN's files).
    duplicates: which of several rows of one user and item stays: "last" or "first"; "sum" adds their ratings (without ratings,
        counts them) and keeps the last place and time; "error" refuses them.
    min_value: leave out lower ratings. min_per_user, min_per_item: leave out users and items with fewer interactions, until
        both hold for what is left (the k-core).
    like: read with the users and items of these interactions, as a test part must be; others are left out and counted.
    on_error: "raise" names the first row that is wrong and what was expected; "skip" leaves such rows out and counts them.

    Users and items are ordered by falling count, ties by their UTF-8 bytes. `facts` of the result counts what was read and
    left out; a warning counts skipped rows, duplicates that went, what `like` does not have, and users without an item.
    Raises SettingsError, FileMissing, BadFile, BadText, MissingExtra, DuplicateToken and EmptyCorpus (nothing is left).
    """
    if like is not None and not isinstance(like, Interactions):
        raise SettingsError(f"like is {type(like).__name__}; give Interactions, as of semap.read_interactions(train)")
    header = None if header is None else flag("header", header)
    thresholds = _checked(duplicates, layout, on_error, min_value, min_per_user, min_per_item)
    gathered, faults, facts, named = Gathered(), _Faults(on_error), dict[str, Any](), False
    if hasattr(source, "tocoo"):
        _take_matrix(source, gathered)
    else:
        try:
            batches, lines, named = _batches(source)
            if named and header is False:
                raise SettingsError("a data frame or parquet file has names of its columns, so header=False is not for it")
            _take(batches, columns, delimiter, named or header, layout, gathered, faults, facts)
            facts["replaced"] = 0 if lines is None else lines.replaced
        except csv.Error as failure:
            raise SettingsError(f"the delimiter {delimiter!r} cannot be used: {failure}") from None
    facts["rows"], facts["bad_rows"] = len(gathered.user_ids), faults.count
    if not len(gathered.user_ids):
        told = f"; {faults.count:,} rows are bad, the first is {faults.first}" if faults.count else ""
        alone = facts.get("header") and not named
        only = "; its one line was taken for a header, header=False (--no-header) reads it too" if alone else ""
        raise EmptyCorpus(f"no interaction was read{told or only}")
    found = gathered.arranged(duplicates, thresholds, like, facts)
    for remark in _remarks(facts, faults, duplicates, like):
        warnings.warn(remark, SemapWarning, stacklevel=2)
    return found


def _checked(
    duplicates: str, layout: str, on_error: str, min_value: float | None, min_per_user: int, min_per_item: int
) -> Thresholds:
    choices = (("duplicates", duplicates, Duplicates), ("layout", layout, Layout), ("on_error", on_error, OnError))
    for name, value, choice in choices:
        if value not in get_args(choice):  # text only: get_args holds nothing else
            raise SettingsError(f"{name} is {value!r}; give one of {', '.join(map(repr, get_args(choice)))}")
    for name, number in (("min_per_user", min_per_user), ("min_per_item", min_per_item)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 0:
            raise SettingsError(f"{name} is {number!r}; give a whole number from 0 (0 keeps all)")
    if min_value is not None and (isinstance(min_value, bool | str) or number_in(min_value) is None):
        raise SettingsError(f"min_value is {min_value!r}; give a finite number, or None to keep all")
    return Thresholds(min_value, min_per_user, min_per_item)


def _take_matrix(matrix: Any, gathered: Gathered) -> None:
    given = Interactions.from_scipy(matrix)
    gathered.users, gathered.items = ({token: n for n, token in enumerate(side.tokens)} for side in (given.users, given.items))
    gathered.user_ids, gathered.item_ids, gathered.values = given.user_ids, given.item_ids, given.values


def _batches(source: Any) -> tuple[Iterator[Batch], Lines | None, bool]:
    """Lines of text, with what counts them, or rows (tuples or lists); and whether the first one holds names of columns."""
    path = os.fspath(source) if isinstance(source, str | PathLike) else None
    if isinstance(path, str) and is_parquet(path):
        names, rows = parquet_rows(path)
        return numbered(chain([names], rows), path), None, True
    if isinstance(source, Mapping):
        raise SettingsError("a mapping holds columns, not rows; give rows, as in zip(data['user'], data['item'])")
    rows_of_frame = frame_rows(source)
    if rows_of_frame is not None:
        return numbered(chain([list(source.columns)], rows_of_frame), "the data frame"), None, True
    if isinstance(source, Iterable) and path is None:
        items = iter(source)
        first = list(islice(items, 1))
        if not first:
            raise EmptyCorpus("the iterable holds no interaction; give at least one")
        if not isinstance(first[0], PathLike):
            return numbered(chain(first, items), "the rows given"), None, False
        source = chain(first, items)
    found = find_source(source, "replace")
    if not isinstance(found, Files):
        raise SettingsError(f"cannot read interactions from {type(source).__name__}; give a path, lines, or rows")
    if found.left_out:
        warnings.warn(f"not read: {', '.join(found.left_out)}", SemapWarning, stacklevel=4)
    lines = Lines(found)
    return lines.batches(), lines, False


def _take(
    batches: Iterator[Batch],
    columns: Columns,
    delimiter: str | None,
    header: bool | None,
    layout: Layout,
    gathered: Gathered,
    faults: _Faults,
    facts: dict[str, Any],
) -> None:
    """Recognise the form from the first rows, then take all of them."""
    begun: list[Batch] = []
    head: list[Any] = []
    for batch in batches:
        begun.append(batch)
        head += [line for line in batch.lines if not _blank(line)][: _HEAD - len(head)]
        if len(head) == _HEAD:
            break
    if not head:
        raise EmptyCorpus("no interaction was read: there is no line that is not blank; give some, as 'user item'")
    split, told = (_as_it_is, "") if not isinstance(head[0], str) else splitter_for(delimiter, head)
    take: Callable[[list[Any]], None]
    named: list[Any] | None = None
    if layout == "lists":
        take = list_taker(gathered, facts)
    else:
        form = Form.of(_split_head(head, split), columns, header, told)
        take, named = row_taker(form, gathered), form.header
        facts["header"] = named is not None
        if form.guessed:
            facts["guessed_header"] = list(map(str, form.header or ()))
    begins = False
    for batch in chain(begun, batches):
        begins = begins or batch.first == 1
        for number, line in enumerate(batch.lines, batch.first):
            if _blank(line):
                continue
            first, begins = begins, False  # every file may have the header, behind blank lines too
            try:
                fields = split(line)
                if first and named is not None and list(fields) == named:
                    continue
                take(fields)
            except BadRow as failure:
                faults.add(batch.name, number, f"{failure}, found {_shown(line)}")
            except csv.Error as failure:
                faults.add(batch.name, number, f"a quote does not end as it should ({failure}), found {_shown(line)}")


def _split_head(head: list[Any], split: Callable[[Any], list[Any]]) -> list[list[Any]]:
    """The first rows in fields; one that cannot be split is met again, and said, when it is read."""
    rows = []
    for line in head:
        try:
            fields = list(split(line))
            rows += [fields] if fields else []
        except csv.Error:
            continue
        except BadRow:
            continue
    if not rows:
        kind = type(head[0]).__name__
        raise SettingsError(
            f"none of the first rows can be cut into fields, the first is {kind} {_shown(head[0])}; give lines, or tuples "
            "such as ('196', '242', 3.0)"
        )
    return rows


def _as_it_is(row: Any) -> list[Any]:
    if isinstance(row, str | bytes | Mapping) or not hasattr(row, "__iter__"):
        raise BadRow("expected a row of several fields, as the first one is")
    return cast("list[Any]", row if isinstance(row, list | tuple) else list(row))


def _blank(line: Any) -> bool:
    return isinstance(line, str) and (not line or line.isspace())


def _shown(line: Any) -> str:
    text = repr(line)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _remarks(facts: dict[str, Any], faults: _Faults, duplicates: Duplicates, like: Interactions | None) -> list[str]:
    """What the caller should know although it is no error."""
    remarks = []
    if facts.get("guessed_header"):
        remarks.append(
            f"the first line, {_shown(facts['guessed_header'])}, was taken for a header and left out, for it has words where the "
            "next one has numbers; header=False (--no-header) reads it, header=True (--header) says that it is one"
        )
    if faults.count:
        remarks.append(f"{faults.count:,} of {faults.count + facts['rows']:,} rows were left out; the first is {faults.first}")
    if facts.get("users_without_items"):
        remarks.append(f"{facts['users_without_items']:,} users have no item and were left out")
    if facts.get("replaced"):
        remarks.append(f"{facts['replaced']:,} times bytes that are not UTF-8 were replaced by U+FFFD; convert the file")
    if facts["duplicates"] and duplicates in ("first", "last"):
        remarks.append(
            f"{facts['duplicates']:,} of {facts['rows']:,} rows repeat a pair of user and item; the {duplicates} was kept "
            '(duplicates="sum" adds them)'
        )
    if like is not None and facts["of_unknown_users_or_items"]:
        remarks.append(
            f"{facts['of_unknown_users_or_items']:,} of {facts['rows'] - facts['duplicates']:,} interactions were left out: "
            f"{facts['unknown_users']:,} users and {facts['unknown_items']:,} items are not among those of `like`"
        )
    return remarks
