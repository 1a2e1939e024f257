"""Words with all pieces that stand in them in, how often each piece is expected and the best ways to spell out, in plain Python.

Word w of `lengths[w]` letters has the edges from offsets[w] to offsets[w + 1]: edge e is the piece pieces[e] from the letter
starts[e] up to the letter ends[e], all int32, in the order of their starts. `scores` float64 (V,): the natural logarithm of
each piece's probability, -inf for one that is out of use. Sums of probabilities stay logarithms: long words have tiny ones.
"""

from __future__ import annotations

import math

import numpy as np

from semap.arrays import AnyArray

__all__ = ["best_without", "expect"]


def expect(
    offsets: AnyArray, starts: AnyArray, ends: AnyArray, pieces: AnyArray, lengths: AnyArray, weights: AnyArray,
    scores: AnyArray, expected: AnyArray,
) -> float:  # fmt: skip
    """Add to `expected` float64 (V,) how often each piece comes, over all ways to spell each word, weights[w] times each word.

    Returns the log-likelihood of the words. Forward and backward sums over the lattice of each word (Kudo 2018, section 3.2):
    p(edge) = exp(forward[start] + score + backward[end] - forward[length]).
    """
    total = 0.0
    for word in range(len(lengths)):
        edges = [
            (int(starts[edge]), int(ends[edge]), int(pieces[edge]))
            for edge in range(offsets[word], offsets[word + 1])
            if scores[pieces[edge]] > -math.inf
        ]
        forward, backward = np.full((2, lengths[word] + 1), -math.inf)
        forward[0] = backward[-1] = 0.0
        for start, end, piece in edges:
            forward[end] = np.logaddexp(forward[end], forward[start] + scores[piece])
        for start, end, piece in edges[::-1]:
            backward[start] = np.logaddexp(backward[start], backward[end] + scores[piece])
        if forward[-1] == -math.inf:
            continue
        for start, end, piece in edges:
            expected[piece] += weights[word] * math.exp(forward[start] + scores[piece] + backward[end] - forward[-1])
        total += weights[word] * forward[-1]
    return float(total)


def best_without(
    offsets: AnyArray, starts: AnyArray, ends: AnyArray, pieces: AnyArray, lengths: AnyArray, own: AnyArray, scores: AnyArray,
    best: AnyArray,
) -> None:  # fmt: skip
    """Fill `best` float64 (W,) with the score of the best way to spell each word that does without the piece own[w]."""
    for word in range(len(lengths)):
        reached = np.full(lengths[word] + 1, -math.inf)
        reached[0] = 0.0
        for edge in range(offsets[word], offsets[word + 1]):
            if pieces[edge] != own[word]:
                reached[ends[edge]] = max(reached[ends[edge]], reached[starts[edge]] + scores[pieces[edge]])
        best[word] = reached[-1]
