"""Texts in, rows of a table whose tokens are those of a Tokenizer out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import Flags, Offsets, TokenIds
from semap.encode.tokenizing import Piece, Rows
from semap.errors import ShapeError
from semap.table.table import Table

if TYPE_CHECKING:
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["SubWords"]


class SubWords:
    """Finds the row of each token id: the id itself where table and tokenizer agree, else by the token.

    Tokens of the tokenizer may lack a row (special ones, those that a corpus never had) and are left out; a row whose token
    the tokenizer lacks means that the two do not belong together: ShapeError, with both sizes.
    keep_unknown: use the row of the tokenizer's unknown token, which is left out otherwise. characters_per_token: with a
    `max_length`, texts are first cut to so many characters a token. `row_of`: int32 (ids,), -1 where an id has no row.
    """

    def __init__(self, tokenizer: Tokenizer, table: Table, keep_unknown: bool, characters_per_token: int | None) -> None:
        self._tokenizer, self._characters = tokenizer, characters_per_token
        self.row_of = _row_of_ids(tokenizer, table)
        if not keep_unknown and tokenizer.unknown_id is not None:
            self.row_of[tokenizer.unknown_id] = -1
        self._keep_unknown = keep_unknown

    def rows_of(self, texts: Sequence[str], max_length: int | None, threads: int) -> Rows:
        """Return the rows of texts, tokenised on several threads."""
        read = self._beginnings(texts, max_length)
        shorter = np.fromiter(map(len, read), np.int64, len(read)) < np.fromiter(map(len, texts), np.int64, len(texts))
        ids, ends = self._tokenizer.ids(read, threads=threads)
        sizes = np.diff(ends)
        rows = self.row_of[ids]
        kept = rows >= 0
        if max_length is not None and sizes.max(initial=0) > max_length:
            kept &= _within(ends, max_length)
            shorter |= sizes > max_length
        offsets = np.concatenate([[0], np.cumsum(kept)])[ends]
        lost = (np.diff(offsets) == 0) & (sizes > 0)
        return Rows(rows[kept], offsets, sizes, int(shorter.sum()), int(lost.sum()))

    def pieces_of(self, text: str, max_length: int | None) -> list[Piece]:
        """Return the tokens of one text as the tokenizer's vocabulary spells them."""
        found = self._tokenizer.encode(self._beginnings([text], max_length)[0])
        ids = found.ids[:max_length].tolist()
        rows = self.row_of[ids].tolist() if ids else []
        return [Piece(*each) for each in zip(found.tokens, ids, rows, strict=False)]

    def to_json(self) -> dict[str, Any]:
        """Return the tokenizer.json and what else was set."""
        return {
            "kind": "tokenizer",
            "tokenizer": self._tokenizer.to_json(),
            "keep_unknown": self._keep_unknown,
            "characters_per_token": self._characters,
        }

    def _beginnings(self, texts: Sequence[str], max_length: int | None) -> Sequence[str]:
        if max_length is None or self._characters is None:
            return texts
        longest = max_length * self._characters
        return [text[:longest] for text in texts]


def _row_of_ids(tokenizer: Tokenizer, table: Table) -> TokenIds:
    """The row of each token id: int32 (ids,), -1 where it has none. Raises ShapeError where a row has no token."""
    if tokenizer.tokens == table.tokens:
        return np.arange(len(table), dtype=np.int32)
    strange = np.flatnonzero(tokenizer.tokens.find_all(table.tokens) < 0)
    if len(strange):
        sizes = f"the tokenizer has {tokenizer.vocab_size:,} tokens, the table {len(table):,} rows"
        lacking = (
            f"{len(strange):,} of the rows are of tokens that the tokenizer lacks (the first: {table.tokens[int(strange[0])]!r})"
        )
        raise ShapeError(f"{sizes}; {lacking}; give the tokenizer that the table was made with")
    return np.array(table.ids(tokenizer.tokens), np.int32)


def _within(ends: Offsets, max_length: int) -> Flags:
    """bool (T,): whether a token is among the first `max_length` of its text."""
    places = np.arange(ends[-1]) - np.repeat(ends[:-1], np.diff(ends))
    return np.asarray(places < max_length)
