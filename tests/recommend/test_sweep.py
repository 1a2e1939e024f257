"""Pieces of rows, sums over all rows and products, in any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from semap.recommend import sweep
from semap.recommend.product import product


@pytest.mark.parametrize("lengths", [[0], [5], [0, 0, 7, 0], [1_000_000, 1, 1, 1], list(range(300))])
@pytest.mark.parametrize("threads", [1, 3])
def test_every_row_is_worked_on_once(lengths, threads, monkeypatch):
    monkeypatch.setattr(sweep, "_QUICK", 0.0)
    indptr, worked = np.cumsum([0, *lengths]), np.zeros(len(lengths), int)

    def work(start, stop):
        worked[start:stop] += 1

    sweep.over_pieces(sweep.pieces_of(indptr, 64.0, 10.0), threads, work)
    assert worked.tolist() == [1] * len(lengths)


@pytest.mark.parametrize("n_rows", [1, 511, 1025, 5000])
def test_the_gram_matrix_has_the_same_bits_for_any_number_of_threads(n_rows, monkeypatch):
    monkeypatch.setattr(sweep, "_QUICK", 0.0)
    rows = np.random.default_rng(2).standard_normal((n_rows, 32), np.float32)
    once = sweep.gram_of(rows, 1)
    assert once.tobytes() == sweep.gram_of(rows, 4).tobytes()
    wide = rows.astype(np.float64)
    np.testing.assert_allclose(once, wide.T @ wide, rtol=1e-4, atol=1e-2)


def test_a_product_of_a_matrix_that_is_not_square():
    # [[0, 2, 0], [1, 0, 3]] times columns (1, 4, 6) and (2, 0, 1)
    side = np.array([0, 1, 3]), np.array([1, 0, 2], np.int32), np.array([2, 1, 3], np.float32)
    dense = np.array([[1, 2], [4, 0], [6, 1]], np.float32)
    assert product(side, dense, 2).tolist() == [[8, 0], [19, 5]]
