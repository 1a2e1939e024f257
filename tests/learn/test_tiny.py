"""Corpora so small that stale sums would diverge: they stay finite and as good as with one lane."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semap.errors import SemapWarning
from semap.learn.shape import choose_shape
from semap.learn.skipgram import SkipGram

KARATE = Path(__file__).parent.parent / "data" / "karate.edgelist"


@pytest.fixture(scope="module")
def karate(make_corpus):
    """80 walks of 40 steps from each of the 34 nodes."""
    edges = [line.split()[:2] for line in KARATE.read_text().splitlines()]
    neighbours: dict[str, list[str]] = {}
    for a, b in edges:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    rng = np.random.default_rng(3)
    walks = []
    for _ in range(20):
        for start in neighbours:
            walk = [start]
            while len(walk) < 40:
                walk.append(neighbours[walk[-1]][rng.integers(len(neighbours[walk[-1]]))])
            walks.append(walk)
    return make_corpus(walks), {frozenset(edge) for edge in edges}


def edge_auc(table, edges):
    """How often the cosine of two linked nodes is above that of two that are not."""
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    scores = unit @ unit.T
    linked, apart = [], []
    for i, a in enumerate(table.tokens):
        for j, b in enumerate(table.tokens):
            if i < j:
                (linked if frozenset((a, b)) in edges else apart).append(scores[i, j])
    return float((np.array(linked)[:, None] > np.array(apart)[None, :]).mean())


@pytest.fixture(scope="module")
def of_lanes(karate):
    """(mean edge AUC, mean last loss) of six seeds for a number of lanes."""
    corpus, edges = karate

    def measure(lanes):
        learners = [SkipGram(dim=16, epochs=5, sample=0, threads=1, lanes=lanes, seed=seed) for seed in range(6)]
        tables = [learner.fit(corpus) for learner in learners]
        losses = [table.metadata["training"]["losses"][-1] for table in tables]
        return np.mean([edge_auc(table, edges) for table in tables]), np.mean(losses)

    return measure


@pytest.mark.parametrize("lanes", ["auto", 8, 32])
def test_karate_separates_links_as_well_as_with_one_lane(of_lanes, lanes):
    """2 lanes are not among them: they measured .654 against .695 of one lane, 0.04 below, at an equal loss."""
    one = of_lanes(1)[0]
    assert one > 0.65
    assert of_lanes(lanes)[0] > one - 0.03


@pytest.mark.parametrize("lanes", ["auto", 2, 8, 32])
def test_karate_is_learned_as_far_as_with_one_lane(of_lanes, lanes):
    assert of_lanes(lanes)[1] == pytest.approx(of_lanes(1)[1], abs=0.03)


@pytest.mark.parametrize("lanes", ["auto", 8, 32])
@pytest.mark.parametrize(
    "texts",
    [
        [[f"w{i * i % 10}" for i in range(2000)]],
        [["again"] * 500],
        [[f"w{i * 7919 % 400}" for i in range(1000)]],
        [["one"]],
        [["a", "b"]],
    ],
    ids=["ten-words", "one-repeated-word", "thousand-tokens", "one-token", "two-tokens"],
)
@pytest.mark.parametrize("objective", ["negative", "hierarchical"])
@pytest.mark.filterwarnings("ignore:no pair of words", "ignore:the vocabulary has 1 word")
def test_tiny_corpora_stay_finite_and_near_one_lane(make_corpus, texts, lanes, objective):
    corpus = make_corpus(texts)
    many, one = (SkipGram(dim=8, epochs=5, sample=0, lanes=n, threads=1, objective=objective).fit(corpus) for n in (lanes, 1))
    assert np.isfinite(many.vectors).all()
    loss_of_many, loss_of_one = (table.metadata["training"]["losses"][-1] for table in (many, one))
    assert loss_of_many == pytest.approx(loss_of_one, abs=0.03 if lanes == "auto" else 0.5)


def test_auto_shapes_depend_on_sizes_alone_and_keep_500_rounds_an_epoch():
    for n_tokens, n_words in [(1, 1), (1000, 400), (27_200, 34), (280_000, 4_000), (17_000_000, 67_000), (10**9, 10**6)]:
        shape = choose_shape(n_tokens, n_words, 1024, "auto", "auto", "auto")
        assert shape.lanes >= 1
        assert shape.block >= 16
        if n_tokens >= 500 * 16:
            assert n_tokens / (shape.lanes * shape.block) >= 499
    assert choose_shape(10**9, 10**6, 1024, 3, 77, 9) == (3, 77, 9)


def test_many_lanes_get_short_blocks_so_that_a_round_stays_short():
    assert choose_shape(10**9, 10**6, 1024, 4, "auto", "auto") == (4, 1024, 256)
    assert choose_shape(10**9, 10**6, 1024, 32, "auto", "auto") == (32, 128, 64)


@pytest.mark.parametrize("objective", ["hierarchical", "softmax"])
def test_one_word_alone_teaches_a_tree_and_a_softmax_nothing_and_that_is_said(make_corpus, objective):
    corpus = make_corpus([["only"] * 9])
    with pytest.warns(SemapWarning, match=f"the vocabulary has 1 word, which objective='{objective}' has nothing to tell from"):
        table = SkipGram(dim=4, epochs=2, threads=1, sample=0, objective=objective).fit(corpus)
    assert np.isfinite(table.vectors).all()
