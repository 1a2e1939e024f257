"""Tokens and their counts in, ids out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from semap.arrays import Counts64, TokenIds
from semap.errors import DuplicateToken, ShapeError, UnknownToken
from semap.vocab.tokens import Tokens

__all__ = ["Vocab", "check_counts"]


class Vocab:
    """Tokens, each with the number of times it was seen; a token's place is its id. Immutable.

    `tokens`: V unique strings, or Tokens; `counts`: V numbers from 0. Builders order them by falling count, ties in
    byte order. Raises ShapeError (lengths differ, a count is negative) and DuplicateToken.
    """

    __slots__ = ("counts", "n_tokens", "tokens")

    def __init__(self, tokens: Tokens | Iterable[str], counts: Counts64 | Sequence[int]) -> None:
        self._take(Tokens.pack(tokens), counts)
        twins = self.tokens.duplicates()
        if len(twins):
            raise DuplicateToken(f"{self.tokens[int(twins[0])]!r} stands twice; {len(twins):,} of the tokens do")

    @classmethod
    def of_unique(cls, tokens: Tokens, counts: Counts64) -> Vocab:
        """Return a vocabulary of tokens that are known to be unique: none is looked at (for `corpus.encode`)."""
        vocab = cls.__new__(cls)
        vocab._take(tokens, counts)
        return vocab

    def _take(self, tokens: Tokens, counts: Counts64 | Sequence[int]) -> None:
        self.tokens = tokens
        self.counts = check_counts(counts, len(tokens))
        self.n_tokens = int(self.counts.sum())

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.tokens

    def __repr__(self) -> str:
        return f"Vocab({len(self):,} tokens, seen {self.n_tokens:,} times)"

    def id(self, token: str) -> int:
        """Return the id of a token. Raises UnknownToken, with the nearest spellings."""
        token_id = self.tokens.find(token)
        if token_id < 0:
            raise UnknownToken(token, self.tokens.nearest(token), n_tokens=len(self))
        return token_id

    def ids(self, tokens: Iterable[str]) -> TokenIds:
        """Return the ids of tokens, int32 (B,), -1 where one is unknown."""
        return self.tokens.find_all(tokens)


def check_counts(counts: Any, n_tokens: int) -> Counts64:
    """Return counts as int64 (V,), read-only. Raises ShapeError where they are not V whole numbers from 0."""
    given = np.asarray(counts)
    if given.shape != (n_tokens,):
        raise ShapeError(f"counts have the shape {given.shape}, there are {n_tokens:,} tokens; give one count a token")
    if given.dtype.kind not in "iu" and len(given):
        raise ShapeError(f"counts must be whole numbers, they are {given.dtype}")
    whole: Counts64 = np.require(given, np.int64, ["C", "A"]).view()
    if len(whole) and whole.min() < 0:
        raise ShapeError(f"counts must not be negative, the smallest is {whole.min():,}")
    whole.flags.writeable = False
    return whole
