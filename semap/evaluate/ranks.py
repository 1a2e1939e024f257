"""Lists of items and what users did afterwards in, how good the lists are out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from semap.arrays import AnyArray, TokenIds
from semap.evaluate.baselines import Histories

__all__ = ["Denominator", "RankingScores", "best_items", "score_lists"]

Denominator: TypeAlias = Literal["relevant", "reachable"]


@dataclass(frozen=True)
class RankingScores:
    """Means over users of a list of k items against R relevant ones, those of the user's test part.

    recall: relevant items in the list, over R ("relevant") or over min(k, R) ("reachable", at most 1). ndcg: the sum of
    1 / log2(rank + 1) over relevant items in the list, over that of the best list, which has min(k, R) of them first.
    hit_rate: 1 where the list has a relevant item. map: the sum, over relevant items in the list, of the share of relevant
    items down to their rank, over min(k, R). coverage: share of all items that stand in somebody's list.
    """

    name: str
    recall: float
    ndcg: float
    hit_rate: float
    map: float
    coverage: float
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)


def score_lists(name: str, lists: TokenIds, relevant: Histories, denominator: Denominator) -> RankingScores:
    """Score the lists of users: int32 (U, k), best first, -1 where a list is shorter; every user has a relevant item."""
    n_users, k = lists.shape
    owners = np.repeat(np.arange(n_users), np.diff(relevant.indptr))
    wanted = owners.astype(np.int64) * relevant.n_items + relevant.items  # rising, as both parts are
    offered = np.arange(n_users)[:, None] * relevant.n_items + lists
    hits = (wanted[np.minimum(np.searchsorted(wanted, offered), len(wanted) - 1)] == offered) & (lists >= 0)
    sizes = np.diff(relevant.indptr)
    reachable = np.minimum(sizes, k)
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(discounts)[reachable - 1]
    precision = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return RankingScores(
        name,
        recall=float(np.mean(hits.sum(axis=1) / (sizes if denominator == "relevant" else reachable))),
        ndcg=float(np.mean(hits @ discounts / best)),
        hit_rate=float(np.mean(hits.any(axis=1))),
        map=float(np.mean((precision * hits).sum(axis=1) / reachable)),
        coverage=len(np.unique(lists[lists >= 0])) / relevant.n_items,
    )


def best_items(scores: AnyArray, k: int) -> TokenIds:
    """Return the k items with the highest scores of each row, best first: int32 (B, k), of equal ones the lower id.

    -inf marks an item that is not to be listed; where fewer than k are left the rest is -1.
    """
    n_rows, n_items = scores.shape
    lists = np.full((n_rows, k), -1, np.int32)
    k = min(k, n_items)
    least = np.partition(scores, n_items - k, axis=1)[:, n_items - k]
    for row, (values, bound) in enumerate(zip(scores, least, strict=True)):
        found = np.flatnonzero((values >= bound) & (values > -np.inf))
        found = found[np.argsort(-values[found], kind="stable")[:k]]
        lists[row, : len(found)] = found
    return lists
