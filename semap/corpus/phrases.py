"""A corpus in, the pairs of neighbours that belong together out: settings, `fit`, and how pairs are scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from semap.arrays import Bytes, Counts64, DoubleVector
from semap.corpus.corpus import Corpus
from semap.corpus.phrase_model import PhraseModel
from semap.errors import EmptyCorpus, SettingsError
from semap.parallel.crew import thread_count
from semap.progress import Progress, progress_for
from semap.settings import real, whole

if TYPE_CHECKING:  # loads the compiler of the kernels
    from semap.corpus.neighbours import Neighbours

__all__ = ["Phrases"]

Scoring = Literal["default", "npmi"]


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Finds words that come together more often than chance: `Phrases(...).fit(corpus)`.

    min_count: pairs that come less often are no phrases. scoring: "default" scores a pair of words a, b that comes n(ab) times
    with (n(ab) - min_count) / (n(a) n(b)) times the number of different words and pairs; "npmi" with the normalised pointwise
    mutual information, ln(p(ab) / (p(a) p(b))) / -ln p(ab), from -1 to 1. threshold: a pair is a phrase above this score; with
    "npmi" give one below 1. connectors: words that are part of a phrase between its words ("bank of america"), and never its
    first or last one. delimiter: stands between the words of a phrase. threads: 0 for every CPU; never changes the result.

    Mikolov et al. 2013 (Distributed Representations), equation 6, with the factor of gensim (its original_scorer; word2phrase.c
    has the number of all words instead); Bouma 2009. Scores are those of gensim's Phrases, but pairs are counted exactly where
    that forgets rare ones when it runs out of room, and by words: "a_b" + "c" and "a" + "b_c" are two pairs.
    """

    min_count: int = 5
    threshold: float = 10.0
    scoring: Scoring = "default"
    connectors: Sequence[str] = ()
    delimiter: str = "_"
    threads: int = 0

    def __post_init__(self) -> None:
        if self.scoring not in get_args(Scoring):
            raise SettingsError(f"scoring is {self.scoring!r}; choose one of {', '.join(map(repr, get_args(Scoring)))}")
        several = isinstance(self.connectors, Iterable) and not isinstance(self.connectors, str)
        if not several or not all(isinstance(word, str) for word in self.connectors):
            raise SettingsError(f"connectors are {self.connectors!r:.60}; give a list of words")
        if not isinstance(self.delimiter, str) or not self.delimiter:
            raise SettingsError(f"delimiter is {self.delimiter!r}; give what stands between the words of a phrase, as '_'")
        for text in (*self.connectors, self.delimiter):
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                raise SettingsError(f"{text!r:.60} cannot be written as UTF-8; give words and a delimiter without surrogates")
        checked = {
            "min_count": whole("min_count", self.min_count, 1),
            "threshold": self._checked_threshold(),
            "connectors": tuple(self.connectors),
            "threads": whole("threads", self.threads, 0),
        }
        for field, value in checked.items():
            object.__setattr__(self, field, value)

    def fit(self, corpus: Corpus, *, progress: bool | Progress = False) -> PhraseModel:
        """Count the pairs of a corpus and return those above the threshold.

        Read the corpus with min_count=1: where rare words are left out, words stand side by side that did not in the text.
        Needs 4 bytes a pair of up to 17 million at a time for each thread, and the vocabulary; the text may be mapped.
        Raises SettingsError (no Corpus) and EmptyCorpus.
        """
        if not isinstance(corpus, Corpus):
            raise SettingsError(f"fit takes a Corpus, not {type(corpus).__name__}; semap.read_text(..., min_count=1) makes one")
        if not corpus.n_tokens:
            raise EmptyCorpus("the corpus holds no token, so no words stand side by side; give texts, or lower min_count")
        from semap.corpus.neighbours import count_neighbours

        between = np.zeros(len(corpus.vocab), np.uint8)
        known = corpus.vocab.ids(self.connectors)
        between[known[known >= 0]] = 1
        shown = progress_for(progress)
        shown.start("phrases", 2 * corpus.n_tokens, "words")
        try:
            found = count_neighbours(corpus, between, self.min_count, thread_count(self.threads), shown.update)
        finally:
            shown.finish()
        scores = self._scores(found, between, corpus.n_tokens)
        facts = {
            "tokens": corpus.n_tokens, "types": len(corpus.vocab), "pairs": found.n_different,
            "fingerprint": corpus.fingerprint(),
        }  # fmt: skip
        return PhraseModel.of_pairs(
            self.settings(), facts, corpus.vocab.tokens, found, scores, np.flatnonzero(scores > self.threshold)
        )

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads`."""
        fields = asdict(self) | {"connectors": list(self.connectors)}
        del fields["threads"]
        return {"learner": "Phrases", **fields}

    def _scores(self, found: Neighbours, between: Bytes, n_tokens: int) -> DoubleVector:
        """The score of each pair, float64 (P,)."""
        firsts = found.heads.copy()
        while (inner := np.flatnonzero(firsts >= len(between))).size:  # a word and connectors: what comes before the last one
            firsts[inner] = found.keys[firsts[inner] - len(between)] >> 32
        first, second = found.counts[firsts], found.counts[found.seconds]
        if self.scoring == "npmi":
            return _npmi(first / n_tokens, second / n_tokens, found.pair_counts / n_tokens)
        n_types = int(np.count_nonzero(found.counts[between == 0])) + found.n_different
        scores: DoubleVector = (found.pair_counts - self.min_count) / _products(first, second) * n_types
        return scores

    def _checked_threshold(self) -> float:
        if self.scoring == "default":
            return real("threshold", self.threshold)
        given = self.threshold
        if isinstance(given, bool) or not isinstance(given, int | float | np.number) or not -1 <= given <= 1:
            raise SettingsError(
                f"threshold is {given!r}; scores of scoring='npmi' go from -1 to 1, and phrases have about 0.5 or more"
            )
        return float(given)


def _products(first: Counts64, second: Counts64) -> DoubleVector:
    """first * second, exact where it fits 64 bits: rounded once, as gensim does it."""
    if int(first.max(initial=0)) * int(second.max(initial=0)) < 2**63:
        return (first * second).astype(np.float64)
    return first.astype(np.float64) * second.astype(np.float64)


def _npmi(first: DoubleVector, second: DoubleVector, both: DoubleVector) -> DoubleVector:
    # Words that only come together score 1, and not a last bit more.
    return np.clip(np.log(both / (first * second)) / -np.log(both), -1.0, 1.0)
