"""Expected counts of pieces: the compiled kernels do what the plain ones do, and the plain ones what counting by hand does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import lattice as native
from semap.kernels.reference import lattice as reference


def edges_of(words: list[str], pieces: list[str]) -> Any:
    found = [
        [(start, end, pieces.index(word[start:end])) for start in range(len(word)) for end in range(start + 1, len(word) + 1)
         if word[start:end] in pieces]
        for word in words
    ]  # fmt: skip
    flat = np.array([edge for edges in found for edge in edges], np.int32).reshape(-1, 3)
    offsets = np.cumsum([0, *map(len, found)])
    return offsets, *(np.ascontiguousarray(column) for column in flat.T), np.array([len(word) for word in words], np.int32)


@pytest.mark.parametrize("module", [reference, native])
def test_two_ways_to_spell_a_word_share_its_count(module: Any) -> None:
    scores, expected = np.log([0.2, 0.3, 0.5]), np.zeros(3)
    total = module.expect(*edges_of(["ab"], ["a", "b", "ab"]), np.array([7.0]), scores, expected)
    apart = 0.2 * 0.3 / (0.2 * 0.3 + 0.5)
    assert expected == pytest.approx([7 * apart, 7 * apart, 7 * (1 - apart)])
    assert total == pytest.approx(7 * math.log(0.56))


@pytest.mark.parametrize("module", [reference, native])
def test_a_piece_out_of_use_is_not_expected(module: Any) -> None:
    scores, expected = np.array([math.log(0.5), math.log(0.5), -math.inf]), np.zeros(3)
    module.expect(*edges_of(["ab", "b"], ["a", "b", "ab"]), np.array([2.0, 3.0]), scores, expected)
    assert expected.tolist() == pytest.approx([2, 5, 0])


@pytest.mark.parametrize("module", [reference, native])
def test_the_best_other_spelling_of_a_piece(module: Any) -> None:
    pieces, best = ["a", "b", "ab", "aab"], np.zeros(4)
    scores = np.array([-1.0, -2.0, -2.5, -0.1])
    module.best_without(*edges_of(pieces, pieces), np.arange(4, dtype=np.int32), scores, best)
    assert best.tolist() == pytest.approx([-math.inf, -math.inf, -3.0, -3.5])


@given(
    st.lists(st.text(alphabet="abc", min_size=1, max_size=8), min_size=1, max_size=4),
    st.lists(st.floats(-9, 0), min_size=6, max_size=6),
)
def test_the_compiled_kernels_count_as_the_plain_ones(words: list[str], given_scores: list[float]) -> None:
    pieces = ["a", "b", "c", "ab", "bc", "abc"]
    scores, weights = np.array(given_scores), np.arange(1.0, len(words) + 1)
    counts = np.zeros((2, 6))
    totals = [
        module.expect(*edges_of(words, pieces), weights, scores, into)
        for module, into in zip((reference, native), counts, strict=True)
    ]
    assert totals[0] == pytest.approx(totals[1])
    assert counts[0] == pytest.approx(counts[1])
    letters = np.array([1, 1, 1, 2, 2, 3])  # each way to spell a word uses up its letters
    assert counts[1] @ letters == pytest.approx(sum(len(word) * weight for word, weight in zip(words, weights, strict=True)))
    own, best = np.array([len(word) % 6 for word in words], np.int32), np.zeros((2, len(words)))
    for module, into in zip((reference, native), best, strict=True):
        module.best_without(*edges_of(words, pieces), own, scores, into)
    assert best[0] == pytest.approx(best[1])


@pytest.mark.parametrize("module", [reference, native])
def test_a_long_word_does_not_vanish(module: Any) -> None:
    expected = np.zeros(1)
    total = module.expect(*edges_of(["a" * 300], ["a"]), np.array([1.0]), np.array([-9.0]), expected)
    assert (total, expected.tolist()) == (pytest.approx(-2700), pytest.approx([300]))
