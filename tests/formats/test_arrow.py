"""Arrow IPC and Parquet: what pyarrow and pandas write is read, what we write pyarrow reads."""

import sys

import numpy as np
import pytest

from semap.errors import BadFile, MissingExtra, SemapWarning, SettingsError
from semap.formats.filerows import FileRows
from semap.formats.load import load, stream
from semap.formats.save import save
from semap.table.table import Table

pa = pytest.importorskip("pyarrow", reason="pyarrow comes with semap[arrow]")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS = np.array([[1, 2.5], [3, -4], [5, 0.125], [6, 7]], np.float32)
WORDS = ["cat", "dog", "é", "sea"]


def fixed(rows=ROWS, dtype="float32"):
    return pa.FixedSizeListArray.from_arrays(pa.array(np.asarray(rows, dtype).reshape(-1)), rows.shape[1])


def write_file(table, path):
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)


def write_stream(table, path):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)


def write_parquet(table, path):
    parquet.write_table(table, path, row_group_size=3)


WRITERS = pytest.mark.parametrize("write", [write_file, write_stream, write_parquet], ids=["file", "stream", "parquet"])
LISTS = {
    "fixed": fixed(),
    "list": pa.array(ROWS.tolist(), pa.list_(pa.float32())),
    "large list of float64": pa.array(ROWS.tolist(), pa.large_list(pa.float64())),
    "float16": fixed(dtype="float16"),
    "whole numbers": pa.array([[1, 2], [3, -4], [5, 0], [6, 7]], pa.list_(pa.int64())),
}
TEXTS = {
    "string": pa.array(WORDS),
    "large": pa.array(WORDS, pa.large_string()),
    "dictionary": pa.array(WORDS).dictionary_encode(),
    "bytes": pa.array([word.encode() for word in WORDS]),
}


@WRITERS
@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("lists", LISTS)
def test_a_column_of_text_and_one_of_lists_are_found_whatever_their_names(tmp_path, write, lists, texts):
    write(pa.table({"n": [4, 3, 2, 1], "e": LISTS[lists], "w": TEXTS[texts]}), tmp_path / "a")
    table = load(tmp_path / "a")
    assert table.tokens == WORDS
    np.testing.assert_array_equal(table.vectors, ROWS.astype(int) if lists == "whole numbers" else ROWS)
    assert table.metadata["source"] == {"vectors": "e", "tokens": "w"}
    assert load(tmp_path / "a", limit=3).tokens == WORDS[:3]


@WRITERS
def test_of_several_columns_one_is_named_and_counts_are_read(tmp_path, write):
    columns = {"id": [7, 8, 9, 5], "w": WORDS, "w2": WORDS[::-1], "a": fixed(), "b": fixed(-ROWS), "count": [4, 3, 9, 1]}
    write(pa.table(columns), tmp_path / "a")
    with pytest.raises(BadFile, match=r"one column of text, found 2 among id \(int64\), .* --tokens|tokens= \(--tokens\)"):
        load(tmp_path / "a")
    with pytest.raises(BadFile, match=r"lists of numbers, found 2.*--vectors"):
        load(tmp_path / "a", tokens="w")
    with pytest.raises(SettingsError, match="no column 'w' that can be vectors"):
        load(tmp_path / "a", tokens="w", vectors="w")
    table = load(tmp_path / "a", tokens="id", vectors="b")
    assert (table.tokens, table.counts.tolist()) == (["7", "8", "9", "5"], [4, 3, 9, 1])
    np.testing.assert_array_equal(table.vectors, -ROWS)
    assert stream(tmp_path / "a", tokens="w2", vectors="b", words=2).tokens == ["dog", "sea"]


@WRITERS
@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"w": ["a", "b", "c", None], "e": fixed()}, "'w' has no value in row 3"),
        ({"w": WORDS, "e": pa.array([[1.0], [2.0], [3.0], None])}, "'e' has no value in row 3"),
        ({"w": WORDS, "e": pa.array([[1.0], [2.0], [3.0], [None]])}, "row 3 of the column 'e' holds a null"),
        ({"w": WORDS, "e": pa.array([[1.0], [2.0], [3.0, 4.0], [1.0]])}, "row 2 has 2 numbers, the rows before it have 1"),
        ({"w": WORDS, "e": fixed(np.where(ROWS == 7, np.inf, ROWS))}, "row 3 holds NaN"),
        ({"w": WORDS, "e": fixed(np.where(ROWS == 7, 1e39, ROWS.astype(float)), "float64")}, "row 3 holds NaN"),
        ({"w": WORDS, "e": fixed(), "count": [1, 2, 3, -4]}, "row 3 has the count -4"),
        ({"w": WORDS, "e": fixed(), "count": [1, 2, 3, None]}, "'count' has no value in row 3"),
        ({"w": WORDS, "e": pa.array([[], [1.0], [2.0], [3.0]])}, "first list .* has 0 numbers"),
        ({"w": pa.array([], pa.string()), "e": pa.array([], pa.list_(pa.float32()))}, "has no row"),
        ({"w": WORDS}, "one column of lists of numbers, found 0"),
    ],
)
def test_what_is_no_table_is_told_with_its_row(tmp_path, write, columns, reason):
    write(pa.table(columns), tmp_path / "a")
    with pytest.raises(BadFile, match=reason):
        load(tmp_path / "a")


@WRITERS
def test_cut_files_are_refused(tmp_path, write):
    write(pa.table({"w": WORDS, "e": fixed()}), tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    for n_bytes in range(4, len(content) - 8, 11):
        (tmp_path / "a").write_bytes(content[:n_bytes])
        with pytest.raises(BadFile):
            load(tmp_path / "a")


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_pyarrow_reads_what_is_written(tmp_path, form):
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((3000, 50)).astype(np.float32)
    table = Table([f"w{5 * row}" for row in range(3000)], rows, counts=np.arange(3000)[::-1] + 7)
    assert save(table, tmp_path / f"a.{form}") == form
    path = str(tmp_path / f"a.{form}")
    found = parquet.read_table(path) if form == "parquet" else pa.ipc.open_file(path).read_all()
    assert found.column_names == ["token", "vector", "count"]
    assert found["token"].to_pylist() == list(table.tokens)
    assert found["count"].to_pylist() == table.counts.tolist()
    assert found["vector"].type == pa.list_(pa.float32(), 50)
    np.testing.assert_array_equal(np.array(found["vector"].to_pylist(), np.float32), rows)
    streamed = stream(path)
    assert isinstance(streamed.stored[0], FileRows)
    np.testing.assert_array_equal(streamed.stored[0].decode([2999, 0, 1500, 1501]), rows[[2999, 0, 1500, 1501]])


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_tokens_that_are_no_text_are_written_as_bytes(tmp_path, form):
    save(Table(["a", "d\udcc3"], ROWS[:2]), tmp_path / f"a.{form}")
    with pytest.warns(SemapWarning, match="1 tokens are not UTF-8"):
        assert load(tmp_path / f"a.{form}").tokens == ["a", "d\udcc3"]


def test_without_pyarrow_the_install_is_said(tmp_path, monkeypatch):
    write_file(pa.table({"w": WORDS, "e": fixed()}), tmp_path / "a")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"semap\[arrow\]"):
        load(tmp_path / "a")
