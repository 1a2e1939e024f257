"""What users did in, recommenders that every model has to beat out: popularity, item-kNN and EASE.

All three look only at which items a user has, not at values or times, and answer for users they have never seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from semap.arrays import AnyArray, FloatMatrix, Offsets, TokenIds
from semap.errors import SettingsError, ShapeError
from semap.interactions.interactions import Interactions
from semap.settings import real, whole

__all__ = ["EASE", "Baseline", "Histories", "ItemKNN", "Popularity"]

_EASE_MOST = 10_000
_EASE_CELLS = 1 << 28


@dataclass(frozen=True, eq=False)
class Histories:
    """The items of users, each once and rising: those of user u are items[indptr[u] : indptr[u + 1]]."""

    indptr: Offsets
    items: TokenIds
    n_items: int

    @classmethod
    def of(cls, interactions: Interactions, *, by_item: bool = False) -> Histories:
        """Return the items of each user, or the users of each item; a pair that stands twice counts once."""
        _check(interactions)
        indptr, ids, _ = interactions.by_item() if by_item else interactions.by_user()
        owners = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        first = np.ones(len(ids), np.bool_)
        first[1:] = (ids[1:] != ids[:-1]) | (owners[1:] != owners[:-1])
        starts = np.zeros(len(indptr), np.int64)
        np.cumsum(np.bincount(owners[first], minlength=len(indptr) - 1), out=starts[1:])
        return cls(starts, ids[first], interactions.n_users if by_item else interactions.n_items)

    def __getitem__(self, user: int) -> TokenIds:
        return self.items[self.indptr[user] : self.indptr[user + 1]]

    @property
    def n_users(self) -> int:
        """How many users there are, with or without an item."""
        return len(self.indptr) - 1

    def dense(self, users: AnyArray) -> FloatMatrix:
        """Return rows of ones and zeros: float32 (B, I)."""
        rows = np.zeros((len(users), self.n_items), np.float32)
        for row, user in enumerate(users.tolist()):
            rows[row, self[user]] = 1
        return rows


class Baseline(Protocol):
    """Scores items for users by what they have."""

    name: str

    def fit(self, train: Interactions) -> Baseline:
        """Learn from interactions and return itself."""
        ...

    def scores(self, histories: Histories, users: AnyArray) -> FloatMatrix:
        """Return the score of every item for some users: float32 (B, I)."""
        ...


class Popularity:
    """Every item's score is the number of users who have it, the same for all."""

    name = "popularity"

    def fit(self, train: Interactions) -> Popularity:
        """Count."""
        self.counts = np.diff(Histories.of(train, by_item=True).indptr).astype(np.float32)
        return self

    def scores(self, histories: Histories, users: AnyArray) -> FloatMatrix:
        """Return the counts for each user: float32 (B, I)."""
        return np.tile(self.counts, (len(users), 1))


class ItemKNN:
    """Scores an item by its likeness to the user's items: the sum of cosines of those among whose nearest k it is.

    The cosine of two items is the number of users who have both over the root of the product of those who have each
    (Sarwar et al. 2001; Deshpande and Karypis 2004); of equal neighbours the one with the lower id is nearer.
    """

    name = "item-kNN"

    def __init__(self, k: int = 100) -> None:
        self.k = whole("k", k, 1)

    def fit(self, train: Interactions) -> ItemKNN:
        """Find the neighbours of every item: time grows with the sum of squares of the users' numbers of items."""
        owned, owners = Histories.of(train), Histories.of(train, by_item=True)
        roots = np.sqrt(np.maximum(np.diff(owners.indptr), 1))
        self.ids: list[AnyArray] = []
        self.cosines: list[AnyArray] = []
        for item, (others, both) in enumerate(_together(owned, owners)):
            cosines = both / (roots[item] * roots[others])
            cosines[others == item] = 0
            nearest = _largest(cosines, self.k)
            nearest = nearest[cosines[nearest] > 0]
            self.ids.append(others[nearest])
            self.cosines.append(cosines[nearest])
        return self

    def scores(self, histories: Histories, users: AnyArray) -> FloatMatrix:
        """Return the sums of cosines: float32 (B, I)."""
        scores = np.zeros((len(users), histories.n_items), np.float32)
        for row, user in enumerate(users.tolist()):
            mine = histories[user].tolist()
            if mine:
                ids, cosines = (np.concatenate([part[item] for item in mine]) for part in (self.ids, self.cosines))
                scores[row] = np.bincount(ids, cosines, minlength=histories.n_items)
        return scores


