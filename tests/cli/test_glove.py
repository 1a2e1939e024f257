"""`semap glove`: what it writes, says and keeps to."""

import dataclasses
import inspect
import json

import numpy as np
import pytest

from semap.cli.glove import glove
from semap.corpus.read import read_text
from semap.formats.load import load
from semap.learn.glove import GloVe
from semap.text.splitter import Splitter

QUICK = ("--dim", "16", "--epochs", "2", "--threads", "1", "-q")


def test_the_table_is_the_one_that_the_library_makes(semap, text, tmp_path):
    output = tmp_path / "a.semap"
    settings = {"dim": 16, "epochs": 2, "window": 3, "x_max": 20.0, "alpha": 0.5, "vectors": "words", "symmetric": False}
    result = semap(
        "glove", text, "-o", output, *QUICK, "--window", 3, "--x-max", 20, "--alpha", 0.5, "--vectors", "words", "--left-only",
        "--no-distance-weighting", "--memory", 100_000,
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "")
    expected = GloVe(**settings, distance_weighting=False, threads=1).fit(read_text(str(text)))
    table = load(output)
    np.testing.assert_array_equal(table.vectors, expected.vectors)
    assert table.metadata == expected.metadata


def test_json_is_one_document(semap, text, tmp_path):
    result = semap("glove", text, "-o", tmp_path / "a.semap", "--json", *QUICK)
    document = json.loads(result.stdout)
    assert (document["dim"], document["settings"]["learner"]) == (16, "GloVe")
    assert document["training"]["cells"] > 1000
    assert len(document["training"]["losses"]) == 2
    assert document["cells_per_second"] is None or document["cells_per_second"] > 0


def test_without_quiet_it_tells_of_counting_training_and_the_result(semap, text, tmp_path):
    result = semap("glove", text, "-o", tmp_path / "a.semap", *QUICK[:-1])
    assert "counting 100%" in result.stderr
    assert "training 100%" in result.stderr
    assert "cells" in result.stdout
    assert "tokens x 16 float32" in result.stdout


def test_every_setting_is_an_option_with_the_same_default():
    parameters = inspect.signature(glove).parameters
    for field in (*dataclasses.fields(GloVe), *dataclasses.fields(Splitter)):
        assert parameters[field.name].default == field.default
    for name in ("min_count", "max_size"):
        assert parameters[name].default == inspect.signature(read_text).parameters[name].default


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [(("--x-max", "0"), 1, "x_max is 0.0"), (("--window", "0"), 1, "window is 0"), (("--vectors", "all"), 2, "vectors"),
     (("--resume",), 2, "needs --checkpoint"), (("--min-count", "1000000"), 1, "min_count"), (("--memory", "-1"), 1, "memory")],
)  # fmt: skip
def test_bad_input_is_one_line(semap, text, tmp_path, given, code, says):
    result = semap("glove", text, "-o", tmp_path / "a.semap", "-q", *given)
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "a.semap").exists()


def test_a_checkpoint_is_kept_and_gone_on_from(semap, text, tmp_path):
    state = ("--checkpoint", tmp_path / "state", "--every", "0.00001")
    whole = semap("glove", text, "-o", tmp_path / "a.semap", *QUICK, *state)
    again = semap("glove", text, "-o", tmp_path / "b.semap", *QUICK, *state, "--resume")
    assert whole.exit_code == again.exit_code == 0
    assert (tmp_path / "a.semap").read_bytes() == (tmp_path / "b.semap").read_bytes()
