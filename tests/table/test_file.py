"""A table survives its file; opening it reads next to nothing; a file that is no table is refused."""

import subprocess
import sys

import numpy as np
import pytest

from semap.errors import BadFile, CannotWrite, SettingsError
from semap.storage.container import open_container, write
from semap.table.file import open_table
from semap.table.table import Table

WORDS = ["queen", "zee\udcc3", "☃", "dog", "the"]
VECTORS = np.random.default_rng(3).standard_normal((5, 17)).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.semap"


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("full", [False, True], ids=["bare", "full"])
def test_a_table_comes_back_as_it_was(path, dtype, full):
    parts = {"counts": [5, 4, 3, 2, 1], "output_vectors": VECTORS[::-1], "metadata": {"a": "é"}} if full else {}
    table = Table(WORDS, VECTORS, **parts).quantize(dtype)
    table.save(path)
    again = open_table(path)
    assert (again.tokens, again.dtype, again.metadata) == (WORDS, dtype, table.metadata)
    np.testing.assert_array_equal(again.vectors, table.vectors)
    np.testing.assert_array_equal(again.lookup(["☃", "queen"]), table.vectors[[2, 0]])
    assert again.id("zee\udcc3") == 1
    for name in ("counts", "output_vectors"):
        expected, found = getattr(table, name), getattr(again, name)
        assert (found is None) == (not full)
        np.testing.assert_array_equal(found, expected)
    open_container(path).verify()


def test_float32_vectors_are_mapped_aligned_and_read_only(path):
    Table(WORDS, VECTORS).save(path)
    vectors = open_table(path).vectors
    assert vectors.ctypes.data % 64 == 0
    assert not vectors.flags.writeable
    assert not vectors.flags.owndata


def test_equal_tables_give_equal_files_and_a_saved_table_is_saved_the_same(tmp_path):
    Table(WORDS, VECTORS, metadata={"x": 1, "y": 2}).save(tmp_path / "1")
    Table(list(WORDS), VECTORS.copy(), metadata={"y": 2, "x": 1}).save(tmp_path / "2")
    open_table(tmp_path / "1").save(tmp_path / "3")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() == (tmp_path / "3").read_bytes()


def test_a_table_can_be_saved_over_the_file_it_was_opened_from(path):
    Table(WORDS, VECTORS).save(path)
    table = open_table(path)
    table.save(path)
    np.testing.assert_array_equal(table.vectors, VECTORS)
    np.testing.assert_array_equal(open_table(path).vectors, VECTORS)


def test_the_vectors_stand_first_in_the_file_at_a_multiple_of_64(path):
    Table(WORDS, VECTORS).save(path)
    content = path.read_bytes()
    at = content.index(VECTORS.tobytes())
    assert at == 8 + int.from_bytes(content[:8], "little")
    assert at % 64 == 0


def test_opening_and_looking_up_does_not_load_numba(path):
    Table(WORDS, VECTORS).save(path)
    code = (
        f"import sys; from semap.table.file import open_table; open_table({str(path)!r})['dog']; sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_metadata_that_json_cannot_hold_is_refused_at_saving(path):
    with pytest.raises(SettingsError, match="JSON"):
        Table(WORDS, VECTORS, metadata={"x": float("nan")}).save(path)
    assert not path.exists()


def test_a_path_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(CannotWrite):
        Table(WORDS, VECTORS).save(tmp_path / "no" / "a.semap")


def _arrays(path):
    Table(WORDS, VECTORS, counts=range(5)).quantize("int8").save(path)
    return dict(open_container(path).arrays)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("vectors", None, "vectors must be"),
        ("vectors", np.zeros(5, np.float32), "vectors must be"),
        ("vectors", np.zeros((5, 2), np.int64), "vectors must be"),
        ("vectors", np.zeros((4, 2), np.float32), "token_offsets must be"),
        ("scales", None, "scales must be"),
        ("scales", np.zeros(4, np.float32), "scales must be"),
        ("tokens", None, "tokens must be"),
        ("tokens", np.zeros(3, np.uint8), "offsets of tokens"),
        ("token_offsets", np.zeros(6, np.int64), "offsets of tokens"),
        ("token_lookup", np.arange(1, 6, dtype=np.int32), "lookup"),
        ("token_lookup", np.zeros(5, np.int64), "token_lookup must be"),
        ("counts", np.zeros(5, np.float64), "counts must be"),
        ("output_vectors", np.zeros((5, 16), np.int8), "output_"),
        ("output_vectors", np.zeros((5, 17), np.float16), r"output_vectors float16 \(5, 17\) do not fit vectors int8 \(5, 17\)"),
    ],
)
def test_arrays_that_make_no_table_are_refused(path, name, value, reason):
    arrays = _arrays(path)
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value
    write(path, arrays, {"kind": "table", "table": {}})
    with pytest.raises(BadFile, match=reason):
        open_table(path)


def test_a_container_of_something_else_is_refused_by_its_kind(path):
    write(path, {}, {"kind": "corpus"})
    with pytest.raises(BadFile, match="'corpus'"):
        open_table(path)
    write(path, {}, {"kind": "table"})
    with pytest.raises(BadFile, match="metadata"):
        open_table(path)
