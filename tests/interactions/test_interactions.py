"""Interactions: sorted by user, seen from both sides, from and to SciPy, saved and opened."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from semap.corpus.corpus import Corpus
from semap.errors import BadFile, FileMissing, ShapeError, UnknownToken
from semap.interactions.interactions import Interactions
from semap.vocab.vocab import Vocab


def make(**changes):
    """Three users, two of whom did something, and four items."""
    parts = {
        "users": Vocab(["u9", "u7", "u8"], [3, 2, 0]),
        "items": Vocab(["x", "a", "m", "b"], [2, 1, 1, 1]),
        "user_ids": [1, 0, 1, 0, 0],
        "item_ids": [3, 2, 0, 0, 1],
        "values": [5, 1, 4, 2.5, 3],
        "times": [50, 10, 40, 20, 30],
    }
    return Interactions(**{**parts, **changes})


def test_they_are_sorted_by_user_and_keep_the_order_of_each():
    found = make()
    assert found.user_ids.tolist() == [0, 0, 0, 1, 1]
    assert found.item_ids.tolist() == [2, 0, 1, 3, 0]
    assert found.values.tolist() == [1, 2.5, 3, 5, 4]
    assert found.times.tolist() == [10, 20, 30, 50, 40]
    assert (found.user_ids.dtype, found.values.dtype, found.times.dtype) == (np.int32, np.float32, np.int64)
    assert (len(found), found.n_users, found.n_items) == (5, 3, 4)
    assert repr(found) == "Interactions(3 users, 4 items, 5 interactions with values and times)"


def test_by_user_and_by_item_are_one_matrix():
    indptr, items, values = make().by_user()
    assert (indptr.tolist(), items.tolist(), values.tolist()) == ([0, 3, 5, 5], [0, 1, 2, 0, 3], [2.5, 3, 1, 4, 5])
    indptr, users, values = make().by_item()
    assert (indptr.tolist(), users.tolist(), values.tolist()) == ([0, 2, 3, 4, 5], [0, 1, 0, 0, 1], [2.5, 4, 3, 1, 5])


def test_without_values_each_weighs_one():
    assert make(values=None).by_user()[2].tolist() == [1] * 5
    assert "with times" in repr(make(values=None))


def test_a_history_is_in_the_order_given_and_an_unknown_user_is_told_the_nearest():
    found = make()
    assert [found.items.tokens[item] for item in found.history("u7")] == ["b", "x"]
    assert found.history("u8").tolist() == []
    with pytest.raises(UnknownToken, match="did you mean"):
        found.history("u1")


def test_some_rows_keep_their_ids_and_are_counted_anew():
    part = make().rows(np.array([True, False, False, True, False]))
    assert (part.user_ids.tolist(), part.item_ids.tolist(), part.times.tolist()) == ([0, 1], [2, 3], [10, 50])
    assert (part.users.counts.tolist(), part.items.counts.tolist()) == ([1, 1, 0], [0, 0, 1, 1])
    assert part.users.tokens == ["u9", "u7", "u8"]


def test_nothing_of_them_can_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        make().values[0] = 1
    with pytest.raises(AttributeError):
        make().users = None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.floats(0.5, 9, width=32)), max_size=40))
def test_a_sparse_matrix_comes_back_as_it_was(entries):
    dense = np.zeros((6, 4), np.float32)
    for row, column, value in entries:
        dense[row, column] = value
    found = Interactions.from_scipy(csr_array(dense))
    assert np.array_equal(found.to_scipy().toarray(), dense)
    assert found.users.tokens == ["0", "1", "2", "3", "4", "5"]
    assert found.items.counts.tolist() == (dense != 0).sum(axis=0).tolist()


def test_entries_that_stand_twice_in_a_sparse_matrix_are_summed_and_zeros_are_none():
    from scipy.sparse import coo_array

    found = Interactions.from_scipy(coo_array(([2.0, 3.0, 0.0], ([1, 1, 0], [2, 2, 1])), shape=(2, 3)))
    assert (found.user_ids.tolist(), found.item_ids.tolist(), found.values.tolist()) == ([1], [2], [5])


def test_what_is_no_sparse_matrix_is_refused():
    with pytest.raises(ShapeError, match="ndarray is no sparse matrix"):
        Interactions.from_scipy(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item_ids": [0, 1]}, "5 user ids and 2 item ids"),
        ({"user_ids": [0, 1, 2, 3, 0]}, "go from 0 to 3; there are 3 users"),
        ({"item_ids": [0, 1, -2, 3, 0]}, "go from -2 to 3; there are 4 items"),
        ({"item_ids": [0.5, 1, 2, 3, 0]}, "whole numbers"),
        ({"values": [1, 2]}, r"\(2,\); give 5 numbers"),
        ({"values": [1, 2, np.nan, 4, 5]}, "interaction 2 has nan"),
        ({"values": [1, 2, 1e300, 4, 5]}, "finite float32"),
        ({"values": list("abcde")}, "give 5 numbers"),
        ({"times": [1, 2, np.inf, 4, 5]}, "interaction 2 has inf"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ShapeError, match=message):
        make(**changes)


@pytest.mark.parametrize("changes", [{}, {"values": None}, {"times": None}, {"times": [1.5, 2, 3, 4, 5]}])
def test_saved_and_opened_they_are_equal(tmp_path, changes):
    given = make(**changes, facts={"rows": 5})
    given.save(tmp_path / "a.semap")
    found = Interactions.open(tmp_path / "a.semap")
    for name in ("user_ids", "item_ids", "values", "times"):
        one, other = getattr(given, name), getattr(found, name)
        assert (one is None and other is None) or (one.tolist() == other.tolist() and one.dtype == other.dtype)
    assert found.users.tokens == given.users.tokens
    assert found.items.counts.tolist() == [2, 1, 1, 1]
    assert (found.facts, found.fingerprint()) == ({"rows": 5}, given.fingerprint())


def test_a_fingerprint_tells_different_ones_apart():
    changes = [{}, {"values": None}, {"times": None}, {"values": [5, 1, 4, 2.5, 4]}, {"item_ids": [3, 2, 0, 0, 0]}]
    changes.append({"users": Vocab(["u9", "u6", "u8"], [3, 2, 0])})
    assert len({make(**change).fingerprint() for change in changes}) == len(changes)
    assert make().fingerprint() == make().fingerprint()


def test_a_file_of_something_else_is_said_to_be_that(tmp_path):
    Corpus(np.array([0]), np.array([0, 1]), Vocab(["a"], [1])).save(tmp_path / "corpus.semap")
    with pytest.raises(BadFile, match="no interactions but corpus"):
        Interactions.open(tmp_path / "corpus.semap")
    with pytest.raises(FileMissing):
        Interactions.open(tmp_path / "none.semap")
