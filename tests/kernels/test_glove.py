"""Steps of GloVe: the compiled twin against the plain one, and the plain one against slopes and paper."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import glove as native
from semap.kernels.native.jit import bare_kernel
from semap.kernels.native.roots import inverse_root
from semap.kernels.native.simd import load, store
from semap.kernels.reference import glove as reference
from semap.kernels.reference.glove import CLIP, HELD

BOTH = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
N_WORDS, N_CONTEXTS = 23, 31


def rows_of(n_rows, dim, bias, seed, dtype=np.float32, scale=0.5):
    """Rows with their squares; `bias`: its place behind the vector, 0 for words and 1 for contexts."""
    rng = np.random.default_rng(seed)
    width = -(-(dim + 2) // 16) * 16
    rows = np.zeros((n_rows, 2 * width), dtype)
    rows[:, :dim], rows[:, dim + bias] = rng.normal(0, scale, (n_rows, dim)), rng.normal(0, scale, n_rows)
    rows[:, dim + 1 - bias] = 1
    rows[:, width:] = rng.uniform(1, 4, (n_rows, width))
    rows[:, width + dim + 1 - bias] = HELD
    return rows


def both_rows(dim, dtype=np.float32):
    return rows_of(N_WORDS, dim, 0, 5, dtype), rows_of(N_CONTEXTS, dim, 1, 6, dtype)


def records_of(cells):
    """Records of (row, column, logarithm, weight)."""
    records = np.zeros((len(cells), 4), np.int32)
    for place, (row, column, log, weight) in enumerate(cells):
        records[place, :2] = row, column
        records[place].view(np.float32)[2:] = log, weight
    return records


def some_records(n):
    """Cells of rows 2 .. 20 and columns 1 .. 29."""
    rng = np.random.default_rng(n)
    return records_of([(rng.integers(2, 21), rng.integers(1, 30), rng.normal(0, 2), rng.uniform(0, 1)) for _ in range(n)])


def trained(kernels, records, rows, key=77, rate=0.1):
    rows = tuple(side.copy() for side in rows)
    loss = kernels.train(records, np.uint64(key) if kernels is native else key, rate, *rows)
    return rows, loss


@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 33, 500])
@pytest.mark.parametrize("dim", [1, 14, 15, 30, 100])
def test_the_compiled_steps_are_the_plain_ones(dim, n):
    rows, records = both_rows(dim), some_records(n)
    (found, loss), (plain, plainly) = (trained(kernels, records, rows) for kernels in (native, reference))
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5, rtol=1e-5)
    assert loss == pytest.approx(plainly, rel=1e-5)


def loss_of(words, contexts, dim, record):
    """The formula of the paper for one cell, halved: f (w . c + b + b' - ln x)^2 / 2."""
    row, column, log, weight = record
    w, c = words[row], contexts[column]
    return weight * (w[:dim] @ c[:dim] + w[dim] + c[dim + 1] - log) ** 2 / 2


def test_a_step_goes_down_the_slope_by_the_root_of_the_squares():
    dim, record = 5, (4, 17, 1.25, 0.5)  # numbers that float32 holds
    words, contexts = both_rows(dim, np.float64)
    (moved_words, moved_contexts), loss = trained(reference, records_of([record]), (words, contexts), rate=0.3)
    assert loss == pytest.approx(loss_of(words, contexts, dim, record), rel=1e-12)
    for side, moved, row, bias in ((words, moved_words, 4, dim), (contexts, moved_contexts, 17, dim + 1)):
        width = side.shape[1] // 2
        for place in [*range(dim), bias]:
            before = side[row, place]
            side[row, place] = before + 1e-5
            above = loss_of(words, contexts, dim, record)
            side[row, place] = before - 1e-5
            slope = (above - loss_of(words, contexts, dim, record)) / 2e-5
            side[row, place] = before
            squares = side[row, width + place]
            assert moved[row, place] - before == pytest.approx(-0.3 * slope / np.sqrt(squares), abs=1e-8)
            assert moved[row, width + place] == pytest.approx(squares + (0.3 * slope) ** 2, rel=1e-8)


@BOTH
def test_a_step_on_paper(kernels):
    # w = (2, 0), b = 1; c = (1, 3), b' = 0; ln x = 1, f = 1/2. diff = 2 + 1 - 1 = 2, the slope 1, the loss 1/2 2^2 / 2 = 1.
    # With rate 1 and squares of 4: w -= (1, 3) / 2, b -= 1 / 2, c -= (2, 0) / 2, b' -= 1 / 2; squares + (1, 9), 1, (4, 0), 1.
    words, contexts = np.zeros((3, 32), np.float32), np.zeros((5, 32), np.float32)
    words[2, :4], contexts[3, :4] = (2, 0, 1, 1), (1, 3, 1, 0)
    words[:, 16:], contexts[:, 16:] = 4, 4
    words[:, 16 + 3] = contexts[:, 16 + 2] = HELD
    (words, contexts), loss = trained(kernels, records_of([(2, 3, 1.0, 0.5)]), (words, contexts), rate=1.0)
    assert loss == pytest.approx(1)
    np.testing.assert_allclose(words[2, :4], [1.5, -1.5, 0.5, 1], rtol=1e-6)
    np.testing.assert_allclose(contexts[3, :4], [0, 3, 1, -0.5], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(words[2, 16:19], [5, 13, 5], rtol=1e-6)
    np.testing.assert_allclose(contexts[3, [16, 17, 19]], [8, 4, 5], rtol=1e-6)


@BOTH
def test_the_ones_stay_ones_fill_stays_zero_and_other_rows_stay_as_they_are(kernels):
    dim, rows = 20, both_rows(20)
    (words, contexts), _ = trained(kernels, some_records(400), rows, rate=1.0)
    assert (words[:, dim + 1] == 1).all()
    assert (contexts[:, dim] == 1).all()
    for before, after, used in zip(rows, (words, contexts), ((2, 21), (1, 30)), strict=True):
        assert not after[:, dim + 2 : 32].any()
        others = np.setdiff1d(np.arange(len(before)), np.arange(*used))
        assert before[others].tobytes() == after[others].tobytes()
        assert (before != after).any()


@BOTH
def test_slopes_are_cut_at_a_hundred(kernels):
    words, contexts = np.zeros((1, 32), np.float32), np.zeros((1, 32), np.float32)
    words[0, :3], contexts[0, :3] = (3, 0, 1), (-1000, 1, 0)
    words[:, 16:], contexts[:, 16:] = 1, 1
    words[:, 16 + 2] = contexts[:, 16 + 1] = HELD
    (words, contexts), _ = trained(kernels, records_of([(0, 0, 0.0, 1.0)]), (words, contexts), rate=0.01)
    assert words[0, 0] == pytest.approx(3 - 0.01 * CLIP)  # the slope is 3,000,000
    assert contexts[0, 0] == pytest.approx(-1000 + 0.01 * CLIP)
    assert words[0, 16] == pytest.approx(2)


@BOTH
def test_numbers_out_of_range_show_in_the_loss(kernels):
    rows = tuple(side.copy() for side in both_rows(5))
    rows[0][4, 0] = np.nan
    with np.errstate(all="ignore"):
        assert not np.isfinite(trained(kernels, records_of([(4, 2, 0.0, 1.0)]), rows)[1])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_the_order_is_a_permutation_that_the_key_decides(n):
    assert sorted(reference.order(n, 5)) == list(range(n))
    if n == 50:
        assert reference.order(n, 5) != reference.order(n, 6)


def test_every_permutation_is_as_likely():
    counts = {}
    for key in range(6000):
        found = tuple(reference.order(3, key * 7919))
        counts[found] = counts.get(found, 0) + 1
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts.values()) < 5 * np.sqrt(1000)


def dealt(kernels, *, n_words=12, n_groups=3, seed=4):
    """Random cells, half of the words dealt into the row group that begins at row 40."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, n_words, n_words)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    columns = np.concatenate([np.sort(rng.choice(n_words, n, replace=False)) for n in lengths]).astype(np.int32)
    sums = rng.integers(1, 10_000, len(columns))
    groups, places = rng.integers(0, n_groups, n_words).astype(np.int32), rng.permutation(n_words).astype(np.int32)
    words = rng.choice(n_words, 6, replace=False).astype(np.int32)
    records, starts = np.zeros((int(lengths[words].sum()), 4), np.int32), np.full(n_groups + 1, -3, np.int64)
    kernels.deal(words, 40, (indptr, columns, sums, 12), (groups, places), (100.0, 0.75), records, starts)
    return words, (indptr, columns, sums), (groups, places), records, starts


def test_the_compiled_deal_is_the_plain_one():
    for seed in range(20):
        *_, records, starts = dealt(native, seed=seed)
        *_, plain, plainly = dealt(reference, seed=seed)
        np.testing.assert_array_equal(records[:, :2], plain[:, :2])
        np.testing.assert_allclose(records.view(np.float32)[:, 2:], plain.view(np.float32)[:, 2:], rtol=1e-6)
        np.testing.assert_array_equal(starts, plainly)


@BOTH
def test_every_cell_is_dealt_once_to_the_group_of_its_column(kernels):
    words, (indptr, columns, sums), (groups, places), records, starts = dealt(kernels)
    found = {}
    for group in range(len(starts) - 1):
        for row, column, *numbers in records[starts[group] : starts[group + 1]]:
            token_id = int(np.flatnonzero(places == column)[0])
            assert groups[token_id] == group
            found[int(words[row - 40]), token_id] = np.array(numbers, np.int32).view(np.float32).tolist()
    expected = {(int(w), int(columns[k])): sums[k] / 12 for w in words for k in range(indptr[w], indptr[w + 1])}
    assert found.keys() == expected.keys()
    for pair, x in expected.items():
        assert found[pair] == pytest.approx([np.log(x), min(1, (x / 100) ** 0.75)], rel=1e-6)


@bare_kernel
def roots(values, out):
    for at in range(0, values.size, 16):
        store(out, at, inverse_root(load(values, at)))


def test_the_inverse_root_is_good_to_the_last_bits():
    values = np.geomspace(1e-36, 1e37, 16 * 4000).astype(np.float32)
    out = np.empty_like(values)
    roots(values, out)
    exact = 1 / np.sqrt(values.astype(np.float64))
    assert np.abs(out / exact - 1).max() < 2.0**-22
    values[3] = np.nan
    roots(values, out)
    assert np.isnan(out[3])
