"""The rows of texts to one vector a text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from semap.kernels.native import pooling as native
from semap.kernels.reference import pooling as reference

SIZES = [3, 0, 1, 17, 97, 2]  # tokens of each text


@pytest.fixture
def rng():
    return np.random.default_rng(31)


def job(rng, dim, n_components):
    offsets = np.cumsum([0, *SIZES])
    components = np.linalg.qr(rng.standard_normal((dim, dim)))[0][:n_components] * 0.9
    return {
        "vectors": rng.standard_normal((50, dim), np.float32),
        "rows": rng.integers(0, 50, offsets[-1]).astype(np.int32),
        "offsets": offsets,
        "weights": rng.random(50, np.float32),
        "components": components,
        "turned": np.ascontiguousarray(components.T),
    }


def mean(kernels, job, unit, first=0, stop=6):
    dim, k = job["vectors"].shape[1], len(job["components"])
    out = np.full((len(SIZES), dim), 9, np.float32)
    kernels.pool_mean(*job.values(), unit, first, stop, np.empty(dim), np.empty(k), out)
    return out


@pytest.mark.parametrize("dim", [1, 2, 7, 15, 16, 17, 33, 97])
@pytest.mark.parametrize("unit", [False, True])
def test_the_compiled_mean_is_the_plain_one(rng, dim, unit):
    given = job(rng, dim, min(3, dim))
    np.testing.assert_allclose(mean(native, given, unit), mean(reference, given, unit), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("unit", [False, True])
def test_the_compiled_largest_is_the_plain_one(rng, unit):
    given = job(rng, 19, 0)
    found = []
    for kernels in (native, reference):
        out = np.full((len(SIZES), 19), 9, np.float32)
        kernels.pool_max(given["vectors"], given["rows"], given["offsets"], unit, 0, len(SIZES), out)
        found.append(out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
    assert not found[0][1].any()


@pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
def test_a_mean_on_paper(kernels):
    # (1 * (2, 0) + 0.5 * (0, 4)) / 2 = (1, 1); without its part along the first axis (0, 1)
    vectors = np.array([[7, 7], [0, 4], [2, 0]], np.float32)
    weights = np.array([9, 0.5, 1], np.float32)
    axis = np.array([[1.0, 0.0]])
    out = np.empty((1, 2), np.float32)
    kernels.pool_mean(
        vectors, np.array([2, 1], np.int32), np.array([0, 2]), weights, axis, np.ascontiguousarray(axis.T), False, 0, 1,
        np.empty(2), np.empty(1), out,
    )  # fmt: skip
    assert out.tolist() == [[0, 1]]


def test_texts_that_were_not_asked_for_stay_as_they_are(rng):
    out = mean(native, job(rng, 16, 1), True, 2, 4)
    assert (out[[0, 1, 4, 5]] == 9).all()
    assert np.isfinite(out).all()


def test_the_mean_of_a_long_text_loses_nothing(rng):
    given = job(rng, 16, 0)
    given["rows"] = np.full(1_000_000, 7, np.int32)
    given["offsets"] = np.array([0, 1_000_000])
    given["weights"][:] = 1
    out = np.empty((1, 16), np.float32)
    native.pool_mean(*given.values(), False, 0, 1, np.empty(16), np.empty(0), out)
    np.testing.assert_allclose(out[0], given["vectors"][7], rtol=1e-6)  # sums in float32 would be off by 1e-3


def test_the_bits_of_a_text_do_not_depend_on_those_before_it(rng):
    given = job(rng, 33, 2)
    whole = mean(native, given, True)
    for text, (begin, end) in enumerate(pairwise(given["offsets"])):
        alone = {**given, "rows": given["rows"][begin:end], "offsets": np.array([0, end - begin])}
        out = np.empty((1, 33), np.float32)
        native.pool_mean(*alone.values(), True, 0, 1, np.empty(33), np.empty(2), out)
        assert out[0].tobytes() == whole[text].tobytes()
