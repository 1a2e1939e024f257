"""fit(corpus, init=table): going on from a table, with words that only one of the two knows."""

from __future__ import annotations

import numpy as np
import pytest

from semap.errors import SemapWarning, SettingsError
from semap.learn.skipgram import SkipGram
from semap.table.table import Table

LEARNER = SkipGram(dim=12, epochs=1, threads=1, keep_output=True, sample=0, seed=4)


@pytest.fixture(scope="module")
def first(make_corpus):
    return LEARNER.fit(make_corpus([["cat", "dog", "mouse", "cat"] * 30]))


def test_known_words_start_from_the_table(make_corpus, first):
    corpus = make_corpus([["dog", "cat", "dog"] * 5])
    still = SkipGram(dim=12, epochs=1, threads=1, learning_rate=1e-30, keep_output=True, sample=0).fit(corpus, init=first)
    for word in ("dog", "cat"):
        np.testing.assert_array_equal(still[word], first[word])
        np.testing.assert_array_equal(still.output_vectors[still.id(word)], first.output_vectors[first.id(word)])


def test_words_that_the_corpus_lacks_stay_as_they_are(make_corpus, first):
    corpus = make_corpus([["horse", "dog", "horse"] * 40])
    table = LEARNER.fit(corpus, init=first)
    assert sorted(table.tokens) == ["cat", "dog", "horse", "mouse"]
    np.testing.assert_array_equal(table["mouse"], first["mouse"])
    assert (table["dog"] != first["dog"]).any()
    assert table.metadata["training"]["tokens_kept_from_init"] == 2
    assert (np.diff(table.counts) <= 0).all()
    assert table.counts[table.id("horse")] == 80


def test_new_words_get_the_rows_of_their_seed(make_corpus, first):
    corpus = make_corpus([["horse", "dog", "horse"] * 40])
    quiet = SkipGram(dim=12, epochs=1, threads=1, learning_rate=1e-30, seed=4, sample=0)
    fresh = quiet.fit(corpus)
    went_on = quiet.fit(corpus, init=first)
    np.testing.assert_array_equal(fresh["horse"], went_on["horse"])


def test_another_dim_is_refused_with_both_numbers(make_corpus, first):
    with pytest.raises(SettingsError, match="dim is 7, the table to go on from has 12"):
        SkipGram(dim=7).fit(make_corpus([["a", "b"]]), init=first)


def test_a_table_without_output_vectors_is_said(make_corpus, first):
    bare = Table(first.tokens, first.vectors)
    with pytest.warns(SemapWarning, match="output vectors"):
        LEARNER.fit(make_corpus([["cat", "dog"] * 9]), init=bare)


def test_what_is_no_table_is_no_start(make_corpus):
    with pytest.raises(SettingsError, match="init is str; give a Table"):
        LEARNER.fit(make_corpus([["cat", "dog"]]), init="wiki.semap")
