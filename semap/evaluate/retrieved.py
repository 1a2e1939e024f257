"""Whatever ranks documents in, how early it puts the relevant ones out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError
from semap.evaluate.collection import Collection
from semap.evaluate.sentence_pairs import Encoder
from semap.index.exact import ExactIndex

__all__ = ["Hybrid", "Ranker", "RetrievalScores", "retrieval"]


class Ranker(Protocol):
    """BM25, Hybrid, or your own."""

    def rank(self, documents: Sequence[str], queries: Sequence[str]) -> list[AnyArray]:
        """Return for each query the numbers of documents, best first."""
        ...


@dataclass(frozen=True)
class RetrievalScores:
    """Means over queries. ndcg: normalised discounted cumulative gain of the first k; recall: of the first k; n_queries."""

    ndcg: float
    recall: float
    k: int
    n_queries: int
    n_documents: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        return f"nDCG@{self.k} {self.ndcg:.3f}, recall@{self.k} {self.recall:.3f} ({self.n_queries:,} queries)"


@dataclass(frozen=True)
class Hybrid:
    """Ranks by the sum of 1 / (constant + rank) over several systems (Cormack, Clarke and Buettcher 2009: constant 60)."""

    systems: Sequence[Ranker | Encoder]
    constant: float = 60.0

    def __post_init__(self) -> None:
        if not self.systems or not self.constant >= 0:
            raise SettingsError(f"{len(self.systems)} systems, constant {self.constant}; give at least one and a number from 0")

    def rank(self, documents: Sequence[str], queries: Sequence[str]) -> list[AnyArray]:
        """Return for each query the numbers of the documents that some system ranks, best first, of equal ones the first."""
        rankings = [ranked(system, documents, queries) for system in self.systems]
        return [self._fused([ranking[query] for ranking in rankings], len(documents)) for query in range(len(queries))]

    def _fused(self, orders: Sequence[AnyArray], n_documents: int) -> AnyArray:
        scores = np.zeros(n_documents)
        for order in orders:
            scores[order] += 1 / (self.constant + np.arange(1, len(order) + 1))
        fused = np.argsort(-scores, kind="stable")
        return np.asarray(fused[scores[fused] > 0])


def retrieval(system: Ranker | Encoder, collection: Collection, *, k: int = 10) -> RetrievalScores:
    """Score the first k documents that a system finds for each query.

    system: what has `rank` (BM25, Hybrid), or `encode` (a Pipeline, a ContextualEncoder): then documents are ranked by cosine,
        but for texts whose vector is zeros, which find nothing and are not found.
    nDCG has the grade itself as gain and log2(rank + 1) as discount (Jarvelin and Kekalainen 2002).
    Raises SettingsError (k below 1; a system with neither).
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise SettingsError(f"k is {k}; give the number of documents to look at, from 1")
    documents, queries = list(collection.documents), list(collection.queries)
    orders = ranked(system, list(collection.documents.values()), list(collection.queries.values()))
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ndcgs, recalls = [], []
    for query, order in zip(queries, orders, strict=True):
        grades = collection.relevant[query]
        gains = np.array([grades.get(documents[number], 0.0) for number in order[:k]])
        best = np.array(sorted(grades.values(), reverse=True)[:k])
        ndcgs.append(gains @ discounts[: len(gains)] / (best @ discounts[: len(best)]))
        recalls.append(np.count_nonzero(gains) / len(grades))
    return RetrievalScores(float(np.mean(ndcgs)), float(np.mean(recalls)), k, len(queries), len(documents))


def ranked(system: Any, documents: Sequence[str], queries: Sequence[str]) -> list[AnyArray]:
    """Return for each query the numbers of documents, best first. Raises SettingsError for what cannot rank."""
    if hasattr(system, "rank"):
        found: list[AnyArray] = system.rank(documents, queries)
        return found
    if isinstance(system, str) or not hasattr(system, "encode"):
        raise SettingsError(f"{system!r:.60} has neither rank nor encode; give a BM25, a Hybrid, a Pipeline or the like")
    vectors, asked = system.encode(documents), system.encode(queries)
    ids, scores = ExactIndex(vectors).search(asked, len(documents))
    # A vector of zeros has no direction: such a document is not found, and such a query finds none, not the first ones.
    present, finds = np.any(vectors != 0, axis=1), np.any(asked != 0, axis=1)
    return [
        order[np.isfinite(score) & present[order] & found]
        for order, score, found in zip(ids, scores, finds.tolist(), strict=True)
    ]
