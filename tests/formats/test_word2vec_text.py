"""word2vec text files: any table comes back, in any pieces; test_word2vec.py has what they share with the binary ones."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semap.errors import BadFile, CannotWrite, FileMissing, SemapWarning, SettingsError
from semap.formats import word2vec_text
from semap.formats.load import load
from semap.table.table import Table

ROWS = np.array([[0.004003, -0.004419], [1, 2.5], [-3.25, 0]], np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.txt"


def test_the_bytes_written_are_those_expected(path):
    word2vec_text.write(Table(["</s>", "queen", "déjà"], ROWS), path)
    assert path.read_bytes() == b"3 2\n</s> 0.004003 -0.004419\nqueen 1 2.5\nd\xc3\xa9j\xc3\xa0 -3.25 0\n"


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
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
    path.write_bytes(b"2 2\na 1 2\nb 3 4\n" + b"\n\r\n\n")
    assert load(path).tokens == ["a", "b"]


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
