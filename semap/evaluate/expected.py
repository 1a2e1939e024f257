"""A model that expects ratings and ratings it has not seen in, how far it is off out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any, Protocol

import numpy as np

from semap.arrays import AnyArray
from semap.errors import EmptyGold, SettingsError, ShapeError
from semap.interactions.interactions import Interactions

__all__ = ["RatingErrors", "ratings"]

_AT_ONCE = 1 << 20


class Predicts(Protocol):
    """The Recommender of a RatingMF, or your own."""

    def predict(self, users: Sequence[str], items: Sequence[str]) -> AnyArray:
        """Return the rating expected of each pair, (N,)."""
        ...


@dataclass(frozen=True)
class RatingErrors:
    """rmse: root of the mean squared error; mae: mean of the error's size; n: how many ratings, in their own unit."""

    rmse: float
    mae: float
    n: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return f"RMSE {self.rmse:.4f}, MAE {self.mae:.4f} over {self.n:,} ratings"


def ratings(model: Predicts, test: Interactions, *, clip: tuple[float, float] | None = None) -> RatingErrors:
    """Compare the ratings that a model expects with those that were given.

    test: Interactions with values; users and items are looked up by name, so they need not be in the order of training. clip:
    the lowest and highest rating there is; what is expected outside is moved to it.
    Raises SettingsError (no values, a model without `predict`, clip), EmptyGold (no rating), ShapeError (NaN).
    """
    if not hasattr(model, "predict"):
        raise SettingsError(f"{model!r:.60} has no predict; give what fit() of RatingMF returned")
    if not isinstance(test, Interactions):
        raise SettingsError(f"test is {type(test).__name__}; give Interactions, as of semap.read_interactions(...)")
    if test.values is None:
        raise SettingsError(
            "the test part has no values to compare with; read it with its ratings, or use semap.evaluate.ranking"
        )
    if clip is not None and not _rises(clip):
        raise SettingsError(f"clip is {clip}; give the lowest and the highest rating, as (1, 5)")
    if not len(test):
        raise EmptyGold("the test part has 0 ratings; give at least one")
    squares = sizes = 0.0
    for first in range(0, len(test), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        users, items = (
            [vocab.tokens[each] for each in ids[part].tolist()]
            for vocab, ids in ((test.users, test.user_ids), (test.items, test.item_ids))
        )
        expected = np.asarray(model.predict(users, items), np.float64)
        if not np.isfinite(expected).all():
            raise ShapeError(f"the model expects {int((~np.isfinite(expected)).sum()):,} ratings that are no finite numbers")
        off = (expected if clip is None else expected.clip(*clip)) - test.values[part]
        squares, sizes = squares + float(off @ off), sizes + float(np.abs(off).sum())
    return RatingErrors(float(np.sqrt(squares / len(test))), sizes / len(test), len(test))


def _rises(clip: Any) -> bool:
    """Whether it is a lower and a higher number."""
    pair = isinstance(clip, tuple | list) and len(clip) == 2 and all(isinstance(each, Real) for each in clip)
    return pair and bool(clip[0] < clip[1])
