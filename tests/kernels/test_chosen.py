"""Candidates are picked and ranked as the plain kernels say, and a sum tells damage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.index.exact import ExactIndex
from semap.index.vectors import unit_rows
from semap.kernels.native import checksum as native_sum
from semap.kernels.native import chosen as native
from semap.kernels.reference import checksum as plain_sum
from semap.kernels.reference import chosen as plain


def read_only(array):
    array.flags.writeable = False
    return array


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=12, unique=True), min_size=1, max_size=4),
    st.sets(st.integers(0, 24)),
    st.lists(st.integers(0, 24), unique=True, max_size=5),
    st.integers(1, 6),
    st.booleans(),
)
def test_the_first_rows_that_may_be_found_are_kept_in_their_order(lines, denied, hidden, width, filtered):
    found = np.full((len(lines), 12), 77, np.int64)  # 77 and rows from 25 on are none of the 25 rows
    for line, row in zip(lines, found, strict=True):
        row[: len(line)] = line
    counts = np.array([len(line) for line in lines])
    allowed = np.array([row not in denied for row in range(25)]) if filtered else np.zeros(0, np.bool_)
    offsets = np.zeros(len(lines) + 1, np.int64)
    offsets[1:] = len(hidden)  # only the first line has rows that it must not find
    outcomes = []
    for kernels in (plain, native):
        kept, n_kept = np.full((len(lines), width), 5, np.int64), np.zeros(len(lines), np.int64)
        kernels.pick(found, counts, 25, allowed, np.array(sorted(hidden), np.int64), offsets, kept, n_kept)
        outcomes.append((kept.tolist(), n_kept.tolist()))
    assert outcomes[0] == outcomes[1]
    by_hand = [row for row in lines[0] if row < 25 and row not in hidden and not (filtered and row in denied)][:width]
    assert outcomes[1][0][0] == by_hand + [-1] * (width - len(by_hand))


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("n_candidates", [1, 7, 16, 17, 33])
def test_ranking_is_that_of_the_plain_kernel_and_its_bits_those_of_a_full_search(metric, n_candidates):
    rng = np.random.default_rng(n_candidates)
    table = rng.standard_normal((500, 19), np.float32)
    table[11] = 0
    given = rng.standard_normal((5, 19), np.float32)
    queries = unit_rows(given) if metric == "cosine" else read_only(given)
    ids = np.array([rng.permutation(500)[:n_candidates] for _ in queries])
    ids[0, -1] = -1
    ids[1, 0] = 11
    width = min(n_candidates, 9)
    rows = read_only(table[np.maximum(ids, 0).reshape(-1)])
    outcomes = []
    for kernels in (plain, native):
        best, scores = np.zeros((5, width), np.int64), np.zeros((5, width), np.float32)
        kernels.rank(rows, ids, queries, metric == "cosine", metric == "euclidean", best, scores)
        outcomes.append((best, scores))
    np.testing.assert_array_equal(outcomes[0][0], outcomes[1][0])
    np.testing.assert_allclose(outcomes[0][1], outcomes[1][1], rtol=1e-5, atol=1e-6)
    every = ExactIndex(table, metric=metric).scores(given)
    best, scores = outcomes[1]
    np.testing.assert_array_equal(np.where(best < 0, scores, np.take_along_axis(every, np.maximum(best, 0), 1)), scores)


def test_equal_scores_are_ranked_by_row():
    best, scores = np.zeros((1, 4), np.int64), np.zeros((1, 4), np.float32)
    rows = read_only(np.array([[2.0], [1], [2], [2]], np.float32))
    native.rank(rows, np.array([[9, 1, 4, 30]]), read_only(np.ones((1, 1), np.float32)), False, False, best, scores)
    assert best.tolist() == [[4, 9, 30, 1]]
    assert scores.tolist() == [[2, 2, 2, 1]]


LONG = st.integers(0, 9).map(lambda seed: np.random.default_rng(seed).integers(0, 2**32, 300 + seed).tolist())


@given(st.lists(st.integers(0, 2**32 - 1), max_size=70) | LONG, st.integers(0, 400), st.data())
def test_the_compiled_sum_is_the_plain_one_and_any_changed_number_changes_it(numbers, cut, data):
    words = read_only(np.array(numbers, np.uint32))
    cut = min(cut, len(words))

    def summed(kernels, given):
        out = np.zeros(1, np.uint64)
        kernels.weighted_sum(given, cut, len(given), out)
        kernels.weighted_sum(given, 0, cut, out)
        return int(out[0])

    expected = sum(number * (2 * place + 1) for place, number in enumerate(numbers)) % 2**64
    assert summed(plain_sum, words) == summed(native_sum, words) == expected
    if numbers:
        other = words.copy()
        other[data.draw(st.integers(0, len(numbers) - 1))] ^= data.draw(st.integers(1, 2**32 - 1))
        assert summed(native_sum, read_only(other)) != expected
