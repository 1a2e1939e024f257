"""Sessions, baskets or rows of users and items in, a corpus out whose texts are the sessions and whose tokens are the items."""

from __future__ import annotations

import csv
import warnings
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from os import PathLike
from typing import Any, Literal, get_args

import numpy as np

from semap.corpus.corpus import Corpus
from semap.corpus.read import read_text
from semap.errors import BadFile, EmptyCorpus, SemapWarning, SettingsError
from semap.progress import Progress
from semap.text.lines import Lines, frame_rows
from semap.text.source import Files, Texts, TokenLists, find_source
from semap.text.splitter import Errors

__all__ = ["read_sessions"]

Layout = Literal["lines", "pairs"]
OnError = Literal["raise", "skip"]


def read_sessions(
    source: str | PathLike[str] | Iterable[Any], *, layout: Layout = "lines", delimiter: str | None = None, min_count: int = 1,
    max_size: int | None = None, on_error: OnError = "raise", errors: Errors = "replace", threads: int = 0,
    progress: bool | Progress = False,
) -> Corpus:  # fmt: skip
    """Read sessions (or baskets, playlists, visits) as texts whose tokens are items, taken as they are.

    `SkipGram(...).fit(read_sessions(...))` is item2vec (Barkan and Koenigstein 2016).
    source: what `read_text` takes: a file, folder, glob, "-", or an iterable: of lines (str), or of lists of items (of
        (user, item) pairs for "pairs", or a data frame of these two columns).
    layout: "lines", one session a line; "pairs", a row `user item` a line in the order of time: the items of a user are a
        session, in the order of their rows, and the sessions are in the order in which their users come first.
    delimiter: what stands between the fields, as "," or a tab; blanks around a field are cut off, and a field between double
        quotes may hold the delimiter (of one character). None: any white space.
    min_count, max_size, errors, threads, progress: as in `read_text`; here every item is kept unless told otherwise.
    on_error: a malformed row (an empty field, a quote without its end, for "pairs" not two fields) is an error that names its
        line, or with "skip" left out and counted: `facts["rows_skipped"]`, and one SemapWarning.

    Lines without anything in them are no sessions. Raises SettingsError, BadFile (a malformed row), EmptyCorpus, and what
    `read_text` does.
    """
    _check(layout, delimiter, on_error)
    rest: dict[str, Any] = {"min_count": min_count, "max_size": max_size, "errors": errors, "threads": threads}
    given: Any = source
    if layout == "lines" and delimiter is None:
        return read_text(given, split="whitespace", lowercase=False, normalize=None, progress=progress, **rest)
    frame = frame_rows(given) if layout == "pairs" else None
    if frame is not None:
        given = ([each if each is None or each != each else str(each) for each in row] for row in frame)
    found = find_source(given, errors)
    rows = _Rows(found, layout, delimiter, on_error == "skip", errors)
    sessions = iter(rows) if layout == "lines" else _by_user(rows)
    try:
        corpus = read_text(sessions, progress=progress, **rest)
    except EmptyCorpus as failure:
        if rows.skipped:
            raise EmptyCorpus(f"no session is left: {failure}; {rows.remark()}") from None
        raise
    for message in rows.remarks():
        warnings.warn(message, SemapWarning, stacklevel=2)
    return replace(corpus, facts={**corpus.facts, "layout": layout, "rows_skipped": rows.skipped})


