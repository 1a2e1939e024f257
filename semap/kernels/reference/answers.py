"""Analogy questions as word numbers in, the best row of each out, written to be read.

"a is to b as c is to ?": with cos(w, r) = w . r * scale(r), the answer is the row r that maximises

    cos(b, r) - cos(a, r) + cos(c, r)              3CosAdd (Levy and Goldberg 2014, equation 3)
    s(b, r) s(c, r) / (s(a, r) + 0.001)            3CosMul (equation 4), with s = (1 + cos) / 2

and is none of the three words themselves.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["EPSILON", "answers"]

EPSILON = 0.001


def answers(
    rows: AnyArray,
    scales: AnyArray,
    words: AnyArray,
    word_rows: AnyArray,
    questions: AnyArray,
    multiply: bool,
    start: int,
    stop: int,
    best_scores: AnyArray,
    best_rows: AnyArray,
) -> None:
    """Offer the rows start .. stop - 1 to each question and keep its best: highest score, of equals the lowest row.

    rows float32 (V, D), scales float32 (V,): 1 / |row|; words float32 (U, D): unit vectors of the words that are asked
    about, word_rows int64 (U,): their rows; questions int32 (N, 3): a, b, c as places in `words`.
    best_scores float32 (N,), best_rows int64 (N,): at first -inf and V.
    """
    cosines = words @ rows[start:stop].T * scales[start:stop]
    if multiply:
        cosines = (1 + cosines) / 2
    for n, (a, b, c) in enumerate(questions):
        if multiply:
            found = cosines[b] * cosines[c] / (cosines[a] + EPSILON)
        else:
            found = cosines[b] - cosines[a] + cosines[c]
        found = np.where(np.isin(np.arange(start, stop), word_rows[[a, b, c]]), -np.inf, found)
        place = int(np.argmax(found)) if stop > start else 0
        if stop > start and (found[place], -(start + place)) > (best_scores[n], -best_rows[n]):
            best_scores[n], best_rows[n] = found[place], start + place
