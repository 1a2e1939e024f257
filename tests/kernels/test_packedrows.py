"""Rows of bytes are read and written alike by the plain and the compiled kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import packedrows as native
from semap.kernels.reference import packedrows as reference
from semap.vocab.tokens import Tokens

KERNELS = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
ROW = np.array([1.5, -2.0], "<f4").tobytes()


def index(kernels, content, n_rows, begin=0, row_bytes=8, first=3):
    """((rows, byte after them), tokens, bytes after them) of content[begin:], the first row being row `first`."""
    ends, offsets = np.full(first + n_rows, -1), np.full(first + n_rows + 1, 2)
    data = np.full(2 + max(len(content) - begin - n_rows * (row_bytes + 1), 0), 255, np.uint8)
    row, at = kernels.index_rows(np.frombuffer(content, np.uint8), begin, row_bytes, first, first + n_rows, ends, offsets, data)
    assert np.all(data[:2] == 255)
    assert np.all(ends[:first] == -1)
    tokens = [data[offsets[each] : offsets[each + 1]].tobytes() for each in range(first, row)]
    return (row - first, at), tokens, ends[first:row].tolist()


@KERNELS
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_rows_are_found_with_and_without_line_breaks(kernels, end):
    content = b"2 2\n" + b"cat " + ROW + end + b"d\xc3 " + ROW + end
    (n_rows, at), tokens, ends = index(kernels, content, 2, begin=4)
    assert (n_rows, tokens) == (2, [b"cat", b"d\xc3"])
    assert content[at:] == end
    assert ends == [7, 18 + len(end)]


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b" ", b"\n", b"bcd"]), max_size=40).map(b"".join), st.integers(0, 6))
def test_both_kernels_find_the_same_rows_in_any_bytes(content, n_rows):
    assert index(native, content, n_rows, row_bytes=3) == index(reference, content, n_rows, row_bytes=3)


@KERNELS
@pytest.mark.parametrize("dim", [1, 2, 7, 15, 16, 17, 31, 33, 97])
def test_unpacked_numbers_are_those_packed_and_other_rows_stay(kernels, dim):
    matrix = np.random.default_rng(dim).standard_normal((6, dim)).astype(np.float32)
    tokens = Tokens.pack(["a", "", "ccc", "dd", "é", "f"])
    out = np.empty(6 * (4 * dim + 2) + len(tokens.data), np.uint8)
    n_bytes = kernels.pack_rows(tokens.data, tokens.offsets, matrix.view(np.uint8), 1, 5, out)
    ends, offsets, data = np.empty(4, np.int64), np.zeros(5, np.int64), np.empty(99, np.uint8)
    assert kernels.index_rows(out[:n_bytes], 0, 4 * dim, 0, 4, ends, offsets, data) == (4, n_bytes - 1)
    assert data[: offsets[4]].tobytes() == "cccddé".encode()
    again = np.full((4, dim), 99, np.float32)
    assert kernels.unpack_rows(out, ends, 1, 3, again.view(np.uint8), again.view(np.int32)) == -1
    np.testing.assert_array_equal(again, [np.full(dim, 99), *matrix[2:4], np.full(dim, 99)])


@KERNELS
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_the_first_row_that_is_not_finite_is_named(kernels, bad):
    matrix = np.ones((5, 3), "<f4")
    matrix[3, 2] = matrix[4, 0] = bad
    content = np.frombuffer(b"".join(b"t " + row.tobytes() for row in matrix), np.uint8)
    ends = np.arange(5) * 14 + 1
    again = np.empty((5, 3), np.float32)
    assert kernels.unpack_rows(content, ends, 0, 5, again.view(np.uint8), again.view(np.int32)) == 3
    assert kernels.unpack_rows(content, ends, 0, 3, again.view(np.uint8), again.view(np.int32)) == -1


@KERNELS
def test_spans_are_packed_side_by_side(kernels):
    data = np.empty(5, np.uint8)
    kernels.pack_spans(np.frombuffer(b"..ab..cde", np.uint8), np.array([6, 0, 2]), np.array([0, 3, 3, 5]), data)
    assert data.tobytes() == b"cdeab"


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=9))
def test_hashes_are_the_crc32_of_zlib(pieces):
    tokens = Tokens.pack_bytes(pieces)
    found, expected = np.zeros(len(pieces), np.uint32), np.zeros(len(pieces), np.uint32)
    native.hash_tokens(tokens.data, tokens.offsets, found)
    reference.hash_tokens(tokens.data, tokens.offsets, expected)
    np.testing.assert_array_equal(found, expected)
