"""A table and a question in, tokens and their scores out."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import SettingsError, ShapeError
from semap.index.exact import ExactIndex, check_k
from semap.index.index import Index
from semap.index.kept import index_of
from semap.index.vectors import unit_rows
from semap.kernels.reference.answers import EPSILON
from semap.table.table import Table

__all__ = ["Method", "analogy", "check_method", "similar"]

Method = Literal["add", "mul"]


def similar(table: Table, token_or_vector: str | Any, k: int = 10, *, index: Index | None = None) -> list[tuple[str, float]]:
    """Return the k tokens nearest to a token, which is left out itself, or to a vector (D,), with their cosines.

    A token that the table lacks is asked about by its n-grams where the table composes vectors of them.
    index: what to search instead of the table's own cosine index, with that index's scores, exact or not; it must hold
    the table's rows. The table's own index is exact, made at the first question and kept as long as the table.
    Fewer than k come back when the table has no more. Raises UnknownToken, with the nearest spellings, ShapeError (a
    vector that does not fit) and SettingsError (k below 1).
    """
    index = index_of(table) if index is None else _of_table(index, table)
    if isinstance(token_or_vector, str):
        rows, vectors = _asked(table, [token_or_vector])
        return _named(table, *index.search(vectors[0], k, exclude=rows))
    if np.ndim(token_or_vector) != 1:
        raise ShapeError(f"give one token or one vector ({table.dim},), not the shape {np.shape(token_or_vector)}")
    return _named(table, *index.search(token_or_vector, k))


def analogy(
    table: Table, a: str, b: str, c: str, k: int = 5, *, method: Method = "add", index: Index | None = None
) -> list[tuple[str, float]]:
    """Return the k best answers to "a is to b as c is to ...", with their scores; a, b and c are left out.

    Tokens that the table lacks are composed where it can, see `similar`; answers are always tokens of the table.
    `analogy(table, "man", "king", "woman")` asks for queen. method "add" is 3CosAdd, the cosine with b - a + c of unit
    vectors; "mul" is 3CosMul, cos(b) cos(c) / (cos(a) + 0.001) of cosines shifted to 0 .. 1 (Levy and Goldberg 2014,
    "Linguistic Regularities in Sparse and Explicit Word Representations", equations 3 and 4).
    index: a cosine index of the table's rows; without it the table's own, see `similar`. "mul" weighs every row and needs an
    ExactIndex.
    Raises UnknownToken, with the nearest spellings, and SettingsError (k below 1, method, an index of another metric, "mul"
    with an index that is not exact).
    """
    check_method(method)
    check_k(k)
    index = index_of(table) if index is None else _of_table(index, table)
    if index.metric != "cosine":
        raise SettingsError(f"analogies are asked of cosines, the index has the metric {index.metric!r}")
    rows, vectors = _asked(table, [a, b, c])
    units = unit_rows(vectors)
    if method == "add":
        first, second, third = units.astype(np.float64)
        return _named(table, *index.search(second - first + third, k, exclude=rows))
    if not isinstance(index, ExactIndex):
        reason = 'method "mul" weighs the cosines of every row, which an approximate index does not give'
        raise SettingsError(f'{reason}; use method "add" or an ExactIndex')
    shifted = (1 + index.scores(units)) / 2
    products = shifted[1] * shifted[2] / (shifted[0] + np.float32(EPSILON))
    products[rows] = -np.inf
    return _named(table, *_largest(products, k, len(products) - len(set(rows))))


def check_method(method: str) -> None:
    """Raise SettingsError unless a method of answering analogies is known."""
    if method not in get_args(Method):
        raise SettingsError(f"method is {method!r}; choose one of {', '.join(map(repr, get_args(Method)))}")


def _asked(table: Table, tokens: list[str]) -> tuple[list[int], FloatMatrix]:
    """The rows of those tokens that have one, and the vectors of all. Raises UnknownToken."""
    rows = [table.tokens.find(token) if table.composes else table.id(token) for token in tokens]
    if min(rows) >= 0:
        return rows, table.vectors[rows]
    return [row for row in rows if row >= 0], table.lookup(tokens)


def _of_table(index: Index, table: Table) -> Index:
    if (index.n_ids, index.dim) != (len(table), table.dim):
        raise ShapeError(
            f"the index holds {index.n_ids:,} rows of {index.dim} dimensions, the table {len(table):,} of {table.dim}; "
            "give the index of this table"
        )
    return index


def _largest(scores: AnyArray, k: int, n_left: int) -> tuple[AnyArray, AnyArray]:
    """The rows of the k largest scores (V,), largest first, of equals the lowest row."""
    k = min(k, n_left)
    if k == 0:
        return np.zeros((1, 0), np.int64), np.zeros((1, 0), np.float32)
    candidates = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    best = candidates[np.lexsort((candidates, -scores[candidates]))[:k]]
    return best[None], scores[best][None]


def _named(table: Table, ids: AnyArray, scores: AnyArray) -> list[tuple[str, float]]:
    found = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
    return [(table.tokens[row], score) for row, score in found if row >= 0]
