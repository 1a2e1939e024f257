"""Settings in, a learner out that predicts ratings from biases and rows of users and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import SettingsError, TrainingDiverged
from semap.progress import Progress
from semap.recommend.data import checked, interactions_of
from semap.recommend.learner import Learner
from semap.settings import real, whole

if TYPE_CHECKING:
    from semap.recommend.model import Recommender
    from semap.recommend.sweep import Side

__all__ = ["RatingMF"]


@dataclass(frozen=True, kw_only=True)
class RatingMF(Learner):
    """The model of the Netflix prize: a rating is mu + b_u + b_i + p_u . q_i; `RatingMF(...).fit(interactions)`.

    Koren, Bell, Volinsky 2009, Matrix Factorization Techniques for Recommender Systems, equations 4 and 5: lowers, over the
    ratings r that are there, with n = `regularization_exponent`,

        sum (r - mu - b_u - b_i - p_u . q_i)^2 + sum_u |S_u|^n (l |p_u|^2 + m b_u^2) + sum_i |S_i|^n (l |q_i|^2 + m b_i^2)

    by least squares in turn instead of gradient steps: the row and bias of a user are solved for together, exactly, then
    those of each item. With n = 1 the strength follows the number of ratings (Zhou, Wilkinson, Schreiber, Pan 2008).

    dim: length D of the rows. regularization: l. bias_regularization: m. epochs: sweeps over users, then items. init_scale: the
    first rows are normal with this over the root of D. threads: 0 for every CPU of the process; never changes a bit of the
    result. seed: from 0. Raises SettingsError.
    """

    dim: int = 16
    regularization: float = 0.15
    bias_regularization: float = 0.05
    regularization_exponent: float = 1.0
    epochs: int = 16
    init_scale: float = 0.1
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in {"dim": 1, "epochs": 1, "threads": 0, "seed": 0}.items():
            self._keep(name, whole(name, getattr(self, name), least))
        for name in ("regularization", "bias_regularization", "init_scale"):
            self._keep(name, real(name, getattr(self, name), above=True))
        self._keep("regularization_exponent", real("regularization_exponent", self.regularization_exponent))

    def fit(self, interactions: Any, *, init: Recommender | None = None, progress: bool | Progress = False) -> Recommender:
        """Learn from Interactions with values, or a SciPy sparse matrix users x items, and return a Recommender.

        `model.predict(users, items)` expects ratings. init: a model to go on from, whose mean is kept; an item that it lacks
        starts with a bias of 0 and a random row, and users, who are solved for first, need no start. `losses` holds what is
        lowered, after every epoch. Raises SettingsError (no values), EmptyCorpus (no interactions) and TrainingDiverged.
        """
        data = checked(interactions_of(interactions), signed=True)
        if data.values is None:
            raise SettingsError("RatingMF needs a value for each interaction, such as stars; for mere events: ImplicitALS")
        mean = float(data.values.mean(dtype=np.float64)) if init is None else init.mean
        users, items = self._start(data, init, self.init_scale, extra=1)
        if init is not None and init.biases is not None:
            ids = init.items.ids(list(data.items.tokens))
            items[ids >= 0, self.dim] = init.biases[1][ids[ids >= 0]]
        losses = self._alternate(data.by_user(), data.by_item(), users, items, mean, progress)
        return self._model(data, users, items, losses, init, (users[:, self.dim], items[:, self.dim]), mean)

    def _alternate(
        self, by_user: Side, by_item: Side, users: FloatMatrix, items: FloatMatrix, mean: float, shown: Any
    ) -> list[float]:
        """Solve for users and items in turn; return what is lowered, after each epoch."""
        losses: list[float] = []
        with self._shown(shown) as bar:
            for epoch in range(self.epochs):
                told = self._solved(by_user, items, users, mean)
                final = self._solved(by_item, users, items, mean)
                losses.append(float(final.sum() + told[:, 1].sum()))
                if not np.isfinite(losses[-1]):
                    raise TrainingDiverged(f"the loss is {losses[-1]} after epoch {epoch + 1}; raise regularization")
                bar.update(epoch + 1, loss=losses[-1])
        return losses

    def _solved(self, side: Side, others: FloatMatrix, rows: FloatMatrix, mean: float) -> Any:
        """Put [p_u, b_u] into the rows with [q_i, b_i] held fast; return the losses.

        What is solved for is [p_u, b_u / c] from [q_i, c] and the targets r - mu - b_i, from zeros and all at once, so that
        nothing but the others' rows and biases decides the bits.
        """
        from semap.recommend.sweep import solve_side

        indptr, ids, values = side
        fixed = others.copy()
        fixed[:, self.dim] = self._unit
        targets = np.asarray(values - mean - others[ids, self.dim], np.float32)
        square = np.zeros((rows.shape[1], rows.shape[1]), np.float32)
        ridges = np.asarray(self.regularization * np.diff(indptr) ** self.regularization_exponent, np.float32)
        entries = (indptr, ids, np.ones(len(ids), np.float32))
        rows[:] = 0
        losses = solve_side(entries, targets, fixed, square, ridges, len(square), rows, threads=self.threads, tell=True)
        rows[:, self.dim] *= self._unit
        return losses

    @property
    def _unit(self) -> np.float32:
        """c, by which l (b / c)^2 is m b^2: so that one strength serves the whole row."""
        return np.float32(np.sqrt(self.regularization / self.bias_regularization))
