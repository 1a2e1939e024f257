"""Bags: what is done to the flat array is what plain lists would show."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semap.text.splitter import Splitter
from semap.torch.bags import Bags
from semap.torch.features import Features
from semap.vocab.tokens import Tokens

LISTS = st.lists(st.lists(st.integers(0, 99), max_size=6), min_size=1, max_size=9)


def lists_of(bags):
    return [bags.ids[begin:end].tolist() for begin, end in zip(bags.offsets[:-1], bags.offsets[1:], strict=True)]


@given(LISTS, st.data())
def test_taking_and_cutting_are_what_lists_do(lists, data):
    bags = Bags.of_lists(lists)
    assert lists_of(bags) == lists
    places = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1))
    assert lists_of(bags.take(np.array(places))) == [lists[place] for place in places]
    longest = data.draw(st.integers(1, 7))
    cut, n_cut = bags.cut(longest)
    assert lists_of(cut) == [each[:longest] for each in lists]
    assert n_cut == sum(len(each) > longest for each in lists)


@given(LISTS, st.floats(0, 0.99), st.integers(0, 5))
def test_thinning_keeps_the_order_and_takes_out_about_the_share(lists, share, seed):
    thinned = lists_of(Bags.of_lists(lists).thinned(share, np.random.default_rng(seed)))
    for kept, given_ids in zip(thinned, lists, strict=True):
        remaining = iter(given_ids)
        assert all(each in remaining for each in kept)
    if share == 0:
        assert thinned == lists


def test_a_large_bag_loses_its_share():
    kept = Bags.of_lists([list(range(10_000))]).thinned(0.3, np.random.default_rng(1)).ids
    assert 6_800 < len(kept) < 7_200


def test_n_grams_of_training_have_rows_and_no_others():
    features = Features(Splitter(), Tokens.pack(["man", "bites", "dog"]), 2, 2, None, 10**9)
    counts = features.learn(["dog bites man", "Dog bites"])
    assert counts.tolist() == [1, 2, 2]
    assert len(features.kept) == 5  # "^ dog", "dog bites", "bites man", "man $", "bites $"
    seen = features.number(["man bites dog", "dog bites", "bites the man"])
    assert lists_of(seen.words) == [[0, 1, 2], [2, 1], [1, 0]]
    assert seen.grams.lengths.tolist() == [0, 3, 1]  # "man bites" and its kin were never met; of the third only "man $"
    assert (seen.n_words, seen.n_unknown, seen.n_empty) == (8, 1, 0)


def test_letters_of_a_word_are_hashed_with_its_borders_and_not_as_words():
    words_only = Features(Splitter(), Tokens.pack(["ab"]), 1, 1, None, 10**9)
    both = Features(Splitter(), Tokens.pack(["ab"]), 1, 1, (1, 2), 10**9)
    words_only.learn(["ab a b"])
    both.learn(["ab a b"])
    assert len(words_only.kept) == 3
    assert len(both.kept) == 3 + len({"^", "a", "b", "$"} - {"$"}) + len({"^a", "ab", "b$", "a$", "^b"})


def test_few_buckets_are_shared():
    features = Features(Splitter(), Tokens.pack(["a"]), 1, 3, (1, 4), 7)
    features.learn(["one two three four five six seven eight nine ten"])
    assert features.kept.tolist() == list(range(7))
