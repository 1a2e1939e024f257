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


TREE = SkipGram(dim=12, epochs=1, threads=1, keep_output=True, sample=0, seed=4, objective="hierarchical")
STILL = SkipGram(dim=12, epochs=1, threads=1, keep_output=True, sample=0, objective="hierarchical", learning_rate=1e-30)


@pytest.fixture(scope="module")
def tree(make_corpus):
    return TREE.fit(make_corpus([["cat", "dog", "mouse", "cat"] * 30]))


def test_nodes_of_the_same_tree_are_gone_on_from(make_corpus, tree):
    corpus = make_corpus([["dog", "mouse", "cat", "cat"] * 30])
    still = STILL.fit(corpus, init=tree)
    np.testing.assert_array_equal(still.vectors, tree.vectors)
    np.testing.assert_array_equal(still.output_vectors, tree.output_vectors)
    assert np.abs(tree.output_vectors).max() > 0


@pytest.mark.parametrize(
    "texts",
    [
        [["dog", "cat", "cat", "mouse", "mouse", "dog", "dog"] * 5],
        [["mouse", "dog", "mouse", "cat"] * 9],
        [["cat", "dog", "mouse", "cat", "dog", "mouse", "cat"] * 5],  # the same words in the same order: 15 is less than 20
    ],
)
def test_nodes_of_another_tree_start_at_0_and_that_is_said(make_corpus, tree, texts):
    with pytest.warns(SemapWarning, match="nodes of another tree"):
        still = STILL.fit(make_corpus(texts), init=tree)
    assert np.abs(still.output_vectors).max() < 1e-20
    np.testing.assert_array_equal(still["cat"], tree["cat"])


def test_words_left_over_from_a_table_of_nodes_have_no_output_rows(make_corpus, tree):
    """The row that has the number of a left-over word is a node's, and not its own."""
    with pytest.warns(SemapWarning, match="nodes of a tree"):
        more = LEARNER.fit(make_corpus([["mouse", "dog", "mouse"] * 9]), init=tree)
    assert tree.output_vectors[tree.id("cat")].any()
    assert not more.output_vectors[more.id("cat")].any()
    assert more.output_vectors[more.id("mouse")].any()


def test_output_vectors_of_words_are_none_of_nodes_nor_the_other_way_round(make_corpus, tree, first):
    corpus = make_corpus([["cat", "dog", "mouse", "cat"] * 30])
    with pytest.warns(SemapWarning, match="output vectors of words"):
        assert np.abs(STILL.fit(corpus, init=first).output_vectors).max() < 1e-20
    quiet = SkipGram(dim=12, epochs=1, threads=1, learning_rate=1e-30, keep_output=True, sample=0)
    with pytest.warns(SemapWarning, match="nodes of a tree"):
        assert np.abs(quiet.fit(corpus, init=tree).output_vectors).max() < 1e-20
    with pytest.warns(SemapWarning, match="nodes of a tree"):
        joined = quiet.fit(make_corpus([["cat", "dog", "dog"]]), init=tree)
    assert np.abs(joined.output_vectors).max() < 1e-20
    assert "outputs" not in joined.metadata


def test_nodes_are_not_kept_beside_tokens_that_their_tree_lacks(make_corpus, tree):
    with pytest.warns(SemapWarning) as said:
        table = TREE.fit(make_corpus([["horse", "dog", "horse"] * 40]), init=tree)
    assert any("no place for the 2 tokens" in str(each.message) for each in said)
    assert table.output_vectors is None
    assert "outputs" not in table.metadata
    np.testing.assert_array_equal(table["mouse"], tree["mouse"])


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
