"""What people wrote down, in, its lines and the rows of its words out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

import numpy as np

from semap.arrays import TokenIds
from semap.errors import BadFile, EmptyGold, FileMissing, SemapWarning
from semap.table.table import Table
from semap.text.splitter import Splitter
from semap.tokenize.subwords import SubWords

__all__ = ["Gold", "GoldLines", "forms_of_words", "rows_of_words"]

Gold: TypeAlias = str | PathLike[str] | Iterable[str]


class GoldLines:
    """The lines of a gold file and what was wrong with them.

    gold: a path, or an iterable of lines. Raises FileMissing and BadFile (a directory, no permission).
    """

    def __init__(self, gold: Gold) -> None:
        if isinstance(gold, str | PathLike):
            self.name = fspath(gold)
            self.lines = _read(Path(self.name))
        else:
            self.name = "the gold lines"
            self.lines = [line.rstrip("\r\n") for line in gold]
        self._bad: list[int] = []

    def bad(self, number: int) -> None:
        """Note that line `number`, from 0, cannot be scored."""
        self._bad.append(number)

    @property
    def n_bad(self) -> int:
        """How many lines cannot be scored."""
        return len(self._bad)

    def finish(self, n_good: int, wanted: str) -> None:
        """Warn of the bad lines, once; raises EmptyGold when no line is good."""
        first = f"; the first is line {self._bad[0] + 1:,}: {self.lines[self._bad[0]][:60]!r}" if self._bad else ""
        if n_good == 0:
            raise EmptyGold(f"{self.name} has no line of {wanted} among its {len(self.lines):,} lines{first}")
        if self._bad:
            message = f"{self.n_bad:,} of {len(self.lines):,} lines of {self.name} are not {wanted} and are left out"
            warnings.warn(message + first, SemapWarning, stacklevel=4)


def forms_of_words(table: Table, words: Sequence[str], lowercase: bool | None) -> list[str]:
    """Return gold words as the table's own text had them, to look them up in a table of words.

    Words take the form that the table's own text had: `metadata["text"]` says whether it was lower-cased and how it was
    normalised; a table without it has its tokens looked up as they stand. `lowercase` overrules it.
    """
    settings = table.metadata.get("text")
    splitter = Splitter(split="whitespace", lowercase=False, normalize=None)
    if settings is not None:
        splitter = Splitter.from_json(settings)
    if lowercase is not None:
        splitter = replace(splitter, lowercase=lowercase)
    return splitter.forms(words) if len(words) else []


def rows_of_words(table: Table, words: Sequence[str], lowercase: bool | None) -> TokenIds:
    """Return the rows of gold words in the forms of `forms_of_words`, int32, -1 for unknown ones.

    In a table of a tokenizer's sub-words a word is known when it is one token after a blank.
    """
    if SubWords.are_in(table.metadata.get("text")):
        return _rows_of_whole_words(table, [word.lower() for word in words] if lowercase else words)
    return table.ids(forms_of_words(table, words, lowercase)) if len(words) else np.zeros(0, np.int32)


def _rows_of_whole_words(table: Table, words: Sequence[str]) -> TokenIds:
    """The rows of words that the tokenizer of a table of sub-words leaves whole."""
    tokenizer = SubWords.from_json(table.metadata["text"]).tokenizer()
    ids, offsets = tokenizer.ids([f" {word}" for word in words])
    whole = np.flatnonzero(np.diff(offsets) == 1)
    if tokenizer.unknown_id is not None:
        whole = whole[ids[offsets[whole]] != tokenizer.unknown_id]
    rows = np.full(len(words), -1, np.int32)
    rows[whole] = table.ids([tokenizer.tokens[number] for number in ids[offsets[whole]].tolist()])
    return rows


def _read(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            return stream.read().split("\n")
    except FileNotFoundError as failure:
        raise FileMissing(f"there is no gold file {path}") from failure
    except OSError as failure:
        raise BadFile(path, f"cannot be read: {failure.strerror}") from failure
