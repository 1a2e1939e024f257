"""The bytes of rows say what the plain twin says, and a search by them keeps what a search without them keeps."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import nearest
from semap.kernels.native import screen as native
from semap.kernels.reference import screen as reference

LENGTHS = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 97]


def made(rng, n_rows, dim):
    """Rows of any lengths, some of them zeros, equal or opposite, and their scales."""
    rows = rng.normal(size=(n_rows, dim)).astype(np.float32) * rng.lognormal(0, 3, (n_rows, 1)).astype(np.float32)
    rows[rng.random(n_rows) < 0.1] = 0
    rows[n_rows // 2] = rows[0]
    rows[n_rows // 3] = -rows[0]
    lengths = np.sqrt(np.square(rows.astype(np.float64)).sum(axis=1))
    scales = np.divide(1, lengths, out=np.zeros(n_rows), where=lengths > 0).astype(np.float32)
    return rows, np.pad(scales, (0, -n_rows % 16))


def encoded(kernel, rows, scales):
    codes = np.zeros(len(scales) * rows.shape[1], np.int8)
    steps, slacks = np.zeros(len(scales), np.float32), np.zeros(len(scales), np.float32)
    kernel.encode(rows, scales, 0, len(rows), codes, steps, slacks)
    return codes, steps, slacks


def frozen(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


@pytest.mark.parametrize("dim", LENGTHS)
def test_the_bytes_are_those_of_the_plain_twin(dim):
    rng = np.random.default_rng(dim)
    rows, scales = frozen(*made(rng, 37, dim))
    plain, compiled = encoded(reference, rows, scales), encoded(native, rows, scales)
    np.testing.assert_array_equal(plain[1], compiled[1])
    assert np.abs(plain[0].astype(int) - compiled[0]).max() <= 1  # a half is rounded either way
    np.testing.assert_allclose(plain[2], compiled[2], rtol=1e-5)


def test_a_row_of_whole_steps_loses_nothing_but_rounding():
    rows = np.array([[127.0, -64, 3, 0], [1, 2, 2, 0]], np.float32)
    scales = np.pad((1 / np.sqrt(np.square(rows).sum(axis=1))).astype(np.float32), (0, 14))
    codes, _, slacks = encoded(native, *frozen(rows, scales))
    assert codes.reshape(4, 16)[:, 0].tolist() == [127, -64, 3, 0]
    assert codes.reshape(4, 16)[:, 1].tolist() == [64, 127, 127, 0]
    assert slacks[0] < 3e-6
    # 1 / 3 is 63.5 steps: half a step of 2 / 3 / 127 is missing.
    assert 0.5 * 2 / 3 / 127 < slacks[1] < 0.5 * 2 / 3 / 127 + 3e-6


@pytest.mark.parametrize("dim", LENGTHS)
def test_no_score_is_above_its_bound(dim):
    rng = np.random.default_rng(100 + dim)
    rows, scales = frozen(*made(rng, 200, dim))
    codes, steps, slacks = encoded(native, rows, scales)
    queries = rng.normal(size=(50, dim))
    queries = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
    queries[:20] = (rows * scales[: len(rows), None])[:20]  # the scores that come nearest to their bounds
    scores = np.empty((50, 200), np.float32)
    nearest.scores(rows, scales, *frozen(queries), False, 0, 200, scores)
    apart = codes.reshape(-1, dim, 16).transpose(0, 2, 1).reshape(-1, dim)[:200].astype(np.float32)
    bounds = (queries @ apart.T) * steps[:200] + slacks[:200]
    assert (scores <= bounds).all()


@pytest.mark.parametrize("dim", LENGTHS)
def test_the_search_keeps_the_bits_that_a_search_without_bytes_keeps(dim):
    rng = np.random.default_rng(200 + dim)
    for n_rows, n_queries, k in (
        (3, 1, 1),
        (15, 2, 3),
        (16, 1, 16),
        (17, 8, 4),
        (64, 1, 5),
        (65, 1, 5),
        (130, 9, 2),
        (700, 17, 10),
    ):
        rows, scales = frozen(*made(rng, n_rows, dim))
        codes = frozen(*encoded(native, rows, scales))
        queries = rng.normal(size=(n_queries, dim)).astype(np.float32)
        queries /= np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-9)
        queries[0] = 0 if n_rows == 17 else queries[0]
        frozen(queries)
        excluded = rng.integers(0, n_rows, n_queries).astype(np.int64)
        offsets = np.arange(n_queries + 1)
        results = []
        for screened in (True, False):
            kept = np.full((n_queries, k), -np.inf, np.float32), np.full((n_queries, k), n_rows, np.int64)
            middle = n_rows // 3 // 16 * 16
            for start, stop in ((0, middle), (middle, n_rows)):
                if screened:
                    native.search(rows, scales, *codes, queries, start, stop, excluded, offsets, *kept)
                else:
                    nearest.search(rows, scales, queries, False, start, stop, excluded, offsets, *kept)
            order = np.lexsort((kept[1], -kept[0]))
            results.append([np.take_along_axis(each, order, 1) for each in kept])
        np.testing.assert_array_equal(results[0][1], results[1][1])
        np.testing.assert_array_equal(results[0][0], results[1][0])


@pytest.mark.parametrize("dim", [1, 2, 7, 16, 17])
def test_the_compiled_search_keeps_what_the_plain_twin_keeps(dim):
    # Axes as queries and whole numbers over 8 as rows: every score is exact, and many are tied.
    rng = np.random.default_rng(300 + dim)
    for n_rows, n_queries, k in ((15, 1, 3), (64, 1, 70), (100, 3, 4), (130, 9, 10)):
        rows = rng.integers(-2, 3, (n_rows, dim)).astype(np.float32)
        scales = np.pad(np.full(n_rows, 1 / 8, np.float32), (0, -n_rows % 16))
        queries = (np.eye(dim, dtype=np.float32) * -1)[rng.integers(0, dim, n_queries)]
        frozen(rows, scales, queries)
        codes = frozen(*encoded(native, rows, scales))
        excluded, offsets = rng.integers(0, n_rows, n_queries).astype(np.int64), np.arange(n_queries + 1)
        results = []
        for kernel in (native, reference):
            kept = np.full((n_queries, k), -np.inf, np.float32), np.full((n_queries, k), n_rows, np.int64)
            kernel.search(rows, scales, *codes, queries, 0, n_rows, excluded, offsets, *kept)
            order = np.lexsort((kept[1], -kept[0]))
            results.append([np.take_along_axis(each, order, 1) for each in kept])
        np.testing.assert_array_equal(results[0][1], results[1][1])
        np.testing.assert_array_equal(results[0][0], results[1][0])
