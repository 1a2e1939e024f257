"""The compiled analogy kernel does what the plain one does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from semap.kernels.native import answers as native
from semap.kernels.reference import answers as reference


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def problem(rng, n_rows, dim, n_words, n_questions):
    rows = rng.standard_normal((n_rows, dim), np.float32)
    norms = np.linalg.norm(rows, axis=1)
    word_rows = rng.choice(n_rows, n_words, replace=False).astype(np.int64)
    words = (rows[word_rows] / norms[word_rows, None]).astype(np.float32)
    questions = rng.integers(0, n_words, (n_questions, 3)).astype(np.int32)
    scales = np.pad((1 / norms).astype(np.float32), (0, -n_rows % 16))
    return rows, scales, words, word_rows, questions


def solve(kernel, rows, scales, words, word_rows, questions, multiply, cuts):
    scores, best = np.full(len(questions), -np.inf, np.float32), np.full(len(questions), len(rows), np.int64)
    for start, stop in itertools.pairwise(cuts):
        kernel(rows, scales[: len(rows)] if kernel is reference.answers else scales, words, word_rows, questions,
               multiply, start, stop, scores, best)  # fmt: skip
    return scores, best


@pytest.mark.parametrize("multiply", [False, True])
@pytest.mark.parametrize("dim", [1, 7, 16, 17, 50])
def test_the_compiled_kernel_gives_the_same_answers(rng, dim, multiply):
    for n_rows in (4, 16, 33, 1500):
        given = problem(rng, n_rows, dim, min(n_rows, 11), 60)
        plain = solve(reference.answers, *given, multiply, [0, n_rows])
        fast = solve(native.answers, *given, multiply, [0, n_rows // 3, n_rows])
        np.testing.assert_allclose(fast[0], plain[0], rtol=1e-5, atol=1e-5)
        assert np.mean(fast[1] == plain[1]) > (0.9 if dim > 1 else 0.0)  # in one dimension all cosines are 1 or -1


@pytest.mark.parametrize("multiply", [False, True])
def test_the_three_words_are_never_the_answer(rng, multiply):
    given = problem(rng, 5, 8, 5, 200)
    _, best = solve(native.answers, *given, multiply, [0, 5])
    asked = given[3][given[4]]
    assert not (best[:, None] == asked).any()


def test_equal_answers_go_to_the_lowest_row():
    corner = np.array([[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]], np.float32)
    scales = np.pad(np.ones(5, np.float32), (0, 11))
    for kernel in (reference.answers, native.answers):
        _, best = solve(kernel, corner, scales, corner[[0, 1]], np.array([3, 4]), np.array([[0, 0, 1]], np.int32),
                        False, [0, 5])  # fmt: skip
        assert best.tolist() == [1]


def test_by_hand_multiplied_cosines_give_the_formula_of_the_paper():
    rows = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8]], np.float32)
    scales = np.pad(np.ones(4, np.float32), (0, 12))
    for kernel in (reference.answers, native.answers):
        scores, best = solve(kernel, rows, scales, rows[:3], np.arange(3), np.array([[0, 1, 2]], np.int32), True, [0, 4])
        assert best.tolist() == [3]
        assert scores[0] == pytest.approx(0.9 * 0.2 / (0.8 + 0.001), rel=1e-6)
