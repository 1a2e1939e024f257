"""word2vec text files: what the original tools write is read, what is damaged is refused with its place."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semap.errors import BadFile, CannotWrite, FileMissing, SemapWarning, SettingsError
from semap.formats import word2vec_text
from semap.formats.load import load
from semap.table.table import Table

# As word2vec.c prints it ("%s " and "%lf "), as gensim does, as fastText does (five digits, a space at the end).
BY_WORD2VEC_C = b"3 2\n</s> 0.004003 -0.004419 \nqueen 1.000000 2.500000 \nd\xc3\xa9j\xc3\xa0 -3.250000 0.000000 \n"
BY_GENSIM = b"3 2\n</s> 0.004003 -0.004419\nqueen 1.0 2.5\nd\xc3\xa9j\xc3\xa0 -3.25 0.0\n"
BY_FASTTEXT = b"3 2\n</s> 0.004003 -0.004419 \nqueen 1 2.5 \nd\xc3\xa9j\xc3\xa0 -3.25 0 \n"
ROWS = np.array([[0.004003, -0.004419], [1, 2.5], [-3.25, 0]], np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.txt"


@pytest.mark.parametrize("content", [BY_WORD2VEC_C, BY_GENSIM, BY_FASTTEXT], ids=["word2vec.c", "gensim", "fastText"])
def test_the_bytes_of_the_original_tools_are_read(path, content):
    path.write_bytes(content)
    table = load(path)
    assert table.tokens == ["</s>", "queen", "déjà"]
    np.testing.assert_array_equal(table.vectors, ROWS)
    assert table.metadata["format"] == "word2vec text"
    assert table.metadata["text"]["split"] == "whitespace"
    assert table.metadata["text"]["lowercase"] is False


def test_the_bytes_written_are_those_expected(path):
    word2vec_text.write(Table(["</s>", "queen", "déjà"], ROWS), path)
    assert path.read_bytes() == b"3 2\n</s> 0.004003 -0.004419\nqueen 1 2.5\nd\xc3\xa9j\xc3\xa0 -3.25 0\n"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(min_size=1, max_size=5).filter(lambda token: not set(token) & set(b" \n")), unique=True, min_size=1),
    st.integers(1, 5),
    st.data(),
)
def test_any_table_comes_back_with_the_same_bits(tmp_path, pieces, dim, data):
    tokens = [piece.decode("utf-8", "surrogateescape") for piece in pieces]
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
    table = Table(tokens, data.draw(hnp.arrays(np.float32, (len(tokens), dim), elements=numbers)))
    word2vec_text.write(table, tmp_path / "a")
    again = word2vec_text.read(tmp_path / "a")
    assert again.tokens == tokens
    np.testing.assert_array_equal(again.vectors.view(np.int32), table.vectors.view(np.int32))


def test_large_files_read_the_same_with_any_number_of_threads_and_in_any_pieces(path, monkeypatch):
    rng = np.random.default_rng(7)
    table = Table([f"token{3 * row}" for row in range(2_000)], rng.standard_normal((2_000, 9)))
    word2vec_text.write(table, path, threads=3)
    content = path.read_bytes()
    for threads, piece in ((1, 100), (2, 1_000), (5, 7_777), (2, 1 << 22)):
        monkeypatch.setattr("semap.formats.textrows._PIECE", piece)
        again = word2vec_text.read(path, threads=threads)
        assert again.tokens == table.tokens
        np.testing.assert_array_equal(again.vectors, table.vectors)
        word2vec_text.write(table, path, threads=threads)
        assert path.read_bytes() == content


def test_lines_longer_than_a_piece_are_read(path, monkeypatch):
    monkeypatch.setattr("semap.formats.textrows._PIECE", 10)
    monkeypatch.setattr("semap.formats.textrows._SMALL", 8)
    path.write_bytes(b"3 2\n" + b"x" * 50 + b" 1 2\ny 3 4\n" + b"z" * 30 + b" 5 6")
    table = load(path)
    assert table.tokens == ["x" * 50, "y", "z" * 30]
    np.testing.assert_array_equal(table.vectors, [[1, 2], [3, 4], [5, 6]])


def test_numbers_that_need_exact_arithmetic_are_read_exactly(path):
    middle = b"1.00000005960464477539062500000000000000000000000000001"  # just above the middle of two float32
    path.write_bytes(b"3 2\nx 1 2\ny 3 " + middle + b"\nz 5 6\n")
    assert load(path)["y"].tolist() == [3, float(np.nextafter(np.float32(1), np.float32(2)))]
    assert load(path)["z"].tolist() == [5, 6]


def test_limit_reads_the_first_rows_and_looks_at_no_other(path):
    path.write_bytes(b"4 2\na 1 2\nb 3 4\nc 5 6\nd broken\n")
    assert load(path, limit=2).tokens == ["a", "b"]
    assert load(path, limit=3)["c"].tolist() == [5, 6]
    with pytest.raises(BadFile, match="line 5"):
        load(path, limit=9)
    with pytest.raises(SettingsError, match="limit is 0"):
        load(path, limit=0)


def test_blank_lines_at_the_end_do_not_count(path):
    path.write_bytes(BY_GENSIM + b"\n\r\n\n")
    assert len(load(path)) == 3


def test_repeated_tokens_keep_their_first_row_and_are_counted_once(path):
    path.write_bytes(b"5 1\na 1\nb 2\na 3\nb 4\na 5\n")
    with pytest.warns(SemapWarning, match=r"left out 3 of 5 rows.*'a'") as caught:
        table = load(path)
    assert len(caught) == 1
    assert table.tokens == ["a", "b"]
    assert table.vectors.tolist() == [[1], [2]]


DAMAGED = {
    "promises more": (b"9 2\na 1 2\nb 3 4\n", r"promises 9 rows of 2 numbers"),
    "promises one more": (b"3 2\naaaaaa 1 2\nb 3 4\n", r"promises 3 rows, found 2 lines"),
    "promises fewer": (b"1 2\na 1 2\nb 3 4\n", r"promises 1 rows, found 2 lines"),
    "promises beyond memory": (b"999999999999999 999999999999999\na 1 2\n", "cut short"),
    "no rows": (b"0 2\n", "nothing"),
    "no numbers": (b"2 0\na\nb\n", "nothing"),
    "too few numbers": (b"2 2\na 1 2\nb 3\n", r"byte 10: line 3 \('b'\).*found 1 numbers"),
    "too many numbers": (b"2 2\na 1 2\nb 3 4 5\n", r"byte 10: line 3 \('b'\).*found 3 numbers"),
    "a letter in a number": (b"2 2\na 1 2\nb 3 4x\n", r"line 3 .*found 0 numbers after b'4x'"),
    "NaN": (b"2 2\na 1 2\nbee nan 4\n", r"byte 10: line 3 \('bee'\) holds nan"),
    "infinite": (b"2 2\na 1 2\nb 3 -Inf\n", r"line 3 .* -Inf, which is not a finite float32"),
    "too large": (b"2 2\na 1 2\nb 3 1e39\n", r"line 3 .* 1e39, which is not a finite float32"),
    "empty line between": (b"3 2\na 1 2\n\nbbbbbbb 3 4\n", r"line 3 "),
    "cut in the last row": (b"2 2\nabcdef 1 2\nb 3.", r"line 3 "),
    "zeros at the end": (b"2 2\na 1 2\nb 3 4\n\0\0\0", r"promises 2 rows, found 3 lines"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_with_the_place(path, damage):
    content, reason = DAMAGED[damage]
    path.write_bytes(content)
    with pytest.raises(BadFile, match=reason):
        load(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(BY_GENSIM) - 1), st.integers(0, 255), st.integers(0, 9))
@pytest.mark.filterwarnings("ignore::semap.errors.SemapWarning")
def test_any_changed_byte_gives_a_table_or_a_bad_file(tmp_path, at, value, cut):
    content = bytearray(BY_GENSIM[: len(BY_GENSIM) - cut])
    content[at % len(content)] = value
    (tmp_path / "a").write_bytes(content)
    with suppress(BadFile):
        assert np.isfinite(load(tmp_path / "a").vectors).all()


@pytest.mark.parametrize("token", ["new york", "a\nb", ""])
def test_tokens_that_would_break_the_file_are_refused_and_nothing_is_written(path, token):
    with pytest.raises(SettingsError, match="the first in row 1"):
        word2vec_text.write(Table(["a", token], [[1.0], [2.0]]), path)
    assert not path.exists()


def test_what_the_format_cannot_keep_is_told_in_one_warning(path):
    table = Table(["a"], [[1.0]], counts=[5], metadata={"format": "x", "settings": 1}, output_vectors=[[2.0]])
    with pytest.warns(SemapWarning, match=r"left out: counts, output vectors, metadata \(settings\)") as caught:
        word2vec_text.write(table, path)
    assert len(caught) == 1


def test_paths_that_do_not_work_are_told(tmp_path):
    with pytest.raises(FileMissing):
        word2vec_text.read(tmp_path / "no")
    with pytest.raises(CannotWrite):
        word2vec_text.write(Table(["a"], [[1.0]]), tmp_path / "no" / "a")
    with pytest.raises(SettingsError, match="threads is -1"):
        word2vec_text.write(Table(["a"], [[1.0]]), tmp_path / "a", threads=-1)
