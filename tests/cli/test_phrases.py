"""`semap phrases`, and `semap train --phrases`."""

import json

import numpy as np
import pytest

from semap.corpus.phrase_model import PhraseModel
from semap.corpus.phrases import Phrases
from semap.corpus.read import read_text
from semap.formats.load import load
from semap.learn.skipgram import SkipGram

QUICK = ("--dim", "8", "--epochs", "1", "--threads", "1", "-q")


@pytest.fixture
def wiki(tmp_path):
    """Words drawn at random, among them cities of two words and one of three; rare words keep "new" and "york" apart."""
    generator = np.random.default_rng(3)
    pieces = ["new york", "los angeles", "salt lake city", *(f"w{number}" for number in range(40))]
    path = tmp_path / "wiki.txt"
    lines = [" ".join(generator.choice(pieces, 12)) for _ in range(400)] + [f"new once{number} york" for number in range(4)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_phrases_are_shown_and_written(semap, wiki, tmp_path):
    output = tmp_path / "wiki.phrases"
    result = semap("phrases", wiki, "-o", output, "--threshold", "1", "--top", "4")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["phrase", "score", "count"]
    assert {line.split()[0] for line in lines[1:5]} == {"new_york", "los_angeles", "salt_lake", "lake_city"}
    expected = Phrases(threshold=1).fit(read_text(str(wiki), min_count=1))
    assert lines[5] == f"{len(expected):,} phrases among {expected.facts['pairs']:,} different pairs, written to {output}"
    assert PhraseModel.load(output).phrases == expected.phrases


def test_quiet_writes_only_and_json_is_one_document(semap, wiki, tmp_path):
    output = tmp_path / "p"
    result = semap("phrases", wiki, "-o", output, "-q", "--scoring", "npmi", "--connectors", "w1,w2", "--delimiter", "+")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    settings = PhraseModel.load(output).settings
    assert (settings["threshold"], settings["connectors"], settings["delimiter"]) == (0.5, ["w1", "w2"], "+")
    document = json.loads(semap("phrases", wiki, "--json", "-q", "--threshold", "1", "--top", "1").stdout)
    assert document["output"] is None
    assert len(document["phrases"]) == 1
    assert set(document["phrases"][0]) == {"phrase", "score", "count"}
    assert document["found"] > 1


def test_longer_phrases_are_found_after_shorter_ones_and_trained(semap, wiki, tmp_path):
    first, second, table = tmp_path / "1.phrases", tmp_path / "2.phrases", tmp_path / "t.semap"
    assert semap("phrases", wiki, "-o", first, "--threshold", "1", "-q").exit_code == 0
    assert semap("phrases", wiki, "--after", first, "-o", second, "--threshold", "1", "-q").exit_code == 0
    result = semap("train", wiki, "-o", table, "--phrases", first, "--phrases", second, "--min-count", "3", *QUICK)
    assert result.exit_code == 0, result.stderr
    found = load(table)
    assert "salt_lake_city" in found
    assert "new_york" in found
    corpus = read_text(str(wiki), min_count=1)
    for path, least in ((first, 1), (second, 3)):
        corpus = PhraseModel.load(path).apply(corpus, min_count=least)
    expected = SkipGram(dim=8, epochs=1, threads=1).fit(corpus)
    np.testing.assert_array_equal(found.vectors, expected.vectors)
    assert found.metadata == expected.metadata
    assert [each["found"] for each in found.metadata["corpus"]["phrases"]] == [
        len(PhraseModel.load(path)) for path in (first, second)
    ]


def test_a_checkpoint_belongs_to_its_phrases(semap, wiki, tmp_path):
    phrases, state = tmp_path / "p", tmp_path / "state"
    semap("phrases", wiki, "-o", phrases, "--threshold", "1", "-q")
    train = ("train", wiki, "-o", tmp_path / "t.semap", "--checkpoint", state, *QUICK)
    assert semap(*train, "--phrases", phrases, "--every", "0.000001").exit_code == 0
    again = semap(*train, "--resume")
    assert again.exit_code == 1
    assert "corpus (" in again.stderr
    assert semap(*train, "--resume", "--phrases", phrases).exit_code == 0


def test_bad_input_is_one_line(semap, wiki, tmp_path):
    table = tmp_path / "t.semap"
    semap("train", wiki, "-o", table, *QUICK)
    semap("phrases", wiki, "-o", tmp_path / "p.semap", "-q")
    (tmp_path / "broken").write_bytes(b"{}" * 40)
    for arguments, message in (
        (("phrases", wiki, "--scoring", "npmi", "--threshold", "3"), "threshold is 3.0"),
        (("phrases", wiki, "--min-count", "0"), "min_count is 0"),
        (("phrases", wiki, "-o", wiki), "is one of the inputs and would be overwritten"),
        (("phrases", wiki, "--after", table), "holds no phrases but a table"),
        (("phrases", tmp_path / "none.txt"), "none.txt"),
        (("train", wiki, "-o", table, "--phrases", tmp_path / "none.phrases"), "no such file"),
        (("train", wiki, "-o", table, "--phrases", tmp_path / "broken"), "broken"),
        (("train", wiki, "-o", table, "--phrases", table), "holds no phrases but a table"),
        (("train", wiki, "-o", tmp_path / "p.semap", "--phrases", tmp_path / "p.semap"), "would be overwritten"),
    ):
        before = table.read_bytes()
        result = semap(*arguments)
        assert result.exit_code == 1
        assert message in result.stderr
        assert result.stderr.startswith("semap: error: ")
        assert result.stderr.count("\n") == 1
        assert table.read_bytes() == before
