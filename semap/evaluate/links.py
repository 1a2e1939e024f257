"""A learner and a graph in, how well the vectors tell edges that were held out from pairs of nodes without one, out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

import numpy as np

from semap.arrays import AnyArray, DoubleVector
from semap.errors import SettingsError
from semap.evaluate.logistic import fit_logistic
from semap.graph.graph import Graph
from semap.graph.split import EdgeSplit, Keep, hold_out_edges, non_edges
from semap.settings import real, whole
from semap.table.table import Table

__all__ = ["LinkScores", "auc", "link_prediction"]

Score: TypeAlias = Literal["hadamard", "average", "l1", "l2", "dot", "cosine"]
_MOST_LEARNED = 10_000  # edges that a regression with one weight a dimension learns from; more change nothing
_PAIRS_AT_ONCE = 1 << 14


class _GraphLearner(Protocol):
    """What has `fit(graph) -> Table`: Node2Vec, ProNE, NetMF."""

    def fit(self, graph: Graph, /) -> Table:
        """Learn vectors of the nodes."""


@dataclass(frozen=True)
class LinkScores:
    """AUC of edges held out against pairs without an edge, means over the repeats.

    auc: by the vectors; deviation: its standard deviation over the repeats; degrees_auc: by the product of the two degrees in the
    rest of the graph, which knows no vectors. held_out: edges held out in a repeat, and as many pairs without one.
    """

    auc: float
    deviation: float
    degrees_auc: float
    score: str
    share: float
    keep: str
    repeats: int
    held_out: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        return "\n".join([
            f"AUC        {self.auc:.3f} +- {self.deviation:.3f}",
            f"by degree  {self.degrees_auc:.3f}",
            f"{self.held_out:,} edges held out ({self.share:.0%}) and as many pairs without one, {self.score}, x {self.repeats}",
        ])  # fmt: skip


def link_prediction(
    learner: _GraphLearner, graph: Graph, *, share: float = 0.5, keep: Keep = "connected", score: Score = "hadamard",
    repeats: int = 3, seed: int = 1, strength: float = 1.0,
) -> LinkScores:  # fmt: skip
    """Learn vectors from a part of the edges, and tell the other edges from as many pairs of nodes without one.

    Grover and Leskovec 2016 (node2vec), section 4.4, whose defaults these are. In each repeat `learner` is fitted anew to what
    `semap.graph.split.hold_out_edges(graph, share, keep=keep)` leaves, so it never sees the edges that are asked for.
    score: of a pair of vectors u, v. "hadamard" (u v), "average" ((u + v) / 2), "l1" (|u - v|) and "l2" ((u - v)^2) are the
        paper's Table 1: a logistic regression (L2, C = `strength`) on those D numbers, each divided by its standard deviation,
        learns from edges that stay, at most 10,000, and as many other pairs without an edge. "dot" and "cosine" learn nothing.
    Pairs without an edge have none in the whole graph, are no self loops, and in a directed graph have a direction; the scores
    do not, so such an edge is told no better than its reverse. The AUC is the chance that an edge scores above a pair without
    one, equal scores counting half. Raises SettingsError, and what `learner.fit` does.
    """
    if score not in get_args(Score):
        raise SettingsError(f"score is {score!r}; choose one of {', '.join(map(repr, get_args(Score)))}")
    if not hasattr(learner, "fit"):
        raise SettingsError(f"link_prediction fits a learner, say semap.ProNE(); {type(learner).__name__} cannot be fitted")
    strength, found = real("strength", strength, above=True), []
    for number in range(whole("repeats", repeats, 1)):
        split = hold_out_edges(graph, share, keep=keep, seed=[seed, number, 0])
        found.append(_repeat(learner.fit(split.rest), split, score, strength, [seed, number]))
    aucs, by_degree = np.array(found).T
    return LinkScores(
        float(aucs.mean()), float(aucs.std()), float(by_degree.mean()), score, float(share), keep, len(found), len(split.edges)
    )


def auc(edges: AnyArray, others: AnyArray) -> float:
    """Return the chance that a score of `edges` is above one of `others`, equal ones counting half: Mann-Whitney's U / (n m).

    Both hold finite numbers, (n,) and (m,), at least one. Counted in whole numbers, so exact.
    """
    ranked = np.sort(others)
    below, not_above = (int(np.searchsorted(ranked, edges, side).sum()) for side in ("left", "right"))
    return (below + not_above) / (2 * len(edges) * len(ranked))


def _repeat(table: Table, split: EdgeSplit, score: Score, strength: float, seed: list[int]) -> tuple[float, float]:
    """The AUC by the vectors and by the degrees of one split."""
    graph = split.graph
    vectors = table.rows(table.ids(graph.vocab.tokens), np.float64)
    asked = non_edges(graph, len(split.edges), seed=[*seed, 1])
    if score in ("dot", "cosine"):
        weights = np.ones(table.dim)
        if score == "cosine":
            vectors = vectors / np.maximum(np.sqrt(np.square(vectors).sum(axis=1, keepdims=True)), 1e-300)
    else:
        weights = _learned(vectors, split, asked, score, strength, seed)
    degrees = np.diff(split.rest.indptr)
    if graph.directed:
        degrees = degrees + np.bincount(split.rest.neighbours, minlength=len(graph))
    here = degrees[split.rest.vocab.ids(graph.vocab.tokens)].astype(np.int64)
    by_degree = auc(*(here[pairs].prod(axis=1) for pairs in (split.edges, asked)))
    return auc(*(_scores(vectors, pairs, score, weights) for pairs in (split.edges, asked))), by_degree


def _learned(
    vectors: DoubleVector, split: EdgeSplit, asked: AnyArray, score: Score, strength: float, seed: list[int]
) -> DoubleVector:
    """The weight of each dimension, learned from edges that stay and pairs without an edge that are not asked for."""
    rest, graph = split.rest, split.graph
    numbers = graph.vocab.ids(rest.vocab.tokens)
    rows = rest.rows()
    once = np.flatnonzero((rows != rest.neighbours) if rest.directed else (rows < rest.neighbours))
    n_learned = min(_MOST_LEARNED, len(once))
    drawn = np.random.default_rng([*seed, 2]).permutation(once)[:n_learned]
    edges = numbers[np.stack([rows[drawn], rest.neighbours[drawn]], axis=1)]
    others = non_edges(graph, n_learned, seed=[*seed, 3], apart_from=asked)
    features = _combined(vectors, np.concatenate([edges, others]), score)
    widths = features.std(axis=0)
    scale = np.where(widths > 0, 1 / np.where(widths > 0, widths, 1), 0)
    rows_and_one = np.concatenate([features * scale, np.ones((len(features), 1))], axis=1)
    weights: DoubleVector = fit_logistic(rows_and_one, (np.arange(len(features)) < n_learned)[:, None], strength)[:-1, 0] * scale
    return weights  # the intercept moves all scores alike and the AUC not at all


def _scores(vectors: DoubleVector, pairs: AnyArray, score: Score, weights: DoubleVector) -> DoubleVector:
    parts = [_combined(vectors, pairs[at : at + _PAIRS_AT_ONCE], score) @ weights for at in range(0, len(pairs), _PAIRS_AT_ONCE)]
    return np.concatenate(parts)


def _combined(vectors: DoubleVector, pairs: AnyArray, score: Score) -> DoubleVector:
    """The numbers that stand for a pair, float64 (B, D)."""
    first, second = vectors[pairs[:, 0]], vectors[pairs[:, 1]]
    if score == "average":
        combined: DoubleVector = (first + second) / 2
    elif score == "l1":
        combined = np.abs(first - second)
    elif score == "l2":
        combined = np.square(first - second)
    else:
        combined = first * second
    return combined
