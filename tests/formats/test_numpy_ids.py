"""A NumPy file and a list of ids make a table of any model's vectors."""

import numpy as np
import pytest

from semap.errors import BadFile, DuplicateToken, FileMissing, SemapWarning, SettingsError, ShapeError
from semap.formats import numpy_ids
from semap.formats.idlist import ids_path
from semap.formats.load import load
from semap.table.table import Table

MATRIX = np.array([[1, 2], [3, 4], [5, 6]], np.float32)


@pytest.fixture
def files(tmp_path):
    np.save(tmp_path / "v.npy", MATRIX)
    (tmp_path / "ids.txt").write_bytes(b"photo 1.jpg\n\xc3\xa9\nlast\n")
    return tmp_path / "v.npy", tmp_path / "ids.txt"


def test_each_line_names_a_row(files):
    table = load(files[0], ids=files[1])
    assert table.tokens == ["photo 1.jpg", "é", "last"]
    np.testing.assert_array_equal(table.vectors, MATRIX)
    assert table.metadata["format"] == "NumPy"
    assert load(files[0], ids=files[1], limit=2).tokens == ["photo 1.jpg", "é"]


@pytest.mark.parametrize("content", [b"a\nb\nc", b"a\r\nb\r\nc\r\n", b"\xef\xbb\xbfa\nb\nc\n\n"])
def test_line_ends_and_byte_order_marks_are_not_part_of_ids(files, content):
    files[1].write_bytes(content)
    assert load(files[0], ids=files[1]).tokens == ["a", "b", "c"]


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "<i4", "u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_numbers_in_any_order_become_float32(files, dtype, order):
    np.save(files[0], np.asarray(MATRIX, dtype, order=order))
    np.testing.assert_array_equal(load(files[0], ids=files[1]).vectors, MATRIX)


def test_a_table_comes_back(tmp_path):
    table = Table(["a b", "c", "d\udcc3"], MATRIX)
    numpy_ids.write(table, tmp_path / "x.npy")
    again = load(tmp_path / "x.npy", ids=ids_path(tmp_path / "x.npy"))
    assert again.tokens == table.tokens
    np.testing.assert_array_equal(again.vectors, MATRIX)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), MATRIX)


def test_what_does_not_fit_is_told(files):
    path, ids = files
    with pytest.raises(SettingsError, match="--ids"):
        load(path)
    path.with_name("a.txt").write_bytes(b"1 2\na 1 2\n")
    told = r"ids go with NumPy, safetensors, TensorFlow projector files; .*a\.txt is a word2vec text file"
    with pytest.raises(SettingsError, match=told):
        load(path.with_name("a.txt"), ids=ids)
    with pytest.raises(FileMissing):
        load(path, ids=path.with_name("no"))
    ids.write_bytes(b"a\nb\n")
    with pytest.raises(ShapeError, match=r"has 2 ids, .* has 3 rows"):
        load(path, ids=ids)
    ids.write_bytes(b"a\n\nb\n")
    with pytest.raises(BadFile, match="line 2 is empty"):
        load(path, ids=ids)
    ids.write_bytes(b"a\nb\na\n")
    with pytest.raises(DuplicateToken, match="'a'"):
        load(path, ids=ids)
    ids.write_bytes(b"\n")
    with pytest.raises(ShapeError, match="has 0 ids"):
        load(path, ids=ids)


@pytest.mark.parametrize(
    "array", [np.arange(3.0), np.ones((2, 2, 2)), np.array([["a"]]), np.array([[1j]]), np.array([[None]])],
    ids=["1-d", "3-d", "text", "complex", "objects"],
)  # fmt: skip
def test_arrays_that_are_no_matrix_of_numbers_are_refused(files, array):
    np.save(files[0], array)
    with pytest.raises(BadFile):
        load(files[0], ids=files[1])


def test_cut_and_padded_files_are_refused(files):
    content = files[0].read_bytes()
    for n_bytes in range(6, len(content)):
        files[0].write_bytes(content[:n_bytes])
        with pytest.raises(BadFile):
            load(files[0], ids=files[1])
    files[0].write_bytes(content + b"\0")
    with pytest.raises(BadFile, match="152 bytes, found 153"):
        load(files[0], ids=files[1])


def test_numbers_that_are_not_finite_are_refused_with_their_id(files):
    np.save(files[0], np.where(MATRIX == 4, np.nan, MATRIX))
    with pytest.raises(BadFile, match="row 1 of vectors"):
        load(files[0], ids=files[1])


def test_ids_with_line_breaks_are_refused_and_losses_told(tmp_path):
    with pytest.raises(SettingsError, match="line break"):
        numpy_ids.write(Table(["a\nb"], [[1.0]]), tmp_path / "x.npy")
    with pytest.warns(SemapWarning, match="counts"):
        numpy_ids.write(Table(["a"], [[1.0]], counts=[3]), tmp_path / "x.npy")
