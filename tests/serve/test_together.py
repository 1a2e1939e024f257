"""Requests that are computed together get the bits that each would get alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from semap.encode.pipeline import Pipeline
from semap.index.exact import ExactIndex
from semap.index.screened import ScreenedIndex
from semap.serve.encoding import Encoder
from semap.serve.searching import Search, search_all
from semap.table.table import Table

from .real import WORDS

N_ROWS = 300


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(9)
    counts = np.sort(rng.integers(1, 1000, N_ROWS))[::-1]
    rows = rng.integers(-3, 4, (N_ROWS, 24)).astype(np.float32)  # ties everywhere
    return Table([f"w{row}" for row in range(N_ROWS)], rows, counts=counts, metadata={"text": WORDS})


@pytest.fixture(scope="module")
def index(table):
    return ScreenedIndex(table, threads=1)


@pytest.fixture(scope="module")
def encoder(table):
    components = np.eye(3, 24, dtype=np.float32)
    return Encoder(Pipeline.from_table(table, components=components, normalize=True), threads=1)


ROWS = st.integers(0, N_ROWS - 1)
SEARCHES = st.lists(st.tuples(ROWS, st.integers(1, N_ROWS + 20), st.lists(ROWS, max_size=3)), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(wanted=SEARCHES)
@example(wanted=[(5, 320, [1, 2, 2]), (6, 310, []), (7, 300, [7])])  # all that is left, of which the searches leave out others
def test_searches_for_any_number_of_neighbours(table, index, wanted):
    searches = [Search(table.vectors[row], k, tuple(excluded)) for row, k, excluded in wanted]
    exact = ExactIndex(table, threads=1)
    for search, found in zip(searches, search_all(index, searches, exact=True), strict=True):
        ids, scores = exact.search(search.vector, search.k, exclude=search.excluded)
        assert (found.rows, found.scores) == (ids[0].tolist(), scores[0].tolist())
        assert len(found.rows) == min(search.k, N_ROWS - len(set(search.excluded)))


WORD = st.one_of(ROWS.map(lambda row: f"w{row}"), ROWS.map(lambda row: f"W{row}!"), st.sampled_from(["xyzzy", "", "?"]))
TEXTS = st.lists(st.lists(WORD, max_size=8).map(" ".join), min_size=1, max_size=4)
IDS = st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(wanted=st.lists(st.one_of(TEXTS, IDS), min_size=1, max_size=10))
def test_texts_and_lists_of_ids_in_any_mixture(table, encoder, wanted):
    for inputs, found in zip(wanted, encoder.encode_all(wanted), strict=True):
        (alone,) = encoder.encode_all([inputs])
        for together, single in zip(found, alone, strict=True):
            np.testing.assert_array_equal(together, single)
        texts = [each if isinstance(each, str) else " ".join(f"w{row}" for row in each) for each in inputs]
        pieces = [encoder.pipeline.pieces(text) for text in texts]
        assert found.sizes.tolist() == [len(each) for each in pieces]
        known = np.array([sum(piece.row >= 0 for piece in each) for each in pieces])
        lengths = np.linalg.norm(found.vectors.astype(float), axis=1)
        np.testing.assert_allclose(lengths[known > 0], 1, atol=1e-6)
        assert not found.vectors[known == 0].any()
