"""`semap encode` and `semap trace`."""

import json

import numpy as np
import pytest

from semap.encode.pipeline import Pipeline
from semap.formats.load import load


def test_vectors_go_to_an_array_a_line_a_row(semap, table, tmp_path):
    (tmp_path / "texts.txt").write_text("king man\n\nqueen\n")
    result = semap("encode", table, tmp_path / "texts.txt", "-o", tmp_path / "v.npy", "--pooling", "mean", "--quiet")
    assert (result.exit_code, result.stdout) == (0, "")
    found = np.load(tmp_path / "v.npy")
    opened = load(table)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [(opened["king"] + opened["man"]) / 2, np.zeros(4), opened["queen"]], rtol=1e-6)


def test_standard_input_becomes_json_lines(semap, table):
    result = semap("encode", table, "--json", "--pooling", "max", "--normalize", stdin="king\nqueen man\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1])
    assert rows[0] == pytest.approx((load(table)["king"] / np.linalg.norm(load(table)["king"])).tolist())


def test_an_empty_file_makes_an_array_without_rows(semap, table, tmp_path):
    (tmp_path / "none.txt").write_text("")
    result = semap("encode", table, tmp_path / "none.txt", "-o", tmp_path / "v.npy", "--pooling", "mean")
    assert result.exit_code == 0
    assert np.load(tmp_path / "v.npy").shape == (0, 4)


def test_a_saved_pipeline_encodes_with_its_own_settings(semap, table, tmp_path):
    Pipeline.from_table(load(table), pooling="max").save(tmp_path / "p.semap")
    result = semap("encode", tmp_path / "p.semap", "--json", stdin="king queen")
    assert json.loads(result.stdout) == pytest.approx(load(table).lookup(["king", "queen"]).max(axis=0).tolist())
    result = semap("encode", tmp_path / "p.semap", "--json", "--pooling", "mean", stdin="king")
    assert result.exit_code == 1
    assert "has its own settings" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "give -o OUT.npy, or --json"),
        (("-o", "vectors.txt"), 1, "give a name that ends so"),
        (("nowhere.txt", "--json"), 1, "there is no file 'nowhere.txt'"),
        (("nowhere.txt", "-o", "nowhere/v.npy"), 1, "cannot write"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(semap, table, arguments, code, message):
    result = semap("encode", table, *arguments)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_the_array_appears_only_when_it_is_whole(semap, table, tmp_path):
    (tmp_path / "v.npy").write_bytes(b"before")
    (tmp_path / "texts.txt").write_bytes(b"\x80\x04 \x00 pickled")
    result = semap("encode", table, tmp_path / "texts.txt", "-o", tmp_path / "v.npy", "--pooling", "mean")
    assert result.exit_code == 1
    assert "is no text" in result.stderr
    assert (tmp_path / "v.npy").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.semap", "texts.txt", "v.npy"]


def test_trace_prints_stages_and_draws_them(semap, table, tmp_path):
    result = semap("trace", table, "king xyzzy", "--pooling", "mean", "--svg", tmp_path / "t.svg")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["token", "king", "xyzzy", "mean:", "drawn"]
    assert (tmp_path / "t.svg").read_text().startswith("<svg")


def test_trace_in_json_has_every_number(semap, table):
    result = semap("trace", table, "king man", "--positions", "sinusoidal", "--json")
    document = json.loads(result.stdout)
    assert document["tokens"] == ["king", "man"]
    assert document["rows"] == [2, 3]
    assert document["positions"][0] == [0, 1, 0, 1]
    assert document["pooled"] is None
