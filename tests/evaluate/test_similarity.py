"""Similarity of word pairs: by hand, and equal to SciPy's and gensim's."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import semap.evaluate
from semap.errors import EmptyGold, FileMissing, SemapWarning, SettingsError
from semap.evaluate.word_pairs import average_ranks, correlation
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

GOLD_FOLDER = Path(__file__).parents[2] / "../shared/data/eval/similarity"
# cosines: cat dog 1, cat car 0, dog car 0, cat anti -1
TABLE = Table(["anti", "car", "dog", "cat"], [[-2, 0], [0, 3], [5, 0], [1, 0]])


def test_pairs_are_scored_by_their_cosines():
    scores = semap.evaluate.similarity(TABLE, ["cat\tdog\t9", "cat\tcar\t2", "dog\tanti\t1"])
    assert scores.spearman == pytest.approx(1)
    assert scores.pearson == pytest.approx(np.corrcoef([1, 0, -1], [9, 2, 1])[0, 1])
    assert (scores.used, scores.asked, scores.coverage) == (3, 3, 1)


def test_words_that_are_composed_of_n_grams_are_scored_and_counted_apart():
    text = {"text": {"split": "words", "lowercase": True, "normalize": "NFC", "errors": "replace"}}
    one_bucket = SubwordRows(NGrams(4, 4, 1), StoredRows(np.array([[0, 1]], np.float32)))  # the direction of "car"
    table = Table(TABLE.tokens, TABLE.vectors, subwords=one_bucket, metadata=text)
    lines = ["cat dog 9", "dog anti 1", "cat LORRY 2", "car lorry 8", "x lorry 5"]
    scores = semap.evaluate.similarity(table, lines)
    assert (scores.used, scores.known, scores.composed, scores.asked) == (4, 2, 2, 5)
    assert scores.unknown_words == ("x",)  # too short for an n-gram of four characters
    assert scores.pearson == pytest.approx(np.corrcoef([1, -1, 0, 1], [9, 1, 2, 8])[0, 1])
    assert scores.known_spearman == pytest.approx(1)
    assert "composed  2 pairs" in str(scores)
    zero = semap.evaluate.similarity(table, lines, oov="zero")
    assert (zero.used, zero.known, zero.composed) == (5, 2, 2)
    alone = semap.evaluate.similarity(TABLE, lines[:2])
    assert alone.composed == 0
    assert alone.known_spearman == alone.spearman
    assert "composed" not in str(alone)


def test_unknown_words_are_left_out_or_count_as_zero():
    lines = ["cat dog 9", "cat lion 5", "dog anti 1", "lion tiger 8"]
    skipped = semap.evaluate.similarity(TABLE, lines)
    assert (skipped.used, skipped.known, skipped.asked, skipped.coverage) == (2, 2, 4, 0.5)
    assert skipped.unknown_words == ("lion", "tiger")
    zero = semap.evaluate.similarity(TABLE, lines, oov="zero")
    assert (zero.used, zero.known) == (4, 2)
    assert zero.pearson == pytest.approx(np.corrcoef([1, 0, -1, 0], [9, 5, 1, 8])[0, 1])


def test_tabs_blanks_carriage_returns_comments_and_headers_are_read(tmp_path):
    table = Table(["new york", "city", "cat"], [[1, 0], [1, 1], [0, 1]])
    path = tmp_path / "pairs.txt"
    path.write_bytes(b"# made up\r\na\tb\tscore\r\nnew york\tcity\t7.5\r\n\r\ncat city 3 4 5\r\ncat\tnew york\t0\r\n")
    scores = semap.evaluate.similarity(table, path)
    assert (scores.used, scores.asked, scores.skipped_lines, scores.bad_lines) == (3, 3, 2, 0)


def test_bad_lines_are_counted_and_said_once():
    lines = ["cat dog 9", "cat dog", "cat dog high", "cat car nan", "dog\t\t3", "dog anti 1"]
    with pytest.warns(SemapWarning, match=r"4 of 6 lines .* first is line 2") as caught:
        scores = semap.evaluate.similarity(TABLE, lines)
    assert len(caught) == 1
    assert (scores.used, scores.bad_lines) == (2, 4)


def test_gold_words_take_the_form_of_the_tables_text():
    lines = ["Cat DOG 9", "Cat Car 1"]
    assert semap.evaluate.similarity(TABLE, lines).used == 0
    assert semap.evaluate.similarity(TABLE, lines, lowercase=True).used == 2
    text = {"split": "words", "lowercase": True, "normalize": "NFC"}
    lowered = Table(list(TABLE.tokens), TABLE.vectors, metadata={"text": text})
    assert semap.evaluate.similarity(lowered, lines).used == 2


def test_gold_without_a_pair_is_an_error(tmp_path):
    for gold in ([], [": family", "a b c d"], ["word1 word2 score"]):
        with pytest.raises(EmptyGold):
            semap.evaluate.similarity(TABLE, gold)
    with pytest.raises(FileMissing):
        semap.evaluate.similarity(TABLE, tmp_path / "none")
    with pytest.raises(SettingsError, match="wrong"):
        semap.evaluate.similarity(TABLE, ["cat dog 9"], oov="wrong")


def test_what_does_not_vary_has_no_correlation():
    scores = semap.evaluate.similarity(TABLE, ["cat dog 9", "dog cat 3"])
    assert math.isnan(scores.spearman)
    assert json.loads(scores.to_json())["spearman"] is None
    assert "-" in str(scores)
    assert math.isnan(semap.evaluate.similarity(TABLE, ["x y 1"]).pearson)


def test_the_result_prints_well():
    scores = semap.evaluate.similarity(TABLE, ["cat dog 9", "cat lion 5", "dog anti 1"])
    assert str(scores).splitlines() == [
        "spearman  1.000",
        "pearson   1.000",
        "pairs     2 of 3 used, coverage 66.7%",
        "unknown   1 words, their pairs are not scored: lion",
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40))
def test_ranks_and_spearman_are_scipys_with_ties(pairs):
    x, y = np.array(pairs, float).T
    np.testing.assert_array_equal(average_ranks(x), stats.rankdata(x))
    mine = correlation(average_ranks(x), average_ranks(y))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert math.isnan(mine)
    else:
        assert mine == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("oov", ["skip", "zero"])
def test_real_gold_gives_gensims_correlations(tmp_path, oov):
    from gensim.models import KeyedVectors

    path = GOLD_FOLDER / "EN-WS-353-ALL.txt"
    if not path.exists():
        pytest.skip("the similarity gold is not at ../shared/data")
    words = sorted({word for line in path.read_text().splitlines() for word in line.split("\t")[:2]})[20:]
    vectors = np.random.default_rng(2).standard_normal((len(words), 10), np.float32)
    peer = KeyedVectors(10)
    peer.add_vectors(words, vectors)
    pearson, spearman, missing = peer.evaluate_word_pairs(str(path), dummy4unknown=oov == "zero", case_insensitive=False)
    scores = semap.evaluate.similarity(Table(words, vectors), path, oov=oov)
    assert scores.pearson == pytest.approx(pearson.statistic, abs=1e-6)
    assert scores.spearman == pytest.approx(spearman.statistic, abs=1e-6)
    assert 100 * (1 - scores.coverage) == pytest.approx(missing)


@pytest.mark.parametrize("kind", ["bpe", "wordpiece"])
def test_in_a_table_of_sub_words_a_word_is_known_that_is_one_token(kind):
    pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")
    texts = ["the cat sat near the dog", "the dog and the cat ran", "a zebra"] * 30
    tokenizer = semap.Tokenizer.train(texts, kind=kind, vocab_size=300, min_count=40)
    corpus = semap.read_text(texts, tokenizer=tokenizer, min_count=1)
    table = semap.SkipGram(dim=8, epochs=1, sample=0).fit(corpus)
    report = semap.evaluate.similarity(table, ["the cat 3.0", "cat the 2.0", "the the 4.0", "the zebra 1.0"])
    assert (report.asked, report.known) == (4, 3)
