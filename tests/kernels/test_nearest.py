"""The compiled search does what the plain one does, for every length around the vector size."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import nearest as native
from semap.kernels.reference import nearest as reference

LENGTHS = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 97]


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def whole_numbers(rng, *shape):
    """Small whole numbers: every sum is exact, so scores are equal bit by bit and many are tied."""
    return rng.integers(-2, 3, shape).astype(np.float32)


def padded(values):
    return np.pad(np.asarray(values, np.float32), (0, -len(values) % 16))


def kept(n_queries, k, n_rows):
    return np.full((n_queries, k), -np.inf, np.float32), np.full((n_queries, k), n_rows, np.int64)


def nothing(n_queries):
    return np.zeros(0, np.int64), np.zeros(n_queries + 1, np.int64)


def ordered(scores, rows):
    order = np.lexsort((rows, -scores))
    return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)


@pytest.mark.parametrize("euclidean", [False, True])
@pytest.mark.parametrize("dim", LENGTHS)
def test_the_compiled_search_keeps_the_same_rows_and_scores(rng, dim, euclidean):
    for n_rows, n_queries, k in ((1, 1, 1), (15, 2, 3), (16, 7, 16), (17, 8, 4), (33, 9, 2), (700, 17, 10)):
        rows, queries = whole_numbers(rng, n_rows, dim), whole_numbers(rng, n_queries, dim)
        for scales in (np.zeros(0, np.float32), padded(2.0 ** rng.integers(-3, 3, n_rows))):
            if euclidean and len(scales):
                continue
            excluded = np.sort(rng.integers(0, n_rows, n_queries)).astype(np.int64)
            offsets = np.arange(n_queries + 1)
            results = []
            for kernel in (reference.search, native.search):
                found = kept(n_queries, k, n_rows)
                for start, stop in ((0, n_rows // 3), (n_rows // 3, n_rows)):
                    kernel(rows, scales, queries, euclidean, start, stop, excluded, offsets, *found)
                results.append(ordered(*found))
            np.testing.assert_array_equal(results[0][1], results[1][1])
            np.testing.assert_array_equal(results[0][0], results[1][0])


@pytest.mark.parametrize("euclidean", [False, True])
@pytest.mark.parametrize("dim", LENGTHS)
def test_the_compiled_scores_are_the_plain_ones(rng, dim, euclidean):
    rows, queries = rng.standard_normal((50, dim), np.float32), rng.standard_normal((9, dim), np.float32)
    scales = np.zeros(0, np.float32) if euclidean else padded(rng.random(50))
    results = []
    for kernel, kind in ((reference.scores, np.float64), (native.scores, np.float32)):
        out = np.zeros((9, 30), kind)
        kernel(rows.astype(kind), scales, queries.astype(kind), euclidean, 11, 41, out)
        results.append(out)
    np.testing.assert_allclose(results[1], results[0], rtol=2e-5, atol=2e-5)


def test_a_score_has_the_same_bits_alone_in_a_group_and_at_another_row(rng):
    rows, queries = rng.standard_normal((70, 45), np.float32), rng.standard_normal((19, 45), np.float32)
    together = np.zeros((19, 70), np.float32)
    no_scales = np.zeros(0, np.float32)
    native.scores(rows, no_scales, queries, False, 0, 70, together)
    for b in (0, 3, 8, 18):
        alone = np.zeros((1, 70), np.float32)
        native.scores(np.ascontiguousarray(rows[::-1]), no_scales, queries[b : b + 1], False, 0, 70, alone)
        np.testing.assert_array_equal(alone[0, ::-1], together[b])


def test_by_hand_two_rows_are_nearest_to_a_query():
    rows = np.array([[0, 1], [3, 4], [3, 4], [-1, 0]], np.float32)
    query, found = np.array([[1, 2]], np.float32), kept(1, 3, 4)
    native.search(rows, np.zeros(0, np.float32), query, False, 0, 4, *nothing(1), *found)
    scores, ids = ordered(*found)
    assert ids.tolist() == [[1, 2, 0]]
    assert scores.tolist() == [[11, 11, 2]]


def test_a_score_that_is_not_a_number_is_never_kept():
    rows = np.array([[np.inf, -np.inf], [1, 1], [-np.inf, 0]], np.float32)
    for kernel in (reference.search, native.search):
        found = kept(1, 3, 3)
        with np.errstate(invalid="ignore"):
            kernel(rows, np.zeros(0, np.float32), np.ones((1, 2), np.float32), False, 0, 3, *nothing(1), *found)
        assert ordered(*found)[1].tolist()[0][0] == 1
        assert 0 not in found[1]


def test_only_the_asked_rows_are_offered(rng):
    rows, found = whole_numbers(rng, 40, 5), kept(1, 40, 40)
    native.search(rows, np.zeros(0, np.float32), rows[:1], False, 18, 35, *nothing(1), *found)
    assert sorted(found[1][found[1] < 40]) == list(range(18, 35))
