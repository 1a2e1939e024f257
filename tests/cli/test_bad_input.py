"""Bad input: one line on standard error, exit 1; wrong usage: exit 2; nothing half-written."""

import numpy as np
import pytest

from semap.cli.opened import path_of
from semap.formats.load import BUILT_IN


def fails(result, *parts):
    """The result is one line of error that holds all parts."""
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("semap: error: ")
    for part in parts:
        assert part in lines[0]
    assert result.stdout == ""


def test_an_unknown_token_comes_with_the_nearest_spelling(semap, table):
    fails(semap("similar", table, "quen"), "'quen' is not among the 8 tokens", "'queen'")
    fails(semap("analogy", table, "man", "kin", "woman"), "'king'")
    fails(semap("cosine", table, "apple", "aple", "--json"), "'apple'")


def test_a_missing_table_is_named(semap, tmp_path):
    for command in (["similar", "x"], ["analogy", "a", "b", "c"], ["cosine", "a", "b"], ["info"]):
        fails(semap(command[0], tmp_path / "no.semap", *command[1:]), "no.semap", "no such file")


@pytest.mark.parametrize("kept", [0, 7, 100, 400, -1])
def test_a_truncated_table_is_refused(semap, table, kept):
    table.write_bytes(table.read_bytes()[:kept])
    for command in ("info", "similar"):
        fails(semap(command, table, *(["king"] if command == "similar" else [])), str(table))


def test_a_padded_table_is_refused(semap, table):
    table.write_bytes(table.read_bytes() + b"\0")
    fails(semap("info", table), "longer than its header says")


def test_a_folder_is_no_table(semap, tmp_path):
    fails(semap("info", tmp_path), "is a folder")


def test_ids_must_fit(semap, table, tmp_path):
    vectors, ids = tmp_path / "v.npy", tmp_path / "ids.txt"
    np.save(vectors, np.eye(3))
    fails(semap("similar", vectors, "a"), "--ids")
    fails(semap("similar", vectors, "a", "--ids", ids), "ids.txt")
    ids.write_text("a\nb\n")
    fails(semap("similar", vectors, "a", "--ids", ids), "2 ids", "3 rows")
    ids.write_text("a\nb\na\n")
    fails(semap("similar", vectors, "a", "--ids", ids), "'a' stands twice")
    fails(semap("similar", table, "king", "--ids", ids), "ids go with NumPy, safetensors, TensorFlow projector files")
    np.save(vectors, np.array([[1, np.nan], [1, 2], [3, 4]]))
    ids.write_text("a\nb\nc\n")
    fails(semap("similar", vectors, "a", "--ids", ids), "NaN")
    fails(semap("info", vectors, "--ids", ids, "--verify"), "NaN")


def test_an_output_that_cannot_be_written_is_told_before_training(semap, text, tmp_path):
    for output in (tmp_path / "no" / "a.semap", tmp_path):
        result = semap("train", text, "-o", output if output.suffix else output / "x.semap" / "y.semap")
        fails(result, "cannot write")
    (tmp_path / "folder.semap").mkdir()
    fails(semap("train", text, "-o", tmp_path / "folder.semap"), "not a regular file")
    fails(semap("train", text, "-o", tmp_path / "a.xyz"), "a.xyz", ".semap (semap)")
    (tmp_path / "state").write_text("a file")
    fails(semap("train", text, "-o", tmp_path / "a.semap", "--checkpoint", tmp_path / "state", "-q"), "state", "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.semap", "state"]


def test_what_stood_at_the_output_stays_when_training_fails(semap, text, tmp_path):
    output = tmp_path / "a.semap"
    output.write_text("precious")
    fails(semap("train", text, "-o", output, "--min-count", "1000000", "-q"), "comes 1,000,000 times")
    assert output.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [output]


def test_an_input_is_never_the_output(semap, tmp_path):
    source = tmp_path / "words.txt"
    source.write_text("a b c\n" * 100)
    fails(semap("train", source, "-o", tmp_path / "." / "words.txt"), "would be overwritten")
    assert source.read_text() == "a b c\n" * 100


