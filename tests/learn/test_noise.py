"""Chance: sub-sampling and noise as word2vec and gensim have them, initial rows, pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from semap.errors import SettingsError
from semap.kernels.reference.draws import GOLDEN, mix
from semap.learn.model import Model
from semap.learn.noise import alias_table, keep_limits, keep_probabilities
from semap.learn.pairs import pairs
from semap.learn.start import fill_starting_rows, starting_rows

COUNTS = np.array([9000, 700, 250, 40, 9, 1], np.int64)


def test_the_alias_table_gives_each_word_its_share():
    weights = COUNTS**0.75
    limits, others = alias_table(weights)
    shares = np.zeros(len(weights))
    for column in range(len(weights)):
        own = (int(limits[column]) + 1) / 2**32
        shares[column] += own / len(weights)
        shares[others[column]] += (1 - own) / len(weights)
    np.testing.assert_allclose(shares, weights / weights.sum(), atol=1e-9)


def test_words_that_are_never_seen_make_even_noise():
    limits, _ = alias_table(np.zeros(3))
    assert (limits == 2**32 - 1).all()


@pytest.mark.parametrize("n_words", range(1, 60))
def test_words_that_are_all_as_frequent_make_even_noise(n_words):
    # 19 shares of 150 ** 0.75 add up to a little less than 1: no column had anything to give, and that was a TypeError.
    limits, others = alias_table(np.full(n_words, 150.0) ** 0.75)
    shares = np.zeros(n_words)
    for column in range(n_words):
        own = (int(limits[column]) + 1) / 2**32
        shares[column] += own / n_words
        shares[others[column]] += (1 - own) / n_words
    np.testing.assert_allclose(shares, 1 / n_words, atol=1e-9)


def _vose(weights):
    """Vose's algorithm as he wrote it, with two stacks."""
    heights = (weights / weights.sum() * len(weights) if weights.sum() > 0 else np.ones(len(weights))).tolist()
    limits, others = np.full(len(weights), 2**32 - 1, np.uint32), np.arange(len(weights))
    small = [word for word, height in enumerate(heights) if height < 1]
    large = [word for word, height in enumerate(heights) if height >= 1]
    while small and large:
        low, high = small.pop(), large[-1]
        limits[low], others[low] = min(int(heights[low] * 2.0**32), 2**32 - 1), high
        heights[high] -= 1.0 - heights[low]
        if heights[high] < 1:
            small.append(large.pop())
    return limits, others


