"""Interactions in, a part to learn from and a part to be tested on out; both have the ids of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Flags
from semap.errors import SettingsError
from semap.interactions.interactions import Interactions
from semap.settings import whole

__all__ = ["Split", "leave_last_out", "random_split", "strong_generalisation"]


@dataclass(frozen=True)
class Split:
    """train: to learn from; test: to be predicted; history: what is known of the tested users, None where train has it."""

    train: Interactions
    test: Interactions
    history: Interactions | None = None


def random_split(interactions: Interactions, share: float = 0.2, *, seed: int = 1) -> Split:
    """Take a share of each user's interactions, drawn at random, for the test.

    A user with n interactions gives floor(share * n), so with fewer than 1 / share none, and always keeps one.
    Raises SettingsError (a share that is not between 0 and 1; nothing would be tested).
    """
    _check(interactions)
    _check_share("share", share)
    sizes = _sizes(interactions)
    return _split(interactions, _drawn(interactions, np.floor(share * sizes + 1e-9), seed), "share", share)


def leave_last_out(interactions: Interactions, n: int = 1) -> Split:
    """Take the last n interactions of each user for the test; of equal times the one that came later in the input.

    Without times the order of the input is that of time. A user with n interactions or fewer is all in the training part.
    Raises SettingsError (n below 1; nothing would be tested).
    """
    _check(interactions)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise SettingsError(f"n is {n!r}; give the number of interactions to take from each user, from 1")
    users = interactions.user_ids
    order = np.arange(len(users)) if interactions.times is None else np.lexsort((interactions.times, users))
    sizes = _sizes(interactions)
    last = np.zeros(len(users), np.bool_)
    last[order] = _places(interactions) >= (sizes - n)[users]
    return _split(interactions, last & (sizes > n)[users], "n", n)


def strong_generalisation(
    interactions: Interactions, share_of_users: float = 0.1, held_out_share: float = 0.2, *, seed: int = 1
) -> Split:
    """Take users drawn at random out of training; the test is a share of their interactions, `history` the others.

    A model never sees these users while it learns and has to answer from their history (Marlin 2004; Liang et al. 2018 with
    held_out_share 0.2). Of n interactions floor(held_out_share * n), at least one of two or more, are tested.
    Raises SettingsError (a share that is not between 0 and 1; no user, or all, would be taken).
    """
    _check(interactions)
    _check_share("share_of_users", share_of_users)
    _check_share("held_out_share", held_out_share)
    sizes = _sizes(interactions)
    able = np.flatnonzero(sizes >= 2)
    n_users = int(share_of_users * len(able))
    if not 0 < n_users < int((sizes > 0).sum()):
        raise SettingsError(
            f"share_of_users is {share_of_users}, which takes {n_users:,} of {len(able):,} users with two interactions or more; "
            "give a share that takes some and leaves some"
        )
    taken = np.zeros(interactions.n_users, np.bool_)
    drawn = np.random.Generator(np.random.PCG64([whole("seed", seed, 0), 1])).choice(able, n_users, replace=False)
    taken[drawn] = True
    tested = _drawn(interactions, np.maximum(np.floor(held_out_share * sizes + 1e-9), 1) * taken, seed)
    held = taken[interactions.user_ids]
    return Split(interactions.rows(~held), interactions.rows(tested), interactions.rows(held & ~tested))


def _drawn(interactions: Interactions, wanted: AnyArray, seed: int) -> Flags:
    """So many interactions of each user, drawn at random."""
    numbers = np.random.Generator(np.random.PCG64(whole("seed", seed, 0))).random(len(interactions))
    order = np.lexsort((numbers, interactions.user_ids))
    drawn = np.zeros(len(interactions), np.bool_)
    drawn[order] = _places(interactions) < wanted[interactions.user_ids]
    return drawn


def _places(interactions: Interactions) -> AnyArray:
    """0, 1, 2 ... within each user."""
    users = interactions.user_ids
    return np.arange(len(users)) - np.searchsorted(users, users)


def _sizes(interactions: Interactions) -> AnyArray:
    return np.bincount(interactions.user_ids, minlength=interactions.n_users)


def _split(interactions: Interactions, tested: Flags, name: str, value: float) -> Split:
    if not tested.any():
        most = int(_sizes(interactions).max(initial=0))
        raise SettingsError(f"{name} is {value}, which leaves nothing to test: no user has more than {most:,} interactions")
    return Split(interactions.rows(~tested), interactions.rows(tested))


def _check(given: Any) -> None:
    if not isinstance(given, Interactions):
        kind = type(given).__name__
        raise SettingsError(f"only Interactions can be split, not {kind}; semap.read_interactions(...) makes them")


def _check_share(name: str, share: Any) -> None:
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < float(share) < 1:
        raise SettingsError(f"{name} is {share!r}; give a share between 0 and 1, as 0.2")
