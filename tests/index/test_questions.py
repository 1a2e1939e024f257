"""Neighbours and analogies of a table made by hand."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from semap.errors import SettingsError, ShapeError, UnknownToken
from semap.index.exact import ExactIndex
from semap.index.kept import _indexes, index_of
from semap.index.questions import analogy, similar
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

# axes: royalty, gender, a direction of its own for the rest
TOKENS = ["apple", "queen", "man", "king", "woman", "prince"]
VECTORS = [[0.1, 0, 1], [0.9, 0.8, 0], [0.1, -0.8, 0.1], [0.9, -0.8, 0], [0.1, 0.8, 0.1], [0.7, -0.9, 0.1]]


@pytest.fixture
def table():
    return Table(TOKENS, VECTORS)


def test_similar_leaves_the_token_itself_out_and_gives_cosines(table):
    found = similar(table, "king", k=2)
    assert [token for token, _ in found] == ["prince", "man"]
    king, prince = np.array(VECTORS[3]), np.array(VECTORS[5])
    assert found[0][1] == pytest.approx(king @ prince / np.linalg.norm(king) / np.linalg.norm(prince))


def test_similar_to_a_vector_leaves_nothing_out(table):
    assert similar(table, table["king"], k=1) == [("king", pytest.approx(1))]


def test_similar_gives_fewer_where_the_table_has_no_more(table):
    assert len(similar(table, "king")) == 5
    assert len(similar(table, table["king"], k=99)) == 6
    assert similar(Table(["alone"], [[1.0, 2.0]]), "alone") == []


def test_similar_searches_the_index_it_is_given(table):
    distances = similar(table, "king", k=1, index=ExactIndex(table, metric="euclidean"))
    assert distances == [("prince", pytest.approx(np.linalg.norm(np.subtract(VECTORS[3], VECTORS[5]))))]


@pytest.mark.parametrize("method", ["add", "mul"])
def test_man_is_to_king_as_woman_is_to_queen(table, method):
    found = analogy(table, "man", "king", "woman", k=5, method=method)
    assert found[0][0] == "queen"
    assert {token for token, _ in found} == {"queen", "apple", "prince"}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_order_of_the_words_matters(table):
    assert analogy(table, "king", "man", "queen", k=1)[0][0] == "woman"


def test_3cosadd_is_the_cosine_with_the_sum_of_unit_vectors(table):
    unit = np.array(VECTORS) / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    aim = unit[3] - unit[2] + unit[4]
    assert analogy(table, "man", "king", "woman", k=1)[0][1] == pytest.approx(unit[1] @ aim / np.linalg.norm(aim))


def test_3cosmul_is_the_formula_of_the_paper(table):
    unit = np.array(VECTORS) / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    man, king, woman = ((1 + unit[1] @ unit[row]) / 2 for row in (2, 3, 4))
    found = analogy(table, "man", "king", "woman", k=1, method="mul")
    assert found == [("queen", pytest.approx(king * woman / (man + 0.001), rel=1e-5))]


@pytest.mark.parametrize("method", ["add", "mul"])
def test_equal_answers_are_ordered_by_row(method):
    table = Table(["e", "d", "c", "b", "a"], [[0, 1], [1, 0], [0, 1], [0, 1], [0, 1]])
    assert [token for token, _ in analogy(table, "d", "d", "e", method=method)] == ["c", "b", "a"]


@pytest.mark.parametrize("method", ["add", "mul"])
def test_three_words_may_be_all_there_are(method):
    assert analogy(Table(["a", "b", "c"], np.eye(3)), "a", "b", "c", method=method) == []


def test_an_unknown_token_is_named_with_the_nearest_spelling(table):
    for call in (lambda: similar(table, "quen"), lambda: analogy(table, "man", "king", "quen")):
        with pytest.raises(UnknownToken) as caught:
            call()
        assert "queen" in caught.value.suggestions


def test_bad_settings_are_named(table):
    other = ExactIndex(np.zeros((2, 3)))
    for call, error in (
        (lambda: similar(table, "king", k=0), SettingsError),
        (lambda: analogy(table, "man", "king", "woman", k=0), SettingsError),
        (lambda: analogy(table, "man", "king", "woman", k=0, method="mul"), SettingsError),
        (lambda: analogy(table, "man", "king", "woman", method="sum"), SettingsError),
        (lambda: analogy(table, "man", "king", "woman", index=ExactIndex(table, metric="dot")), SettingsError),
        (lambda: similar(table, "king", index=other), ShapeError),
        (lambda: similar(table, np.zeros((2, 3))), ShapeError),
        (lambda: similar(table, np.zeros(4)), ShapeError),
    ):
        with pytest.raises(error):
            call()


def test_the_index_is_made_once_and_goes_with_its_table(table):
    gc.collect()  # tables of other tests
    assert index_of(table) is index_of(table)
    reference, n_kept = weakref.ref(table), len(_indexes)
    copy = Table(TOKENS, VECTORS)
    assert index_of(copy) is not index_of(table)
    del copy
    gc.collect()
    assert len(_indexes) == n_kept
    assert reference() is not None


def composing(vector):
    """The table of above, in which words of two letters and more that it lacks are composed to `vector`."""
    one_bucket = SubwordRows(NGrams(4, 4, 1), StoredRows(np.array([vector], np.float32)))
    return Table(TOKENS, VECTORS, subwords=one_bucket)


def test_a_word_that_is_not_there_is_asked_about_by_its_n_grams(table):
    assert similar(composing(VECTORS[1]), "queenly", k=2) == similar(table, table["queen"], k=2)
    with pytest.raises(UnknownToken, match="no n-gram"):
        similar(composing(VECTORS[1]), "q")


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_asked_of_composed_words_as_if_they_had_rows(method):
    whole = Table([*TOKENS, "womanly"], [*VECTORS, VECTORS[4]])
    found = analogy(composing(VECTORS[4]), "man", "king", "womanly", k=6, method=method)
    assert found == analogy(whole, "man", "king", "womanly", k=6, method=method)
    assert {token for token, _ in found[:2]} == {"queen", "woman"}
    with pytest.raises(UnknownToken, match="no n-gram"):
        analogy(composing(VECTORS[4]), "man", "king", "q", method=method)
