"""Tables of users and items in, recommendations out: for users who were there, for new ones, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from os import PathLike
from typing import Any
from warnings import warn

import numpy as np
import numpy.typing as npt

from semap.arrays import FloatMatrix, FloatVector, TokenIds
from semap.errors import SemapWarning, SettingsError, ShapeError, UnknownToken
from semap.index.exact import ExactIndex, check_k
from semap.interactions.interactions import Interactions
from semap.recommend.fold_in import Equations, equations_of
from semap.table.table import Table

__all__ = ["Recommender"]

Ranked = list[tuple[str, float]]


class Recommender:
    """What a learner of users and items found: `users` and `items` are Tables, `history` the Interactions learned from.

    A score is w_u . h_i, plus `mean` and the biases of user and item where the learner has them. biases: float32 (U,) and (I,).
    Raises ShapeError where the parts do not fit.
    """

    def __init__(
        self, users: Table, items: Table, history: Interactions, *, biases: tuple[FloatVector, FloatVector] | None = None,
        mean: float = 0.0,
    ) -> None:  # fmt: skip
        sizes = ((len(users), history.n_users, "users"), (len(items), history.n_items, "items"))
        for have, need, name in sizes:
            if have != need:
                raise ShapeError(f"the table has {have:,} {name}, the interactions {need:,}; they must be of one model")
        if biases is not None and tuple(map(np.shape, biases)) != ((len(users),), (len(items),)):
            raise ShapeError(f"biases are {np.shape(biases[0])} and {np.shape(biases[1])}; give one a user and one an item")
        self.users, self.items, self.history = users, items, history
        self.biases, self.mean = biases, mean

    def __repr__(self) -> str:
        sizes = f"{len(self.users):,} users, {len(self.items):,} items, {self.users.dim} dimensions"
        return f"Recommender({self.settings['learner']}: {sizes})"

    @property
    def settings(self) -> dict[str, Any]:
        """The learner's name and settings."""
        settings: dict[str, Any] = self.users.metadata["settings"]
        return settings

    @property
    def losses(self) -> list[float]:
        """What the learner lowered, after each epoch."""
        losses: list[float] = self.users.metadata["losses"]
        return losses

    def recommend(self, user: str, k: int = 10, *, exclude_seen: bool = True) -> Ranked:
        """Return the k items with the highest scores for a user, best first, without those of the user's history.

        Fewer come back where the catalogue has no more. Raises UnknownToken, and SettingsError (k below 1; a user without
        interactions, for whom no item is better than another).
        """
        user_id = self._user(user)
        seen = self.history.history(user)
        if len(seen) == 0 and self.biases is None:
            raise SettingsError(f"user {user!r} has no interactions, so no item suits them more than another; {_OTHERWISE}")
        return self._best(self._user_rows([user_id])[0], k, seen if exclude_seen else None)

    def recommend_for(self, history: Sequence[str], k: int = 10, *, values: Any = None, exclude_seen: bool = True) -> Ranked:
        """Return the k best items for somebody who was not there, from the items of their history; nothing is learned.

        The row of the user is solved for, exactly, as the learner would with the items held fast. values: one for each item of
        the history, such as ratings; without them 1, for ratings the mean. Unknown items are left out with one SemapWarning.
        Raises SettingsError (no known item in the history; a learner without such equations), ShapeError (values that do not
        fit, or are below 0 for a learner of anything but ratings).
        """
        seen, given = self._known(history, values)
        return self._best(self._equations(seen, given).row(), k, seen if exclude_seen else None)

    def explain(self, user: str, item: str) -> Ranked:
        """Return the items of a user's history with what each adds to the score of an item, the largest first.

        The parts sum to the score of a row solved for anew from the history (Hu, Koren, Volinsky 2008, section 5), less mean
        and the item's bias; the user's stored row is half an epoch older than the items and differs a little.
        Raises UnknownToken and SettingsError (a learner without such equations).
        """
        row = self._item_rows[self.items.id(item)].astype(np.float64)
        mine = self.history.user_ids == self._user(user)
        seen, values = self.history.item_ids[mine], self.history.weights()[mine]
        shares = self._equations(seen, values).shares(row)
        return [(self.items.tokens[int(seen[at])], float(shares[at])) for at in np.argsort(-shares, kind="stable")]

    def scores(self, users: Iterable[str]) -> FloatMatrix:
        """Return the score of every item for users: float32 (B, I), items in the order of `items`. Raises UnknownToken."""
        if isinstance(users, str | bytes) or not isinstance(users, Iterable):
            raise SettingsError(f"users is {type(users).__name__}; give a list of users, as [user] for one")
        found = self._index.scores(self._user_rows([self._user(user) for user in users]))
        return found if self.biases is None else found + np.float32(self.mean)

    def predict(self, users: Sequence[str], items: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the score of each pair (users[n], items[n]), float64 (N,); for RatingMF the rating that is expected.

        A user or item that was not there counts as one of zeros without a bias.
        Raises ShapeError where there are not as many users as items.
        """
        for name, each in (("users", users), ("items", items)):
            if isinstance(each, str | bytes) or not hasattr(each, "__len__"):
                raise SettingsError(f"{name} is {type(each).__name__}; give a list with one of each pair")
        if len(users) != len(items):
            raise ShapeError(f"there are {len(users):,} users and {len(items):,} items; give one of each a pair")
        rows, known = self._or_zeros(self.users, users)
        others, found = self._or_zeros(self.items, items)
        scores: npt.NDArray[np.float64] = self.mean + np.einsum("nd,nd->n", rows, others)
        if self.biases is not None:
            scores += np.where(known >= 0, self.biases[0][known], 0) + np.where(found >= 0, self.biases[1][found], 0)
        return scores

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the model to a folder: `users.semap` and `items.semap` open with `semap.load`. Raises CannotWrite."""
        from semap.recommend.file import save_recommender

        save_recommender(self, folder)

    @classmethod
    def load(cls, folder: str | PathLike[str]) -> Recommender:
        """Open what `save` wrote. Raises FileMissing, BadFile and NewerVersion."""
        from semap.recommend.file import load_recommender

        return load_recommender(folder)

    @cached_property
    def _item_rows(self) -> FloatMatrix:
        """The rows that users' rows are multiplied with: with biases, [h_i, 1, b_i]."""
        if self.biases is None:
            return self.items.vectors
        return np.column_stack([self.items.vectors, np.ones(len(self.items), np.float32), self.biases[1]])

    def _user_rows(self, user_ids: list[int]) -> FloatMatrix:
        rows = self.users.rows(np.asarray(user_ids, np.int64))
        if self.biases is None:
            return rows
        return np.column_stack([rows, self.biases[0][user_ids], np.ones(len(user_ids), np.float32)])

    @cached_property
    def _index(self) -> ExactIndex:
        return ExactIndex(self._item_rows, metric="dot")

    def _best(self, row: Any, k: int, seen: TokenIds | None) -> Ranked:
        check_k(k)
        ids, scores = self._index.search(np.asarray(row, np.float32), k, exclude=[] if seen is None else seen)
        return [(self.items.tokens[int(i)], float(s) + self.mean) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def _equations(self, item_ids: TokenIds, values: FloatVector) -> Equations:
        weights = np.zeros(len(self.items))
        np.add.at(weights, self.history.item_ids, self.history.weights())
        return equations_of(self.settings, self._item_rows.astype(np.float64), item_ids, values, weights, self.mean)

    def _user(self, user: str) -> int:
        try:
            return self.users.id(user)
        except UnknownToken as failure:
            raise UnknownToken(user, failure.suggestions, n_tokens=len(self.users), advice=_OTHERWISE) from None

    def _known(self, history: Sequence[str], values: Any) -> tuple[TokenIds, FloatVector]:
        """The ids of the known items, with their values."""
        if isinstance(history, str):
            raise SettingsError(f"history must be a list of items, not the one string {history[:40]!r}")
        history = list(history) if isinstance(history, Iterable) else history  # Table.ids refuses what is no list
        ids = self.items.ids(history)
        usual = self.mean if self.settings["learner"] == "RatingMF" else 1.0
        given = np.full(len(ids), usual, np.float32) if values is None else _floats(values)
        if given.shape != ids.shape or not np.isfinite(given).all():
            raise ShapeError(f"{len(ids):,} items have values of the shape {given.shape}; give one finite number an item")
        unknown = int((ids < 0).sum())
        if unknown == len(ids):
            raise SettingsError(f"of {len(ids):,} items in the history the model knows 0; give at least one of model.items")
        if unknown:
            first = list(history)[int(np.flatnonzero(ids < 0)[0])]
            warn(f"{unknown:,} of {len(ids):,} items are unknown and left out, first {first!r}", SemapWarning, stacklevel=3)
        return ids[ids >= 0], given[ids >= 0]

    @staticmethod
    def _or_zeros(table: Table, tokens: Sequence[str]) -> tuple[npt.NDArray[np.float64], TokenIds]:
        ids = table.ids(tokens)
        return table.rows(ids.clip(0), np.float64) * (ids >= 0)[:, None], ids


def _floats(values: Any) -> FloatVector:
    try:
        return np.asarray(values, np.float32)
    except (TypeError, ValueError) as failure:
        raise ShapeError(f"values must be numbers, one an item of the history: {failure}") from None


_OTHERWISE = "for somebody new, model.recommend_for(history=[items]) (--history ITEM) works from what they like"