class _Rows:
    """The fields of each row, and what was skipped while they were read."""

    def __init__(
        self, found: Files | Texts | TokenLists, layout: Layout, delimiter: str | None, skip: bool, errors: Errors
    ) -> None:
        self._found, self._layout, self._skip = found, layout, skip
        self._cut = _cutter(delimiter)
        self._lines = None if isinstance(found, TokenLists) else Lines(found, errors)
        self.skipped, self._first = 0, ""

    def __iter__(self) -> Iterator[list[str]]:
        return self._of_lists(self._found) if isinstance(self._found, TokenLists) else self._of_lines()

    def _of_lines(self) -> Iterator[list[str]]:
        for line in self._lines or ():
            if not line.text.strip():
                continue
            try:
                fields = self._cut(line.text)
                finding = self._finding(fields)
            except csv.Error as failure:
                finding = f"its quotes do not fit: {failure}"
            if not finding:
                yield fields
            elif self._skip:
                self._count(f"line {line.number:,} of {line.name}: {finding}")
            else:
                remedy = 'on_error="skip" leaves such rows out and counts them'
                raise BadFile(line.name, f"line {line.number:,}: {finding}: {line.text[:60]!r}; {remedy}")

    def _of_lists(self, lists: TokenLists) -> Iterator[list[str]]:
        for number, given in enumerate(lists):
            fields = list(given)
            finding = self._finding(fields) if self._layout == "pairs" else ""
            if not finding:
                yield fields
            elif self._skip:
                self._count(f"row {number:,}: {finding}")
            else:
                raise SettingsError(f'row {number:,}, {fields!r:.60}: {finding}; on_error="skip" leaves such rows out')

    def _finding(self, fields: list[Any]) -> str:
        """What is wrong with a row, or nothing."""
        if self._layout == "pairs" and len(fields) != 2:
            return f"expected a user and an item, found {len(fields):,} field{'s' * (len(fields) != 1)}"
        for place, field in enumerate(fields):
            if not isinstance(field, str):
                return f"field {place + 1:,} is {type(field).__name__}, not str; give str(...) of it"
            if not field:
                return f"field {place + 1:,} of {len(fields):,} is empty"
        return ""

    def _count(self, finding: str) -> None:
        self.skipped += 1
        self._first = self._first or finding

    def remark(self) -> str:
        """Say how many rows were skipped, and why the first one was."""
        return f"{self.skipped:,} malformed row{'s were' if self.skipped > 1 else ' was'} left out, the first {self._first}"

    def remarks(self) -> list[str]:
        """What the caller should know although it is no error."""
        remarks = [self.remark()] if self.skipped else []
        if isinstance(self._found, Files) and self._found.left_out:
            remarks.append(f"not read: {', '.join(self._found.left_out)}")
        if self._lines is not None and self._lines.replaced:
            remarks.append(f"{self._lines.replaced:,} times bytes that are not UTF-8 were replaced by U+FFFD; convert the text")
        return remarks


def _by_user(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The items of each user, users in the order in which they came; 16 bytes a row are kept."""
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    owners, bought = array("q"), array("q")
    for user, item in rows:
        owners.append(users.setdefault(user, len(users)))
        bought.append(items.setdefault(item, len(items)))
    names = list(items)
    owned = np.frombuffer(owners, np.int64) if owners else np.zeros(0, np.int64)
    order = np.argsort(owned, kind="stable")
    ordered = np.frombuffer(bought, np.int64)[order] if bought else owned
    start = 0
    for stop in np.cumsum(np.bincount(owned, minlength=len(users))).tolist():
        yield [names[item] for item in ordered[start:stop].tolist()]
        start = stop


def _cutter(delimiter: str | None) -> Callable[[str], list[str]]:
    """The function that cuts a line into fields."""
    if delimiter is None:
        return str.split

    def cut(line: str) -> list[str]:
        """Cut at the delimiter; quotes, which are rare, are left to the csv module, a line at a time."""
        if '"' in line and len(delimiter) == 1:
            return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))]
        return [field.strip() for field in line.split(delimiter)]

    return cut


def _check(layout: str, delimiter: str | None, on_error: str) -> None:
    for name, value, allowed in (("layout", layout, get_args(Layout)), ("on_error", on_error, get_args(OnError))):
        if value not in allowed:
            raise SettingsError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")
    if delimiter is not None and (not isinstance(delimiter, str) or not delimiter or "\n" in delimiter or delimiter == '"'):
        raise SettingsError(f'delimiter is {delimiter!r}; give what stands between the fields, as ",", or None for white space')
