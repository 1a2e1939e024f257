"""A table in, the same tokens with shorter vectors out: principal components, or the first columns."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix
from semap.errors import SemapWarning, SettingsError
from semap.table.rows import Rows, StoredRows, store_rows
from semap.table.table import Table

__all__ = ["reduce", "truncate"]

_Doubles = npt.NDArray[np.float64]
_NUMBERS_AT_ONCE = 1 << 24  # enough rows for a product of matrices that is worth adding D x D sums


def reduce(table: Table, dim: int) -> Table:
    """Return a table of the same tokens whose vectors are the first `dim` principal components, by falling variance.

    The rows are centred, their covariance is summed in float64, and each component points to where its largest weight is
    positive, so signs do not depend on the solver (the last bits do, on NumPy's BLAS). `metadata["reduced"]` lists how:
    method, from_dim, dim and kept_variance, the share of the variance that the vectors keep. They are stored in the dtype of
    the table; counts and metadata stay, but for "sif", whose components are of the old columns; output vectors, whose columns
    pair with the old ones, are left out with a warning.
    Raises SettingsError where `dim` is below 1 or above the table's.
    Source: Pearson 1901; the same as scikit-learn's PCA but for signs.
    """
    dim = _checked(dim, table)
    mean, covariance = _moments(table.stored[0])
    variances, axes = np.linalg.eigh(covariance)
    order = np.argsort(-variances, kind="stable")
    variances, axes = np.maximum(variances[order], 0), axes[:, order[:dim]]
    axes *= np.where(axes[np.abs(axes).argmax(axis=0), np.arange(dim)] < 0, -1.0, 1.0)
    vectors = np.empty((len(table), dim), np.float32)
    for begin, piece in table.stored[0].pieces():
        vectors[begin : begin + len(piece)] = (piece - mean) @ axes
    total = float(variances.sum())
    kept = float(variances[:dim].sum()) / total if total > 0 else 1.0
    return _shorter(table, vectors, {"method": "pca", "kept_variance": min(kept, 1.0)})


def truncate(table: Table, dim: int, *, normalize: bool = True) -> Table:
    """Return a table of the same tokens with the first `dim` columns, for vectors whose first columns hold the most.

    That is so for tables trained the Matryoshka way, and for those that `reduce` made. normalize: divide each row by its
    length, as the losses of Matryoshka training see it; a row of zeros stays zeros. `metadata["reduced"]` says how.
    Stored dtype, counts, metadata and output vectors as for `reduce`. Raises SettingsError for `dim` and `normalize`.
    Source: Kusupati et al. 2022, Matryoshka Representation Learning, section 3.
    """
    dim = _checked(dim, table)
    if not isinstance(normalize, bool | np.bool_):
        raise SettingsError(f"normalize is {normalize!r}; give True or False")
    vectors = np.empty((len(table), dim), np.float32)
    for begin, piece in table.stored[0].pieces():
        vectors[begin : begin + len(piece)] = _unit(piece[:, :dim]) if normalize else piece[:, :dim]
    return _shorter(table, vectors, {"method": "truncate", "normalized": bool(normalize)})


def _checked(dim: Any, table: Table) -> int:
    try:
        number = operator.index(dim)
    except TypeError:
        number = 0
    if isinstance(dim, bool) or not 1 <= number <= table.dim:
        told = f"dim is {dim!r}, the table has {table.dim:,} dimensions"
        raise SettingsError(f"{told}; give a whole number from 1 to {table.dim:,}")
    return number


def _moments(rows: Rows) -> tuple[_Doubles, _Doubles]:
    """The mean of all rows, float64 (D,), and their covariance, float64 (D, D); every row is read twice."""
    n_rows, dim = rows.shape
    mean, covariance = np.zeros(dim), np.zeros((dim, dim))
    for _, piece in rows.pieces():
        mean += piece.sum(axis=0, dtype=np.float64)
    mean /= max(n_rows, 1)
    for _, piece in rows.pieces(_NUMBERS_AT_ONCE):
        centred = piece - mean
        covariance += centred.T @ centred
    return mean, covariance / max(n_rows - 1, 1)


def _unit(rows: FloatMatrix) -> FloatMatrix:
    """Rows of length 1. A row is divided by its largest value first: no square overflows or vanishes."""
    largest = np.abs(rows).max(axis=1, keepdims=True).astype(np.float64)
    scaled = rows / np.where(largest > 0, largest, 1.0)
    lengths = np.sqrt((scaled * scaled).sum(axis=1, keepdims=True))
    return np.asarray(scaled / np.where(lengths > 0, lengths, 1.0), np.float32)


def _shorter(table: Table, vectors: FloatMatrix, how: dict[str, Any]) -> Table:
    """The table with other vectors, and how they were made at the end of its history."""
    if table.stored[1] is not None:
        warnings.warn(
            "the output vectors are left out: their columns pair with the old ones; keep the longer table to train on",
            SemapWarning,
            stacklevel=4,
        )
    if table.composes:
        warnings.warn(
            "the rows of sub-words are left out, so the shorter table composes no other tokens; keep the longer table for that",
            SemapWarning,
            stacklevel=4,
        )
    metadata = table.metadata
    metadata.pop("sif", None)  # directions of the old columns; of as many new ones they would be taken out of the wrong vectors
    step = {"from_dim": table.dim, "dim": vectors.shape[1], **how}
    metadata["reduced"] = [*metadata.get("reduced", []), step]
    stored = store_rows(StoredRows(vectors), table.dtype)
    return Table.of_stored(table.tokens, stored, counts=table.counts, metadata=metadata)
