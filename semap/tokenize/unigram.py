"""Counted words and too many pieces in, the pieces of a unigram language model and their scores out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.kernels.native import lattice

__all__ = ["LONGEST", "learn_pieces"]

LONGEST = 16  # letters of a piece, as in SentencePiece
_KEPT = 0.75  # of the pieces in each round
_STEPS = 2  # of expectation and maximisation in each round
_RAREST = 0.5  # a piece that is expected less often goes; a letter is counted as so many

_Lattice: TypeAlias = tuple[AnyArray, AnyArray, AnyArray, AnyArray, AnyArray]


def learn_pieces(
    words: Sequence[str], counts: Counts64, pieces: Sequence[str], n_letters: int, size: int, told: Callable[[int], None]
) -> list[tuple[str, float]]:
    """Return `size` of the pieces at most with the natural logarithms of their probabilities, by falling score.

    words: spelled with the letters only; counts: int64, how often each comes; pieces: the first `n_letters` of them are the
    letters, which all stay; told: hears how many pieces are left. Kudo 2018, section 3.2: rounds of EM, after each of which those
    pieces go without which the likelihood falls least. As SentencePiece does, probabilities are exp(digamma(expected)), and the
    loss of a piece is taken from its own best other spelling.
    """
    words_edges, pieces_edges = _lattice(words, pieces), _lattice(pieces, pieces)
    weights, own = counts.astype(np.float64), np.arange(len(pieces), dtype=np.int32)
    scores = np.log(np.full(len(pieces), 1 / max(len(pieces), 1)))
    expected = np.zeros(len(pieces))
    best = np.empty(len(pieces))
    left = len(pieces)
    while True:
        for _ in range(_STEPS):
            expected[:] = 0.0
            lattice.expect(*words_edges, weights, scores, expected)
            scores = _scores(expected, scores, n_letters)
        alive = np.flatnonzero(scores > -np.inf)
        told(len(alive))
        if len(alive) <= size:
            break
        left = max(size, min(int(left * _KEPT), len(alive) - 1))
        lattice.best_without(*pieces_edges, own, scores, best)
        more = alive[alive >= n_letters]
        loss = expected[more] * (scores[more] - best[more])
        scores[more[np.argsort(-loss, kind="stable")[left - n_letters :]]] = -np.inf
    order = sorted(alive.tolist(), key=lambda piece: (-scores[piece], pieces[piece]))
    return [(pieces[piece], float(scores[piece])) for piece in order]


def _lattice(words: Sequence[str], pieces: Sequence[str]) -> _Lattice:
    """The edges of words, as `kernels/reference/lattice.py` has them."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    starts, ends, edges = array("i"), array("i"), array("i")  # 4 bytes a number, where a list takes 8 and more
    counts = []
    for word in words:
        before = len(edges)
        for start in range(len(word)):
            for end in range(start + 1, min(start + LONGEST, len(word)) + 1):
                number = numbers.get(word[start:end])
                if number is not None:
                    starts.append(start)
                    ends.append(end)
                    edges.append(number)
        counts.append(len(edges) - before)
    offsets = np.array(list(accumulate(counts, initial=0)), np.int64)
    first, last, found = (np.array(numbers, np.int32) for numbers in (starts, ends, edges))
    return offsets, first, last, found, np.fromiter(map(len, words), np.int32, len(words))


def _scores(expected: AnyArray, before: AnyArray, n_letters: int) -> AnyArray:
    """The logarithms of the probabilities; -inf for a piece that went before, or goes now."""
    counted = expected.copy()
    counted[:n_letters] = np.maximum(counted[:n_letters], _RAREST)
    kept = (counted >= _RAREST) & (before > -np.inf)
    scores = np.full(len(expected), -np.inf)
    scores[kept] = _digamma(counted[kept]) - _digamma(counted[kept].sum(keepdims=True))
    return scores


def _digamma(x: AnyArray) -> AnyArray:
    """psi(x) = psi(x + 1) - 1 / x up to x = 6, and from there its asymptotic series, right to 1e-9."""
    shift = np.zeros_like(x)
    for _ in range(6):
        low = x < 6
        shift = np.where(low, shift - 1 / x, shift)
        x = np.where(low, x + 1, x)
    square = 1 / (x * x)
    series: AnyArray = np.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    return shift + series
