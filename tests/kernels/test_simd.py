"""Explicit vectors: sums in a fixed order, an exponential good to the last bits."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import simd
from semap.kernels.native.jit import bare, bare_kernel


@bare
def sixteen(rows):
    return (
        simd.load(rows, 0), simd.load(rows, 16), simd.load(rows, 32), simd.load(rows, 48),
        simd.load(rows, 64), simd.load(rows, 80), simd.load(rows, 96), simd.load(rows, 112),
        simd.load(rows, 128), simd.load(rows, 144), simd.load(rows, 160), simd.load(rows, 176),
        simd.load(rows, 192), simd.load(rows, 208), simd.load(rows, 224), simd.load(rows, 240),
    )  # fmt: skip


@bare_kernel
def sums_together(rows, out):
    simd.store(out, 0, simd.hsums(sixteen(rows)))


@bare_kernel
def sums_alone(rows, out):
    for i in range(16):
        out[i] = simd.hsum(simd.load(rows, 16 * i))


@bare_kernel
def exponentials(values, out):
    for at in range(0, values.size, 16):
        simd.store(out, at, simd.exp(simd.load(values, at)))


@bare_kernel
def split_product(values, out, exponents):
    simd.store(out, 0, simd.split_exponents(simd.load(values, 0), exponents, 0))


@bare_kernel
def clamped(values, out, limit):
    simd.store(out, 0, simd.clamp(simd.load(values, 0), simd.splat(limit)))


def test_sixteen_sums_at_once_have_the_bits_of_each_alone_and_stand_in_order():
    rows = (np.random.default_rng(2).normal(size=256) * 100).astype(np.float32)
    together, alone = np.empty(16, np.float32), np.empty(16, np.float32)
    sums_together(rows, together)
    sums_alone(rows, alone)
    assert together.tobytes() == alone.tobytes()
    np.testing.assert_allclose(alone, rows.reshape(16, 16).sum(axis=1), rtol=1e-3)


def test_exp_is_right_to_the_last_bits():
    values = np.linspace(-80, 80, 16_000).astype(np.float32)
    found = np.empty_like(values)
    exponentials(values, found)
    np.testing.assert_allclose(found, np.exp(values.astype(np.float64)), rtol=2.5e-7)


def test_split_exponents_keeps_the_product():
    values = np.array([1, 1.5, 2, 3, 1e10, 5e34, 7, 9, 1, 1, 1, 1, 1, 1, 1, 1e-3], np.float32)
    mantissas, exponents = np.empty(16, np.float32), np.full(16, 5, np.int32)
    split_product(values, mantissas, exponents)
    assert (mantissas >= 1).all()
    assert (mantissas < 2).all()
    np.testing.assert_array_equal(np.ldexp(mantissas, exponents - 5), values)


def test_clamp_keeps_nan():
    values = np.array([np.nan, -99, 99, 3, *[0] * 12], np.float32)
    found = np.empty(16, np.float32)
    clamped(values, found, np.float32(80))
    assert np.isnan(found[0])
    assert found[1:4].tolist() == [-80, 80, 3]


@pytest.mark.parametrize("skip", range(1, 16))
def test_loads_and_stores_need_no_alignment(skip):
    values = np.arange(48, dtype=np.float32)[skip:]
    out = np.zeros(40, np.float32)[skip % 5 :]
    exponentials(values[:16] / 48, out)
    np.testing.assert_allclose(out[:16], np.exp(values[:16] / 48), rtol=1e-6)
