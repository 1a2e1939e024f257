"""The words of texts in, rows of the table that has them out: the tokenizer of tables whose tokens are words."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from semap.arrays import TokenIds
from semap.encode.tokenizing import Piece, Rows
from semap.text.splitter import Splitter
from semap.vocab.tokens import Tokens

__all__ = ["Words"]

_REMEMBERED = 1 << 19  # spellings; about 60 MB
_LONGEST = 64  # characters of a spelling that is remembered; longer ones are no words, and could fill memory


class Words:
    """Splits texts as the text of a table was split, and finds each word's row.

    The rows of spellings are remembered, up to 524,288 of them and then anew, so that a word is normalised, lower-cased and
    looked up once; what is longer than 64 characters is looked up each time. Threads may share one object.
    """

    def __init__(self, splitter: Splitter, tokens: Tokens) -> None:
        self.splitter, self.tokens = splitter, tokens
        self._remembered: dict[str, int] = {}

    def rows_of(self, texts: Sequence[str], max_length: int | None, threads: int) -> Rows:
        """Return the rows of texts; splitting is Python's, so `threads` does not matter here."""
        pieces = [self.splitter.pieces(text) for text in texts]
        n_cut = 0
        if max_length is not None:
            n_cut = sum(len(each) > max_length for each in pieces)
            pieces = [each[:max_length] for each in pieces]
        sizes = np.fromiter(map(len, pieces), np.int64, len(pieces))
        rows = self._rows(list(chain.from_iterable(pieces)))
        kept = rows >= 0
        ends = np.concatenate([[0], np.cumsum(sizes)])
        offsets = np.concatenate([[0], np.cumsum(kept)])[ends]
        n_lost = int(np.count_nonzero((np.diff(offsets) == 0) & (sizes > 0)))
        return Rows(rows[kept], offsets, sizes, n_cut, n_lost)

    def pieces_of(self, text: str, max_length: int | None) -> list[Piece]:
        """Return the words of one text, each in the form in which it is looked up."""
        forms = self.splitter(text)[:max_length]
        return [Piece(form, row, row) for form, row in zip(forms, self.tokens.find_all(forms).tolist(), strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Return the settings of the splitter."""
        return {"kind": "words", "text": self.splitter.to_json()}

    def _rows(self, words: list[str]) -> TokenIds:
        """int32 (T,), -1 where a word has no row."""
        remembered = self._remembered
        known: Mapping[str, int] = remembered
        new = list(set(words).difference(remembered))
        if new:
            found = dict(zip(new, self.tokens.find_all(self.splitter.forms(new)).tolist(), strict=True))
            short = {word: row for word, row in found.items() if len(word) <= _LONGEST}
            if len(remembered) + len(short) <= _REMEMBERED:
                remembered.update(short)
            else:  # a new dict: another thread may still read the old one
                self._remembered = short if len(short) <= _REMEMBERED else {}
            if len(short) < len(found) or remembered is not self._remembered:
                known = ChainMap(found, remembered)
        return np.fromiter(map(known.__getitem__, words), np.int32, len(words))
