"""A graph in, random walks over it out, as the texts of a corpus that is never stored."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from semap.arrays import AnyArray, DoubleVector, Offsets, TokenIds
from semap.corpus.blocks import Span
from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.kernels.reference.draws import stream_key
from semap.parallel.crew import run, thread_count
from semap.settings import whole
from semap.vocab.vocab import Vocab

__all__ = ["Walks", "walk_settings"]

_ORDER, _STEPS = 16, 17  # purposes of random streams, beside those of training
_POSITIONS_A_TASK = 1 << 14
_ONE = np.uint64(0x9E3779B97F4A7C15)


class _Pass(NamedTuple):
    """One walk from every node: the nodes in the order of their walks, int32 (V,), and where each walk starts, int64 (V + 1,)."""

    starts: TokenIds
    places: Offsets


@dataclass(frozen=True, kw_only=True)
class Walks:
    """Random walks from every node of a graph: Blocks that learners read, generated whenever they are read.

    graph: where to walk. n_walks: walks from each node in an epoch. length: nodes of a walk. p, q: second-order bias, above 0: a
    step from v, reached from t, goes back to t with weight 1 / p, to a neighbour of t with 1, elsewhere with 1 / q, times the
    edge's weight (Grover and Leskovec 2016, node2vec, equation 2); p = q = 1 is DeepWalk. Sampled by rejection (Yang et al.
    2019, KnightKing), so no table per edge is kept: beside the graph 8 bytes an edge end with weights, none without.
    A node without neighbours is a walk of one token. In a directed graph a walk that reaches a node without a way out begins
    again at its start, as a new text, until `length` nodes were visited; node2vec ends it there.
    threads: 0 for every CPU; a walk is a function of (seed, epoch, its number), whatever the threads. `vocab` is the graph's: its
    counts are degrees, in proportion to which a walk of an undirected graph without weights visits nodes in the long run.
    "A neighbour of t" is a node that an edge leads to from t; in directed graphs the authors' program asks for the other way.
    Raises SettingsError.
    """

    graph: Graph
    n_walks: int = 10
    length: int = 80
    p: float = 1.0
    q: float = 1.0
    seed: int = 1
    threads: int = 0

    def __post_init__(self) -> None:
        settings = walk_settings(self.n_walks, self.length, self.p, self.q)
        settings |= {name: whole(name, getattr(self, name), 0) for name in ("seed", "threads")}
        for name, value in settings.items():
            object.__setattr__(self, name, value)
        if not isinstance(self.graph, Graph):
            raise SettingsError(f"walks need a Graph, not {type(self.graph).__name__}; semap.read_graph(...) makes one")

    @property
    def vocab(self) -> Vocab:
        """The nodes."""
        return self.graph.vocab

    @property
    def n_tokens(self) -> int:
        """Visited nodes of an epoch."""
        return self.n_walks * self._a_pass

    @property
    def facts(self) -> dict[str, Any]:
        """What the metadata of a table says of its corpus."""
        graph = {"nodes": len(self.graph), "edges": self.graph.n_edges, "directed": self.graph.directed}
        return {"walks": self.n_walks * len(self.graph), "graph": graph}

    def fingerprint(self) -> str:
        """Return what walks over another graph, or with other settings, do not have."""
        settings = (self.n_walks, self.length, self.p, self.q, self.seed)
        return hashlib.sha256(f"{self.graph.fingerprint()} {settings}".encode()).hexdigest()[:16]

    def read(self, epoch: int, start: int, stop: int) -> Span:
        """Return all complete walks that overlap the positions start .. stop of an epoch, in order."""
        start, stop = max(0, start), min(stop, self.n_tokens)
        if start >= stop:
            return Span(np.zeros(0, np.int32), np.zeros(1, np.int64), 0)
        first_pass, last_pass = start // self._a_pass, (stop - 1) // self._a_pass
        parts = []
        for number in range(first_pass, last_pass + 1):
            base = number * self._a_pass
            parts.append((base, *self._read_pass(epoch, number, max(0, start - base), min(self._a_pass, stop - base))))
        ids = np.concatenate([part[2] for part in parts]) if len(parts) > 1 else parts[0][2]
        begins = np.concatenate([part[3] for part in parts]) if len(parts) > 1 else parts[0][3]
        first = parts[0][0] + parts[0][1]
        offsets = np.append(np.flatnonzero(begins), len(ids)) + first
        return Span(ids, offsets.astype(np.int64, copy=False), int(first))

    def _read_pass(self, epoch: int, number: int, start: int, stop: int) -> tuple[int, TokenIds, AnyArray]:
        """The walks of one pass over positions start .. stop: the first position, the nodes, and where texts begin (uint8)."""
        from semap.kernels.native.walks import walk

        starts, places = self._pass(epoch, number)
        first = int(np.searchsorted(places, start, side="right")) - 1
        last = int(np.searchsorted(places, stop, side="left"))
        own, ends = starts[first:last], places[first : last + 1] - places[first]
        ids, begins = np.empty(int(ends[-1]), np.int32), np.empty(int(ends[-1]), np.uint8)
        bounds = np.unique(np.append(np.searchsorted(ends, np.arange(0, ends[-1], _POSITIONS_A_TASK)), len(own))).tolist()
        key = np.uint64(stream_key(self.seed, epoch, _STEPS))
        offset = number * len(self.graph) + first
        tasks = count()

        def work(thread: int) -> None:
            """Walk one stretch after another."""
            while (task := next(tasks)) < len(bounds) - 1:
                span = (bounds[task], bounds[task + 1], offset)
                walk(
                    self.graph.indptr, self.graph.neighbours, self._sums, self.p, self.q, key, own, ends, span, ids, begins
                )  # fmt: skip

        n_threads = min(thread_count(self.threads), len(bounds) - 1)
        if n_threads > 1:
            run(n_threads, work)
        else:
            work(0)
        return int(places[first]), ids, begins

    def _pass(self, epoch: int, number: int) -> _Pass:
        """The order of the walks of a pass; the last one is kept, since reading goes forwards."""
        known = self._kept.get((epoch, number))
        if known is None:
            with np.errstate(over="ignore"):
                keys = np.arange(1, len(self.graph) + 1, dtype=np.uint64) * _ONE
                keys += np.uint64(stream_key(self.seed, epoch, _ORDER + 2 * (number + 1)))
                keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            order = np.argsort(keys ^ (keys >> np.uint64(31)), kind="stable").astype(np.int32)
            places = np.zeros(len(order) + 1, np.int64)
            np.cumsum(self._lengths[order], out=places[1:])
            known = _Pass(order, places)
            self._kept.clear()
            self._kept[epoch, number] = known
        return known

    @cached_property
    def _kept(self) -> dict[tuple[int, int], _Pass]:
        return {}

    @cached_property
    def _lengths(self) -> Offsets:
        return np.where(np.diff(self.graph.indptr) > 0, self.length, 1)

    @cached_property
    def _a_pass(self) -> int:
        return int(self._lengths.sum())

    @cached_property
    def _sums(self) -> DoubleVector:
        """The weights added up, float64 (E + 1,), or none where all are 1."""
        if self.graph.weights is None:
            return np.zeros(0)
        sums = np.zeros(len(self.graph.weights) + 1)
        np.cumsum(self.graph.weights, dtype=np.float64, out=sums[1:])
        return sums


def walk_settings(n_walks: Any, length: Any, p: Any, q: Any) -> dict[str, int | float]:
    """Return the settings of walks as plain numbers. Raises SettingsError."""
    return {
        "n_walks": whole("n_walks", n_walks, 1), "length": whole("length", length, 1), "p": _bias("p", p), "q": _bias("q", q),
    }  # fmt: skip


def _bias(name: str, value: Any) -> float:
    number = math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not 1e-6 <= number <= 1e6:
        raise SettingsError(f"{name} is {value!r}; give a number from 0.000001 to 1,000,000 (1 has no effect)")
    return number
