"""N-grams and a vocabulary in, the rows that each word's input is the mean of out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, TokenIds
from semap.errors import SemapWarning, SettingsError
from semap.kernels.layout import Grams
from semap.ngrams.ngrams import NGrams
from semap.vocab.vocab import Vocab

__all__ = ["Composition", "composition_of"]

_MOST = 2**31 - 1


@dataclass(frozen=True)
class Composition:
    """The R rows of a model's inputs: those of the first `n_own` words, then one for each of `buckets`.

    grams: which rows every word is the mean of; empty where each is its own row alone. buckets: int32 (S,), those that a word of
    the vocabulary uses, the most frequent first, so that rows that are often asked for lie together. mean_rows: of how many
    rows a token of the text is the mean, on average. ngrams: None where words are whole.
    """

    ngrams: NGrams | None
    grams: Grams
    buckets: TokenIds
    n_own: int
    mean_rows: float

    @property
    def n_rows(self) -> int:
        """R."""
        return self.n_own + len(self.buckets)

    @property
    def n_parts(self) -> int:
        """Rows of all words together; 0 where words are whole."""
        return len(self.grams.rows)

    def most_parts(self, n_words: int) -> int:
        """How many rows any `n_words` different words have at most."""
        sizes = np.diff(self.grams.starts)
        return int(sizes.sum() if n_words >= len(sizes) else np.partition(sizes, -n_words)[-n_words:].sum())

    def numbers(self, n_words: int) -> npt.NDArray[np.int64]:
        """What the starting values of each row depend on, besides the seed: the word's id, or V + bucket; int64 (R,)."""
        return np.concatenate([np.arange(self.n_own), n_words + self.buckets.astype(np.int64)])


def composition_of(ngrams: NGrams | None, vocab: Vocab) -> Composition:
    """Return how the words of a vocabulary are composed; the n-grams of each are looked for once.

    Raises SettingsError for a vocabulary of more than 2^31 rows.
    """
    nothing = np.empty(0, np.int32)
    if ngrams is None:
        return Composition(None, Grams(np.zeros(1, np.int64), nothing, nothing), nothing, len(vocab), 1.0)
    used, starts = ngrams.buckets_of(vocab.tokens.data, vocab.tokens.offsets)
    sizes = np.diff(starts)
    buckets, dense = np.unique(used, return_inverse=True)
    uses = np.bincount(dense, np.repeat(vocab.counts, sizes), len(buckets))
    order = np.argsort(-uses, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    n_own = 0 if ngrams.whole_tokens else len(vocab)
    if not n_own and not sizes.all():
        _warn_of_words_without_rows(vocab, np.flatnonzero(sizes == 0))
    if n_own + len(buckets) > _MOST:
        told = f"{n_own:,} words and {len(buckets):,} buckets need more than {_MOST:,} rows"
        raise SettingsError(f"{told}; set buckets or max_size lower")
    rows = (n_own + place[dense]).astype(np.int32)
    if n_own:  # a word's own row comes first
        rows = np.insert(rows, starts[:-1], np.arange(n_own, dtype=np.int32))
        starts = starts + np.arange(n_own + 1)
        sizes = sizes + 1
    weights = np.maximum(vocab.counts, 1)
    grams = Grams(starts, rows, np.full(n_own + len(buckets), -1, np.int32))
    return Composition(ngrams, grams, buckets[order].astype(np.int32), n_own, float((sizes * weights).sum() / weights.sum()))


def _warn_of_words_without_rows(vocab: Vocab, words: AnyArray) -> None:
    warnings.warn(
        f"{len(words):,} of {len(vocab):,} words, first {vocab.tokens[int(words[0])]!r}, have no n-gram, and with compact=True "
        "no row of their own: their vectors stay zeros; use compact=False, or another mark for the end of a text",
        SemapWarning,
        stacklevel=6,
    )
