"""What was asked of an index in, the same checked and as kernels want it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import SettingsError, ShapeError
from semap.index.index import Metric
from semap.index.vectors import finite_matrix

__all__ = ["TOO_LARGE", "check_k", "check_metric", "checked_queries", "exclusions", "readable"]

TOO_LARGE = "an inner product is too large for float32; make the vectors shorter"


def check_metric(metric: str) -> None:
    """Raise SettingsError unless a metric is known."""
    if metric not in get_args(Metric):
        raise SettingsError(f"metric is {metric!r}; choose one of {', '.join(map(repr, get_args(Metric)))}")


def checked_queries(vectors: Any, dim: int) -> FloatMatrix:
    """Return vectors (B, D), or one (D,), as a finite matrix. Raises ShapeError, also where D is not `dim`."""
    queries = finite_matrix("the vectors to search for", np.atleast_2d(vectors))
    if queries.shape[1] != dim:
        raise ShapeError(f"the vectors to search for have {queries.shape[1]:,} dimensions, those of the index {dim:,}")
    return queries


def readable(scores: npt.NDArray[np.float32], metric: Metric) -> npt.NDArray[np.float32]:
    """Return the scores of kernels, of which larger is nearer, as people read them; -inf stands for no row."""
    if metric == "euclidean":
        return np.sqrt(-scores)
    if metric == "cosine":  # rounding may lead past 1
        return np.where(np.isinf(scores), scores, np.clip(scores, -1, 1))
    return scores


def check_k(k: int) -> None:
    """Raise SettingsError unless k neighbours can be asked for."""
    if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
        raise SettingsError(f"k is {k!r}; give a whole number from 1")


def exclusions(exclude: Any, n_queries: int, single: bool, n_rows: int) -> list[AnyArray]:
    """Return the rows to leave out of each query, ascending and each once. Raises ShapeError."""
    if exclude is None:
        return [np.zeros(0, np.int64)] * n_queries
    lists = [exclude] if single or not isinstance(exclude, Sequence | np.ndarray) else list(exclude)
    if len(lists) != n_queries:
        raise ShapeError(f"exclude has {len(lists):,} lists of rows for {n_queries:,} vectors; give one for each")
    excluded = [_rows_of(each) for each in lists]
    for rows in excluded:
        if len(rows) and not 0 <= rows[0] <= rows[-1] < n_rows:
            wrong = rows[0] if rows[0] < 0 else rows[-1]
            raise ShapeError(f"exclude names row {wrong:,}; the index has rows 0 to {n_rows - 1:,}")
    return excluded


def _rows_of(given: Any) -> AnyArray:
    rows = np.asarray(given)
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise ShapeError(f"exclude must be row numbers for each vector, one of them is {rows.dtype} of the shape {rows.shape}")
    whole = rows.astype(np.int64)
    return whole if len(whole) < 2 else np.unique(whole)  # most often one row: the token itself
