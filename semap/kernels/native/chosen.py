"""Candidates that a graph led to in, the best of those that may be found out; the plain twin says what is computed.

`rows` and `queries` are C-contiguous. Scores have the bits that a search of all rows gives them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.nearest import holds, scores
from semap.kernels.native.norms import inverse_norms
from semap.kernels.native.simd import LANES

__all__ = ["pick", "rank"]


@kernel
def pick(
    found: Any,
    counts: Any,
    n_rows: int,
    allowed: Any,
    excluded: Any,
    excluded_offsets: Any,
    kept: Any,
    n_kept: Any,
) -> None:
    """Put the first candidates that may be found into kept (B, K), and -1 after them; n_kept counts them."""
    for b in range(found.shape[0]):
        of_query = excluded[excluded_offsets[b] : excluded_offsets[b + 1]]
        n = 0
        for i in range(min(counts[b], found.shape[1])):
            row = found[b, i]
            if n == kept.shape[1]:
                break
            if 0 <= row < n_rows and (allowed.size == 0 or allowed[row]) and not holds(of_query, row):
                kept[b, n] = row
                n += 1
        n_kept[b] = n
        kept[b, n:] = -1


@kernel
def rank(rows: Any, ids: Any, queries: Any, cosine: bool, euclidean: bool, out_ids: Any, out_scores: Any) -> None:
    """Set out_ids int64, out_scores float32 (B, K) to the best of the candidates ids (B, C), of equals the lower row first."""
    n_queries, n_candidates = ids.shape
    width = out_ids.shape[1]
    scales = np.zeros(0, np.float32)
    if cosine:
        inverse = np.zeros(n_queries * n_candidates + LANES, np.float64)  # `scores` reads so many at a time, wherever it begins
        inverse_norms(rows, 0, n_queries * n_candidates, inverse)
        scales = inverse.astype(np.float32)
    found = np.empty((1, n_candidates), np.float32)
    order = np.empty(n_candidates, np.int64)
    for b in range(n_queries):
        scores(rows, scales, queries[b : b + 1], euclidean, b * n_candidates, (b + 1) * n_candidates, found)
        for i in range(n_candidates):
            if ids[b, i] < 0:
                found[0, i] = -np.inf
            elif cosine:  # rounding may lead past 1
                found[0, i] = min(max(found[0, i], np.float32(-1)), np.float32(1))
            _insert(order, i, found[0], ids[b])
        for i in range(width):
            out_ids[b, i] = ids[b, order[i]]
            score = found[0, order[i]]
            out_scores[b, i] = np.sqrt(-score) if euclidean else score


@inlined
def _insert(order: Any, i: Any, found: Any, ids: Any) -> None:
    """Put candidate i among those before it, best first: they come nearly in this order, so it seldom moves far."""
    at = i
    while at > 0:
        other = order[at - 1]
        if found[i] < found[other] or (found[i] == found[other] and ids[i] >= ids[other]):
            break
        order[at] = other
        at -= 1
    order[at] = i
