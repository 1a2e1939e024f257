"""Log-count ratios: by hand, and as the start of a classifier."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `torch` is not installed")

from semap.errors import SettingsError
from semap.torch import TextClassifier
from semap.torch.bags import Bags
from semap.torch.ratios import log_count_ratios

TEXTS = ["good fine good", "fine day", "bad day", "bad poor thing"] * 5
LABELS = ["up", "up", "down", "down"] * 5


def test_ratios_by_hand():
    # n-grams 0 and 1 in the two texts of class 1, n-gram 1 in the one of class 0; n-gram 0 twice in a text counts once.
    ratios = log_count_ratios(Bags.of_lists([[0, 0, 1], [0], [1]]), np.array([1, 1, 0]), 2, 2)
    of_one = [math.log((3 / 5) / (1 / 3)), math.log((2 / 5) / (2 / 3))]
    assert ratios[:, 1] == pytest.approx(of_one, abs=1e-6)
    assert ratios[:, 0] == pytest.approx([-value for value in of_one], abs=1e-6)


def test_a_classifier_begins_as_naive_bayes():
    """At a learning rate of next to nothing the start decides, and random rows know nothing."""
    learner = TextClassifier(dim=4, ngram_dim=2, epochs=1, learning_rate=1e-9, log_count_ratios=True, threads=1, word_ngrams=2)
    model = learner.fit(TEXTS, LABELS)
    assert model.score(TEXTS, LABELS) == 1.0


def test_more_classes_than_numbers_in_an_n_grams_row():
    with pytest.raises(SettingsError, match="ngram_dim is 1, there are 2 classes"):
        TextClassifier(dim=4, ngram_dim=1, log_count_ratios=True, threads=1).fit(TEXTS, LABELS)


def test_no_n_grams_to_start_with():
    with pytest.raises(SettingsError, match="needs n-grams"):
        TextClassifier(dim=4, word_ngrams=1, log_count_ratios=True, threads=1).fit(TEXTS, LABELS)


def test_a_setting_that_is_no_bool():
    with pytest.raises(SettingsError, match="log_count_ratios is 1"):
        TextClassifier(log_count_ratios=1)
