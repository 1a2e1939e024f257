"""What the commands that only look at a table print, for people and for machines."""

import json

import numpy as np
import pytest

from semap.cli.opened import path_of
from semap.formats.load import BUILT_IN, load


def test_similar_prints_one_aligned_line_a_neighbour(semap, table):
    result = semap("similar", table, "king", "-k", "2")
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first.split()[0] == "queen"
    assert first.rindex(".") == second.rindex(".")
    assert result.stderr.replace("semap: compiling kernels for this machine, once ...\n", "") == ""


def test_similar_in_json_has_numbers_as_numbers_and_letters_as_letters(semap, table):
    result = semap("similar", table, "Ärger", "-k", "3", "--json")
    document = json.loads(result.stdout)
    assert document["token"] == "Ärger"
    assert "北京" in result.stdout
    assert [type(near["cosine"]) for near in document["neighbours"]] == [float] * 3


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy_finds_the_queen(semap, table, method):
    result = semap("analogy", table, "man", "king", "woman", "--method", method, "-k", "1", "--json")
    document = json.loads(result.stdout)
    assert document["answers"][0]["token"] == "queen"
    assert document["method"] == method


def test_cosine_is_that_of_the_library(semap, table):
    opened = load(table)
    a, b = opened["king"].astype(float), opened["man"].astype(float)
    expected = a @ b / np.sqrt(a @ a * (b @ b))
    assert json.loads(semap("cosine", table, "king", "man", "--json").stdout)["cosine"] == pytest.approx(expected)
    assert semap("cosine", table, "king", "man").stdout == f"king  man  {expected:.4f}\n"


def test_info_tells_what_the_table_is(semap, table):
    document = json.loads(semap("info", table, "--verify", "--json").stdout)
    assert (document["tokens"], document["dim"], document["dtype"], document["counts"]) == (8, 4, "float32", True)
    assert document["sha256"] == "right"
    assert document["metadata"] == {"text": {"lowercase": False}}
    assert "tokens          8" in semap("info", table).stdout


def test_info_verify_finds_one_changed_bit(semap, table):
    content = bytearray(table.read_bytes())
    content[-1] ^= 1
    table.write_bytes(content)
    assert semap("info", table).exit_code == 0
    result = semap("info", table, "--verify")
    assert result.exit_code == 1
    assert "expected SHA-256" in result.stderr


def test_evaluate_scores_both_kinds_of_gold(semap, table, tmp_path):
    questions, pairs = tmp_path / "questions.txt", tmp_path / "pairs.txt"
    questions.write_text(": royal\nman king woman queen\nman king woman duchess\n")
    pairs.write_text("king queen 9\nking apple 1\nking nobody 5\nman apple 2\n")
    result = semap("evaluate", table, "--analogies", questions, "--similarity", pairs, "--json")
    document = json.loads(result.stdout)
    assert document["analogies"][0]["total"]["correct"] == 1
    assert document["analogies"][0]["total"]["accuracy"] == 1.0
    assert (document["similarity"][0]["used"], document["similarity"][0]["asked"]) == (3, 4)
    wrong = json.loads(semap("evaluate", table, "--analogies", questions, "--oov", "wrong", "--json").stdout)
    assert wrong["analogies"][0]["total"]["accuracy"] == 0.5
    plain = semap("evaluate", table, "--analogies", questions, "--similarity", pairs)
    assert plain.stdout.splitlines()[0].split() == ["section", "correct", "answered", "asked", "accuracy", "coverage"]
    assert "3CosAdd" in plain.stdout
    assert str(pairs) in plain.stdout


def test_a_warning_is_one_line_and_not_in_the_json(semap, table, tmp_path):
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("king queen 9\nking apple 1\nnonsense\n")
    result = semap("evaluate", table, "--similarity", pairs, "--json")
    assert result.stderr.startswith("semap: warning: 1 of ")
    assert result.stderr.count("\n") == 1
    json.loads(result.stdout)


@pytest.mark.parametrize("ending", [".txt", ".bin", ".glove", ".npy", ".semap"])
def test_convert_writes_what_similar_reads(semap, table, tmp_path, ending):
    output = tmp_path / f"out{ending}"
    result = semap("convert", table, output, "--words", "5")
    assert result.exit_code == 0, result.stderr
    assert "5 tokens x 4" in result.stdout
    ids = ["--ids", tmp_path / "out.ids.txt"] if ending == ".npy" else []
    again = semap("similar", output, "king", "-k", "1", *ids)
    assert again.stdout.split()[0] == "queen"
    assert (json.loads(semap("info", output, *ids, "--json").stdout))["tokens"] == 5


def test_convert_can_quantize_in_place(semap, table):
    assert json.loads(semap("convert", table, table, "--quantize", "int8", "--json").stdout)["dtype"] == "int8"
    assert load(table).dtype == "int8"


def test_a_token_with_control_characters_is_escaped_for_people_and_exact_for_machines(semap, tmp_path):
    np.save(tmp_path / "a.npy", np.eye(3)[[0, 0, 1]])
    (tmp_path / "ids.txt").write_bytes(b"plain\n\x1b[31mred\nlatin\xff\n")
    arguments = ("similar", tmp_path / "a.npy", "plain", "--ids", tmp_path / "ids.txt")
    result = semap(*arguments)
    assert "\x1b" not in result.stdout
    assert "\\x1b[31mred" in result.stdout
    assert "latin\\udcff" in result.stdout
    neighbours = json.loads(semap(*arguments, "--json").stdout)["neighbours"]
    assert [near["token"] for near in neighbours] == ["\x1b[31mred", "latin\udcff"]


def test_a_token_that_begins_with_a_dash_comes_after_two(semap, tmp_path):
    np.save(tmp_path / "a.npy", np.eye(2))
    (tmp_path / "ids.txt").write_text("-x\nother\n")
    result = semap("similar", "--ids", tmp_path / "ids.txt", "--", tmp_path / "a.npy", "-x")
    assert result.stdout.split()[0] == "other"


@pytest.mark.skipif(not path_of(BUILT_IN[0]).is_file(), reason="the built-in table has not been made yet (data/english.semap)")
def test_the_built_in_table_knows_the_queen(semap):
    result = semap("analogy", "english", "man", "king", "woman", "-k", "3", "--json")
    assert "queen" in [answer["token"] for answer in json.loads(result.stdout)["answers"]]


def test_every_help_has_examples(semap):
    for command in ("train", "similar", "analogy", "cosine", "info", "evaluate", "convert", "tour", "demo"):
        result = semap(command, "--help")
        assert result.exit_code == 0
        assert f"semap {command}" in result.stdout.split("Examples:")[1]
    assert "semap train" in semap("--help").stdout


def test_version_is_that_of_the_package(semap):
    from semap import __version__

    assert semap("--version").stdout == f"semap {__version__}\n"
