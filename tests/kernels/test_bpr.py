"""Steps for sampled pairs: the compiled twin against the plain one, and the plain one against slopes and paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import bpr as native
from semap.kernels.reference import bpr as reference

BOTH = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
N_USERS, N_ITEMS = 9, 40


def pairs_of(n, *, seed=3, pool=None):
    """n different pairs of users 2 .. 7 and items of the pool, rising."""
    rng = np.random.default_rng(seed)
    pool = np.arange(5, 37, 2) if pool is None else pool
    every = np.array([user << 32 | item for user in range(2, 8) for item in pool], np.int64)
    return np.sort(rng.choice(every, n, replace=False)), np.asarray(pool, np.int32)


def rows_of(width, dtype=np.float32, with_biases=True):
    rng = np.random.default_rng(width)
    users, items = rng.standard_normal((N_USERS, width)) * 0.3, rng.standard_normal((N_ITEMS, width)) * 0.3
    biases = rng.standard_normal(N_ITEMS if with_biases else 0) * 0.3
    return users.astype(dtype), items.astype(dtype), biases.astype(dtype)


def trained(kernels, pairs, pool, rows, *, key=77, rates=(0.1, 0.02)):
    rows, told = tuple(part.copy() for part in rows), np.zeros(2)
    kernels.train(pairs, pool, np.uint64(key) if kernels is native else key, rates, *rows, told)
    return rows, told


@pytest.mark.parametrize("with_biases", [True, False], ids=["biases", "no biases"])
@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 60])
@pytest.mark.parametrize("width", [16, 64, 80])
def test_the_compiled_steps_are_the_plain_ones(width, n, with_biases):
    pairs, pool = pairs_of(n)
    rows = rows_of(width, with_biases=with_biases)
    (found, told), (plain, plainly) = (trained(kernels, pairs, pool, rows) for kernels in (native, reference))
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    assert told[1] == plainly[1] == n
    np.testing.assert_allclose(told[0], plainly[0], rtol=1e-5)


def objective(rows, u, i, j, strength):
    users, items, biases = rows
    x = users[u] @ (items[i] - items[j]) + biases[i] - biases[j]
    squares = users[u] @ users[u] + items[i] @ items[i] + items[j] @ items[j] + biases[i] ** 2 + biases[j] ** 2
    return np.log1p(np.exp(-x)) + strength / 2 * squares


def test_a_step_goes_down_the_slope():
    rows = rows_of(5, np.float64)
    pairs, pool = np.array([4 << 32 | 31], np.int64), np.array([31, 8], np.int32)  # only 8 is left to draw
    moved, told = trained(reference, pairs, pool, rows, rates=(0.1, 0.3))
    assert told[0] == pytest.approx(objective(rows, 4, 31, 8, 0.0), rel=1e-12)
    for part, after in zip(rows, moved, strict=True):
        for place in np.ndindex(part.shape):
            before = part[place]
            part[place] = before + 1e-6
            above = objective(rows, 4, 31, 8, 0.3)
            part[place] = before - 1e-6
            slope = (above - objective(rows, 4, 31, 8, 0.3)) / 2e-6
            part[place] = before
            assert after[place] - before == pytest.approx(-0.1 * slope, abs=1e-9)


@BOTH
def test_a_step_on_paper(kernels):
    # w = (1, 0), h_i = (0, 2), h_j = (0, 1), biases 0: x = 0, so the slope is 1/2. With rate 1 and no strength
    # w = (1, 0) + 1/2 (0, 1), h_i = (0, 2) + 1/2 (1, 0), h_j = (0, 1) - 1/2 (1, 0), b_i = 1/2, b_j = -1/2.
    users, items, biases = np.zeros((3, 16), np.float32), np.zeros((7, 16), np.float32), np.zeros(7, np.float32)
    users[2, 0], items[6, 1], items[4, 1] = 1, 2, 1
    (users, items, biases), told = trained(
        kernels, np.array([2 << 32 | 6], np.int64), np.array([4, 6], np.int32), (users, items, biases), rates=(1.0, 0.0)
    )
    np.testing.assert_allclose(users[2, :3], [1, 0.5, 0], rtol=1e-6)
    np.testing.assert_allclose(items[6, :3], [0.5, 2, 0], rtol=1e-6)
    np.testing.assert_allclose(items[4, :3], [-0.5, 1, 0], rtol=1e-6)
    np.testing.assert_allclose(biases[[4, 6]], [-0.5, 0.5], rtol=1e-6)
    np.testing.assert_allclose(told, [np.log(2), 1], rtol=1e-6)


@BOTH
def test_the_rate_of_decay_on_paper(kernels):
    # x = 0 from rows and biases of zeros but for w = (4, 0): the slope moves only the items; w shrinks by 1/4 of 1/2 of it.
    users, items, biases = np.zeros((1, 16), np.float32), np.zeros((3, 16), np.float32), np.zeros(0, np.float32)
    users[0, 0] = 4
    (users, items, _), _ = trained(
        kernels, np.array([1], np.int64), np.array([1, 2], np.int32), (users, items, biases), rates=(0.25, 0.5)
    )
    assert users[0, 0] == pytest.approx(3.5)
    np.testing.assert_allclose(items[:, 0], [0, 0.5, -0.5])


@BOTH
def test_rows_that_are_in_no_pair_and_no_pool_stay_as_they_are(kernels):
    pairs, pool = pairs_of(40)
    rows = rows_of(32)
    found, _ = trained(kernels, pairs, pool, rows)
    others = np.setdiff1d(np.arange(N_ITEMS), pool)
    for part, after, untouched in zip(rows, found, ([0, 1, 8], others, others), strict=True):
        assert part[untouched].tobytes() == after[untouched].tobytes()
        assert (part != after).any()


@BOTH
def test_who_has_the_whole_pool_takes_no_step(kernels):
    pool = np.array([3, 9], np.int32)
    pairs = np.array([1 << 32 | 3, 1 << 32 | 9], np.int64)
    rows = rows_of(16)
    found, told = trained(kernels, pairs, pool, rows)
    assert not told.any()
    assert all(one.tobytes() == other.tobytes() for one, other in zip(found, rows, strict=True))


@BOTH
def test_scores_of_any_size_stay_finite(kernels):
    rows = tuple(part * 1e4 for part in rows_of(16))
    found, told = trained(kernels, *pairs_of(50), rows, rates=(1e-6, 0.0))
    assert np.isfinite(told).all()
    assert all(np.isfinite(part).all() for part in found)


@pytest.mark.parametrize("tries", [1, 2])
def test_items_are_drawn_uniformly_from_those_a_user_has_not(tries):
    # Every step moves the bias of one other item by about -rate / 2: what is counted are the draws.
    pool = np.arange(10, dtype=np.int32)
    pairs = np.array([0 << 32 | item for item in (2, 5, 6)] * 20_000, np.int64)
    pairs.sort()
    rows = np.zeros((1, 16), np.float32), np.zeros((10, 16), np.float32), np.zeros(10, np.float32)
    (_, _, biases), told = trained(native, pairs, pool, rows, key=tries, rates=(1e-9, 0.0))
    drawn = -biases / (1e-9 / 2)
    assert told[1] == 60_000
    others = drawn[[0, 1, 3, 4, 7, 8, 9]]
    assert np.abs(others - 60_000 / 7).max() < 5 * np.sqrt(60_000 / 7)
    assert np.abs(-drawn[[2, 5, 6]] - 20_000).max() < 5 * np.sqrt(20_000)


def test_another_key_draws_otherwise():
    pairs, pool = pairs_of(30)
    rows = rows_of(16)
    assert trained(native, pairs, pool, rows, key=1)[0][0].tobytes() != trained(native, pairs, pool, rows, key=2)[0][0].tobytes()


@given(st.integers(0, 50), st.integers(1, 6), st.integers(0, 9))
def test_dealing_sorts_by_group_and_keeps_the_order_inside(n, n_groups, seed):
    rng = np.random.default_rng(seed)
    start, stop = 4, 4 + n
    users = np.sort(rng.integers(3, 12, n + 7)).astype(np.int32)
    items, groups = rng.integers(0, 20, n + 7).astype(np.int32), rng.integers(0, n_groups, 20).astype(np.int32)
    told = []
    for kernels in (native, reference):
        pairs, begins = np.full(n + 7, -1), np.full(n_groups + 1, -1)
        kernels.deal(users, items, groups, start, stop, pairs, begins)
        told.append((pairs, begins))
    for one, other in zip(*told, strict=True):
        np.testing.assert_array_equal(one, other)
    pairs, begins = told[0]
    assert (pairs[:start] == -1).all()
    assert (pairs[stop:] == -1).all()
    for group in range(n_groups):
        wanted = [int(users[e]) * 2**32 + int(items[e]) for e in range(start, stop) if groups[items[e]] == group]
        assert pairs[begins[group] : begins[group + 1]].tolist() == wanted
