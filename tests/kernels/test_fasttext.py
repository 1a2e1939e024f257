"""The dictionary and the quantised rows of fastText files: worked examples, and the plain and the compiled kernel alike."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import fasttext as native
from semap.kernels.reference import fasttext as reference

BOTH = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])


def indexed(kernels, content, n_entries):
    cells = np.frombuffer(content, np.uint8)
    found = [np.full(n_entries, -7, kind) for kind in (np.int64, np.int64, np.int64)] + [np.full(n_entries, 7, np.uint8)]
    return kernels.index_entries(cells, 2, 0, n_entries, *found), [each.tolist() for each in found]


@BOTH
def test_entries_end_with_a_zero_byte_a_count_and_a_kind(kernels):
    content = b"??cat\0" + struct.pack("<qB", 2**40, 0) + b"\0" + struct.pack("<qB", -3, 1) + b"rest"
    reached, found = indexed(kernels, content, 2)
    assert reached == (2, len(content) - 4)
    assert found == [[2, 15], [5, 15], [2**40, -3], [0, 1]]
    reached, _ = indexed(kernels, content[:-5], 2)
    assert reached == (1, 15)


@given(st.binary(max_size=60), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_indexed_alike_and_never_past_their_end(content, n_entries):
    assert indexed(native, b"??" + content, n_entries) == indexed(reference, b"??" + content, n_entries)


@BOTH
def test_a_quantised_row_is_put_together_of_centroids(kernels):
    centroids = np.zeros(3 * 256, np.float32)
    centroids[[8, 9, 12, 13]] = [1, 2, 3, 4]  # numbers 4 and 6 of the first part, of two numbers each
    centroids[512 + np.array([5, 255])] = [5, 6]  # numbers 5 and 255 of the last part, of one
    codes = np.array([[4, 255], [0, 0], [6, 5]], np.uint8)
    out = np.full((2, 3), 9, np.float32)
    kernels.decode_codes(codes, centroids, 2, np.empty(0, np.float32), np.empty(0, np.uint8), np.array([2, 0]), out)
    assert out.tolist() == [[3, 4, 5], [1, 2, 6]]
    norms = np.zeros(256, np.float32)
    norms[[3, 200]] = [10, 0.5]
    kernels.decode_codes(codes, centroids, 2, norms, np.array([200, 9, 3], np.uint8), np.array([2, 0]), out)
    assert out.tolist() == [[30, 40, 50], [0.5, 1, 3]]


@pytest.mark.parametrize(("dim", "width"), [(1, 1), (2, 2), (7, 2), (16, 3), (17, 17), (33, 5)])
def test_quantised_rows_are_decoded_alike(dim, width):
    rng = np.random.default_rng(dim)
    codes = rng.integers(0, 256, (20, -(-dim // width)), np.uint8)
    centroids, norms = rng.normal(size=dim * 256).astype(np.float32), rng.normal(size=256).astype(np.float32)
    rows, norm_codes = rng.integers(0, 20, 31), rng.integers(0, 256, 20, np.uint8)
    found = np.empty((2, 31, dim), np.float32)
    for kernels, out in zip((native, reference), found, strict=True):
        kernels.decode_codes(codes, centroids, width, norms, norm_codes, rows, out)
    np.testing.assert_array_equal(found[0], found[1])
