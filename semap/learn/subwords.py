"""Rows of words and n-grams under training in, the vectors and sub-words of a table out; and back, to go on from a table."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import SemapWarning, SettingsError
from semap.learn.composition import Composition
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["check_subwords", "composed", "start_from"]


def composed(
    rows: FloatMatrix, composition: Composition, tokens: Tokens, older: Table | None, threads: int
) -> tuple[FloatMatrix, SubwordRows | None]:
    """Return the vectors of the vocabulary, float32 (V, D), of trained rows (R, D), and what other tokens are composed of.

    older: the table the training went on from; rows of its n-grams that the vocabulary does not use stay as they were.
    """
    if composition.ngrams is None:
        return np.ascontiguousarray(rows), None
    order = np.argsort(composition.buckets)
    trained = SubwordRows(
        composition.ngrams, StoredRows(rows[composition.n_own :][order]), np.ascontiguousarray(composition.buckets[order])
    )
    vectors = np.array(rows[: composition.n_own]) if composition.n_own else np.zeros((len(tokens), rows.shape[1]), np.float32)
    places, starts = trained.places(tokens.data, tokens.offsets)
    trained.add_to(vectors, places, starts, threads)
    counts = np.diff(composition.grams.starts)
    vectors *= (np.float32(1) / np.maximum(counts, 1).astype(np.float32))[:, None]
    return vectors, _with_older(trained, older)


def _with_older(trained: SubwordRows, older: Table | None) -> SubwordRows:
    """The trained rows and those of the older table whose n-grams the vocabulary does not use."""
    theirs = _subwords_of(older, trained.ngrams)
    if theirs is None:
        return trained
    buckets, mine = _buckets_of(theirs), _buckets_of(trained)
    kept = ~np.isin(buckets, mine)
    both = np.concatenate([mine, buckets[kept]])
    order = np.argsort(both)
    rows = np.concatenate([trained.rows.decode(), theirs.rows.decode(np.flatnonzero(kept))])[order]
    return SubwordRows(trained.ngrams, StoredRows(rows), both[order])


def check_subwords(ngrams: NGrams | None, table: Table) -> None:
    """Warn of n-gram rows of a table that are not gone on from, and raise SettingsError where its vectors cannot be either."""
    if table.subwords is not None and _subwords_of(table, ngrams) is None:
        wanted = "the learner has none" if ngrams is None else f"the learner has others, {ngrams.to_json()}"
        warnings.warn(
            f"the table to go on from has rows of n-grams, {table.subwords.to_stored().settings()}, and {wanted}: its vectors "
            "are gone on from, its n-gram rows are not",
            SemapWarning,
            stacklevel=5,
        )
    if ngrams is not None and ngrams.whole_tokens and _subwords_of(table, ngrams) is None:
        raise SettingsError(
            "compact=True has no rows of whole words, so it cannot go on from a table without rows of the same n-grams; "
            "use the settings that table was made with, or compact=False"
        )


def start_from(rows: FloatMatrix, composition: Composition, table: Table, here: Any, there: Any) -> None:
    """Write the rows (R, D) from which words `here` have the vectors of the rows `there` of a table.

    Rows of the same n-grams are taken over; then the own row of a word is what its vector lacks: it is not stored, but
    follows from them, since a vector is the mean of all.
    """
    assert composition.ngrams is not None
    theirs = _subwords_of(table, composition.ngrams)
    if theirs is not None and len(theirs.rows.decode(slice(0, 1))):
        buckets = _buckets_of(theirs)
        found = np.searchsorted(buckets, composition.buckets)
        found[found == len(buckets)] = 0
        known = np.flatnonzero(buckets[found] == composition.buckets)
        rows[composition.n_own + known] = theirs.rows.decode(found[known])
    if not composition.n_own or not len(here):
        return
    starts, parts = composition.grams.starts, composition.grams.rows
    for begin in range(0, len(here), 1 << 12):
        words, vectors = here[begin : begin + (1 << 12)], table.rows(there[begin : begin + (1 << 12)]).astype(np.float64)
        for word, vector in zip(words.tolist(), vectors, strict=True):
            mine = parts[starts[word] + 1 : starts[word + 1]]
            rows[word] = vector * (len(mine) + 1) - rows[mine].sum(axis=0, dtype=np.float64)


def _subwords_of(table: Table | None, ngrams: NGrams | None) -> SubwordRows | None:
    """The sub-words of a table where they are of these n-grams, and of tables that this package trains."""
    if table is None or table.subwords is None or ngrams is None:
        return None
    theirs = table.subwords.to_stored()
    return theirs if theirs.ngrams == ngrams and (theirs.absent, theirs.unit) == ("zero", False) else None


def _buckets_of(subwords: SubwordRows) -> Any:
    """The bucket of each row, rising."""
    return np.arange(subwords.ngrams.buckets, dtype=np.int32) if subwords.buckets is None else subwords.buckets