@given(st.lists(st.integers(0, 50) | st.floats(0, 1e6), min_size=1, max_size=60))
@example([5.0])
@example([0, 0, 7])
@example([1, 1, 1, 1])
@example((np.arange(3000, 0, -1) ** -1.3).tolist())
def test_the_alias_table_is_that_of_two_stacks_to_the_bit(weights):
    limits, others = alias_table(np.array(weights, np.float64))
    assert (limits.dtype, others.dtype) == (np.uint32, np.int32)
    for found, expected in zip((limits, others), _vose(np.array(weights, np.float64)), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_keeping_follows_the_formula():
    """sqrt(t/f) + t/f with t = .001 and f = 9000/10000: .0333 + .0011."""
    assert keep_probabilities(COUNTS, 1e-3)[0] == pytest.approx(0.034444, abs=1e-6)
    assert keep_limits(COUNTS, 1e-3)[0] == pytest.approx(0.034444 * 2**32, rel=1e-4)
    assert keep_probabilities(COUNTS, 1e-3)[-1] == 1
    assert keep_limits(COUNTS, 1e-3)[-1] == 2**32 - 1
    assert (keep_probabilities(COUNTS, 0) == 1).all()


def test_gensim_keeps_and_draws_the_same():
    word2vec = pytest.importorskip("gensim.models.word2vec", reason="gensim is not installed: pip install '.[test]'")
    model = word2vec.Word2Vec(vector_size=4, min_count=1, sample=1e-3, ns_exponent=0.75)
    words = [f"w{i}" for i in range(len(COUNTS))]
    model.build_vocab_from_freq(dict(zip(words, COUNTS.tolist(), strict=True)))
    kept = [model.wv.get_vecattr(word, "sample_int") / 2**32 for word in words]
    np.testing.assert_allclose(keep_probabilities(COUNTS, 1e-3), kept, rtol=1e-6)
    shares = np.diff(np.concatenate([[0], model.cum_table.astype(float)])) / (2**31 - 1)
    np.testing.assert_allclose(COUNTS**0.75 / (COUNTS**0.75).sum(), shares, atol=1e-6)


def test_a_step_of_gensim_is_our_step():
    """One word twice: its noise is always the word itself, so gensim's update is the positive one alone, ours too."""
    word2vec = pytest.importorskip("gensim.models.word2vec", reason="gensim is not installed: pip install '.[test]'")
    model = word2vec.Word2Vec(vector_size=5, window=1, sg=1, negative=2, min_count=1, sample=0, seed=3, alpha=0.5, min_alpha=0.5)
    model.build_vocab([["a", "a"]])
    model.wv.vectors[:] = [[0.3, -1.0, 0.5, 0.2, 2.0]]
    model.syn1neg[:] = [[-0.5, 0.4, 0.1, 0.9, -0.3]]
    v, u = model.wv.vectors[0].astype(float), model.syn1neg[0].astype(float)
    model.train([["a", "a"]], total_examples=1, epochs=1)
    for _ in range(2):  # two centres, one context each
        g = 0.5 * (1 - 1 / (1 + np.exp(-v @ u)))
        v, u = v + g * u, u + g * v
    np.testing.assert_allclose(model.wv.vectors[0], v, atol=5e-3)  # gensim takes its sigmoid from a table of 1,000 entries
    from semap.kernels.reference.skipgram import step

    inputs, outputs = np.array([[0.3, -1.0, 0.5, 0.2, 2.0]]), np.array([[-0.5, 0.4, 0.1, 0.9, -0.3]])
    for _ in range(2):
        step([0], [0], np.array([1.0]), 0.5, inputs, outputs)
    np.testing.assert_allclose(inputs[0], v, rtol=1e-6)
    np.testing.assert_allclose(outputs[0], u, rtol=1e-6)


def test_starting_rows_depend_on_seed_and_row_alone():
    rows = starting_rows(40_000, 7, seed=5)
    np.testing.assert_array_equal(rows[:100], starting_rows(100, 7, seed=5))
    assert (starting_rows(100, 7, seed=6) != rows[:100]).all()
    assert len(np.unique(rows)) > 0.9 * rows.size
    assert np.abs(rows).max() <= 0.5 / 7
    assert abs(rows.mean()) < 1e-3


@given(seed=st.integers(0, 2**31 - 1), dim=st.integers(1, 40), row=st.integers(0, 5000))
@settings(max_examples=25)
def test_starting_rows_are_those_of_whole_numbers(seed, dim, row):
    key = mix(row + mix(seed + GOLDEN))
    expected = [((mix(key + column * GOLDEN) >> 40) / 2**24 - 0.5) / dim for column in range(1, dim + 1)]
    np.testing.assert_array_equal(starting_rows(row + 1, dim, seed)[row], np.array(expected, np.float32))


def test_starting_rows_leave_the_padding_alone():
    model = Model.of_zeros(5000, 20)
    fill_starting_rows(model.input_rows, seed=1)
    np.testing.assert_array_equal(model.input_rows, starting_rows(5000, 20, seed=1))
    assert not model.inputs.reshape(5000, 32)[:, 20:].any()


def test_pairs_of_the_textbook():
    """Issue text: window 2, centre "sat": The, cat, on, the."""
    found = pairs("The cat sat on the mat", window=2)
    assert [context for centre, context in found if centre == "sat"] == ["The", "cat", "on", "the"]
    assert len(found) == 2 + 3 + 4 + 4 + 3 + 2
    assert pairs(["x"], window=3) == []
    with pytest.raises(SettingsError, match="window is 0"):
        pairs("a b", window=0)
