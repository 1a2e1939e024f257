"""Sparse matrices and one-hot rows."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from semap.counts.counts import Counts
from semap.counts.one_hot import one_hot
from semap.errors import DuplicateToken, MissingExtra, SettingsError, ShapeError, UnknownToken
from semap.index.distances import cosine, euclidean
from semap.vocab.vocab import Vocab

SIX = ["the", "dog", "queen", "cat", "king", "mat"]


@pytest.fixture
def small():
    return Counts(np.array([5.0, 7.0, 1.0]), [2, 0, 3], [0, 1, 1, 3], (3, 4))


def test_a_matrix_says_its_size_and_gives_its_entries(small):
    assert (len(small), small.shape) == (3, (3, 4))
    assert small.to_dense().tolist() == [[0, 0, 5, 0], [0, 0, 0, 0], [7, 0, 0, 1]]
    assert (small.indices.dtype, small.indptr.dtype) == (np.int32, np.int64)
    assert repr(small) == "Counts(3 x 4, 3 entries, float64)"


def test_scipy_gets_the_same_matrix_and_may_change_it(small):
    sparse = small.to_scipy()
    np.testing.assert_array_equal(sparse.toarray(), small.to_dense())
    sparse.data[0] = 9
    assert small.data[0] == 5


def test_entries_that_stand_twice_add_up_in_both_forms():
    twice = Counts([1.0, 2.0], [1, 1], [0, 2], (1, 2))
    assert twice.to_dense().tolist() == twice.to_scipy().toarray().tolist() == [[0, 3]]


def test_parts_cannot_be_changed(small):
    for part in (small.data, small.indices, small.indptr):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 1


def test_a_missing_scipy_is_one_sentence(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(MissingExtra, match="pip install scipy"):
        small.to_scipy()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (([1.0], [0, 1], [0, 1], (1, 2)), "(1,) and indices (2,)"),
        (([1.0], [2], [0, 1], (1, 2)), "0 to 1"),
        (([1.0], [-1], [0, 1], (1, 2)), "-1"),
        (([1.0], [0], [0, 0], (1, 2)), "from 0 to 1"),
        (([1.0], [0], [0, 1], (2, 2)), "3 ascending"),
        (([1.0], [0.5], [0, 1], (1, 2)), "whole numbers"),
        (([1.0, 1.0], [0, 0], [0, 2, 1, 2], (3, 1)), "ascending"),
    ],
)
def test_parts_that_do_not_fit_are_named(parts, words):
    with pytest.raises(ShapeError) as caught:
        Counts(*parts)
    assert words in str(caught.value)


def test_a_matrix_too_large_for_memory_says_what_to_use_instead():
    huge = one_hot(["a"])
    wide = Counts(huge.data, [10**12], [0, 1], (1, 2**62))
    assert wide.indices.dtype == np.int64
    with pytest.raises(ShapeError, match="to_scipy"):
        wide.to_dense()


def test_all_tokens_give_the_identity():
    rows = one_hot(Vocab(SIX, [9, 8, 7, 6, 5, 4]))
    np.testing.assert_array_equal(rows.to_dense(), np.eye(6, dtype=np.float32))
    assert rows.data.dtype == np.float32


def test_tokens_asked_for_give_their_rows_in_that_order():
    rows = one_hot(SIX, ["king", "cat", "king"])
    assert rows.shape == (3, 6)
    assert rows.to_dense().argmax(axis=1).tolist() == [4, 3, 4]
    assert one_hot(SIX, []).shape == (0, 6)


def test_every_pair_of_tokens_is_equally_far_apart():
    cat, dog, king, queen = one_hot(SIX, ["cat", "dog", "king", "queen"]).to_dense()
    for a, b in ((cat, dog), (cat, king), (king, queen)):
        assert cosine(a, b) == 0
        assert euclidean(a, b) == pytest.approx(2**0.5)


def test_170000_words_are_170000_dimensions():
    rows = one_hot([f"w{n}" for n in range(170_000)])
    assert rows.shape == (170_000, 170_000)
    assert rows.to_scipy().nnz == 170_000


def test_bad_tokens_are_named():
    with pytest.raises(UnknownToken) as caught:
        one_hot(SIX, ["quen"])
    assert "queen" in caught.value.suggestions
    with pytest.raises(DuplicateToken, match="'a'"):
        one_hot(["b", "a", "a"])
    for call in (lambda: one_hot("the cat"), lambda: one_hot(SIX, "cat")):
        with pytest.raises(SettingsError):
            call()
