"""An index that looks at bytes first answers as the exact one does, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import SettingsError, ShapeError
from semap.index.exact import ExactIndex
from semap.index.screened import ScreenedIndex
from semap.table.table import Table


def rows_of(seed, n_rows, dim, kind):
    rng = np.random.default_rng(seed)
    if kind == "whole numbers":  # many ties
        return rng.integers(-2, 3, (n_rows, dim)).astype(np.float32)
    lengths = np.exp(rng.uniform(-30, 30, (n_rows, 1))) if kind == "all lengths" else 1
    return (rng.normal(size=(n_rows, dim)) * lengths).astype(np.float32)


def same(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 400), st.integers(1, 40), st.integers(1, 20), st.integers(1, 30),
    st.sampled_from(["whole numbers", "all lengths", "one length"]),
)  # fmt: skip
def test_it_finds_the_bits_that_the_exact_index_finds(seed, n_rows, dim, n_queries, k, kind):
    rows = rows_of(seed, n_rows, dim, kind)
    rng = np.random.default_rng(seed)
    queries = np.where(
        rng.random((n_queries, 1)) < 0.5, rows[rng.integers(0, n_rows, n_queries)], rng.normal(size=(n_queries, dim))
    )
    exclude = [rng.integers(0, n_rows, rng.integers(0, 4)) for _ in range(n_queries)]
    same(
        ScreenedIndex(rows, threads=2).search(queries, k, exclude=exclude),
        ExactIndex(rows, threads=1).search(queries, k, exclude=exclude),
    )


def test_a_large_table_on_several_threads_gives_the_same_bits():
    rows = rows_of(1, 20_000, 33, "one length")
    queries = rows_of(2, 9, 33, "one length")
    expected = ExactIndex(rows).search(queries, 10)
    for threads in (1, 2, 3):
        index = ScreenedIndex(rows, threads=threads)
        same(index.search(queries, 10), expected)
        for place in range(9):  # any batch
            same(index.search(queries[place], 10), [each[place : place + 1] for each in expected])


def test_a_table_stored_as_bytes_is_searched_too():
    tokens = [f"t{row}" for row in range(500)]
    table = Table(tokens, rows_of(3, 500, 20, "one length")).quantize("int8")
    index = ScreenedIndex(table)
    same(index.search(table.vectors[:40], 7), ExactIndex(table).search(table.vectors[:40], 7))
    assert (len(index), index.dim, index.n_ids, index.metric) == (500, 20, 500, "cosine")
    assert repr(index) == "ScreenedIndex(500 rows, 20 dimensions, cosine)"


def test_it_refuses_what_the_exact_index_refuses():
    index = ScreenedIndex(rows_of(4, 20, 5, "one length"))
    with pytest.raises(ShapeError, match="4 dimensions, those of the index 5"):
        index.search(np.ones((1, 4)), 3)
    with pytest.raises(ShapeError, match="NaN"):
        index.search(np.full((1, 5), np.nan), 3)
    with pytest.raises(ShapeError, match="row 20"):
        index.search(np.ones((1, 5)), 3, exclude=[[20]])
    with pytest.raises(SettingsError, match="k is 0"):
        index.search(np.ones((1, 5)), 0)
    with pytest.raises(SettingsError, match="threads"):
        ScreenedIndex(np.ones((2, 3)), threads=-1)
    with pytest.raises(ShapeError, match="NaN"):
        ScreenedIndex([[1.0, np.nan]])