@pytest.mark.parametrize("source", ["folder", "folder/sub", "folder/*/*.txt", "folder/**", "link.txt", "twin.txt"])
def test_an_output_that_a_folder_a_pattern_or_a_link_would_read_is_refused(semap, tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    output = tmp_path / "folder" / "sub" / "words.txt"
    output.parent.mkdir(parents=True)
    output.write_text("a b c\n" * 100)
    (tmp_path / "link.txt").symlink_to(output)
    (tmp_path / "twin.txt").hardlink_to(output)
    (tmp_path / "other.txt").write_text("d e f\n" * 100)
    for names in ([source], ["other.txt", source]):
        fails(semap("train", *names, "-o", output, "-q"), "words.txt is one of the inputs and would be overwritten")
    assert output.read_text() == "a b c\n" * 100


def test_an_output_beside_the_inputs_of_a_folder_is_written_and_only_later_one_of_them(semap, tmp_path):
    (tmp_path / "words.txt").write_text("a b c\n" * 100)
    quick = ("--dim", "4", "--epochs", "1", "--threads", "1", "-q")
    for output in (tmp_path / "a.semap", tmp_path / "a.semap", tmp_path / "vectors.txt"):  # a table is no text: it may be there
        assert semap("train", tmp_path, "-o", output, *quick).exit_code == 0
    fails(semap("train", tmp_path, "-o", tmp_path / "vectors.txt", *quick), "would be overwritten")


def test_text_that_is_missing_or_empty_is_told(semap, tmp_path):
    output = tmp_path / "a.semap"
    fails(semap("train", tmp_path / "no.txt", "-o", output, "-q"), "no.txt")
    fails(semap("train", "", "-o", output, "-q"), "the name of a file is empty")
    (tmp_path / "b.semap").touch()
    fails(semap("train", "", "-o", tmp_path / "b.semap", "-q"), "the name of a file is empty")
    empty = tmp_path / "empty.txt"
    empty.touch()
    fails(semap("train", empty, "-o", output, "-q"), "holds no token")
    folder = tmp_path / "folder"
    folder.mkdir()
    fails(semap("train", folder, "-o", output, "-q"), "no text file")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 " * 100)
    fails(semap("train", tmp_path / "latin.txt", "-o", output, "-q", "--errors", "strict"), "latin.txt", "byte 3")
    assert not output.exists()


def test_a_table_is_no_text_to_train_on(semap, table, tmp_path):
    output = tmp_path / "b.semap"
    fails(semap("train", table, "-o", output, "-q"), "small.semap", "--init FILE", "semap info FILE")
    fails(semap("train", table, tmp_path, "-o", output, "-q"), "no text file")
    assert not output.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--dim", "0"], "dim is 0"),
        (["--window", "-1"], "window is -1"),
        (["--epochs", "0"], "epochs is 0"),
        (["--threads", "-2"], "threads is -2"),
        (["--learning-rate", "nan"], "learning_rate is nan"),
        (["--min-count", "0"], "min_count is 0"),
        (["--model", "cbow", "--objective", "softmax"], "CBOW knows"),
        (["--compat", "word2vec"], "--model cbow"),
        (["--subwords", "6,3"], "upside down"),
        (["--subwords", "0,3"], "min_n is 0"),
        (["--buckets", "100"], "subwords is None"),
        (["--compact"], "subwords is None"),
    ],
)
def test_a_setting_out_of_range_is_named(semap, text, tmp_path, options, says):
    fails(semap("train", text, "-o", tmp_path / "a.semap", "-q", *options), says)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["train", "a.txt"],
        ["train", "a.txt", "-o", "b.semap", "--lanes", "many"],
        ["train", "a.txt", "-o", "b.semap", "--lanes", "0"],
        ["train", "a.txt", "-o", "b.semap", "--subwords", "3"],
        ["train", "a.txt", "-o", "b.semap", "--subwords", "3,six"],
        ["train", "a.txt", "-o", "b.semap", "--buckets", "0"],
        ["train", "a.txt", "-o", "b.semap", "--resume"],
        ["train", "a.txt", "-o", "b.semap", "--every", "3"],
        ["train", "a.txt", "-o", "b.semap", "--checkpoint", "d", "--every", "0"],
        ["train", "a.txt", "-o", "b.semap", "--init-ids", "d"],
        ["similar", "a.semap", "king", "-k", "0"],
        ["analogy", "a.semap", "man", "king"],
        ["evaluate", "a.semap"],
        ["tour", "13"],
    ],
)
def test_wrong_usage_leaves_with_2(semap, arguments):
    result = semap(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_gold_without_a_question_is_told(semap, table, tmp_path):
    gold = tmp_path / "gold.txt"
    gold.write_text("nothing here\n")
    for kind in ("--analogies", "--similarity"):
        fails(semap("evaluate", table, kind, gold), "gold.txt")
        fails(semap("evaluate", table, kind, tmp_path / "no.txt"), "no.txt")


@pytest.mark.skipif(path_of(BUILT_IN[0]).is_file(), reason="the built-in table is here")
def test_a_built_in_table_that_is_not_installed_is_told(semap):
    fails(semap("info", "english"), "not part of this installation")


def test_a_line_break_in_a_name_does_not_break_the_line(semap, tmp_path):
    fails(semap("info", tmp_path / "a\nb"), "a\\nb")
