"""Rows solved for while those of the other side are held fast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import als as native
from semap.kernels.reference import als as reference

LENGTHS = [3, 0, 1, 97, 200, 63, 64, 65]  # entries of a row; 64 are copied together
BOTH = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])


def job(width, *, seed=5, lengths=LENGTHS, dtype=np.float32):
    rng = np.random.default_rng(seed)
    indptr = np.cumsum([0, *lengths])
    n, n_fixed = int(indptr[-1]), 40
    fixed = rng.standard_normal((n_fixed, width)) * 0.4
    root = rng.standard_normal((3 * width, width)) * 0.1
    return {
        "indptr": indptr,
        "others": rng.integers(0, n_fixed, n).astype(np.int32),
        "weights": rng.random(n).astype(dtype),
        "targets": rng.standard_normal(n).astype(dtype),
        "fixed": fixed.astype(dtype),
        "square": (root.T @ root).astype(dtype),
        "ridges": (0.1 + rng.random(len(lengths))).astype(dtype),
    }


def solved(kernels, given, block, tell=True, start=0, stop=None, first=None):
    n_rows, width = len(given["ridges"]), given["fixed"].shape[1]
    first = np.random.default_rng(8).standard_normal((n_rows, width)) * 0.3 if first is None else first
    rows = first.astype(given["fixed"].dtype)
    losses = np.full((n_rows, 2), -1.0)
    kernels.solve_rows(*given.values(), block, tell, start, n_rows if stop is None else stop, rows, losses)
    return rows, losses


def objective(given, row, w):
    """What is to be lowered, spelled out entry by entry."""
    total = w @ given["square"] @ w + given["ridges"][row] * (w @ w)
    for j in range(given["indptr"][row], given["indptr"][row + 1]):
        total += given["weights"][j] * (given["targets"][j] - w @ given["fixed"][given["others"][j]]) ** 2
    return float(total)


@pytest.mark.parametrize(("width", "block"), [(16, 16), (32, 16), (48, 32), (64, 64), (96, 64), (128, 128)])
def test_the_compiled_rows_are_the_plain_ones(width, block):
    given = job(width)
    (rows, losses), (plain, plain_losses) = solved(native, given, block), solved(reference, given, block)
    np.testing.assert_allclose(rows, plain, atol=3e-4)
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("width", [16, 64, 144])
def test_the_compiled_gram_matrix_is_the_plain_one(width):
    rows = np.random.default_rng(3).standard_normal((301, width), np.float32)
    found, plain = np.zeros((width, width)), np.zeros((width, width))
    native.gram(rows, 2, 300, found)
    reference.gram(rows, 2, 300, plain)
    np.testing.assert_allclose(np.triu(found), plain, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(plain, np.triu(np.einsum("rc,rd->cd", rows[2:300], rows[2:300])), rtol=1e-4, atol=1e-4)


@BOTH
def test_one_block_of_all_coordinates_leaves_no_slope(kernels):
    given = job(16, dtype=np.float64 if kernels is reference else np.float32)
    rows, _ = solved(kernels, given, 16)
    wide = {name: array.astype(np.float64) if array.dtype.kind == "f" else array for name, array in given.items()}
    for row, w in enumerate(rows.astype(np.float64)):
        for axis in np.eye(16) * 1e-4:  # the slope by finite differences
            slope = (objective(wide, row, w + axis) - objective(wide, row, w - axis)) / 2e-4
            assert abs(slope) < (1e-6 if kernels is reference else 2e-3)


@BOTH
def test_every_block_lowers_what_is_to_be_lowered(kernels):
    given = job(48)
    rows = np.random.default_rng(8).standard_normal((len(LENGTHS), 48)) * 0.3
    worth = [objective(given, row, w) for row, w in enumerate(rows)]
    for _ in range(20):
        rows, _ = solved(kernels, given, 16, first=rows)
        lower = [objective(given, row, w) for row, w in enumerate(rows)]
        assert all(new <= old * (1 + 1e-5) for new, old in zip(lower, worth, strict=True))
        worth = lower
    exact, _ = solved(kernels, given, 48)
    assert sum(worth) < 1.01 * sum(objective(given, row, w) for row, w in enumerate(exact))


@BOTH
def test_the_losses_are_those_of_the_rows_returned(kernels):
    given = job(32)
    rows, losses = solved(kernels, given, 16)
    for row, w in enumerate(rows.astype(np.float64)):
        whole = objective(given, row, w) - w @ given["square"] @ w
        assert losses[row].sum() == pytest.approx(whole, rel=1e-4)
        assert losses[row, 1] == pytest.approx(given["ridges"][row] * (w @ w), rel=1e-4)


@BOTH
def test_a_row_on_paper(kernels):
    # Two entries with h = (1, 0) and (1, 1), weights 1 and 2, targets 1 and 3, the square 0, the ridge 1:
    # A = [[1 + 2 + 1, 2], [2, 2 + 1]], right = (1 + 6, 6), so w = (9 / 8, 10 / 8).
    fixed = np.zeros((5, 16), np.float32)
    fixed[4, 0] = fixed[2, 0] = fixed[2, 1] = 1
    given = {
        "indptr": np.array([0, 2]), "others": np.array([4, 2], np.int32), "weights": np.array([1, 2], np.float32),
        "targets": np.array([1, 3], np.float32), "fixed": fixed, "square": np.zeros((16, 16), np.float32),
        "ridges": np.ones(1, np.float32),
    }  # fmt: skip
    rows, losses = solved(kernels, given, 16, first=np.zeros((1, 16)))
    np.testing.assert_allclose(rows[0, :2], [9 / 8, 10 / 8], rtol=1e-6)
    assert not rows[0, 2:].any()
    np.testing.assert_allclose(losses[0], [(1 / 8) ** 2 + 2 * (5 / 8) ** 2, (81 + 100) / 64], rtol=1e-5)


def test_a_direction_that_nothing_speaks_of_is_left_alone():
    given = job(32, lengths=[4])
    given["fixed"][:, 7] = 0
    given["square"][:] = 0
    given["ridges"][:] = 0
    rows, _ = solved(native, given, 32, first=np.full((1, 32), 0.25))
    assert rows[0, 7] == 0.25
    assert np.isfinite(rows).all()
    assert objective(given, 0, rows[0].astype(np.float64)) < 1e-6  # 4 targets, 31 coordinates: all are met


@BOTH
def test_a_row_without_entries_becomes_zeros(kernels):
    rows, losses = solved(kernels, job(32), 16)
    assert not rows[1].any()
    assert not losses[1].any()


def test_rows_that_were_not_asked_for_stay_as_they_are():
    rows, losses = solved(native, job(16), 16, start=2, stop=5, first=np.full((8, 16), 9.0))
    assert (rows[[0, 1, 5, 6, 7]] == 9).all()
    assert (losses[[0, 1, 5, 6, 7]] == -1).all()


@given(st.integers(0, 7), st.sampled_from([16, 32]))
def test_the_bits_of_a_row_do_not_depend_on_its_company(row, block):
    given = job(32)
    whole, losses = solved(native, given, block)
    alone, own = solved(native, given, block, start=row, stop=row + 1)
    assert alone[row].tobytes() == whole[row].tobytes()
    assert own[row].tobytes() == losses[row].tobytes()


def test_without_losses_the_rows_are_the_same():
    told, _ = solved(native, job(32), 16)
    quiet, losses = solved(native, job(32), 16, tell=False)
    assert told.tobytes() == quiet.tobytes()
    assert not losses[:, 0].any()


def test_a_row_of_more_entries_than_are_copied_together_is_the_plain_one():
    given = job(16, lengths=[70_001, 5])  # 65,536 rows of 16 coordinates are copied together
    (rows, losses), (plain, plain_losses) = solved(native, given, 16), solved(reference, given, 16)
    np.testing.assert_allclose(rows, plain, atol=3e-4)
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-3)
