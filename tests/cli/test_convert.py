"""`semap convert`: columns and tensors by name, folders, and which words were kept."""

import json

import numpy as np
import pytest

from semap.formats.load import load

ROWS = np.array([[1, 2.5], [3, -4], [5, 0.125]], np.float32)


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_columns_are_named_on_the_command_line(semap, tmp_path, form):
    pa = pytest.importorskip("pyarrow", reason="pyarrow comes with semap[arrow]")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"a": ["x", "y", "z"], "b": ["cat", "dog", "sea"], "u": ROWS.tolist(), "v": (-ROWS).tolist()})
    path = tmp_path / "in"
    if form == "parquet":
        parquet.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    failed = semap("convert", path, tmp_path / "out.semap")
    assert (failed.exit_code, "--tokens" in failed.stderr) == (1, True)
    done = semap("convert", path, tmp_path / "out.semap", "--tokens", "b", "--vectors", "v", "--quantize", "float16", "--json")
    assert json.loads(done.stdout)["dtype"] == "float16"
    again = load(tmp_path / "out.semap")
    assert again.tokens == ["cat", "dog", "sea"]
    np.testing.assert_array_equal(again.vectors, -ROWS)


def test_a_folder_for_the_projector_is_written_and_read(semap, table, tmp_path, recwarn):
    done = semap("convert", table, tmp_path / "folder", "--to", "projector", "--json")
    facts = json.loads(done.stdout)
    assert facts["bytes"] == sum(file.stat().st_size for file in (tmp_path / "folder").iterdir())
    assert load(tmp_path / "folder").tokens == load(table).tokens
    (tmp_path / "file").write_text("here")
    assert semap("convert", table, tmp_path / "file", "--to", "projector").exit_code == 1
    assert (tmp_path / "file").read_text() == "here"


def test_which_words_were_kept_is_said(semap, table, tmp_path, recwarn):
    assert "(the most frequent)" in semap("convert", table, tmp_path / "a.txt", "--words", "3").stdout
    told = semap("convert", tmp_path / "a.txt", tmp_path / "b.bin", "--words", "2").stdout
    assert "2 tokens" in told
    assert "(the first of the file, which has no counts)" in told


def test_a_damaged_row_is_one_line_and_nothing_is_written(semap, tmp_path):
    (tmp_path / "a.txt").write_text("2 2\ncat 1 2\ndog 1 x\n")
    done = semap("convert", tmp_path / "a.txt", tmp_path / "b.bin")
    assert (done.exit_code, "line 3 ('dog')" in done.stderr.splitlines()[-1]) == (1, True)
    assert not (tmp_path / "b.bin").exists()
