"""Rows that stay in their file are the rows that are read, and writers take them a piece at a time."""

import time

import numpy as np
import pytest

from semap.errors import BadFile, SemapWarning, SettingsError
from semap.formats.filerows import FileRows
from semap.formats.load import load, stream
from semap.formats.save import save
from semap.table.deferred import deferred
from semap.table.table import Table

RNG = np.random.default_rng(5)
TABLE = Table([f"word{7 * row % 1000}" for row in range(1000)], RNG.standard_normal((1000, 6)))
STREAMED = ["word2vec-text", "word2vec-binary", "glove", "numpy", "safetensors", "projector", "arrow", "parquet"]
PAIRS = [*((source, "word2vec-binary") for source in STREAMED), *(("word2vec-text", name) for name in ("semap", *STREAMED))]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr("semap.formats.filerows._NUMBERS_AT_ONCE", 100)
    monkeypatch.setattr("semap.formats.textrows._PIECE", 300)
    monkeypatch.setattr("semap.formats.textrows._ROWS", 17)
    monkeypatch.setattr("semap.formats.word2vec_binary._ROWS_AT_ONCE", 33)


def opened(how, path, name, **settings):
    return how(path, ids=path.with_suffix(".ids.txt") if name in ("numpy", "safetensors") else None, **settings)


def same(found, expected, *names):
    """Equal to the bit; but finalfusion keeps unit vectors and lengths, whose product can differ in the last bit."""
    np.testing.assert_allclose(found, expected, rtol=5e-7 if "finalfusion" in names else 0, atol=0)


@pytest.mark.parametrize("name", STREAMED)
def test_streamed_rows_are_those_that_are_read(tmp_path, name):
    path = tmp_path / "a.x"
    save(TABLE, path, to=name)
    table = opened(stream, path, name)
    assert table.tokens == TABLE.tokens
    rows = table.stored[0]
    assert isinstance(rows, FileRows) or name == "projector"  # whose text is read at once
    same(rows.decode(), TABLE.vectors, name)
    same(table.lookup(["word7", "word0", "word693"]), TABLE.lookup(["word7", "word0", "word693"]), name)
    same(rows.decode(slice(90, 20, -3)), TABLE.vectors[90:20:-3], name)
    for begin, piece in rows.pieces(60):
        same(piece, TABLE.vectors[begin : begin + 10], name)
    first = opened(stream, path, name, words=41)
    assert (len(first), first.stored[0].shape) == (41, (41, 6))
    same(first.vectors, TABLE.vectors[:41], name)


@pytest.mark.parametrize(("source", "name"), PAIRS)
def test_a_streamed_table_is_written_as_one_in_memory(tmp_path, source, name):
    save(TABLE, tmp_path / "a.x", to=source)
    save(opened(stream, tmp_path / "a.x", source), tmp_path / "b.x", to=name)
    again = opened(load, tmp_path / "b.x", name)
    assert again.tokens == TABLE.tokens
    same(again.vectors, TABLE.vectors, source, name)


def test_repeated_tokens_are_left_out_of_a_stream_too(tmp_path):
    (tmp_path / "a").write_text("5 1\ncat 1\nb 2\ncat 3\nd 4\ncat 5\n")
    with pytest.warns(SemapWarning, match="left out 2 of 5 rows"):
        table = stream(tmp_path / "a")
    assert table.tokens == ["cat", "b", "d"]
    np.testing.assert_array_equal(table.vectors, [[1], [2], [4]])


@pytest.mark.parametrize("name", ["word2vec-text", "word2vec-binary", "glove", "numpy", "safetensors"])
def test_a_damaged_row_is_told_when_it_is_reached_and_nothing_is_written(tmp_path, name):
    path = tmp_path / "a.x"
    save(TABLE, path, to=name)
    content = bytearray(path.read_bytes())
    text = name in ("word2vec-text", "glove")
    content[-8:] = b"0 1 0x1\n" if text else np.array([1, np.nan], np.float32).tobytes()[:8]
    if name == "word2vec-binary":
        content[-9:] = np.array([1, np.nan], np.float32).tobytes() + b"\n"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"row 999|line 1,00[01]"):
        save(opened(stream, path, name), tmp_path / "b.bin")
    assert not (tmp_path / "b.bin").exists()


