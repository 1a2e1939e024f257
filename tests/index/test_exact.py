"""ExactIndex finds what a plain search over all rows finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import SettingsError, ShapeError
from semap.index import slabs
from semap.index.exact import ExactIndex
from semap.table.table import Table

METRICS = ["cosine", "dot", "euclidean"]


@pytest.fixture
def rng():
    return np.random.default_rng(21)


@pytest.fixture
def always_threads(monkeypatch):
    """Let the smallest work be shared out, in slabs of the smallest size."""
    monkeypatch.setattr(slabs, "_QUICK", 0)
    monkeypatch.setattr(slabs, "_ROWS", 16)


def by_numpy(rows, queries, k, metric):
    rows, queries = rows.astype(float), queries.astype(float)
    scores = -np.linalg.norm(queries[:, None] - rows, axis=2) if metric == "euclidean" else queries @ rows.T
    if metric == "cosine":
        lengths = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(rows, axis=1)
        scores = np.where(lengths > 0, scores / np.where(lengths > 0, lengths, 1), 0)
    ids = np.lexsort((np.broadcast_to(np.arange(len(rows)), scores.shape), -scores))[:, :k]
    return ids, np.take_along_axis(scores, ids, 1) * (-1 if metric == "euclidean" else 1)


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_rows_are_those_of_a_plain_search(rng, metric):
    rows, queries = rng.standard_normal((3001, 33), np.float32), rng.standard_normal((19, 33), np.float32)
    ids, scores = ExactIndex(rows, metric=metric).search(queries, 10)
    expected_ids, expected = by_numpy(rows, queries, 10, metric)
    np.testing.assert_array_equal(ids, expected_ids)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)


@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 20), st.integers(1, 9), st.integers(1, 80)),
    seed=st.integers(0, 1000),
    metric=st.sampled_from(["dot", "euclidean"]),
    threads=st.integers(1, 3),
)
@settings(deadline=None, max_examples=60)
def test_ties_go_to_the_lower_row_in_any_shape(shape, seed, metric, threads):
    n_rows, dim, n_queries, k = shape
    rng = np.random.default_rng(seed)
    rows = rng.integers(-1, 2, (n_rows, dim)).astype(np.float32)
    queries = rng.integers(-1, 2, (n_queries, dim)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slabs, "_QUICK", 0)
        patch.setattr(slabs, "_ROWS", 16)
        ids, scores = ExactIndex(rows, metric=metric, threads=threads).search(queries, k)
    expected_ids, expected = by_numpy(rows, queries, k, metric)
    np.testing.assert_array_equal(ids, expected_ids)
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_the_bits_do_not_depend_on_threads_or_batch(rng, always_threads, metric):
    rows, queries = rng.standard_normal((1000, 50), np.float32), rng.standard_normal((21, 50), np.float32)
    ids, scores = ExactIndex(rows, metric=metric, threads=1).search(queries, 7)
    for threads in (2, 5):
        index = ExactIndex(rows, metric=metric, threads=threads)
        again = index.search(queries, 7)
        np.testing.assert_array_equal(again[0], ids)
        np.testing.assert_array_equal(again[1], scores)
        for b in (0, 8, 20):
            alone = index.search(queries[b], 7)
            np.testing.assert_array_equal(alone[0][0], ids[b])
            np.testing.assert_array_equal(alone[1][0], scores[b])


@pytest.mark.parametrize("metric", METRICS)
def test_scores_are_those_that_search_finds(rng, always_threads, metric):
    rows, queries = rng.standard_normal((100, 20), np.float32), rng.standard_normal((3, 20), np.float32)
    index = ExactIndex(rows, metric=metric)
    ids, scores = index.search(queries, 100)
    np.testing.assert_array_equal(np.take_along_axis(index.scores(queries), ids, 1), scores)


def test_many_queries_are_answered_in_parts(rng, monkeypatch):
    monkeypatch.setattr("semap.index.exact._QUERIES", 4)
    rows, queries = rng.standard_normal((100, 20), np.float32), rng.standard_normal((11, 20), np.float32)
    excluded = [[b, b + 5] for b in range(11)]
    parts = ExactIndex(rows).search(queries, 3, exclude=excluded)
    monkeypatch.setattr("semap.index.exact._QUERIES", 400)
    np.testing.assert_array_equal(parts[0], ExactIndex(rows).search(queries, 3, exclude=excluded)[0])


def test_a_row_of_zeros_has_cosine_zero_and_so_has_a_query_of_zeros():
    index = ExactIndex([[0, 0], [2, 0], [-3, 0], [0, 5]])
    ids, scores = index.search([1, 0], 4)
    assert ids.tolist() == [[1, 0, 3, 2]]
    assert scores.tolist() == [[1, 0, 0, -1]]
    assert index.search([0, 0], 4)[1].tolist() == [[0, 0, 0, 0]]


def test_cosines_hold_for_rows_of_any_length():
    rows = np.array([[3e38, 3e38], [1e-44, 0], [0, 1e-30], [5, 0]], np.float32)
    ids, scores = ExactIndex(rows).search([[1, 0], [1e-40, 1e-40]], 4)
    assert ids.tolist() == [[1, 3, 0, 2], [0, 1, 2, 3]]
    np.testing.assert_allclose(scores[0], [1, 1, 0.5**0.5, 0], rtol=1e-6)


def test_no_cosine_is_above_one(rng):
    rows = rng.standard_normal((500, 97), np.float32)
    assert ExactIndex(rows).search(rows, 1)[1].max() <= 1


def test_k_above_the_number_of_rows_gives_every_row():
    ids, scores = ExactIndex([[1.0], [2.0], [3.0]], metric="dot").search([[1.0], [-1.0]], 10)
    assert ids.tolist() == [[2, 1, 0], [0, 1, 2]]
    assert scores.tolist() == [[3, 2, 1], [-1, -2, -3]]


def test_excluded_rows_are_not_found_and_missing_ones_are_minus_one():
    index = ExactIndex([[1.0], [2.0], [3.0], [4.0]], metric="dot")
    assert index.search([1.0], 2, exclude=[3])[0].tolist() == [[2, 1]]
    ids, scores = index.search([[1.0], [1.0], [1.0]], 9, exclude=[[], [3, 0, 3], [0, 1, 2, 3]])
    assert ids.tolist() == [[3, 2, 1, 0], [2, 1, -1, -1], [-1, -1, -1, -1]]
    assert scores[1].tolist() == [3, 2, -np.inf, -np.inf]
    assert index.search([1.0], 3, exclude=np.arange(4))[0].shape == (1, 0)


def test_a_distance_is_zero_to_the_row_itself_even_far_from_the_origin():
    rows = np.float32(1e6) + np.arange(30, dtype=np.float32).reshape(10, 3)
    ids, distances = ExactIndex(rows, metric="euclidean").search(rows[4], 2, exclude=[3])
    assert ids.tolist() == [[4, 5]]
    assert distances[0, 0] == 0
    assert distances[0, 1] == pytest.approx(27**0.5)


@pytest.mark.parametrize("kind", ["mapped", "unaligned", "every second column", "fortran", "float64", "int"])
def test_rows_of_any_kind_of_array_give_the_same(rng, tmp_path, kind):
    whole = rng.integers(-9, 9, (50, 5)).astype(np.float32)
    if kind == "mapped":
        path = tmp_path / "rows"
        path.write_bytes(b"head" + whole.tobytes())
        rows = np.memmap(path, np.float32, "r", offset=4, shape=whole.shape)
    elif kind == "unaligned":
        rows = np.frombuffer(b"x" + whole.tobytes(), np.uint8)[1:].view(np.float32).reshape(whole.shape)
    elif kind == "every second column":
        rows = np.repeat(whole, 2, axis=1)[:, ::2]
    elif kind == "fortran":
        rows = np.asfortranarray(whole)
    else:
        rows = whole.astype(kind)
    for metric in METRICS:
        found, expected = (ExactIndex(each, metric=metric).search(whole[:3], 9) for each in (rows, whole))
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_a_table_is_searched_where_its_vectors_lie(rng):
    table = Table(["c", "a", "b"], rng.standard_normal((3, 4)))
    index = ExactIndex(table)
    assert np.shares_memory(index._rows, table.vectors)
    assert index.search(table["b"], 1)[0].tolist() == [[2]]
    assert repr(index) == "ExactIndex(3 rows, 4 dimensions, cosine)"


def test_no_query_gives_no_result():
    ids, scores = ExactIndex([[1.0, 2.0]]).search(np.zeros((0, 2)), 5)
    assert ids.shape == (0, 1) or ids.shape == (0, 0)
    assert scores.shape == ids.shape


def test_no_row_gives_no_result():
    assert ExactIndex(np.zeros((0, 3))).search([1, 2, 3], 5)[0].shape == (1, 0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ExactIndex([[1.0]], metric="cosin"), SettingsError, "'cosin'"),
        (lambda: ExactIndex([[1.0]], threads=-1), SettingsError, "-1"),
        (lambda: ExactIndex([1.0, 2.0]), ShapeError, "(2,)"),
        (lambda: ExactIndex([["a"]]), ShapeError, "numbers"),
        (lambda: ExactIndex([[1.0], [1.0, 2.0]]), ShapeError, "numbers"),
        (lambda: ExactIndex([[1.0], [np.nan]]), ShapeError, "row 1"),
        (lambda: ExactIndex([[1.0, 2.0]]).search([1.0], 1), ShapeError, "1 dimensions, those of the index 2"),
        (lambda: ExactIndex([[1.0, 2.0]]).search([1.0, np.inf], 1), ShapeError, "row 0"),
        (lambda: ExactIndex([[1.0]]).search([1.0], 0), SettingsError, "0"),
        (lambda: ExactIndex([[1.0]]).search([1.0], 1.5), SettingsError, "1.5"),
        (lambda: ExactIndex([[1.0]]).search([1.0], 1, exclude=[1]), ShapeError, "row 1"),
        (lambda: ExactIndex([[1.0]]).search([1.0], 1, exclude=[-1]), ShapeError, "row -1"),
        (lambda: ExactIndex([[1.0]]).search([[1.0]], 1, exclude=[[0], [0]]), ShapeError, "2 lists of rows for 1"),
        (
            lambda: ExactIndex([[3e38, 3e38], [-3e38, 3e38]], metric="dot").search([3e38, -3e38], 2),
            ShapeError,
            "float32",
        ),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
