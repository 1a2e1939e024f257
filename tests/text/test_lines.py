"""Lines with their numbers: of files one after another, of given texts, however chunks cut them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.errors import BadText
from semap.text.chunks import Chunk
from semap.text.lines import Lines, frame_rows, numbered
from semap.text.source import Files, Texts, find_source


class Cut:
    """A file that comes in chunks of so many bytes."""

    def __init__(self, data, size):
        self.data, self.size = data, size

    def chunks(self):
        for start in range(0, len(self.data), self.size):
            yield Chunk(self.data[start : start + self.size], "cut.txt", start, start == 0)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6), max_size=8), st.integers(1, 9))
def test_lines_do_not_depend_on_where_chunks_end(texts, size):
    found = list(Lines(Cut("".join(f"{text}\n" for text in texts).encode(), size)))
    assert [line.text for line in found] == texts
    assert [line.number for line in found] == list(range(1, len(texts) + 1))


def test_each_file_begins_with_line_1_and_the_last_line_needs_no_end(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\r\n\ntwo")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"three\n"))
    files = find_source(tmp_path, "replace")
    assert isinstance(files, Files)
    found = [(line.text, line.number, line.name.rsplit("/")[-1]) for line in Lines(files)]
    assert found == [("one", 1, "a.txt"), ("", 2, "a.txt"), ("two", 3, "a.txt"), ("three", 1, "b.txt.gz")]


def test_given_texts_are_numbered_through():
    texts = find_source(["x" * 1_500_000, "y" * 1_500_000, "", "z"], "replace")  # more than one chunk
    assert isinstance(texts, Texts)
    assert [(line.text[:1], line.number) for line in Lines(texts)] == [("x", 1), ("y", 2), ("", 3), ("z", 4)]


def test_bytes_that_are_not_utf8_are_counted_or_refused_with_their_line():
    lines = Lines(Cut("fine\nbad \ufffd".encode() + b"\xff\xfe", 100))
    assert [line.text for line in lines] == ["fine", "bad \ufffd\ufffd\ufffd"]
    assert lines.replaced == 2
    with pytest.raises(BadText, match=r"cut.txt, line 2: byte 8 of it is not UTF-8"):
        list(Lines(Cut("fine\nbad \ufffd".encode() + b"\xff\xfe", 100), "strict"))


@given(st.lists(st.integers(0, 9), max_size=7), st.integers(1, 3))
def test_rows_that_are_given_are_numbered_from_1_batch_after_batch(rows, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("semap.text.lines._AT_ONCE", at_once)
        batches = list(numbered(iter(rows), "mine"))
    assert all(0 < len(batch.lines) <= at_once for batch in batches)
    found = [(row, number) for batch in batches for number, row in enumerate(batch.lines, batch.first)]
    assert found == list(zip(rows, range(1, len(rows) + 1), strict=True))


def test_the_rows_of_a_data_frame_are_tuples_and_nothing_else_is_one():
    class Pandas:
        columns = ("a", "b")

        def itertuples(self, index, name):
            return [(1, "x")]

    class Polars:
        columns = ("a", "b")

        def iter_rows(self):
            return [(1, "x")]

    assert list(frame_rows(Pandas())) == list(frame_rows(Polars())) == [(1, "x")]
    assert frame_rows(["a"]) is frame_rows({"a": 1}) is None
