"""`semap dimensions`: the table, the files it writes, and what it refuses."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

QUICK = ("--dims", "2,6", "--epochs", "1", "--sample", "0")


def test_it_shows_a_line_for_each_size_and_writes_both_files(semap, text, tmp_path):
    plot, table = tmp_path / "sizes.svg", tmp_path / "sizes.json"
    result = semap("dimensions", text, *QUICK, "-o", plot, "-o", table)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][:3] == ["dim", "held-out", "loss"]
    assert [line[0] for line in lines[1:3]] == ["2", "6"]
    assert "held-out loss: best at" in result.stdout
    assert "training 100%" in result.stderr
    ElementTree.parse(plot)
    document = json.loads(table.read_text())
    assert [each["dim"] for each in document["results"]] == [2, 6]
    assert f"{document['results'][0]['held_out_loss']:.4f}" == lines[1][1]


def test_json_is_one_document_and_quiet_with_a_file_says_nothing(semap, text, tmp_path):
    document = json.loads(semap("dimensions", text, *QUICK, "--min-count", 1, "--json", "-q").stdout)
    assert document["n_tokens"] + document["n_held_out"] == 60_000
    assert document["settings"]["learner"] == "SkipGram"
    result = semap("dimensions", text, *QUICK, "-q", "--model", "cbow", "-o", tmp_path / "a.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert json.loads((tmp_path / "a.json").read_text())["settings"]["learner"] == "CBOW"


def test_gold_files_give_columns(semap, text, tmp_path):
    (tmp_path / "pairs.txt").write_text("w1 w2 3\nw3 w9 1\nw5 w7 2\n")
    result = semap("dimensions", text, *QUICK, "-q", "--similarity", tmp_path / "pairs.txt")
    assert "similarity" in result.stdout.splitlines()[0]


def test_known_sizes_need_no_text(semap):
    shown = semap("dimensions", "--known").stdout
    assert "12,288" in shown
    assert "2,457.6" in shown
    assert "an estimate" in shown
    known = json.loads(semap("dimensions", "--known", "--json").stdout)["known"]
    assert [each["dims"] for each in known] == [[50, 300], [768, 768], [12_288, 12_288], [8_192, 8_192], [32, 256]]


@pytest.mark.parametrize(
    "arguments",
    [(), ("--known", "a.txt"), ("--known", "-o", "a.svg"), ("a.txt", "--dims", "8,x"), ("a.txt", "--dims", "0")],
    ids=["no text", "known and text", "known and output", "no numbers", "zero"],
)
def test_wrong_usage_exits_with_2(semap, arguments):
    assert semap("dimensions", *arguments).exit_code == 2


def test_bad_input_is_one_line_and_exit_1(semap, text, tmp_path):
    (tmp_path / "short.txt").write_text("a b c\n" * 9)
    for arguments, said in (
        ((tmp_path / "no.txt",), "no.txt"),
        ((tmp_path / "short.txt",), "100 words are the least"),
        ((text, "-o", tmp_path / "plot.png"), "must be .json"),
        ((text, "-o", tmp_path / "no" / "plot.svg"), "cannot write"),
        ((text, "--held-out", "1.5"), "held_out is 1.5"),
        ((text, "--analogies", tmp_path / "no.txt"), "no gold file"),
    ):
        result = semap("dimensions", *arguments, "-q")
        assert result.exit_code == 1
        assert said in result.stderr
        assert result.stderr.startswith("semap: error: ")
        assert len(result.stderr.splitlines()) == 1
