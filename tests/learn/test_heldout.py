"""The loss on text that was not trained on: the questions of training, and nothing learned from them."""

import math

import numpy as np
import pytest

from semap.corpus.corpus import Corpus
from semap.errors import SettingsError, ShapeError
from semap.learn.cbow import CBOW
from semap.learn.heldout import held_out_loss
from semap.learn.skipgram import SkipGram
from semap.table.table import Table
from semap.vocab.vocab import Vocab

N_WORDS = 40


def rings(n_texts, seed, stride):
    """Texts that walk around a ring of words, `stride` words at a time."""
    starts = np.random.default_rng(seed).integers(0, N_WORDS, n_texts)
    ids = ((starts[:, None] + stride * np.arange(15)) % N_WORDS).astype(np.int32).reshape(-1)
    vocab = Vocab([f"w{word * 3}" for word in range(N_WORDS)], np.full(N_WORDS, n_texts * 15 // N_WORDS))
    return Corpus(ids, np.arange(0, len(ids) + 1, 15), vocab)


@pytest.mark.parametrize("learner", [SkipGram, CBOW])
def test_a_table_of_zeros_is_as_good_as_tossing_a_coin_for_every_word(learner):
    corpus = rings(30, 1, 1)
    zeros = Table(corpus.vocab.tokens, np.zeros((N_WORDS, 8)), output_vectors=np.zeros((N_WORDS, 8)))
    loss = held_out_loss(learner(dim=8, negatives=4, sample=0), zeros, corpus)
    assert 4.5 * math.log(2) < loss <= 5 * math.log(2) + 1e-6  # a drawn positive is no negative, and there is one less then


@pytest.mark.parametrize("settings", [{}, {"objective": "softmax", "epochs": 3}, {"objective": "hierarchical"}])
def test_new_text_of_the_same_kind_costs_less_than_text_of_another_kind(settings):
    learner = SkipGram(dim=16, window=2, keep_output=True, sample=0, **{"epochs": 20, **settings})
    trained = rings(400, 2, 1)
    table = learner.fit(trained)
    new, other = (held_out_loss(learner, table, rings(50, seed, stride)) for seed, stride in ((3, 1), (4, 11)))
    assert new < 0.8 * other


def test_nodes_and_words_are_not_taken_for_each_other():
    corpus = rings(40, 9, 1)
    words = SkipGram(dim=3, epochs=1, keep_output=True, sample=0)
    tree = SkipGram(dim=3, epochs=1, keep_output=True, sample=0, objective="hierarchical")
    with pytest.raises(SettingsError, match="are of words, which objective='hierarchical'"):
        held_out_loss(tree, words.fit(corpus), corpus)
    with pytest.raises(SettingsError, match="are of nodes of a tree, which objective='negative'"):
        held_out_loss(words, tree.fit(corpus), corpus)


def test_nothing_is_learned_and_threads_do_not_matter():
    learner = SkipGram(dim=5, epochs=2, keep_output=True, sample=0)
    table = learner.fit(rings(300, 5, 1))
    vectors, outputs = table.vectors.copy(), table.output_vectors.copy()
    losses = {held_out_loss(learner, table, rings(300, 6, 1), threads=threads) for threads in (1, 2, 3)}
    assert len(losses) == 1
    assert np.array_equal(table.vectors, vectors)
    assert np.array_equal(table.output_vectors, outputs)


def test_a_text_without_a_pair_has_no_loss():
    corpus = rings(4, 7, 1)
    words = Corpus(np.array([3, 9], np.int32), np.array([0, 1, 2]), corpus.vocab)
    table = Table(corpus.vocab.tokens, np.ones((N_WORDS, 3)), output_vectors=np.ones((N_WORDS, 3)))
    assert math.isnan(held_out_loss(SkipGram(dim=3, sample=0), table, words))


def test_tables_that_do_not_fit_are_refused():
    corpus = rings(4, 8, 1)
    with pytest.raises(SettingsError, match="no output vectors"):
        held_out_loss(SkipGram(dim=3), Table(corpus.vocab.tokens, np.ones((N_WORDS, 3))), corpus)
    table = Table(corpus.vocab.tokens, np.ones((N_WORDS, 3)), output_vectors=np.ones((N_WORDS, 3)))
    with pytest.raises(ShapeError, match="the table is 40 x 3, vocabulary and learner are 40 x 4"):
        held_out_loss(SkipGram(dim=4), table, corpus)
