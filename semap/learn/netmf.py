"""Settings in, a learner of node vectors that factorises what DeepWalk's walks would meet out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semap.arrays import DoubleVector, FloatMatrix
from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.learn.eigen import eigenpairs
from semap.learn.factors import Factors, Told, weights_of
from semap.learn.sparse import Sparse
from semap.progress import Progress
from semap.table.table import Table

__all__ = ["NetMF"]

_MOST_NODES = 40_000  # 6.4 GB of float32


@dataclass(frozen=True, kw_only=True)
class NetMF(Factors):
    """NetMF: the matrix that DeepWalk factorises in the limit of endless walks, factorised; `NetMF(...).fit(graph)`.

    Qiu, Dong, Ma, Li, Wang and Tang 2018, Network Embedding as Matrix Factorization: the vectors are U sqrt(S) of
    log max(1, M), M = vol / (negatives window) sum_{r = 1 .. window} (D^-1 A)^r D^-1 (equation 9). rank: M is made from that many
    eigenpairs of D^-1/2 A D^-1/2, those of the largest eigenvalues (algorithm 4, for large windows); 0 sums the powers themselves
    (algorithm 3, exact). Undirected graphs only. The matrix is dense: 4 V^2 bytes, refused above 40,000 nodes (6.4 GB).
    """

    window: int = 10
    negatives: int = 1
    rank: int = 256

    def fit(self, graph: Graph, *, progress: bool | Progress = False) -> Table:
        """See `Factors.fit`. Raises SettingsError for a directed graph or one that is too large too."""
        if isinstance(graph, Graph) and graph.directed:
            raise SettingsError("NetMF takes an undirected graph, this one is directed; ProNE and Node2Vec take either")
        if isinstance(graph, Graph) and len(graph) > _MOST_NODES:
            raise SettingsError(
                f"NetMF's matrix is dense, and the graph has {len(graph):,} nodes; at most {_MOST_NODES:,}: use ProNE"
            )
        return super().fit(graph, progress=progress)

    def _n_steps(self, graph: Graph) -> int:
        return (1 if 0 < self.rank < len(graph) else self.window) + 2

    def _vectors(self, graph: Graph, told: Told) -> FloatMatrix:
        weights, degrees = weights_of(graph)
        scale = np.where(degrees > 0, 1 / np.sqrt(np.where(degrees > 0, degrees, 1)), 0)
        values = (weights * scale[graph.rows()] * scale[graph.neighbours]).astype(np.float32)
        matrix = Sparse(graph.indptr, graph.neighbours, values, np.zeros(0, np.float32), self.threads)
        met = self._met(matrix, scale, told)
        met *= np.float32(degrees.sum() / self.negatives)
        np.log(np.maximum(met, 1, out=met), out=met)
        told()
        factor = _symmetric_factor(met, min(self.dim, len(graph)), self.seed)
        told()
        return factor

    def _met(self, matrix: Sparse, scale: DoubleVector, told: Told) -> FloatMatrix:
        """D^-1/2 (the mean of the powers 1 .. window of the normalised matrix) D^-1/2, float32 (V, V)."""
        n_nodes = len(scale)
        if 0 < self.rank < n_nodes:
            values, vectors = eigenpairs(matrix, n_nodes, self.rank, self.seed, least=-1.0)
            told()
            mean = np.maximum(sum(values**r for r in range(1, self.window + 1)) / self.window, 0)
            half = (vectors * np.sqrt(mean) * scale[:, None]).astype(np.float32)
            dense: FloatMatrix = half @ half.T
            return dense
        power = np.eye(n_nodes, dtype=np.float32)
        total = np.zeros_like(power)
        for _ in range(self.window):
            power = matrix @ power
            total += power
            told()
        summed: FloatMatrix = (total * (scale / self.window).astype(np.float32)) * scale[:, None].astype(np.float32)
        return summed


def _symmetric_factor(matrix: FloatMatrix, dim: int, seed: int) -> FloatMatrix:
    """U sqrt(S) of a symmetric matrix; singular values are the eigenvalues without their signs."""
    values, vectors = eigenpairs(matrix, len(matrix), dim, seed, rounds=2)
    scaled: FloatMatrix = (vectors * np.sqrt(np.abs(values))).astype(np.float32)
    return scaled
