"""Rows and yes or no for many labels in, one logistic regression a label out."""

from __future__ import annotations

import numpy as np

from semap.arrays import DoubleVector, Flags
from semap.errors import SettingsError

__all__ = ["fit_logistic"]

_NEWTON_STEPS = 100
_CG_STEPS = 50
_CLOSE = 1e-6  # of the gradient at zero


def fit_logistic(rows: DoubleVector, answers: Flags, strength: float) -> DoubleVector:
    """Return the weights, float64 (D, L), of L logistic regressions with an L2 penalty.

    Each column w minimises |w|^2 / 2 + strength * sum log(1 + exp(-y x.w)), y = 1 or -1: the objective of liblinear's
    `LogisticRegression(C=strength)`; a constant column of `rows` serves as intercept. Solved by Newton's method, all labels side
    by side, each step by conjugate gradients, until the gradient has fallen to 1e-6 of what it was.
    rows: float64 (B, D); answers: bool (B, L). Raises SettingsError (a strength that is not above 0).
    """
    if not 0 < strength < np.inf:
        raise SettingsError(f"strength is {strength:g}; give a number above 0 (smaller: stronger penalty)")
    goal = answers.astype(np.float64)
    weights = np.zeros((rows.shape[1], goal.shape[1]))
    scores = np.zeros_like(goal)
    value = _objective(weights, scores, goal, strength)
    limit = _CLOSE * _length(strength * (rows.T @ (0.5 - goal)))
    for _ in range(_NEWTON_STEPS):
        chance = 0.5 + 0.5 * np.tanh(0.5 * scores)
        gradient = weights + strength * (rows.T @ (chance - goal))
        open_ = _length(gradient) > limit
        if not open_.any():
            break
        step = _solve(rows, strength * chance * (1 - chance), gradient) * open_
        moved = rows @ step
        share = np.ones(goal.shape[1])
        for _ in range(30):  # halve the step of a label that it would not help
            tried = _objective(weights - share * step, scores - share * moved, goal, strength)
            worse = tried > value
            if not worse.any():
                break
            share[worse] /= 2
        better = tried <= value
        weights = weights - better * share * step
        scores = scores - better * share * moved
        value = np.where(better, tried, value)
        if not (better & open_).any():
            break
    return weights


def _objective(weights: DoubleVector, scores: DoubleVector, goal: DoubleVector, strength: float) -> DoubleVector:
    losses = np.logaddexp(0, scores) - goal * scores
    total: DoubleVector = 0.5 * np.square(weights).sum(axis=0) + strength * losses.sum(axis=0)
    return total


def _solve(rows: DoubleVector, curvature: DoubleVector, gradient: DoubleVector) -> DoubleVector:
    """(I + X^T diag(c) X) s = g for each label, to a tenth of |g|, by conjugate gradients."""
    solution = np.zeros_like(gradient)
    rest, direction = gradient.copy(), gradient.copy()
    square = np.square(rest).sum(axis=0)
    enough = 0.01 * square
    for _ in range(_CG_STEPS):
        live = square > enough
        if not live.any():
            break
        curved = direction + rows.T @ (curvature * (rows @ direction))
        share = np.where(live, square / np.maximum((direction * curved).sum(axis=0), 1e-300), 0)
        solution += share * direction
        rest -= share * curved
        following = np.where(live, np.square(rest).sum(axis=0), square)
        direction = rest + np.where(live, following / np.maximum(square, 1e-300), 0) * direction
        square = following
    return solution


def _length(columns: DoubleVector) -> DoubleVector:
    lengths: DoubleVector = np.sqrt(np.square(columns).sum(axis=0))
    return lengths
