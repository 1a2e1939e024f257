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
        self._n_rows = len(held)
        self._n_allowed = self._n_rows if allowed is None else int(np.count_nonzero(allowed))
        self._exact: ExactIndex | None = None
        self._exact_rows = np.zeros(0, np.int64)

    def nearest(self, given: FloatMatrix, k: int, hidden: Sequence[AnyArray]) -> Found:
        """Return ids and scores (B, K) of queries (B, D); `hidden`: the rows that each must not find, ascending."""
        left = [self._n_allowed - self._n_hidden(rows) for rows in hidden]
        width = min(k, max(left, default=0))
        if not width:
            return np.zeros((len(given), 0), np.int64), np.zeros((len(given), 0), np.float32)
        wanted = np.array([min(width, each) for each in left])
        if self._n_allowed <= _FEW:
            return self._by_comparing(given, width, hidden)
        spare = width * _SPARE[self._coding.dtype]
        share = 1.0 if self._allowed is None else self._n_allowed / self._n_rows / _MARGIN
        parts = []
        for begin in range(0, len(given), _QUERIES):
            part = slice(begin, begin + _QUERIES)
            reach = int(spare / share) + max(map(len, hidden[part]))
            parts.append(self._by_links(given[part], width, wanted[part], hidden[part], reach))
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([ids for ids, _ in parts]), np.concatenate([scores for _, scores in parts])

    def _n_hidden(self, rows: AnyArray) -> int:
        return len(rows) if self._allowed is None else int(np.count_nonzero(self._allowed[rows]))

    def _by_links(self, given: FloatMatrix, width: int, wanted: AnyArray, hidden: Sequence[AnyArray], reach: int) -> Found:
        """What the graph leads to among `reach` rows; queries that have fewer than they want look further."""
        if reach * _SHARE > self._n_rows:
            return self._by_comparing(given, width, hidden)
        coding = self._coding
        queries = unit_rows(given) if coding.metric == "cosine" else given
        coded = coding.directions(queries) if coding.metric == "cosine" else coding.queries(given)
        found = self._graph.nearest(coded, reach, 1 if len(given) == 1 else thread_count(self._threads))
        n_kept = width * _SPARE[coding.dtype]
        kept, n_fine = picked(found, self._n_rows, self._allowed, hidden, n_kept)
        enough = n_fine >= wanted
        ids, scores = best_of(self._held, coding.metric, queries, kept, width)
        if not enough.all():
            left = np.flatnonzero(~enough)
            rest = self._by_links(given[left], width, wanted[left], [hidden[at] for at in left.tolist()], reach * _WIDER)
            ids[left], scores[left] = rest
        return ids, scores

    def _by_comparing(self, given: FloatMatrix, width: int, hidden: Sequence[AnyArray]) -> Found:
        """Compare with every row that may be found."""
        if self._exact is None:
            rows = self._held.all() if self._allowed is None else self._held.at(np.flatnonzero(self._allowed))
            self._exact_rows = np.arange(self._n_rows) if self._allowed is None else np.flatnonzero(self._allowed)
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