class EASE:
    """Scores X B with B = I - P / diag(P) and P = (X'X + regularization I)^-1 (Steck 2019, "Embarrassingly Shallow
    Autoencoders for Sparse Data", equation 8): the best linear model of items by other items, in closed form.

    Where there are fewer users than items the inverse is taken of the smaller matrix X X' + regularization I, which gives the
    same B (Woodbury). Both are float64. For catalogues with up to 10,000 items or users.

    The inverse is NumPy's, so it runs on the threads of NumPy's BLAS, which no argument here governs and whose number may change
    the last bits; the commands start with one, from Python set OPENBLAS_NUM_THREADS before NumPy is loaded.
    """

    name = "EASE"

    def __init__(self, regularization: float = 500.0) -> None:
        self.regularization = real("regularization", regularization, above=True)
        self._solved: AnyArray | None = None

    @staticmethod
    def too_large(train: Interactions) -> str | None:
        """Return why the data are too large, or None. Raises SettingsError for what is no Interactions."""
        _check(train)
        if train.n_items <= _EASE_MOST or _by_users(train):
            return None
        return f"{train.n_items:,} items and {train.n_users:,} users; it needs at most {_EASE_MOST:,} of one"

    def fit(self, train: Interactions) -> EASE:
        """Solve. Raises ShapeError where the data are too large."""
        reason = self.too_large(train)
        if reason:
            raise ShapeError(f"EASE cannot be solved for {reason}")
        if _by_users(train):
            self._fit_by_users(Histories.of(train))
        else:
            self._fit_by_items(Histories.of(train), Histories.of(train, by_item=True))
        return self

    def scores(self, histories: Histories, users: AnyArray) -> FloatMatrix:
        """Return X B for some users: float32 (B, I)."""
        rows = histories.dense(users)
        if self._solved is None:
            return rows @ self._weights
        inverse = ((rows - (rows @ self._weights.T @ self._solved) @ self._weights) / self.regularization).astype(np.float32)
        return np.asarray(rows - inverse / self._diagonal)

    def _fit_by_items(self, owned: Histories, owners: Histories) -> None:
        gram = np.zeros((owned.n_items, owned.n_items))
        for item, (others, both) in enumerate(_together(owned, owners)):
            gram[item, others] = both
        gram[np.diag_indices_from(gram)] += self.regularization
        inverse = np.linalg.inv(gram)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        self._weights = weights.astype(np.float32)

    def _fit_by_users(self, owned: Histories) -> None:
        self._weights = owned.dense(np.arange(owned.n_users))
        gram = (self._weights @ self._weights.T).astype(np.float64)  # whole numbers below 2**24: exact in float32
        gram[np.diag_indices_from(gram)] += self.regularization
        solved = np.linalg.inv(gram)
        inside = np.einsum("ui,ui->i", self._weights, solved.astype(np.float32) @ self._weights)
        self._solved = solved.astype(np.float32)
        self._diagonal = (1 - inside) / np.float32(self.regularization)


def _check(given: object) -> None:
    if not isinstance(given, Interactions):
        kind = type(given).__name__
        raise SettingsError(f"baselines take Interactions, not {kind}; semap.read_interactions(...) makes them")


def _by_users(train: Interactions) -> bool:
    return train.n_users < train.n_items and train.n_users <= _EASE_MOST and train.n_users * train.n_items <= _EASE_CELLS


def _together(owned: Histories, owners: Histories) -> Iterator[tuple[AnyArray, AnyArray]]:
    """For each item the items that some user has beside it, rising, itself too, and how many users have both."""
    for item in range(owners.n_users):
        users = owners[item].tolist()
        beside = np.concatenate([owned[user] for user in users]) if users else np.zeros(0, np.int32)
        if 8 * len(beside) < owned.n_items:
            yield np.unique(beside, return_counts=True)
        else:
            counts = np.bincount(beside, minlength=owned.n_items)
            others = np.flatnonzero(counts)
            yield others, counts[others]


def _largest(values: AnyArray, k: int) -> AnyArray:
    """The places of the k largest values, rising; of equal ones the first."""
    if len(values) <= k:
        return np.arange(len(values))
    least = np.partition(values, len(values) - k)[len(values) - k]
    above, ties = np.flatnonzero(values > least), np.flatnonzero(values == least)
    return np.sort(np.concatenate([above, ties[: k - len(above)]]))
