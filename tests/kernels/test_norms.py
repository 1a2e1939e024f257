"""One over the length of each row."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import norms as native
from semap.kernels.reference import norms as reference


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 5, 16, 97])
def test_the_compiled_norms_are_the_plain_ones(rng, dim):
    rows = rng.standard_normal((40, dim), np.float32)
    rows[7] = 0
    plain, fast = np.full(40, 9.0), np.full(40, 9.0)
    reference.inverse_norms(rows, 3, 33, plain)
    native.inverse_norms(rows, 3, 33, fast)
    np.testing.assert_allclose(fast, plain, rtol=1e-14)
    assert fast[7] == 0
    assert fast[2] == fast[33] == 9


def test_lengths_beyond_float32_are_right():
    rows = np.array([[3e38, 3e38], [1e-45, 0], [3, 4]], np.float32)
    out = np.zeros(3)
    native.inverse_norms(rows, 0, 3, out)
    np.testing.assert_allclose(out, 1 / np.linalg.norm(rows.astype(float), axis=1))
