"""What is remembered of spellings changes no row and stays within its bounds."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from semap.encode import words as words_file
from semap.encode.words import Words
from semap.text.splitter import Splitter
from semap.vocab.tokens import Tokens

LONG = "q" * 100
TOKENS = ["one", "two", LONG, "three"]


@pytest.fixture
def words():
    return Words(Splitter(), Tokens.pack(TOKENS))


def rows(words, *texts):
    found = words.rows_of(texts, None, 1)
    return [found.rows[start:stop].tolist() for start, stop in zip(found.offsets, found.offsets[1:], strict=False)]


def test_a_long_word_has_its_row_and_is_not_remembered(words):
    unknown = "z" * 5000
    for _ in range(2):
        assert rows(words, f"One {LONG} two {unknown}", "one three") == [[0, 2, 1], [0, 3]]
    assert set(words._remembered) == {"One", "one", "two", "three"}


def test_more_spellings_than_are_remembered_have_their_rows_too(words, monkeypatch):
    monkeypatch.setattr(words_file, "_REMEMBERED", 3)
    for _ in range(3):
        assert rows(words, "one two") == [[0, 1]]
        assert rows(words, "ONE Two tWo three xyzzy") == [[0, 1, 1, 3]]  # more than fit, all at once
        assert rows(words, "three one") == [[3, 0]]
        assert len(words._remembered) <= 3


def test_sizes_count_the_words_of_each_text_the_unknown_ones_too(words):
    found = words.rows_of(["one xyzzy", "", "plugh", "two three"], None, 1)
    assert (found.sizes.tolist(), found.n_tokens, found.n_lost) == ([2, 0, 1, 2], 5, 1)


def test_threads_may_share_one_while_it_forgets(monkeypatch):
    monkeypatch.setattr(words_file, "_REMEMBERED", 50)
    tokens = [f"w{number}" for number in range(400)]
    words = Words(Splitter(), Tokens.pack(tokens))
    failures = []

    def look(seed):
        rng = np.random.default_rng(seed)
        for _ in range(200):
            asked = rng.integers(0, 400, 20)
            if rows(words, " ".join(tokens[row] for row in asked)) != [asked.tolist()]:
                failures.append(asked)

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
