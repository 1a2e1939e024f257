"""Windows longer than every text: they ask for no more scratch than the texts can use."""

from __future__ import annotations

import pytest

from semap.learn.cbow import CBOW
from semap.learn.reach import reach
from semap.learn.skipgram import SkipGram

LONGEST = 2**31 - 1


@pytest.mark.parametrize("window", [1, 5, 100, 1 << 14])
def test_ordinary_windows_stay_as_they_are_however_short_the_texts(make_corpus, window):
    assert reach(window, make_corpus([["b", "a"]])) == window


def test_a_window_that_sticks_out_of_every_text_is_as_long_as_the_longest(make_corpus):
    corpus = make_corpus([["a"], ["b"] * 20_000, ["c"] * 5])
    assert reach(LONGEST, corpus) == 20_000
    assert reach(20_001, corpus) == 20_000
    assert reach(19_999, corpus) == 19_999
    assert reach(LONGEST, make_corpus([["a", "b"]])) == 1 << 14


@pytest.mark.parametrize("learner", [SkipGram, CBOW])
def test_the_longest_window_there_is_trains_in_ordinary_memory(topics, learner):
    settings = {"dim": 8, "epochs": 1, "threads": 1, "fixed_window": True}
    table = learner(window=LONGEST, **settings).fit(topics)
    assert table.metadata["settings"]["window"] == LONGEST
    assert table.vectors.tobytes() == learner(window=20, **settings).fit(topics).vectors.tobytes()  # every text has 20 words
