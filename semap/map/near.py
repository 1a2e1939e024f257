"""Rows in, the nearest other rows of each out, exact."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix, TokenIds
from semap.index.exact import ExactIndex
from semap.progress import Progress, Silent

__all__ = ["nearest_rows"]

_AT_ONCE = 2048  # rows asked for between two updates of the progress


def nearest_rows(vectors: FloatMatrix, k: int, *, threads: int, progress: Progress) -> tuple[TokenIds, FloatMatrix]:
    """Return the k nearest other rows of each row by cosine, int32 (N, K), nearest first, and the cosines, float32 (N, K).

    K is k, or N - 1 where that is less. The same bits for any number of threads.
    """
    n_rows = len(vectors)
    width = min(k, n_rows - 1)
    ids, cosines = np.empty((n_rows, width), np.int32), np.empty((n_rows, width), np.float32)
    if width == 0:
        return ids, cosines
    index = ExactIndex(vectors, threads=threads)
    shown = progress if n_rows > _AT_ONCE else Silent()  # one step is over before anybody has read of it
    shown.start("neighbours", n_rows, "tokens")
    try:
        for begin in range(0, n_rows, _AT_ONCE):
            part = slice(begin, min(begin + _AT_ONCE, n_rows))
            itself = [[row] for row in range(part.start, part.stop)]
            ids[part], cosines[part] = index.search(vectors[part], width, exclude=itself)
            shown.update(part.stop)
    finally:
        shown.finish()
    return ids, cosines
