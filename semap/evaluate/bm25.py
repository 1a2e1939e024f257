"""Documents and queries in, for each query the documents by BM25 out: the line that vectors are measured against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError
from semap.text.splitter import Splitter

__all__ = ["BM25"]


@dataclass(frozen=True)
class BM25:
    """Scores documents by the words they share with a query, as Robertson and Zaragoza 2009 have it (equation 3.15).

    k1: how much a word's second coming counts; b: how much length counts; the inverse document frequency is
    ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative. splitter: how words are found; no stemming, no stop words.
    """

    k1: float = 1.2
    b: float = 0.75
    splitter: Splitter = field(default_factory=Splitter)

    def __post_init__(self) -> None:
        if not (self.k1 >= 0 and 0 <= self.b <= 1):
            raise SettingsError(f"k1 is {self.k1} and b {self.b}; give k1 from 0 and b from 0 to 1")

    def rank(self, documents: Sequence[str], queries: Sequence[str]) -> list[AnyArray]:
        """Return for each query the numbers of the documents that share a word with it, best first, of equal ones the first."""
        counts = [Counter(self.splitter(text)) for text in documents]
        lengths = np.array([sum(each.values()) for each in counts], np.float64)
        norms = self.k1 * (1 - self.b + self.b * lengths / max(lengths.mean() if len(lengths) else 0.0, 1e-9))
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for number, words in enumerate(counts):
            for word, n_times in words.items():
                places, times = postings.setdefault(word, ([], []))
                places.append(number)
                times.append(n_times)
        return [self._ranked(self.splitter(query), postings, norms) for query in queries]

    def _ranked(self, words: list[str], postings: dict[str, tuple[list[int], list[int]]], norms: AnyArray) -> AnyArray:
        scores = np.zeros(len(norms))
        for word in words:
            if word in postings:
                places, times = (np.array(each) for each in postings[word])
                rarity = np.log(1 + (len(norms) - len(places) + 0.5) / (len(places) + 0.5))
                scores[places] += rarity * times * (self.k1 + 1) / (times + norms[places])
        order = np.argsort(-scores, kind="stable")
        return np.asarray(order[scores[order] > 0])
