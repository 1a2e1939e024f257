"""fastText files on the command line: out and in again, words that are composed, and supervised models."""

import json
from pathlib import Path

import numpy as np
import pytest

from semap.formats.load import load
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

SUPERVISED = Path(__file__).parents[2] / "../shared/data/formats/gensim/pang_lee_polarity_fasttext.bin"


@pytest.fixture
def composing(tmp_path):
    rng = np.random.default_rng(6)
    rows = SubwordRows(NGrams(3, 5, 70), StoredRows(rng.normal(size=(70, 4)).astype(np.float32)))
    table = Table(["owl", "hen", "Ärger"], rng.normal(size=(3, 4)), counts=[5, 4, 3], subwords=rows)
    table.save(tmp_path / "birds.semap")
    return tmp_path / "birds.semap"


def test_a_table_becomes_a_fasttext_model_and_comes_back_with_its_n_grams(semap, composing, tmp_path):
    assert semap("convert", composing, tmp_path / "birds.bin", "--to", "fasttext").exit_code == 0
    told = semap("convert", tmp_path / "birds.bin", tmp_path / "again.semap", "--words", "2")
    assert (told.exit_code, told.stderr) == (0, "")
    before, after = load(composing), load(tmp_path / "again.semap")
    assert after.tokens == ["owl", "hen"]
    np.testing.assert_allclose(after.lookup(["hen", "owls", "北京"]), before.lookup(["hen", "owls", "北京"]), atol=1e-6)


def test_questions_are_asked_of_words_that_the_file_lacks(semap, composing):
    near = json.loads(semap("similar", composing, "owls", "--json").stdout)["neighbours"]
    assert {each["token"] for each in near} == {"owl", "hen", "Ärger"}
    assert semap("cosine", composing, "owls", "henhouse").exit_code == 0
    answers = json.loads(semap("analogy", composing, "owl", "owls", "hen", "--json").stdout)["answers"]
    assert [each["token"] for each in answers] == ["Ärger"]
    refused = semap("similar", composing, "")
    assert refused.exit_code == 1
    assert "no n-gram" in refused.stderr


def test_scores_say_how_many_pairs_were_composed(semap, composing, tmp_path):
    gold = tmp_path / "gold.txt"
    gold.write_text("owl hen 5\nowls hen 4\nowl hens 1\n")
    plain = semap("evaluate", composing, "--similarity", gold).stdout.split()
    assert plain[plain.index("used") :][:5] == ["used", "composed", "asked", "coverage", "unknown"]
    scores = json.loads(semap("evaluate", composing, "--similarity", gold, "--json").stdout)["similarity"][0]
    assert (scores["used"], scores["known"], scores["composed"]) == (3, 1, 2)
    semap("convert", composing, tmp_path / "plain.vec", "--quiet")
    assert "composed" not in semap("evaluate", tmp_path / "plain.vec", "--similarity", gold).stdout


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
@pytest.mark.skipif(not SUPERVISED.is_file(), reason="the shared data (../shared/data/formats) is not there")
def test_of_a_supervised_model_words_or_labels_are_asked_for(semap, tmp_path):
    refused = semap("convert", SUPERVISED, tmp_path / "a.semap")
    assert refused.exit_code == 1
    assert "tell 2 labels" in refused.stderr
    assert "--part words" in refused.stderr
    assert not (tmp_path / "a.semap").exists()
    for part, n_tokens in (("words", 1694), ("labels", 2)):
        assert semap("convert", SUPERVISED, tmp_path / "a.semap", "--part", part).exit_code == 0
        assert len(load(tmp_path / "a.semap")) == n_tokens
    assert "give 'words' or 'labels'" in semap("convert", SUPERVISED, tmp_path / "b.semap", "--part", "rows").stderr
