"""GloVe text files have no header, and tokens with spaces."""

import numpy as np
import pytest

from semap.errors import BadFile, SettingsError
from semap.formats import glove
from semap.formats.load import load
from semap.table.table import Table

BY_GLOVE = b"the 0.418 0.24968\n. . . 1.5 -2\nat name@domain.com 3 4\n<unk> -0.1 0.25\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "glove.txt"


def test_tokens_with_spaces_are_split_from_the_right(path):
    path.write_bytes(BY_GLOVE)
    table = load(path)
    assert table.tokens == ["the", ". . .", "at name@domain.com", "<unk>"]
    np.testing.assert_array_equal(table.vectors, np.array([[0.418, 0.24968], [1.5, -2], [3, 4], [-0.1, 0.25]], np.float32))
    assert table.metadata["format"] == "GloVe text"


def test_a_table_comes_back_and_the_bytes_are_those_expected(path):
    glove.write(Table(["the", "é"], [[0.5, -2], [1e-9, 3]]), path)
    assert path.read_bytes() == b"the 0.5 -2\n\xc3\xa9 1e-09 3\n"
    assert load(path).tokens == ["the", "é"]


def test_limit_reads_the_first_rows(path):
    path.write_bytes(BY_GLOVE)
    assert load(path, limit=3).tokens == ["the", ". . .", "at name@domain.com"]


def test_one_row_without_a_line_break_is_a_table(path):
    path.write_bytes(b"the 1 2 3")
    assert load(path)["the"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a 1\nb 1 2\nc 3 4\n", r"byte 0: line 1 .*found 1 numbers"),
        (b"a 1 2\nb 1 2\nc 3\n", r"byte 12: line 3 .*found 1 numbers"),
        (b"a 1 2\nb 1 2\nc 3 4 5\n", r"line 3 .*found 3 numbers"),
        (b"a 1 2\nb 1 nan\nc 3 4\n", r"line 2 \('b'\) holds nan"),
        (b"a 1 2\nb 1 2\n\0\0\0", r"line 3"),
    ],
)
def test_a_damaged_file_is_refused_with_the_place(path, content, reason):
    path.write_bytes(content)
    with pytest.raises(BadFile, match=reason):
        load(path)


def test_text_without_numbers_is_not_taken_for_vectors(path):
    path.write_bytes(b"the cat sat\non the mat\n")
    with pytest.raises(BadFile, match="no known format"):
        load(path)
    with pytest.raises(BadFile, match="found none"):
        glove.read(path)


def test_a_corpus_of_one_long_line_is_refused_without_being_split(path, monkeypatch):
    monkeypatch.setattr("semap.formats.glove._LONGEST_LINE", 50)
    path.write_bytes(b"word 1 2 " * 30)
    with pytest.raises(BadFile, match="no known format"):
        load(path)


def test_tokens_that_would_break_the_file_are_refused(path):
    with pytest.raises(SettingsError, match="GloVe text"):
        glove.write(Table(["a b"], [[1.0]]), path)
