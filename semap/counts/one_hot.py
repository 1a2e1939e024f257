"""Tokens in, a row for each with a single one in it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from semap.counts.counts import Counts
from semap.errors import DuplicateToken, SettingsError, UnknownToken
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["one_hot"]


def one_hot(vocab_or_tokens: Vocab | Sequence[str], tokens: Iterable[str] | None = None) -> Counts:
    """Return float32 rows of V columns, with a one in the column of the row's token and zeros elsewhere.

    vocab_or_tokens: a Vocab or V unique tokens; column i belongs to its token i.
    tokens: whose rows are wanted; None gives all, the identity V x V.
    Two different rows are always the root of 2 apart and have cosine 0: such vectors say which token, never how alike.
    Raises UnknownToken, with the nearest spellings, and DuplicateToken.
    """
    columns = _columns(vocab_or_tokens)
    if tokens is None:
        ids = np.arange(len(columns))
    else:
        sought = list(_several(tokens))
        ids = columns.find_all(sought).astype(np.int64)
        for token in (token for token, column in zip(sought, ids, strict=True) if column < 0):
            raise UnknownToken(token, columns.nearest(token))
    return Counts(np.ones(len(ids), np.float32), ids, np.arange(len(ids) + 1), (len(ids), len(columns)))


def _columns(vocab_or_tokens: Vocab | Sequence[str]) -> Tokens:
    if isinstance(vocab_or_tokens, Vocab):
        return vocab_or_tokens.tokens
    columns = Tokens.pack(_several(vocab_or_tokens))
    again = columns.duplicates()
    if len(again):
        raise DuplicateToken(f"{columns[int(again[0])]!r} stands twice among the tokens; every column needs its own")
    return columns


def _several(tokens: Iterable[str]) -> Iterable[str]:
    if isinstance(tokens, str):
        raise SettingsError(f"give a list of tokens; for one token write [{tokens!r}]")
    return tokens
