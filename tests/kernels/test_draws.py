"""Draws: the same numbers plain and compiled, and the distributions they promise."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import draws as native
from semap.kernels.native.jit import bare_kernel
from semap.kernels.reference import draws as plain

BITS = st.integers(0, 2**64 - 1)


@bare_kernel
def native_mix(bits):
    return native.mix(bits)


@bare_kernel
def native_key(seed, epoch, purpose):
    return native.stream_key(seed, epoch, purpose)


@bare_kernel
def native_below(bits, limit):
    return native.below(bits, limit)


@bare_kernel
def native_alias(bits, limits, others):
    return native.alias_draw(bits, limits, others)


@given(BITS)
def test_mix_is_the_same(bits):
    assert int(native_mix(np.uint64(bits))) == plain.mix(bits)


def test_mix_gives_the_published_numbers_of_splitmix64():
    """First outputs of SplitMix64 for the seed 1234567, as printed by its reference program."""
    state, found = 1234567, []
    for _ in range(3):
        state = (state + plain.GOLDEN) % 2**64
        found.append(plain.mix(state))
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.integers(0, 2**31 - 1), st.integers(0, 10_000), st.integers(0, 3))
def test_stream_keys_are_the_same(seed, epoch, purpose):
    assert int(native_key(seed, epoch, purpose)) == plain.stream_key(seed, epoch, purpose)


def test_stream_keys_differ_in_each_part():
    keys = {plain.stream_key(seed, epoch, purpose) for seed in range(9) for epoch in range(9) for purpose in range(4)}
    assert len(keys) == 9 * 9 * 4


@given(BITS, st.integers(1, 2**31 - 1))
def test_below_is_the_same_and_below(bits, limit):
    assert int(native_below(np.uint64(bits), limit)) == plain.below(bits, limit) < limit


@given(BITS)
def test_alias_draws_are_the_same(bits):
    limits, others = np.array([9, 2**31, 2**32 - 1], np.uint32), np.array([2, 0, 2], np.int32)
    assert int(native_alias(np.uint64(bits), limits, others)) == plain.alias_draw(bits, limits, others)
