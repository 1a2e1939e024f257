"""Candidates that a graph led to in, the best of those that may be found out, written to be read.

found: int64 (B, C), rows from 0; counts: int64 (B,), how many of each line mean something.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.reference.nearest import scores

__all__ = ["pick", "rank"]


def pick(
    found: AnyArray,
    counts: AnyArray,
    n_rows: int,
    allowed: AnyArray,
    excluded: AnyArray,
    excluded_offsets: AnyArray,
    kept: AnyArray,
    n_kept: AnyArray,
) -> None:
    """Put the first candidates that may be found into kept, int64 (B, K), and -1 after them; n_kept, int64 (B,), counts them.

    allowed: bool (n_rows,), or empty for all rows. excluded: int64, the rows that query b must not find, ascending, at
    excluded_offsets[b] .. [b + 1].
    """
    for b, line in enumerate(found):
        of_query = excluded[excluded_offsets[b] : excluded_offsets[b + 1]]
        fine = [
            row for row in line[: counts[b]] if 0 <= row < n_rows and (not len(allowed) or allowed[row]) and row not in of_query
        ][: kept.shape[1]]
        kept[b] = -1
        kept[b, : len(fine)] = fine
        n_kept[b] = len(fine)


def rank(
    rows: AnyArray, ids: AnyArray, queries: AnyArray, cosine: bool, euclidean: bool, out_ids: AnyArray, out_scores: AnyArray
) -> None:
    """Set out_ids int64, out_scores float32 (B, K) to the best of the candidates ids (B, C), of equals the lower row first.

    rows (B C, D): those of the candidates. A score is q . r, over |r| for cosine and then between -1 and 1, or the distance
    |q - r|. An id of -1 is no candidate: it comes last, with a score of -inf, as a distance inf.
    """
    n_queries, n_candidates = ids.shape
    for b in range(n_queries):
        own = rows[b * n_candidates : (b + 1) * n_candidates]
        lengths = np.sqrt(np.square(own.astype(np.float64)).sum(axis=1))
        scales = (np.where(lengths > 0, 1 / np.where(lengths > 0, lengths, 1), 0) if cosine else lengths[:0]).astype(np.float32)
        found = np.empty((1, n_candidates), np.float32)
        scores(own, scales, queries[b : b + 1], euclidean, 0, n_candidates, found)
        found = np.where(ids[b] < 0, np.float32(-np.inf), np.clip(found[0], -1, 1) if cosine else found[0])
        best = np.lexsort((ids[b], -found))[: out_ids.shape[1]]
        out_ids[b] = ids[b, best]
        out_scores[b] = np.sqrt(-found[best]) if euclidean else found[best]
