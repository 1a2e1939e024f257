"""Sentences against people's scores."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import EmptyGold, FileMissing, SemapWarning, SettingsError

STSB = Path(__file__).parents[2] / "../shared/data/sentence/stsb/sts-dev.csv"


VECTORS = {"east": (1, 0), "north": (0, 1), "northeast": (1, 1), "west": (-1, 0), "nothing": (0, 0)}


class Fixed:
    """A vector for each text, by its first word."""

    def encode(self, texts):
        return np.array([VECTORS[text.split()[0]] for text in texts], np.float32)


def test_scores_on_paper():
    # cosines 1, 0, -1: a straight line with 5, 3, 1
    gold = ["east a\teast b\t5", "east\tnorth\t3", "east\twest\t1"]
    scores = semap.evaluate.sentences(Fixed(), gold)
    assert scores.pearson == pytest.approx(1)
    assert scores.spearman == pytest.approx(1)
    assert (scores.known, scores.asked, scores.coverage) == (3, 3, 1)


def test_ranks_see_order_and_values_see_distance():
    # cosines 1, .707, -1 and scores 3, 2, 1: equal order, not a straight line
    scores = semap.evaluate.sentences(Fixed(), ["east\teast\t3", "east\tnortheast\t2", "east\twest\t1"])
    assert scores.spearman == pytest.approx(1)
    assert scores.pearson == pytest.approx(np.corrcoef([1, math.sqrt(0.5), -1], [3, 2, 1])[0, 1])


def test_seven_columns_are_the_sts_benchmark():
    line = "main-news\tMSRpar\t2012test\t7\t{}\t{}\tnorth"
    scores = semap.evaluate.sentences(Fixed(), [line.format(4, "north"), line.format(0.5, 'east "quoted" word'), ""])
    assert scores.asked == 2
    assert scores.pearson == pytest.approx(1)


def test_a_sentence_of_zeros_counts_as_cosine_0_and_is_said():
    scores = semap.evaluate.sentences(Fixed(), ["east\tnothing\t3", "east\teast\t5", "east\twest\t1"])
    assert (scores.known, scores.asked) == (2, 3)
    assert scores.pearson == pytest.approx(1)
    assert json.loads(scores.to_json())["coverage"] == pytest.approx(2 / 3)
    assert "2 of 3 known" in str(scores)


def test_bad_lines_are_counted_and_nothing_else_is_an_error():
    with pytest.warns(SemapWarning, match="2 of 4 lines of the gold lines are not two sentences and a number"):
        scores = semap.evaluate.sentences(Fixed(), ["east\teast\t5", "east\tnorth", "east\twest\tnan", "east\twest\t0"])
    assert scores.bad_lines == 2
    with pytest.raises(EmptyGold):
        semap.evaluate.sentences(Fixed(), ["no tabs"])
    with pytest.raises(FileMissing):
        semap.evaluate.sentences(Fixed(), "nowhere.tsv")


def test_english_reaches_what_is_promised_on_the_sts_benchmark():
    if not STSB.is_file():
        pytest.skip(f"{STSB} is not there")
    table = semap.load("english")
    sif = semap.evaluate.sentences(semap.Pipeline.from_table(table), STSB)
    mean = semap.evaluate.sentences(semap.Pipeline.from_table(table, pooling="mean"), STSB)
    assert sif.pearson >= 0.77
    assert sif.pearson >= mean.pearson + 0.05
    assert sif.asked == 1500


def test_what_makes_no_vectors_of_texts_is_refused():
    for given in (semap.Table(["a"], [[1.0]]), "english"):
        with pytest.raises(SettingsError, match=r"makes no vectors of texts; give a Pipeline"):
            semap.evaluate.sentences(given, ["a\tb\t1"])
