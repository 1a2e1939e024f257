"""Settings in, a learner out that puts what users have above what they have not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatVector
from semap.errors import SemapWarning, TrainingDiverged
from semap.interactions.interactions import Interactions
from semap.progress import Progress
from semap.recommend.data import checked, interactions_of
from semap.recommend.learner import Learner
from semap.settings import flag, real, whole

if TYPE_CHECKING:
    from semap.recommend.model import Recommender
    from semap.recommend.sweep import Side

__all__ = ["BPR"]


@dataclass(frozen=True, kw_only=True)
class BPR(Learner):
    """Rows of users and items, and a bias of each item, by which a user's items score above all others.

    `BPR(...).fit(interactions)` lowers, over interactions (u, i) and items j that u has not, with
    x = w_u . (h_i - h_j) + b_i - b_j,

        -ln sigmoid(x) + l / 2 (|w_u|^2 + |h_i|^2 + |h_j|^2 + b_i^2 + b_j^2)

    by gradient steps for one (u, i, j) drawn at random after the other (Rendle, Freudenthaler, Gantner, Schmidt-Thieme 2009,
    BPR: Bayesian Personalized Ranking from Implicit Feedback, figure 4); l is `regularization`. Interactions are drawn with
    replacement, items j evenly from the group of i until u has it not; after 31 draws in vain the step is left out. Small data
    are one group; larger ones are dealt into up to 16 at random, anew for every epoch, so that threads share no row: over the
    epochs every item that u has not is as likely as any other, within one only those that i was dealt with (`recommend/deal.py`).
    The original draws from all items. Values are not looked at: leave what a user did not like out.

    dim: length D of the rows. epochs: each takes as many steps as there are interactions. learning_rate: size of the steps, the
    same from first to last. item_biases: False learns none. init_scale: the first rows are normal with this over the root of
    D. threads: 0 for every CPU of the process; never changes a bit of the result. seed: from 0.

    `learning_rate` and `regularization` were chosen on held-out parts of the training halves of MovieLens 1M, where 0.02 and
    0.005 are better, and Last.fm 2k, where fewer interactions a user want larger steps: choose them on your own data.
    Raises SettingsError.
    """

    dim: int = 64
    epochs: int = 60
    learning_rate: float = 0.04
    regularization: float = 0.01
    item_biases: bool = True
    init_scale: float = 0.1
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in {"dim": 1, "epochs": 1, "threads": 0, "seed": 0}.items():
            self._keep(name, whole(name, getattr(self, name), least))
        for name in ("learning_rate", "regularization", "init_scale"):
            self._keep(name, real(name, getattr(self, name), above=name != "regularization"))
        self._keep("item_biases", flag("item_biases", self.item_biases))

    def fit(self, interactions: Any, *, init: Recommender | None = None, progress: bool | Progress = False) -> Recommender:
        """Learn from Interactions, or a SciPy sparse matrix users x items, and return a Recommender.

        init: a model to go on from, so that 8 epochs and 8 more give the same bits as 16. `losses` holds the mean of
        -ln sigmoid(x) over the steps of each epoch, 0 where there was none. Users who have every item teach no order: they are
        counted in a SemapWarning. Raises SettingsError, EmptyCorpus (no interactions), ShapeError (a value below 0) and
        TrainingDiverged.
        """
        data = checked(interactions_of(interactions))
        users, items = self._start(data, init, self.init_scale)
        by_user = data.by_user()
        users[np.diff(by_user[0]) == 0] = 0  # nothing is known of them, so that only the items' biases speak
        biases = self._first_biases(data, init)
        _tell_of_the_complete(by_user, data.n_items)
        losses = self._descend(by_user, self._behind(init), users, items, biases, progress)
        both = (np.zeros(len(users), np.float32), biases) if self.item_biases else None
        return self._model(data, users, items, losses, init, both)

    def _descend(self, by_user: Side, behind: int, users: Any, items: Any, biases: FloatVector, shown: Any) -> list[float]:
        """Take the steps of all epochs; return the mean loss of each."""
        from semap.recommend.deal import Deal

        deal = Deal(by_user, len(items), self.seed, self.threads)
        losses: list[float] = []
        with self._shown(shown) as bar:
            for epoch in range(self.epochs):
                loss, steps = deal.epoch(behind + epoch, (self.learning_rate, self.regularization), users, items, biases)
                losses.append(loss / max(steps, 1))
                if not np.isfinite(losses[-1]):
                    raise TrainingDiverged(f"the loss is {losses[-1]} after epoch {epoch + 1}; lower learning_rate")
                bar.update(epoch + 1, loss=losses[-1])
        return losses

    def _first_biases(self, data: Interactions, init: Recommender | None) -> FloatVector:
        """Zeros, or what a model knows of these items; empty where none are learned."""
        if not self.item_biases:
            return np.zeros(0, np.float32)
        biases = np.zeros(data.n_items, np.float32)
        if init is not None and init.biases is not None:
            ids = init.items.ids(list(data.items.tokens))
            biases[ids >= 0] = init.biases[1][ids[ids >= 0]]
        return biases


def _tell_of_the_complete(by_user: Side, n_items: int) -> None:
    """Warn of users who have every item."""
    indptr, items, _ = by_user
    users = np.flatnonzero(np.diff(indptr) >= n_items)
    complete = sum(len(np.unique(items[indptr[user] : indptr[user + 1]])) == n_items for user in users)
    if complete:
        warnings.warn(
            f"{complete:,} of {len(indptr) - 1:,} users have each of the {n_items:,} items, so nothing can be put above anything "
            "else for them: their rows stay as they began",
            SemapWarning,
            stacklevel=3,
        )
