"""Settings in, a learner that factorises a matrix of a graph out: what ProNE and NetMF share."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from semap.arrays import AnyArray, DoubleVector, FloatMatrix
from semap.errors import SettingsError
from semap.graph.given import checked_graph
from semap.graph.graph import Graph
from semap.parallel.crew import thread_count
from semap.progress import Progress, progress_for
from semap.settings import whole
from semap.table.table import Table

__all__ = ["Factors", "Told", "weights_of"]

Told: TypeAlias = Callable[[], None]  # is called after each step


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

    def fit(self, graph: Graph, *, progress: bool | Progress = False) -> Table:
        """Factorise and return a Table of the graph's nodes, float32 (V, D).

        Nodes without an edge (in a directed graph those that no edge leaves), and columns past V, are 0. progress: True shows
        how many steps are done. Raises SettingsError (no Graph, or one that the method cannot take) and EmptyGraph (no edge).
        """
        checked_graph(graph)
        vectors = np.zeros((len(graph), self.dim), np.float32)
        with _counted(type(self).__name__, self._n_steps(graph), progress) as told:
            found = self._vectors(graph, told)
        vectors[:, : found.shape[1]] = found[:, : self.dim]
        metadata = {"settings": self.settings(), "corpus": {"graph": _facts(graph), "fingerprint": graph.fingerprint()}}
        return Table(graph.vocab.tokens, vectors, counts=graph.vocab.counts, metadata=metadata)

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads`."""
        fields = dataclasses.asdict(self)
        del fields["threads"]
        return {"learner": type(self).__name__, **fields}

    def _n_steps(self, graph: Graph) -> int:
        raise NotImplementedError

    def _vectors(self, graph: Graph, told: Told) -> FloatMatrix:
        raise NotImplementedError


@contextmanager
def _counted(task: str, n_steps: int, progress: bool | Progress) -> Iterator[Told]:
    """What is to be called after each step."""
    shown, done = progress_for(progress), count(1)
    shown.start(task, n_steps, "steps")
    try:
        yield lambda: shown.update(next(done))
    finally:
        shown.finish()


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
