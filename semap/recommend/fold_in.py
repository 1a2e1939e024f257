"""A history and the rows of items in, the row of a user out, and what each item of the history adds to a score.

A user's row is in every model here the answer of linear equations, A w = sum_j p_j h_j over the items j of the history, so
that a score w . h_i is a sum of p_j h_j . A^-1 h_i over the history (Hu, Koren, Volinsky 2008, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatVector, TokenIds
from semap.errors import SettingsError, ShapeError

__all__ = ["Equations", "equations_of"]

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equations:
    """The matrix A float64 (W, W), the items' rows near float64 (n, W) and their pulls p float64 (n,)."""

    matrix: Doubles
    near: Doubles
    pulls: Doubles
    constant: Doubles | float = 0.0  # what is added to the right side

    def row(self) -> Doubles:
        """Return the user's row, float64 (W,)."""
        return self._solved(self.pulls @ self.near + self.constant)

    def shares(self, item: Doubles) -> Doubles:
        """Return what each item of the history adds to the product with an item's row: float64 (n,)."""
        return self.pulls * (self.near @ self._solved(item))

    def _solved(self, right: Doubles) -> Doubles:
        """The answer of A x = right, the shortest where there are many."""
        return np.asarray(np.linalg.lstsq(self.matrix, right, rcond=1e-9)[0], np.float64)


def equations_of(
    settings: dict[str, Any], items: Doubles, item_ids: TokenIds, values: FloatVector, weights: Doubles, mean: float
) -> Equations:
    """Return the equations of a user with this history.

    items: the rows that scores are products with, float64 (I, W). item_ids, values: the history. weights: what the values of
    each item sum to. mean: of all ratings. Raises SettingsError for a learner whose rows have no such equations, and ShapeError
    for a value below 0 where the learner takes none.
    """
    learner = settings["learner"]
    if learner not in _MAKERS:
        known = ", ".join(_MAKERS)
        raise SettingsError(f"{learner} has no equations for the row of a user alone; models of {known} have")
    if learner != "RatingMF" and len(values) and values.min() < 0:
        raise ShapeError(f"{learner} takes values from 0, the least given is {values.min():g}; leave what is not liked out")
    made: Equations = _MAKERS[learner](settings, items, items[item_ids], values.astype(np.float64), weights[item_ids], mean)
    return made


def _als(settings: dict[str, Any], items: Doubles, near: Doubles, values: Doubles, weight: Any, mean: float) -> Equations:
    """As ImplicitALS solves: A = sum_j v_j h_j h_j' + a0 sum_all h h' + l (n + a0 |I|)^nu I, p_j = v_j."""
    a0 = settings["unobserved_weight"]
    ridge = settings["regularization"] * (len(near) + a0 * len(items)) ** settings["regularization_exponent"]
    matrix = (near.T * values) @ near + a0 * (items.T @ items) + ridge * np.eye(items.shape[1])
    return Equations(matrix, near, values)


def _rating(settings: dict[str, Any], items: Doubles, near: Doubles, values: Doubles, weight: Any, mean: float) -> Equations:
    """As RatingMF solves, for [p, b, 1] and h = [q, 1, b_i]: A = sum_j h_j h_j' + n^nu diag(l, .., m), p_j = r_j - mu - b_j."""
    dim = items.shape[1] - 2
    strengths = np.append(np.full(dim, settings["regularization"]), settings["bias_regularization"])
    matrix = np.eye(dim + 2)
    parts = near[:, : dim + 1]
    matrix[:-1, :-1] = parts.T @ parts + np.diag(strengths * len(near) ** settings["regularization_exponent"])
    return Equations(matrix, np.column_stack([parts, np.zeros(len(near))]), values - mean - near[:, -1], np.eye(dim + 2)[-1])


def _spectral(settings: dict[str, Any], items: Doubles, near: Doubles, values: Doubles, weight: Any, mean: float) -> Equations:
    """As SpectralCF projects: w = sum_j d_u^-1/2 v_j d_j^-1 h_j; an item j that nobody had, d_j = 0, has h_j = 0 too."""
    scale = weight * np.sqrt(values.sum())
    return Equations(np.eye(items.shape[1]), near, np.divide(values, scale, out=np.zeros_like(values), where=scale > 0))


_MAKERS = {"ImplicitALS": _als, "RatingMF": _rating, "SpectralCF": _spectral}
