"""Rows and queries in, scores or the best rows of each query out, written to be read.

rows: float32 (V, D); queries: float32 (B, D). A score is, for row r and query q,

    scale(r) * (q . r)      euclidean=False; `scales` is float32 (V,), or empty for 1
    -|q - r|^2              euclidean=True

so that larger is nearer in both.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["scores", "search"]


def scores(rows: AnyArray, scales: AnyArray, queries: AnyArray, euclidean: bool, start: int, stop: int, out: AnyArray) -> None:
    """Fill out[b, i] (B, stop - start) with the score of query b and row start + i."""
    for i, row in enumerate(rows[start:stop]):
        if euclidean:
            out[:, i] = -np.square(queries - row).sum(axis=1)
        else:
            out[:, i] = queries @ row * (scales[start + i] if len(scales) else 1)


def search(
    rows: AnyArray,
    scales: AnyArray,
    queries: AnyArray,
    euclidean: bool,
    start: int,
    stop: int,
    excluded: AnyArray,
    excluded_offsets: AnyArray,
    kept_scores: AnyArray,
    kept_rows: AnyArray,
) -> None:
    """Offer the rows start .. stop - 1 to what each query has kept so far, and keep the best K.

    excluded: int64, the rows that query b must not find, ascending, at excluded_offsets[b] .. [b + 1].
    kept_scores float32 (B, K), kept_rows int64 (B, K): a heap with the worst in front (lowest score, of equals the
    highest row); at first all (-inf, V). An ascending list, as kept here, is such a heap. Rows come in ascending order.
    """
    found = np.empty((len(queries), stop - start), kept_scores.dtype)
    scores(rows, scales, queries, euclidean, start, stop, found)
    offered = np.arange(start, stop)
    for b in range(len(queries)):
        left = ~np.isin(offered, excluded[excluded_offsets[b] : excluded_offsets[b + 1]])
        left &= ~np.isnan(found[b])
        all_scores = np.concatenate([kept_scores[b], found[b][left]])
        all_rows = np.concatenate([kept_rows[b], offered[left]])
        best = np.lexsort((-all_rows, all_scores))[len(all_scores) - kept_scores.shape[1] :]
        kept_scores[b], kept_rows[b] = all_scores[best], all_rows[best]
