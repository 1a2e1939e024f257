"""Strings behind their lengths are found by both kernels alike, and what does not fit is told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import prefixed as native
from semap.kernels.reference import prefixed as reference

KERNELS = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])


def spans(kernels, content, at, stop, tail, n_items):
    begins, ends = np.full(n_items, -7), np.full(n_items, -7)
    cells = np.frombuffer(content, np.uint8)
    return kernels.prefixed_spans(cells, at, stop, tail, begins, ends), begins.tolist(), ends.tolist()


@KERNELS
def test_strings_are_found_behind_their_lengths(kernels):
    content = b"xx" + b"\x03\0\0\0abcTT" + b"\0\0\0\0TT" + b"\x01\0\0\0dTT" + b"rest"
    assert spans(kernels, content, 2, 24, 2, 3) == (24, [6, 15, 21], [9, 15, 22])


@KERNELS
def test_what_does_not_fit_is_told_by_its_number(kernels):
    content = b"\x01\0\0\0a" + b"\x05\0\0\0bcd"
    assert spans(kernels, content, 0, len(content), 0, 2)[0] == -2
    assert spans(kernels, content, 0, len(content), 5, 1)[0] == 10
    assert spans(kernels, content, 0, 3, 0, 1)[0] == -1
    assert spans(kernels, b"\xff\xff\xff\xff", 0, 4, 0, 1)[0] == -1


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40), st.integers(0, 3), st.integers(0, 5), st.integers(0, 6))
def test_both_kernels_agree(content, at, tail, n_items):
    content = bytes(byte if place % 3 else byte % 4 for place, byte in enumerate(content))
    at = min(at, len(content))
    assert spans(native, content, at, len(content), tail, n_items) == spans(reference, content, at, len(content), tail, n_items)
