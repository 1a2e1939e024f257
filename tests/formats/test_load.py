"""Files are recognised by their content, whatever they are called, and written by their ending."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from semap.errors import BadFile, CannotWrite, FileMissing, SettingsError
from semap.formats.load import load
from semap.formats.save import ENDINGS, FORMATS, save
from semap.table.table import Table
from semap.text.splitter import Splitter

TABLE = Table(["queen", "é", "the"], [[1, 2], [3, -4.5], [1e-3, 6]])


@pytest.mark.filterwarnings("ignore:.*the table has no counts")
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_recognised_whatever_the_file_is_called(tmp_path, name):
    path = tmp_path / "some.file"
    assert save(TABLE, path, to=name) == name
    again = load(path, ids=tmp_path / "some.ids.txt" if name == "numpy" else None)
    assert again.tokens == TABLE.tokens
    np.testing.assert_array_equal(again.vectors, TABLE.vectors)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_names_the_format(tmp_path, ending):
    assert save(TABLE, tmp_path / f"a{ending.upper()}") == ENDINGS[ending]


def test_an_ending_that_names_none_is_told_with_the_choices(tmp_path):
    with pytest.raises(SettingsError, match=r"'\.xyz' names none of \.semap"):
        save(TABLE, tmp_path / "a.xyz")
    with pytest.raises(SettingsError, match="not as 'word'"):
        save(TABLE, tmp_path / "a.bin", to="word")
    with pytest.raises(CannotWrite):
        save(TABLE, tmp_path / "no" / "a.bin")


def test_quantised_tables_are_written_decoded(tmp_path):
    table = TABLE.quantize("int8")
    save(table, tmp_path / "a.txt")
    np.testing.assert_array_equal(load(tmp_path / "a.txt").vectors, table.vectors)


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_limit_takes_the_first_rows_of_a_semap_file_as_they_are_stored(tmp_path, dtype):
    whole = Table(TABLE.tokens, TABLE.vectors, counts=[3, 2, 1], metadata={"m": 1}, output_vectors=-TABLE.vectors)
    whole = whole.quantize(dtype)
    whole.save(tmp_path / "a")
    first = load(tmp_path / "a", limit=2)
    assert (first.tokens, first.counts.tolist(), first.metadata, first.dtype) == (
        ["queen", "é"],
        [3, 2],
        {"m": 1},
        dtype,
    )
    np.testing.assert_array_equal(first.vectors, whole.vectors[:2])
    np.testing.assert_array_equal(first.output_vectors, whole.output_vectors[:2])
    assert len(load(tmp_path / "a", limit=7)) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (pickle.dumps({"a": 1}), "pickle"),
        (b"\xba\x16\x4f\x2f" + bytes(99), "version 0; known are 11 and 12"),
        (b"FiFu" + bytes(99), "bytes follow the last chunk"),
        (b"\x1f\x8b\x08" + bytes(99), "gzip"),
        (b"PK\x03\x04" + bytes(99), "zip"),
        (b"\0\1\2\3" * 9, "no known format begins with"),
        (b"\n\n\n", "no known format"),
        (b"3\n1 2\n", "promises|must be|no known"),
    ],
)
def test_other_files_are_refused_with_what_they_are(tmp_path, content, reason):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadFile, match=reason):
        load(tmp_path / "a")


def test_the_text_settings_of_foreign_tables_are_those_of_a_splitter_that_only_splits(tmp_path):
    save(TABLE, tmp_path / "a.txt")
    splitter = Splitter.from_json(load(tmp_path / "a.txt").metadata["text"])
    assert splitter("The  É\u0301 cat's") == ["The", "É\u0301", "cat's"]


def test_missing_files_and_folders_are_told(tmp_path):
    with pytest.raises(FileMissing, match="no such file"):
        load(tmp_path / "no.semap")
    with pytest.raises(BadFile, match="is a folder"):
        load(tmp_path)


def test_english_is_the_built_in_table_and_a_path_is_a_file(tmp_path, monkeypatch):
    (tmp_path / "semap" / "data").mkdir(parents=True)
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path / package)
    with pytest.raises(FileMissing, match="built-in table 'english' is not part of this installation"):
        load("english")
    TABLE.save(tmp_path / "semap" / "data" / "english.semap")
    assert load("english").tokens == TABLE.tokens
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileMissing, match="no such file"):
        load("./english")


def test_opening_a_semap_file_does_not_load_numba(tmp_path):
    TABLE.save(tmp_path / "a")
    code = (
        f"import sys; from semap.formats.load import load; load({str(tmp_path / 'a')!r})['é']; sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
