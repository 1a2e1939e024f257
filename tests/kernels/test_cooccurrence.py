"""Counting near words: the compiled twin against the plain one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import cooccurrence as native
from semap.kernels.reference import cooccurrence as reference

BOTH = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])


def desk_of(n_words):
    groups = -(-n_words // 64)
    return np.zeros(n_words, np.int64), np.zeros(groups + -(-groups // 64), np.uint64)


def out_of(n_rows, n_cells):
    return np.zeros(n_rows, np.int64), np.zeros(n_cells, np.int32), np.zeros(n_cells, np.int64)


def counted(kernels, marked, n_words, begin, end, first, last, units, symmetric):
    """Rows first .. last - 1 of what stands around the places begin .. end - 1."""
    n_places = int((marked[begin:end] >= 0).sum())
    starts, places = np.full(n_words + 1, -7, np.int64), np.zeros(n_places, np.int32)
    kernels.sort_places(marked, begin, end, starts, places)
    desk, out = desk_of(n_words), out_of(last - first, (last - first) * n_words)
    n = kernels.count_rows(marked, starts, places, first, last, units, symmetric, desk, out)
    assert not any(part.any() for part in desk)
    return out[0].tolist(), out[1][:n].tolist(), out[2][:n].tolist()


def marked_of(rng, n, n_words):
    marked = rng.integers(-1, n_words, n).astype(np.int32)
    marked[[0, -1]] = -1
    return marked


@given(st.integers(0, 10_000), st.sampled_from([1, 2, 63, 64, 65, 200, 4095, 4097]), st.integers(1, 9), st.integers(0, 1))
def test_the_compiled_counts_are_the_plain_ones(seed, n_words, reach, symmetric):
    rng = np.random.default_rng(seed)
    marked = marked_of(rng, int(rng.integers(2, 120)), n_words)
    begin = int(rng.integers(0, len(marked)))
    end = int(rng.integers(begin, len(marked))) + 1
    first = int(rng.integers(0, n_words))
    last = min(n_words, first + int(rng.integers(1, 40)))
    units = np.concatenate([[0], rng.integers(1, 2**40, reach)])
    given_ = (marked, n_words, begin, end, first, last, units, symmetric)
    assert counted(native, *given_) == counted(reference, *given_)


@BOTH
def test_a_window_on_paper(kernels):
    # Words 4 0 4 | 2: word 4 sees 0 twice at distance 1 and itself twice at distance 2; 2 stands alone behind the border.
    marked = np.array([-1, 4, 0, 4, -1, 2, -1], np.int32)
    units = np.array([0, 10, 5, 3], np.int64)
    assert counted(kernels, marked, 5, 1, 6, 0, 5, units, 1) == ([1, 0, 0, 0, 2], [4, 0, 4], [20, 20, 10])
    assert counted(kernels, marked, 5, 1, 6, 0, 5, units, 0) == ([1, 0, 0, 0, 2], [4, 0, 4], [10, 10, 5])


@given(st.integers(0, 10_000), st.sampled_from([1, 64, 129]), st.integers(1, 4), st.integers(1, 6))
def test_merged_rows_are_the_sums(seed, n_words, n_parts, n_rows):
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 3, (n_parts, n_rows, n_words)) * rng.integers(1, 2**50, (n_parts, n_rows, n_words))
    sizes = (dense > 0).sum(axis=2).reshape(-1)
    ends = np.cumsum(sizes).reshape(n_parts, n_rows)
    starts = np.hstack([(ends - (dense > 0).sum(axis=2))[:, :1], ends])
    columns, sums = np.nonzero(dense)[2].astype(np.int32), dense[dense > 0]
    for kernels in (native, reference):
        desk, out = desk_of(n_words), out_of(n_rows, n_rows * n_words)
        n = kernels.merge_rows(starts, columns, sums, desk, out)
        rows = np.repeat(np.arange(n_rows), out[0])
        found = np.zeros((n_rows, n_words), np.int64)
        found[rows, out[1][:n]] = out[2][:n]
        np.testing.assert_array_equal(found, dense.sum(axis=0))
        assert n == (dense.sum(axis=0) > 0).sum()
        assert not any(part.any() for part in desk)
