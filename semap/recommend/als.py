"""Settings in, a learner out that factorises who did what by alternating least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.errors import SettingsError, TrainingDiverged
from semap.progress import Progress
from semap.recommend.data import checked, interactions_of
from semap.recommend.learner import Learner
from semap.settings import real, whole

if TYPE_CHECKING:
    from semap.recommend.model import Recommender
    from semap.recommend.sweep import Side

__all__ = ["ImplicitALS"]


@dataclass(frozen=True, kw_only=True)
class ImplicitALS(Learner):
    """Rows of users and items whose products are near 1 where there is an interaction and near 0 elsewhere.

    `ImplicitALS(...).fit(interactions)` lowers, with the value v of each of the interactions S and y = w_u . h_i,

        sum_S v (1 - y)^2 + a0 sum_all y^2 + l [ sum_u (|S_u| + a0 |I|)^n |w_u|^2 + sum_i (|S_i| + a0 |U|)^n |h_i|^2 ]

    (Rendle, Krichene, Zhang, Koren 2022, Revisiting the Performance of iALS, equations 2 to 4), where a0 =
    `unobserved_weight`, l = `regularization` and n = `regularization_exponent`.

    dim: length D of the rows. epochs: sweeps over users, then items. block_size: coordinates solved for together (iALS++), a
    multiple of 16; a dim up to it is solved exactly. init_scale: the first rows are normal with this over the root of D.
    threads: 0 for every CPU of the process; never changes a bit of the result. seed: from 0.

    `unobserved_weight` and `regularization` together decide the quality. Held-out parts of the training halves like 0.2 and 0.01
    best for MovieLens 1M, 0.3 and 0.01 for MovieLens 100k and the defaults for Last.fm 2k as ones, where 0.3 and 0.01 lose a
    third: choose both on such a part of your own data, in steps of 2 or 3.
    Raises SettingsError.
    """

    dim: int = 64
    unobserved_weight: float = 0.1
    regularization: float = 0.01
    regularization_exponent: float = 1.0
    epochs: int = 16
    block_size: int = 32
    init_scale: float = 0.1
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in {"dim": 1, "epochs": 1, "block_size": 16, "threads": 0, "seed": 0}.items():
            self._keep(name, whole(name, getattr(self, name), least))
        for name in ("unobserved_weight", "regularization", "regularization_exponent", "init_scale"):
            self._keep(name, real(name, getattr(self, name), above=name == "init_scale"))
        if self.block_size % 16:
            raise SettingsError(f"block_size is {self.block_size}; give a multiple of 16, such as 32")

    def fit(self, interactions: Any, *, init: Recommender | None = None, progress: bool | Progress = False) -> Recommender:
        """Learn from Interactions, or a SciPy sparse matrix users x items, and return a Recommender.

        init: a model to go on from: its users and items keep their rows as a start, so that 8 epochs and 8 more give the same
        bits as 16. Its metadata tells the objective after every epoch, as `losses`.
        Raises SettingsError, EmptyCorpus (no interactions), ShapeError (a value below 0) and TrainingDiverged.
        """
        data = checked(interactions_of(interactions))
        users, items = self._start(data, init, self.init_scale)
        losses = self._alternate(data.by_user(), data.by_item(), users, items, progress)
        return self._model(data, users, items, losses, init)

    def _alternate(self, by_user: Side, by_item: Side, users: FloatMatrix, items: FloatMatrix, shown: Any) -> list[float]:
        """Solve for users and items in turn; return the objective after each epoch."""
        from semap.recommend.sweep import gram_of, solve_side

        ones = np.ones(len(by_user[1]), np.float32)
        of_users, of_items = self._ridges(by_user, len(items)), self._ridges(by_item, len(users))
        losses: list[float] = []
        gram = gram_of(items, self.threads)
        with self._shown(shown) as bar:
            for epoch in range(self.epochs):
                square = self._weighted(gram)
                told = solve_side(by_user, ones, items, square, of_users, self.block_size, users, threads=self.threads)
                other = gram_of(users, self.threads)
                square = self._weighted(other)
                final = solve_side(
                    by_item, ones, users, square, of_items, self.block_size, items, threads=self.threads, tell=True
                )
                gram = gram_of(items, self.threads)
                losses.append(float(final.sum() + told[:, 1].sum() + self.unobserved_weight * (gram * other).sum()))
                if not np.isfinite(losses[-1]):
                    raise TrainingDiverged(f"the objective is {losses[-1]} after epoch {epoch + 1}; raise regularization")
                bar.update(epoch + 1, loss=losses[-1])
        return losses

    def _weighted(self, gram: Any) -> FloatMatrix:
        return np.asarray(gram * self.unobserved_weight, np.float32)

    def _ridges(self, side: Side, n_others: int) -> FloatVector:
        """l (|S_r| + a0 n)^exponent of every row."""
        weights = np.diff(side[0]) + self.unobserved_weight * n_others
        return np.asarray(self.regularization * weights**self.regularization_exponent, np.float32)
