"""Settings in, a learner of node vectors by factorising and spreading out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from semap.arrays import FloatMatrix
from semap.graph.graph import Graph
from semap.learn.factors import Factors, Told, weights_of
from semap.learn.sparse import Sparse, left_singular
from semap.learn.tall import to_scaled_left
from semap.progress import Progress
from semap.table.table import Table

__all__ = ["ProNE"]

_NONE = np.zeros(0, np.float32)
_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class ProNE(Factors):
    """ProNE: a sparse matrix of the edges is factorised, then the vectors are spread over the graph; `ProNE(...).fit(graph)`.

    Zhang, Dong, Wang, Tang and Ding 2019, ProNE: Fast and Scalable Network Representation Learning. First (equations 4 and 5) the
    randomised singular vectors of log(p_ij / n_j) on the edges, p_ij the share of edge j at node i, n_j in proportion to
    (sum_i p_ij) ** ns_exponent; then (equations 8 to 12) a Gaussian band-pass filter of the graph's spectrum, by a Chebyshev
    series of `order` terms (1: nothing is spread): mu is the middle of the band, theta its width; rows get length 1. The steps
    are those of the authors' program, whose series takes M^2 / 2 - I, M = L - mu I, as its variable; so are the defaults but mu,
    there 0.2: -0.1 told the labels of one half of the nodes of blogCatalog and PPI better, and of Cora as well
    (bench/results/graph.md has the rest).
    """

    ns_exponent: float = 0.75
    order: int = 10
    mu: float = -0.1
    theta: float = 0.5

    def fit(self, graph: Graph, *, progress: bool | Progress = False) -> Table:
        """See `Factors.fit`."""
        return super().fit(graph, progress=progress)

    def _n_steps(self, graph: Graph) -> int:
        return _ROUNDS + self.order

    def _vectors(self, graph: Graph, told: Told) -> FloatMatrix:
        weights, degrees = weights_of(graph)
        rows = graph.rows()
        shares = weights / degrees[rows]
        noise = np.bincount(graph.neighbours, weights=shares, minlength=len(graph)) ** self.ns_exponent
        values = np.log(shares) - np.log(noise[graph.neighbours] / noise.sum())
        matrix = Sparse(graph.indptr, graph.neighbours, values.astype(np.float32), _NONE, self.threads)
        vectors, lengths = left_singular(matrix, min(self.dim, len(graph)), self.seed, rounds=_ROUNDS, told=told)
        vectors = _unit(vectors * np.sqrt(lengths).astype(np.float32))
        if self.order == 1:
            told()
            return vectors
        spread = vectors - self._filtered(graph, vectors, weights / (degrees[rows] + 1), 1 / (degrees + 1), told)
        around = Sparse(graph.indptr, graph.neighbours, weights.astype(np.float32), np.ones(len(graph), np.float32), self.threads)
        moved = _unit(to_scaled_left(around @ spread, self.threads))
        told()
        moved[np.diff(graph.indptr) == 0] = 0
        return moved

    def _filtered(self, graph: Graph, vectors: FloatMatrix, shares: object, own: object, told: Told) -> FloatMatrix:
        """The Chebyshev series, with the modified Bessel functions I_k(theta) as its coefficients."""
        data, diagonal = -np.asarray(shares, np.float32), np.asarray(1 - self.mu - np.asarray(own), np.float32)
        shifted = Sparse(graph.indptr, graph.neighbours, data, diagonal, self.threads)
        before, now = vectors, 0.5 * (shifted @ (shifted @ vectors)) - vectors
        told()
        total = np.float32(_bessel(0, self.theta)) * before - np.float32(2 * _bessel(1, self.theta)) * now
        for k in range(2, self.order):
            before, now = now, shifted @ (shifted @ now) - 2 * now - before
            total += np.float32((-1) ** k * 2 * _bessel(k, self.theta)) * now
            told()
        filtered: FloatMatrix = total
        return filtered


def _bessel(k: int, x: float) -> float:
    """The modified Bessel function of the first kind, I_k(x), by its series."""
    return sum((x / 2) ** (2 * m + k) / (math.factorial(m) * math.factorial(m + k)) for m in range(30))


def _unit(rows: FloatMatrix) -> FloatMatrix:
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    unit: FloatMatrix = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
