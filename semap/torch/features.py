"""Texts in, the numbers of their words and of their hashed word and letter n-grams out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.errors import BadText, SettingsError
from semap.text.splitter import Splitter
from semap.torch.bags import Bags
from semap.vocab.tokens import Tokens

__all__ = ["Features", "Numbered"]


@dataclass(frozen=True)
class Numbered:
    """N texts as numbers: `words` and `grams` of each, and how many of all the words had no row."""

    words: Bags
    grams: Bags
    n_words: int
    n_unknown: int

    def __len__(self) -> int:
        return len(self.words)

    @property
    def n_empty(self) -> int:
        """How many texts have neither a word nor an n-gram that is known."""
        return int(np.count_nonzero((self.words.lengths + self.grams.lengths) == 0))


class Features:
    """What is known of a text: words that have a row, and n-grams that were met in training.

    tokens: the words that have rows. first: the shortest word n-gram, `word_ngrams`: the longest; letters: (shortest, longest)
    n-gram of letters, the borders of a word marked, or None. An n-gram's bucket is its CRC-32 modulo `buckets`; kept: the
    buckets that training met, rising, whose place in it is their row. All other n-grams are left out: their rows would be
    the random ones of the start. Joulin et al. 2016, section 2.2; fastText, src/dictionary.cc, keeps a row for every bucket.
    """

    def __init__(
        self,
        splitter: Splitter,
        tokens: Tokens,
        first: int,
        word_ngrams: int,
        letters: tuple[int, int] | None,
        buckets: int,
        kept: AnyArray | None = None,
    ) -> None:
        self.splitter, self.tokens = splitter, tokens
        self.first, self.word_ngrams, self.letters, self.buckets = first, word_ngrams, letters, buckets
        self.kept: AnyArray = np.zeros(0, np.int64) if kept is None else kept
        self._ids = dict(zip(tokens, range(len(tokens)), strict=True))

    def learn(self, texts: Sequence[str]) -> Counts64:
        """Keep the buckets that these texts meet; return how often they hold each word, int64 (V,)."""
        met: set[int] = set()
        counts = np.zeros(len(self.tokens), np.int64)
        for words in map(self.splitter, texts):
            met.update(self._buckets(words))
            for word in words:
                if (token_id := self._ids.get(word)) is not None:
                    counts[token_id] += 1
        self.kept = np.array(sorted(met), np.int64)
        return counts

    def number(self, texts: Iterable[str]) -> Numbered:
        """Return texts as numbers. Raises BadText for what is no text, with its place."""
        rows = dict(zip(self.kept.tolist(), range(len(self.kept)), strict=True))
        words: list[list[int]] = []
        grams: list[list[int]] = []
        n_words = 0
        for text in checked_texts(texts):
            split = self.splitter(text)
            n_words += len(split)
            words.append([self._ids[word] for word in split if word in self._ids])
            grams.append([rows[bucket] for bucket in self._buckets(split) if bucket in rows])
        known = sum(map(len, words))
        return Numbered(Bags.of_lists(words), Bags.of_lists(grams), n_words, n_words - known)

    def _buckets(self, words: Sequence[str]) -> Iterator[int]:
        """The bucket of every n-gram. Both borders of the text are words of their own to an n-gram of several words."""
        if not words:
            return
        whole = ["\n", *words, "\n"]  # no word holds a line feed
        for size in range(self.first, self.word_ngrams + 1):
            among = words if size == 1 else whole
            for start in range(len(among) - size + 1):
                yield crc32(" ".join(among[start : start + size]).encode("utf-8", "surrogatepass")) % self.buckets
        if self.letters is not None:
            for word in words:
                marked = f"\r{word}\r"  # another mark than the text's, so that no letters hash as words do
                for size in range(self.letters[0], self.letters[1] + 1):
                    for start in range(len(marked) - size + 1):
                        yield crc32(marked[start : start + size].encode("utf-8", "surrogatepass"), 1) % self.buckets


def checked_texts(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts. Raises SettingsError for one string in place of many, BadText for an item that is none."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise SettingsError(f"give a list of texts, not {type(texts).__name__}; for one text: [text]")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise BadText(f"text {place:,} is {type(text).__name__} {str(text)[:40]!r}; texts are str")
        yield text
