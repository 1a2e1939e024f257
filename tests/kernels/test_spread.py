"""Products of sparse and of tall matrices: the compiled twins against the plain ones and against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from semap.kernels.native import spread as native_spread
from semap.kernels.native import tall as native_tall
from semap.kernels.reference import spread as reference_spread
from semap.kernels.reference import tall as reference_tall

DIMS = [1, 15, 16, 17, 33]


@pytest.mark.parametrize("with_diagonal", [False, True])
@pytest.mark.parametrize("dim", DIMS)
def test_a_sparse_product_is_that_of_scipy(dim, with_diagonal):
    rng = np.random.default_rng(dim)
    matrix = scipy.sparse.random(23, 23, 0.3, "csr", np.float32, rng)
    dense = rng.standard_normal((23, dim), np.float32)
    diagonal = rng.standard_normal(23 if with_diagonal else 0).astype(np.float32)
    wanted = matrix @ dense + (diagonal[:, None] * dense if with_diagonal else 0)
    for kernels in (reference_spread, native_spread):
        out = np.full((23, dim), 7, np.float32)
        kernels.spread(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data, diagonal, dense, 2, 20, out)
        np.testing.assert_allclose(out[2:20], wanted[2:20], rtol=1e-5, atol=1e-5)
        assert (out[:2] == 7).all()
        assert (out[20:] == 7).all()


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize(("start", "stop"), [(0, 0), (3, 4), (1, 9), (0, 17)])
def test_products_of_tall_matrices_are_those_of_numpy(dim, start, stop):
    rng = np.random.default_rng(dim)
    rows, small = rng.standard_normal((17, dim), np.float32), rng.standard_normal((dim, 5), np.float32)
    for kernels in (reference_tall, native_tall):
        out = np.full((17, 5), 7, np.float32)
        kernels.turned(rows, small, start, stop, out)
        np.testing.assert_allclose(out[start:stop], rows[start:stop].astype(float) @ small, rtol=1e-4, atol=1e-5)
        assert (np.delete(out, slice(start, stop), axis=0) == 7).all()
        upper = np.full((dim, dim), 7, np.float32)
        kernels.gram(rows, start, stop, upper)
        wanted = np.triu(rows[start:stop].T.astype(float) @ rows[start:stop])
        np.testing.assert_allclose(upper, wanted, rtol=1e-4, atol=1e-5)
