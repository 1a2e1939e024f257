"""Corpora made for learners: small, seeded, with structure that can be checked."""

from __future__ import annotations

import numpy as np
import pytest

from semap.corpus.corpus import Corpus
from semap.vocab.vocab import Vocab


def corpus_of(texts):
    """A Corpus of lists of words; ids by falling count, ties in byte order."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in text:
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word.encode()))
    row = {word: token_id for token_id, word in enumerate(words)}
    ids = np.array([row[word] for text in texts for word in text], np.int32)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return Corpus(ids, offsets, Vocab(words, [counts[word] for word in words]))


@pytest.fixture(scope="session")
def make_corpus():
    return corpus_of


@pytest.fixture(scope="session")
def topics():
    """8,000 words in texts of one topic each: words of a topic keep company, "w3_7" with other "w3_"."""
    rng = np.random.default_rng(5)
    texts = []
    for _ in range(400):
        topic = rng.integers(0, 6)
        texts.append([f"w{topic}_{word}" for word in rng.integers(0, 25, 20)])
    return corpus_of(texts)
