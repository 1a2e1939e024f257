"""Interactions as they were read in, one of each pair and only what reaches the thresholds out."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from semap.arrays import AnyArray, Flags
from semap.errors import DuplicateToken, EmptyCorpus, SettingsError
from semap.interactions.interactions import Interactions
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["Duplicates", "Gathered", "Thresholds"]

Duplicates: TypeAlias = Literal["last", "first", "sum", "error"]


@dataclass(frozen=True)
class Thresholds:
    """What is left out: values below `min_value`, users and items with fewer interactions than these."""

    min_value: float | None = None
    min_per_user: int = 0
    min_per_item: int = 0


@dataclass
class Gathered:
    """Rows in the order read. users, items: the number of each token; values and times: empty where there are none."""

    users: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    user_ids: Any = field(default_factory=lambda: array("i"))
    item_ids: Any = field(default_factory=lambda: array("i"))
    values: Any = field(default_factory=lambda: array("f"))
    times: Any = field(default_factory=lambda: array("q"))

    def arranged(
        self, duplicates: Duplicates, thresholds: Thresholds, like: Interactions | None, facts: dict[str, Any]
    ) -> Interactions:
        """Return the interactions; `facts` learns what was left out.

        Duplicates are looked at first, then values, then users and items, again and again until both thresholds hold for
        what is left. Raises SettingsError (min_value without values), DuplicateToken, EmptyCorpus (nothing is left).
        """
        users, items, values, times = self._columns()
        kept, values = self._distinct(users, items, values, duplicates)
        facts["duplicates"] = len(users) - len(kept)
        kept = self._known(kept, users, items, like, facts)
        if thresholds.min_value is not None:
            if values is None:
                raise SettingsError(
                    f"min_value is {thresholds.min_value}, but there are no ratings; leave it out, or name their column"
                )
            enough = values[kept] >= thresholds.min_value
            facts["below_min_value"] = int((~enough).sum())
            kept = kept[enough]
        before = len(kept)
        kept = _core(kept, users, items, thresholds)
        facts["below_min_per_user_or_item"] = before - len(kept)
        if not len(kept):
            told = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in facts.items() if n)
            raise EmptyCorpus(f"no interaction is left; {told}; lower the thresholds, or look whether columns fits the file")
        return self._named(users[kept], items[kept], _at(values, kept), _at(times, kept), like, facts)

    def _columns(self) -> tuple[AnyArray, AnyArray, AnyArray | None, AnyArray | None]:
        values = np.asarray(self.values, np.float32) if len(self.values) else None
        times = np.asarray(self.times) if len(self.times) else None
        return np.asarray(self.user_ids, np.int32), np.asarray(self.item_ids, np.int32), values, times

    def _distinct(
        self, users: AnyArray, items: AnyArray, values: AnyArray | None, duplicates: Duplicates
    ) -> tuple[AnyArray, AnyArray | None]:
        """The rows that stay, in their order, and the values, summed where that was asked."""
        pairs = users.astype(np.int64) * max(len(self.items), 1) + items
        order = np.argsort(pairs, kind="stable")
        changes = pairs[order][1:] != pairs[order][:-1]
        begins, ends = np.concatenate([[True], changes]), np.concatenate([changes, [True]])
        if duplicates == "error" and not changes.all():
            row = order[int(np.argmin(changes))]
            user, item = list(self.users)[users[row]], list(self.items)[items[row]]
            raise DuplicateToken(
                f"user {user!r} and item {item!r} stand together more than once; {int((~changes).sum()):,} of {len(users):,} "
                'rows repeat a pair; give duplicates="last", "first" or "sum"'
            )
        if duplicates == "sum":
            weights = np.ones(len(users)) if values is None else values.astype(np.float64)
            sums = np.add.reduceat(weights[order], np.flatnonzero(begins))
            values = np.zeros(len(users), np.float32)
            values[order[ends]] = sums
        return np.sort(order[begins if duplicates == "first" else ends]), values

    def _known(
        self, kept: AnyArray, users: AnyArray, items: AnyArray, like: Interactions | None, facts: dict[str, Any]
    ) -> AnyArray:
        if like is None:
            return kept
        known_users, known_items = like.users.ids(self.users) >= 0, like.items.ids(self.items) >= 0
        facts["unknown_users"], facts["unknown_items"] = int((~known_users).sum()), int((~known_items).sum())
        known: Flags = known_users[users[kept]] & known_items[items[kept]]
        facts["of_unknown_users_or_items"] = int((~known).sum())
        return kept[known]

    def _named(
        self,
        users: AnyArray,
        items: AnyArray,
        values: AnyArray | None,
        times: AnyArray | None,
        like: Interactions | None,
        facts: dict[str, Any],
    ) -> Interactions:
        user_vocab, users = _vocab(self.users, users, None if like is None else like.users)
        item_vocab, items = _vocab(self.items, items, None if like is None else like.items)
        facts["interactions"] = len(users)
        return Interactions(user_vocab, item_vocab, users, items, values, times, facts)


def _vocab(tokens: dict[str, int], numbers: AnyArray, like: Vocab | None) -> tuple[Vocab, AnyArray]:
    """The tokens that are used, by falling count, ties in byte order, or those of `like`; and the ids of the rows."""
    if like is not None:
        ids = like.ids(tokens)[numbers]
        return Vocab.of_unique(like.tokens, np.bincount(ids, minlength=len(like))), ids
    counts = np.bincount(numbers, minlength=len(tokens))
    used = [(token.encode("utf-8", "surrogateescape"), number) for token, number in tokens.items() if counts[number]]
    order = [number for _, number in sorted(used, key=lambda each: (-counts[each[1]], each[0]))]
    ids = np.zeros(len(tokens), np.int32)
    ids[order] = np.arange(len(order), dtype=np.int32)
    names = list(tokens)
    return Vocab.of_unique(Tokens.pack([names[number] for number in order]), counts[order]), ids[numbers]


def _core(kept: AnyArray, users: AnyArray, items: AnyArray, thresholds: Thresholds) -> AnyArray:
    """The largest part in which every user and item has enough interactions."""
    while len(kept):
        enough = np.bincount(users[kept])[users[kept]] >= thresholds.min_per_user
        enough &= np.bincount(items[kept])[items[kept]] >= thresholds.min_per_item
        if enough.all():
            break
        kept = kept[enough]
    return kept


def _at(numbers: AnyArray | None, rows: AnyArray) -> AnyArray | None:
    return None if numbers is None else numbers[rows]
