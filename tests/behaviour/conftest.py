"""Every public learner with settings that are quick: `case` runs a test for each of them."""

from __future__ import annotations

import pytest

import semap
from semap.errors import MissingExtra

from .adapters import (
    Columns,
    Common,
    Composing,
    Means,
    Nodes,
    Pairs,
    People,
    Pieces,
    Sampled,
    Spectral,
    Texts,
    Walking,
    Wanted,
    Words,
)

SHAPE = {"dim": 12, "epochs": 3, "lanes": 8, "block": 32, "threads": 2}
WALK = {"dim": 10, "n_walks": 3, "length": 12, "window": 3, "epochs": 2, "lanes": 8, "block": 32, "threads": 2}


def learners():
    """The adapters by name; those of torch where it is installed."""
    found = {
        "SkipGram": Words(semap.SkipGram(**SHAPE, keep_output=True)),
        "SkipGram softmax": Words(semap.SkipGram(**SHAPE, objective="softmax")),
        "SkipGram hierarchical": Words(semap.SkipGram(**SHAPE, objective="hierarchical", keep_output=True)),
        "CBOW": Words(semap.CBOW(**SHAPE)),
        "CBOW as word2vec": Words(semap.CBOW(**SHAPE, compat="word2vec")),
        "SkipGram sub-words": Composing(semap.SkipGram(**SHAPE, subwords=(3, 5), buckets=4000, keep_output=True)),
        "SkipGram compact": Composing(semap.SkipGram(**SHAPE, subwords=(3, 5), buckets=400, compact=True)),
        "CBOW sub-words as fastText": Composing(semap.CBOW(**SHAPE, subwords=(2, 4), buckets=4000, compat="fasttext")),
        "GloVe": Words(semap.GloVe(dim=12, epochs=3, threads=2)),
        "Node2Vec": Walking(semap.Node2Vec(**WALK, p=0.5, q=2.0)),
        "ProNE": Nodes(semap.ProNE(dim=8)),
        "NetMF": Nodes(semap.NetMF(dim=8, rank=12)),
        "NetMF of powers": Nodes(semap.NetMF(dim=8, rank=0)),
        "ImplicitALS": People(semap.ImplicitALS(dim=10, epochs=3)),
        "ImplicitALS in blocks": People(semap.ImplicitALS(dim=40, epochs=3, block_size=16, regularization=0.03)),
        "BPR": Sampled(semap.BPR(dim=10, epochs=3, learning_rate=0.2)),
        "RatingMF": People(semap.RatingMF(dim=5, epochs=3)),
        "SpectralCF": Spectral(semap.SpectralCF(dim=3)),
        "Phrases": Pairs(semap.Phrases(min_count=1, threshold=0.1, threads=2)),
        "Pipeline.fit": Means(Common()),
    }
    found |= {f"Tokenizer.train {kind}": Pieces(Wanted(kind)) for kind in ("bpe", "wordpiece", "unigram", "word")}
    try:
        from semap.torch import CategoryEmbeddings, TextClassifier
    except MissingExtra:
        return found
    quick = {"epochs": 3, "dropout": 0.1, "threads": 1}
    found["CategoryEmbeddings"] = Columns(CategoryEmbeddings(**quick, hidden=(8,), batch_size=32, learning_rate=0.02))
    texts = {**quick, "dim": 12, "ngram_dim": 4, "buckets": 5000, "learning_rate": 0.03}
    found["TextClassifier average"] = Texts(TextClassifier(**texts))
    found["TextClassifier transformer"] = Texts(TextClassifier(**texts, architecture="transformer", heads=3, layers=1))
    return found


LEARNERS = learners()


@pytest.fixture(params=LEARNERS)
def case(request):
    """One learner after another."""
    return LEARNERS[request.param]


@pytest.fixture(scope="session")
def every_case():
    """All of them, by name."""
    return LEARNERS
