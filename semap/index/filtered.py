"""Queries and the rows that they may find in, the right number of rows out, however few of them the graph leads to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from semap.arrays import AnyArray, Flags, FloatMatrix
from semap.index.asked import readable
from semap.index.backend import Graph
from semap.index.coding import Coding, Dtype
from semap.index.exact import ExactIndex
from semap.index.held import HeldRows
from semap.index.scored import Found, best_of, picked
from semap.index.vectors import unit_rows
from semap.parallel.crew import thread_count

__all__ = ["Sought"]

_QUERIES = 4096  # answered at a time
_FEW = 2048  # rows that are compared one by one sooner than they are found among all others
_MARGIN = 1.25  # what may be found is spread unevenly: look so much further at once
_WIDER = 4  # how much further to look when too few of the rows found may be
_SHARE = 8  # of all rows; further than to one in so many it is quicker to compare all
_SPARE: dict[Dtype, int] = {"f32": 1, "f16": 2, "i8": 4}  # candidates for each row that is wanted: the true scores decide


class Sought:
    """One search. allowed: which rows may be found, bool (V,), or None for all."""

    def __init__(self, held: HeldRows, coding: Coding, graph: Graph, allowed: Flags | None, threads: int) -> None:
        self._held, self._coding, self._graph, self._allowed, self._threads = held, coding, graph, allowed, threads
        self._n_allowed = len(held) if allowed is None else int(np.count_nonzero(allowed))
        self._exact: ExactIndex | None = None
        self._exact_rows = np.zeros(0, np.int64)

    def nearest(self, given: FloatMatrix, k: int, hidden: Sequence[AnyArray]) -> Found:
        """Return ids and scores (B, K) of queries (B, D); `hidden`: the rows that each must not find, ascending."""
        left = np.array([self._n_allowed - self._n_hidden(rows) for rows in hidden], np.int64)
        width = int(min(k, left.max(initial=0)))
        ids = np.full((len(given), width), -1, np.int64)
        scores = readable(np.full((len(given), width), -np.inf, np.float32), self._coding.metric)
        for begin in range(0, len(given) if width else 0, _QUERIES):
            places = np.arange(begin, min(begin + _QUERIES, len(given)))
            if self._n_allowed > _FEW:
                places = self._by_links(given, places, np.minimum(left, width), hidden, ids, scores)
            if len(places):
                ids[places], scores[places] = self._by_comparing(given[places], width, [hidden[int(b)] for b in places])
        return ids, scores

    def _n_hidden(self, rows: AnyArray) -> int:
        return len(rows) if self._allowed is None else int(np.count_nonzero(self._allowed[rows]))

    def _by_links(
        self, given: FloatMatrix, places: AnyArray, wanted: AnyArray, hidden: Sequence[AnyArray], ids: AnyArray, scores: AnyArray
    ) -> AnyArray:
        """Fill in what the graph leads to, looking further each time; returns the places of queries it does not suffice for."""
        metric, coding, width = self._coding.metric, self._coding, ids.shape[1]
        queries = unit_rows(given[places]) if metric == "cosine" else given[places]
        coded = coding.directions(queries) if metric == "cosine" else coding.queries(queries)
        n_kept = width * _SPARE[coding.dtype]
        share = 1.0 if self._allowed is None else self._n_allowed / len(self._held) / _MARGIN
        reach = int(n_kept / share) + max(len(hidden[b]) for b in places)
        left = np.arange(len(places))
        while len(left) and reach * _SHARE <= len(self._held):
            found = self._graph.nearest(coded[left], reach, thread_count(self._threads))
            kept, n_fine = picked(found, len(self._held), self._allowed, [hidden[b] for b in places[left]], n_kept)
            enough = n_fine >= wanted[places[left]]
            done = left[enough]
            if len(done):
                ids[places[done]], scores[places[done]] = best_of(self._held, metric, queries[done], kept[enough], width)
            left = left[~enough]
            reach *= _WIDER
        remaining: AnyArray = places[left]
        return remaining

    def _by_comparing(self, given: FloatMatrix, width: int, hidden: Sequence[AnyArray]) -> Found:
        """Compare with every row that may be found."""
        if self._exact is None:
            rows = self._held.all() if self._allowed is None else self._held.at(np.flatnonzero(self._allowed))
            self._exact_rows = np.arange(len(self._held)) if self._allowed is None else np.flatnonzero(self._allowed)
            self._exact = ExactIndex(rows, metric=self._coding.metric, threads=self._threads)
        numbers = self._exact_rows
        places = [np.searchsorted(numbers, rows[np.isin(rows, numbers)]) for rows in hidden]
        found, scores = self._exact.search(given, width, exclude=places)
        missing = ((0, 0), (0, width - found.shape[1]))
        none = readable(np.array([-np.inf], np.float32), self._coding.metric)[0]
        return (
            np.pad(np.where(found < 0, -1, numbers[found]), missing, constant_values=-1),
            np.pad(scores, missing, constant_values=none),
        )
