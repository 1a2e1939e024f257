"""Analogy questions as word numbers in, the best row of each out; the plain twin says what is computed.

The cosines of all words asked about with some hundred rows stay in the second cache, where a question costs three
loads for 16 rows: 19,544 questions cost little more than the 900 words in them. `scales` goes on with zeros to a
multiple of 16.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.nearest import meet
from semap.kernels.native.panels import GROUP, new_panel, pack_queries, pack_rows, tiles_of_panel
from semap.kernels.native.simd import LANES, add, div, fma, load, mul, splat, store, sub
from semap.kernels.native.tiles import above, broadcast
from semap.kernels.reference.answers import EPSILON

__all__ = ["EPSILON", "answers"]

_BLOCK_FLOATS = 200_000  # 0.8 MB of cosines


@kernel
def answers(
    rows: Any,
    scales: Any,
    words: Any,
    word_rows: Any,
    questions: Any,
    multiply: bool,
    start: int,
    stop: int,
    best_scores: Any,
    best_rows: Any,
) -> None:
    """Offer the rows start .. stop - 1 to each question and keep its best: highest score, of equals the lowest row."""
    n_words, dim = words.shape
    flat, packed, panel = rows.reshape(rows.size), pack_queries(words), new_panel(dim)
    width = min(max(_BLOCK_FLOATS // (n_words * LANES), 1), 64) * LANES
    cosines = np.empty(n_words * width, np.float32)  # word u, row i of the block: cosines[u * width + i]
    found = np.empty(LANES, np.float32)
    for first in range(start, stop, width):
        n_rows = min(width, stop - first)
        _fill(cosines, width, flat, rows.shape[0], first, n_rows, panel, packed, dim, scales, multiply)
        for n in range(questions.shape[0]):
            a, b, c = questions[n, 0], questions[n, 1], questions[n, 2]
            for at in range(0, n_rows, LANES):
                store(found, 0, _answer(cosines, a * width + at, b * width + at, c * width + at, multiply))
                if above(load(found, 0), broadcast(best_scores, n)):
                    for i in range(min(LANES, n_rows - at)):
                        row = first + at + i
                        own = row == word_rows[a] or row == word_rows[b] or row == word_rows[c]
                        if found[i] > best_scores[n] and not own:
                            best_scores[n], best_rows[n] = found[i], row


@inlined
def _fill(
    cosines: Any, width: Any, flat: Any, n_all: Any, first: Any, n_rows: Any, panel: Any, packed: Any, dim: Any,
    scales: Any, multiply: Any,
) -> None:  # fmt: skip
    """Set cosines[u * width + i] for every word u and the rows first + i, i < n_rows; (1 + cosine) / 2 for 3CosMul."""
    n_words, half = cosines.size // width, splat(np.float32(0.5))
    found = np.zeros(GROUP * LANES, np.float32)
    for part in range(0, n_rows, LANES * tiles_of_panel(dim)):
        n_tiles = min(tiles_of_panel(dim), (n_rows - part + LANES - 1) // LANES)
        pack_rows(flat, n_all, dim, first + part, n_tiles, panel)
        for word in range(0, n_words, GROUP):
            n_group = min(GROUP, n_words - word)
            for tile in range(n_tiles):
                at = part + LANES * tile
                meet(panel, tile, packed, word, dim, n_group, False, load(scales, first + at), found)
                for j in range(n_group):
                    cosine = load(found, LANES * j)
                    if multiply:
                        cosine = fma(cosine, half, half)
                    store(cosines, (word + j) * width + at, cosine)


@inlined
def _answer(cosines: Any, a: Any, b: Any, c: Any, multiply: Any) -> Any:
    if multiply:
        bottom = add(load(cosines, a), splat(np.float32(EPSILON)))
        return div(mul(load(cosines, b), load(cosines, c)), bottom)
    return add(sub(load(cosines, b), load(cosines, a)), load(cosines, c))
