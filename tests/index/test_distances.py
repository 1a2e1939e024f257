"""Cosine, dot and euclidean, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from semap.errors import ShapeError
from semap.index.distances import cosine, dot, euclidean

CAT, DOG, KING = [0.2, -0.4, 0.7, 0.1, -0.3], [0.3, -0.5, 0.6, 0.2, -0.2], [0.8, 0.4, -0.1, 0.9, 0.5]


def test_the_cosines_of_the_tour_hold():
    assert cosine(CAT, DOG) == pytest.approx(0.968, abs=5e-4)
    assert cosine(CAT, KING) == pytest.approx(-0.107, abs=5e-4)
    assert cosine([1, 0, 1], [1, 1, 0]) == pytest.approx(0.5)
    assert cosine([1, 0, 1], [0, 0, 1]) == pytest.approx(0.7071, abs=5e-5)


def test_two_vectors_give_a_float():
    assert dot([1, 2], [3, 4]) == 11
    assert euclidean([1, 2], [4, 6]) == 5
    assert all(type(each([1, 2], [3, 4])) is float for each in (cosine, dot, euclidean))


def test_rows_and_a_vector_give_one_number_a_row_either_way_round():
    rows = [[1, 0], [0, 2], [3, 3]]
    assert dot(rows, [1, 10]).tolist() == dot([1, 10], rows).tolist() == [1, 20, 33]
    np.testing.assert_allclose(cosine(rows, [0, 7]), [0, 1, 0.5**0.5])
    np.testing.assert_allclose(euclidean([0, 2], rows), [5**0.5, 0, 10**0.5])


def test_rows_and_rows_are_taken_in_pairs():
    assert dot([[1, 2], [3, 4]], [[5, 6], [7, 8]]).tolist() == [17, 53]
    assert dot([[1, 2]], [[5, 6]]).shape == (1,)


def test_the_cosine_of_a_vector_of_zeros_is_zero():
    assert cosine([0, 0], [1, 2]) == 0.0
    assert cosine([[0, 0], [1, 2]], [1, 2]).tolist() == [0, pytest.approx(1)]


def test_cosines_neither_overflow_nor_vanish_nor_pass_one():
    assert cosine([1e300, 1e300], [1e-300, 0]) == pytest.approx(0.5**0.5)
    assert cosine(np.array([1e-45, 1e-45], np.float32), [1, 1]) == pytest.approx(1)
    vectors = np.random.default_rng(3).standard_normal((500, 7))
    assert cosine(vectors, vectors).max() <= 1


def test_sums_are_made_in_float64():
    assert dot(np.array([1e8, 1, -1e8], np.float32), np.ones(3, np.float32)) == 1


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([1, 2], [1, 2, 3], "(2,), b is (3,)"),
        ([[1, 2]], [[1, 2], [3, 4]], "(1, 2), b is (2, 2)"),
        (3, [1], "shape ()"),
        ([1], np.zeros((1, 1, 1)), "b must be"),
        (["x"], [1], "a must be"),
        ([np.nan], [1], "a has a value"),
    ],
)
def test_what_does_not_fit_is_named(a, b, words):
    for distance in (cosine, dot, euclidean):
        with pytest.raises(ShapeError) as caught:
            distance(a, b)
        assert words in str(caught.value)
