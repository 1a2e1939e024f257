"""Settings in, a learner that factorises a matrix of a graph out: what ProNE and NetMF share."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from semap.arrays import AnyArray, DoubleVector, FloatMatrix
from semap.errors import SettingsError
from semap.graph.given import checked_graph
from semap.graph.graph import Graph
from semap.parallel.crew import thread_count
from semap.settings import whole
from semap.table.table import Table

__all__ = ["Factors", "weights_of"]


@dataclass(frozen=True, kw_only=True)
class Factors:
    """dim: length D of the vectors; seed: of the random subspace; threads: 0 for every CPU, never changes the result.

    Products of dense matrices are NumPy's, whose own threads are those of the process.
    """

    dim: int = 128
    seed: int = 1
    threads: int = 0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, float):
                object.__setattr__(self, field.name, _real(field.name, value))
            elif isinstance(field.default, int):
                object.__setattr__(
                    self, field.name, whole(field.name, value, 0 if field.name in ("seed", "threads", "rank") else 1)
                )
        thread_count(self.threads)

    def fit(self, graph: Graph) -> Table:
        """Factorise and return a Table of the graph's nodes, float32 (V, D); nodes without an edge, and columns past V, are 0.

        Raises SettingsError (no Graph, or one that the method cannot take) and EmptyGraph (no edge).
        """
        checked_graph(graph)
        vectors = np.zeros((len(graph), self.dim), np.float32)
        found = self._vectors(graph)
        vectors[:, : found.shape[1]] = found[:, : self.dim]
        metadata = {"settings": self.settings(), "corpus": {"graph": _facts(graph), "fingerprint": graph.fingerprint()}}
        return Table(graph.vocab.tokens, vectors, counts=graph.vocab.counts, metadata=metadata)

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads`."""
        fields = dataclasses.asdict(self)
        del fields["threads"]
        return {"learner": type(self).__name__, **fields}

    def _vectors(self, graph: Graph) -> FloatMatrix:
        raise NotImplementedError


def weights_of(graph: Graph) -> tuple[AnyArray, DoubleVector]:
    """Return the weight of each entry, float64 (E,), and their sum at each node, float64 (V,)."""
    weights = np.ones(len(graph.neighbours)) if graph.weights is None else graph.weights.astype(np.float64)
    sums: DoubleVector = np.bincount(graph.rows(), weights=weights, minlength=len(graph)).astype(np.float64)
    return weights, sums


def _facts(graph: Graph) -> dict[str, Any]:
    return {"nodes": len(graph), "edges": graph.n_edges, "directed": graph.directed}


def _real(name: str, value: Any) -> float:
    number = math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not math.isfinite(number):
        raise SettingsError(f"{name} is {value!r}; give a number")
    return number
