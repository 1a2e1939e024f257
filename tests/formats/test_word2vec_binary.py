"""word2vec binary files: bits come back in any pieces; test_word2vec.py has what they share with the text ones."""

import numpy as np
import pytest

from semap.errors import BadFile, SettingsError
from semap.formats import word2vec_binary
from semap.formats.load import load
from semap.table.table import Table

ROWS = np.array([[0.5, -2], [1.5, 1e-20], [7, 0]], np.float32)
# What C writes for these floats, spelled out: 0.5, -2 | 1.5, 1e-20 | 7, 0.
CELLS = [b"\0\0\0\x3f\0\0\0\xc0", b"\0\0\xc0\x3f\x08\xe5\x3c\x1e", b"\0\0\xe0\x40\0\0\0\0"]
TOKENS = [b"</s>", b"queen", b"d\xc3\xa9j\xc3"]  # the last cut within a letter, as word2vec.c does
BY_WORD2VEC_C = b"3 2\n" + b"".join(token + b" " + cells + b"\n" for token, cells in zip(TOKENS, CELLS, strict=True))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.bin"


def test_the_bytes_written_are_those_of_word2vec_c(path):
    word2vec_binary.write(Table(["</s>", "queen", "déj\udcc3"], ROWS), path)
    assert path.read_bytes() == BY_WORD2VEC_C


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
def test_numbers_whose_bytes_are_spaces_and_line_breaks_are_read(path):
    matrix = np.frombuffer(b"\n\n\n\n    \n \n ", "<f4").reshape(3, 1)
    path.write_bytes(b"3 1\n" + b"".join(token + b" " + row.tobytes() for token, row in zip(TOKENS, matrix, strict=True)))
    np.testing.assert_array_equal(word2vec_binary.read(path).vectors, matrix)


@pytest.mark.parametrize("dim", [1, 2, 3, 17, 100])
def test_tables_come_back_with_the_same_bits_in_any_pieces_and_threads(path, dim, monkeypatch):
    rng = np.random.default_rng(dim)
    bits = rng.integers(0, 2**32, (500, dim), np.uint32) & np.uint32(0xBFFFFFFF)
    table = Table([f"t{5 * row}" for row in range(500)], bits.view(np.float32))
    for piece, threads in ((1, 2), (1_000, 3), (1 << 23, 1)):
        monkeypatch.setattr("semap.formats.word2vec_binary._PIECE", piece)
        monkeypatch.setattr("semap.formats.word2vec_binary._ROWS_AT_ONCE", 100 * threads)
        word2vec_binary.write(table, path)
        again = word2vec_binary.read(path, threads=threads)
        assert again.tokens == table.tokens
        np.testing.assert_array_equal(again.vectors.view(np.uint32), bits)


def test_limit_reads_the_first_rows_and_looks_at_no_other(path):
    path.write_bytes(BY_WORD2VEC_C[:-5])
    assert load(path, limit=2).tokens == ["</s>", "queen"]
    with pytest.raises(BadFile):
        load(path, limit=3)


def test_a_first_number_that_begins_with_a_line_break_is_still_binary(path):
    path.write_bytes(b"2 2\n" + b"cat " + b"\n\x03\x80\x3f" + ROWS[0, :1].tobytes() + b"dog " + ROWS[1].tobytes())
    assert load(path).tokens == ["cat", "dog"]


def test_tokens_that_would_break_the_file_are_refused(path):
    with pytest.raises(SettingsError, match="1 tokens are empty or hold a space or a line break"):
        word2vec_binary.write(Table(["a", "new york"], [[1.0], [2.0]]), path)
    assert not path.exists()
