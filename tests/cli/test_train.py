"""`semap train`: what it writes, says and keeps to."""

import dataclasses
import inspect
import json

import numpy as np
import pytest

from semap.cli.train import train
from semap.corpus.read import read_text
from semap.formats.load import load
from semap.learn.cbow import CBOW
from semap.learn.skipgram import SkipGram
from semap.text.splitter import Splitter

QUICK = ("--dim", "16", "--epochs", "2", "--threads", "1", "-q")


def test_the_table_is_the_one_that_the_library_makes(semap, text, tmp_path):
    output = tmp_path / "a.semap"
    result = semap("train", text, "-o", output, *QUICK)
    assert (result.exit_code, result.stdout) == (0, "")
    expected = SkipGram(dim=16, epochs=2, threads=1).fit(read_text(str(text)))
    table = load(output)
    np.testing.assert_array_equal(table.vectors, expected.vectors)
    assert table.metadata == expected.metadata


def test_quiet_says_nothing_and_json_is_one_document(semap, text, tmp_path):
    result = semap("train", text, "-o", tmp_path / "a.semap", "--json", *QUICK)
    document = json.loads(result.stdout)
    assert result.stderr == ""
    assert (document["dim"], document["dtype"], document["format"]) == (16, "float32", "semap")
    assert document["bytes"] == (tmp_path / "a.semap").stat().st_size
    assert len(document["training"]["losses"]) == 2
    assert document["corpus"]["tokens_read"] == 60_000
    assert document["words_per_second"] is None or document["words_per_second"] > 0
    assert set(document["seconds"]) == {"reading", "training", "saving"}


def test_without_quiet_it_tells_of_progress_and_of_the_result(semap, text, tmp_path):
    result = semap("train", text, "-o", tmp_path / "a.semap", *QUICK[:-1])
    assert "training 100%" in result.stderr
    assert "loss" in result.stderr
    assert "\x1b" not in result.stderr + result.stdout
    assert "tokens x 16 float32" in result.stdout


def test_every_setting_of_a_learner_is_an_option_with_the_same_default():
    parameters = inspect.signature(train).parameters
    for learner in (SkipGram, CBOW):
        for field in dataclasses.fields(learner):
            default = parameters[field.name].default
            assert default == field.default or (field.name in ("dim", "learning_rate") and default is None)
    for field in dataclasses.fields(Splitter):
        assert parameters[field.name].default == field.default
    for name in ("min_count", "max_size"):
        assert parameters[name].default == inspect.signature(read_text).parameters[name].default


def test_options_reach_the_settings(semap, text, tmp_path):
    options = {
        "dim": 8, "window": 3, "negatives": 2, "sample": 0.01, "ns_exponent": 0.5, "learning_rate": 0.05, "epochs": 1,
        "lanes": 2, "block": 32, "pool": 20, "seed": 9,
    }  # fmt: skip
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    output = tmp_path / "a.semap"
    more = ("--fixed-window", "--keep-output", "--model", "cbow", "--compat", "word2vec", "--min-count", "7")
    text_options = ("--max-size", "50", "--split", "whitespace", "--no-lowercase", "--normalize", "none", "-q")
    result = semap("train", text, "-o", output, *given, *more, *text_options, "--threads", "2")
    assert (result.exit_code, result.stderr) == (0, "")
    table = load(output)
    settings = table.metadata["settings"]
    assert {name: settings[name] for name in options} == options
    assert (settings["learner"], settings["compat"], settings["fixed_window"]) == ("CBOW", "word2vec", True)
    assert table.output_vectors is not None
    assert table.metadata["text"] == {"split": "whitespace", "lowercase": False, "normalize": None, "errors": "replace"}
    assert (len(table), table.metadata["corpus"]["min_count"]) == (50, 7)


def test_softmax_is_an_objective(semap, text, tmp_path):
    arguments = ("--objective", "softmax", "--max-size", "20", "--epochs", "1", "--dim", "4", "--threads", "1", "-q")
    assert semap("train", text, "-o", tmp_path / "a.semap", *arguments).exit_code == 0


def test_several_files_and_standard_input_are_read(spawn, text, tmp_path):
    content = text.read_bytes()
    (tmp_path / "a.txt").write_bytes(content[: len(content) // 2])
    (tmp_path / "b.txt").write_bytes(content[len(content) // 2 :])
    with text.open("rb") as stream:
        piped = spawn("train", "-", "-o", tmp_path / "piped.semap", *QUICK, stdin=stream)
    named = spawn("train", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / "named.semap", "--json", *QUICK)
    assert piped.wait(60) == 0
    out, err = named.communicate(timeout=60)
    assert err == b""
    assert 60_000 <= json.loads(out)["corpus"]["tokens_read"] <= 60_001  # the cut may go through a word
    assert len(load(tmp_path / "piped.semap")) == len(load(tmp_path / "named.semap"))


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_the_output_can_be_quantized(semap, text, tmp_path, dtype):
    result = semap("train", text, "-o", tmp_path / "a.semap", "--quantize", dtype, "--json", *QUICK)
    assert json.loads(result.stdout)["dtype"] == load(tmp_path / "a.semap").dtype == dtype


def test_training_goes_on_from_a_table(semap, text, tmp_path):
    first, second, third = (tmp_path / f"{name}.semap" for name in "abc")
    assert semap("train", text, "-o", first, "--keep-output", *QUICK).exit_code == 0
    result = semap("train", text, "-o", second, "--init", first, "--epochs", "1", "--threads", "1", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert load(second).dim == 16
    result = semap("train", text, "-o", third, "--init", first, "--dim", "8", "-q")
    assert "dim is 8, the table to go on from has 16" in result.stderr
    assert result.exit_code == 1


def test_the_ending_names_the_format_and_what_is_lost_is_said(semap, text, tmp_path):
    result = semap("train", text, "-o", tmp_path / "a.vec", *QUICK)
    assert result.exit_code == 0
    assert result.stderr.startswith("semap: warning: ")
    assert "left out: counts" in result.stderr
    assert (tmp_path / "a.vec").read_text().splitlines()[0].endswith(" 16")


def test_replaced_bytes_are_counted_in_one_line(semap, tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"un caf\xe9 noir\n" * 300)
    result = semap("train", tmp_path / "latin.txt", "-o", tmp_path / "a.semap", *QUICK)
    assert result.stderr.splitlines()[0].startswith("semap: warning: 300 times bytes that are not UTF-8")


def test_sub_words_give_words_that_were_never_seen_a_vector(semap, text, tmp_path):
    output = tmp_path / "a.semap"
    options = ("--dim", 8, "--epochs", 1, "--threads", "1", "--subwords", "2, 5", "--buckets", 900, "--compat", "fasttext", "-q")
    result = semap("train", text, "-o", output, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    table = load(output)
    settings = table.metadata["settings"]
    assert (settings["subwords"], settings["buckets"], settings["compact"]) == ([2, 5], 900, False)
    assert settings["compat"] == "fasttext"
    assert table["neverseen"].any()
    assert semap("train", text, "-o", output, "--dim", 8, "--epochs", 1, "--subwords", "3,6", "--compact", "-q").exit_code == 0
    assert load(output).subwords.ngrams.hash == "floret"