COUNTED = Table(TABLE.tokens, TABLE.vectors, counts=np.arange(1000) * 37 % 1000, metadata={"m": 1}, output_vectors=-TABLE.vectors)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("source", ["word2vec-text", "numpy"])
def test_a_streamed_table_is_stored_smaller_as_one_in_memory_is(tmp_path, source, dtype):
    save(TABLE, tmp_path / "a.x", to=source)
    streamed = opened(stream, tmp_path / "a.x", source)
    deferred(streamed, dtype).save(tmp_path / "b.semap")
    opened(load, tmp_path / "a.x", source).quantize(dtype).save(tmp_path / "c.semap")
    assert (tmp_path / "b.semap").read_bytes() == (tmp_path / "c.semap").read_bytes()
    small = TABLE.quantize(dtype)
    np.testing.assert_array_equal(deferred(streamed, dtype).vectors, small.vectors)
    save(deferred(streamed, dtype), tmp_path / "b.bin")
    np.testing.assert_array_equal(load(tmp_path / "b.bin").vectors, small.vectors)


def test_a_value_that_float16_cannot_hold_is_told_with_its_row(tmp_path):
    rows = np.where(np.arange(1000)[:, None] == 789, 1e6, 1).astype(np.float32)
    save(Table(TABLE.tokens, rows), tmp_path / "a.txt")
    with pytest.raises(SettingsError, match="row 789 has a value of 1e\\+06"):
        deferred(stream(tmp_path / "a.txt"), "float16").save(tmp_path / "b.semap")
    wide = np.where(np.arange(2000)[:, None] == 1990, 1e6, np.ones((1, 700))).astype(np.float32)  # several pieces
    save(Table([str(row) for row in range(2000)], wide), tmp_path / "b.bin")
    with pytest.raises(SettingsError, match="row 1,990 has a value"):
        deferred(stream(tmp_path / "b.bin"), "float16").save(tmp_path / "b.semap")
    with pytest.raises(SettingsError, match="not as 'int4'"):
        deferred(TABLE, "int4")


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_the_most_frequent_words_are_kept_whatever_their_order(tmp_path, dtype):
    COUNTED.quantize(dtype).save(tmp_path / "a")
    table = stream(tmp_path / "a", words=3)
    order = np.argsort(-COUNTED.counts)[:3]
    assert table.tokens == [COUNTED.tokens[int(row)] for row in order]
    assert (table.counts.tolist(), table.dtype, table.metadata) == ([999, 998, 997], dtype, {"m": 1})
    np.testing.assert_array_equal(table.vectors, COUNTED.quantize(dtype).vectors[order])
    np.testing.assert_array_equal(table.output_vectors, COUNTED.quantize(dtype).output_vectors[order])


def test_without_counts_the_first_words_are_kept_and_the_rest_is_not_looked_at(tmp_path):
    save(TABLE, tmp_path / "a.bin")
    content = (tmp_path / "a.bin").read_bytes()
    (tmp_path / "a.bin").write_bytes(content[:-2] + b"\xff\x7f")
    assert stream(tmp_path / "a.bin", words=2).tokens == TABLE.tokens[:2]
    with pytest.raises(SettingsError, match="limit is 0"):
        stream(tmp_path / "a.bin", words=0)


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_rows_in_any_order_are_read_in_one_pass_of_a_file_that_goes_forwards_only(tmp_path, form):
    counts = np.random.default_rng(1).permutation(20_000)
    rows = np.arange(40_000, dtype=np.float32).reshape(-1, 2)
    save(Table([f"w{row}" for row in range(20_000)], rows, counts=counts), tmp_path / f"a.{form}")
    begin = time.process_time()
    table = stream(tmp_path / f"a.{form}", words=10_000)
    np.testing.assert_array_equal(table.vectors, rows[np.argsort(-counts)[:10_000]])
    np.testing.assert_array_equal(table.stored[0].decode([[7, 7], [0, 9]]), table.vectors[[[7, 7], [0, 9]]])
    assert time.process_time() - begin < 3


def test_of_equally_frequent_words_the_first_are_kept(tmp_path):
    counts = np.arange(1000) % 3
    Table(TABLE.tokens, TABLE.vectors, counts=counts).save(tmp_path / "a")
    rows = [row for row in range(1000) if counts[row] == 2][:300]
    assert stream(tmp_path / "a", words=300).tokens == [TABLE.tokens[row] for row in rows]
