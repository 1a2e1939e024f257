"""Lines of text are split and read alike by the plain and the compiled kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import textrows as native
from semap.kernels.reference import textrows as reference

KERNELS = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
PIECES = st.sampled_from([b"1", b"-2.5", b" ", b" ", b" ", b"\n", b"\n", b"a", b"\xc3", b".", b"e", b"\r", b"nan", b"3e2"])


def parse(kernels, content, dim, first=0, begin=0):
    """(rows, byte where it stopped, vectors, tokens) of content[begin:], the first row going to row `first`."""
    cells = np.frombuffer(content, np.uint8)
    n_rows = first + content.count(b"\n", begin) + 1
    vectors, begins, ends = (
        np.full((n_rows, dim), 99, np.float32),
        np.zeros(n_rows, np.int64),
        np.zeros(n_rows, np.int64),
    )
    row, at = kernels.parse_rows(cells, begin, len(cells), first, vectors, begins, ends)
    assert np.all(vectors[:first] == 99)
    tokens = [content[begins[each] : ends[each]] for each in range(first, row)]
    return row, at, vectors[first:row].tolist(), tokens


@KERNELS
def test_lines_become_rows_and_tokens(kernels):
    content = b"xx\ncat 1 -2.5\ndog 3e-1 4\n"
    found = parse(kernels, content, 2, first=5, begin=3)
    assert found == (7, len(content), [[1, -2.5], [np.float32(0.3), 4]], [b"cat", b"dog"])


@KERNELS
@pytest.mark.parametrize("end", [b"", b"\n", b" \n", b"\r\n", b" \r\n", b" "])
def test_any_usual_end_of_line_is_taken(kernels, end):
    assert parse(kernels, b"cat 1 2" + end, 2)[2:] == ([[1, 2]], [b"cat"])


@KERNELS
@pytest.mark.parametrize("token", [b". . .", b"at name@domain.com", b" lead", b"trail ", b"", b"\xc2\xa0", b"a\tb", b"1", b"-"])
def test_tokens_may_hold_spaces_and_bytes_of_any_kind(kernels, token):
    assert parse(kernels, b"x 5 6\n" + token + b" 1 2\ny 3 4\n", 2)[2:] == (
        [[5, 6], [1, 2], [3, 4]],
        [b"x", token, b"y"],
    )


@KERNELS
@pytest.mark.parametrize(
    "line",
    [
        b"cat 1",
        b"cat 1 2 3",
        b"a 5 1 2",
        b"cat 1 nan",
        b"cat 1 x",
        b"cat 1  2",
        b"cat",
        b"",
        b"cat 1 2x",
        b"cat 1 1e39",
    ],
)
def test_a_line_that_is_no_row_stops_the_kernel_where_it_begins(kernels, line):
    row, at, vectors, _ = parse(kernels, b"x 5 6\n" + line + b"\ny 3 4\n", 2)
    assert (row, at, vectors) == (1, 6, [[5, 6]])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map(b"".join), st.integers(1, 3))
def test_both_kernels_agree_on_any_bytes(content, dim):
    found, expected = parse(native, content, dim), parse(reference, content, dim)
    assert found == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b"\n"]), max_size=40).map(b"".join), st.integers(0, 5), st.integers(0, 5))
def test_lines_are_counted_and_skipped_alike(content, begin, n_lines):
    cells = np.frombuffer(content, np.uint8)
    begin = min(begin, len(cells))
    for name in ("count_lines", "skip_lines"):
        settings = (cells, begin, len(cells), *([n_lines] if name == "skip_lines" else []))
        assert getattr(native, name)(*settings) == getattr(reference, name)(*settings)


def test_skipping_lines_worked_by_hand():
    cells = np.frombuffer(b"ab\ncd\nef", np.uint8)
    assert [native.skip_lines(cells, 0, 8, n_lines) for n_lines in range(5)] == [0, 3, 6, 8, 8]


def index(kernels, content, dim, begin=0):
    """(rows, byte where it stopped, tokens) of content[begin:], the first row going to row 3."""
    cells = np.frombuffer(content, np.uint8)
    begins, ends = np.zeros(content.count(b"\n") + 4, np.int64), np.zeros(content.count(b"\n") + 4, np.int64)
    row, at = kernels.index_lines(cells, begin, len(cells), 3, dim, begins, ends)
    return row - 3, at, [content[begins[each] : ends[each]] for each in range(3, row)]


@KERNELS
def test_lines_are_found_without_reading_their_numbers(kernels):
    assert index(kernels, b"zz\ncat 1 -2.5 \r\n. . . x y\n 1 2\nshort 1\n", 2, begin=3) == (3, 31, [b"cat", b". . .", b""])


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=40).map(b"".join), st.integers(1, 3))
def test_both_kernels_find_the_same_lines_and_all_that_are_parsed(content, dim):
    found = index(native, content, dim)
    assert found == index(reference, content, dim)
    parsed = parse(reference, content, dim)
    assert found[2][: parsed[0]] == parsed[3]
