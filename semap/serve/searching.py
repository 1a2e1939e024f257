"""Searches of several requests in, what each found out: one matrix product for all that ask alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from semap.arrays import FloatVector
from semap.index.index import Index

__all__ = ["Found", "Search", "search_all"]

_FEW = 32  # neighbours; an exact search keeps so many in about the time of one


class Search(NamedTuple):
    """The `k` rows nearest to a vector float32 (D,), without the rows `excluded`."""

    vector: FloatVector
    k: int
    excluded: tuple[int, ...]


class Found(NamedTuple):
    """Rows, nearest first, and their scores."""

    rows: list[int]
    scores: list[float]


def search_all(index: Index, searches: Sequence[Search], *, exact: bool) -> list[Found]:
    """Return what each search finds: the same, to the bit, as alone.

    exact: whether the index compares every row. A search for more neighbours then begins with those of a search for fewer, so
        that searches of about the same `k` are one; an approximate one may find others, so that only equal ones are.
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for place, search in enumerate(searches):
        kind = (_width(search.k),) if exact else (search.k, len(search.excluded))
        alike.setdefault(kind, []).append(place)
    found: list[Found] = [Found([], [])] * len(searches)
    for places in alike.values():
        chosen = [searches[place] for place in places]
        k = max(search.k for search in chosen)
        vectors = np.array([search.vector for search in chosen], np.float32)
        rows, scores = index.search(vectors, k, exclude=[search.excluded for search in chosen])
        for place, search, of_row, of_score in zip(places, chosen, rows.tolist(), scores.tolist(), strict=True):
            found[place] = _first(of_row, of_score, search.k)
    return found


def _width(k: int) -> int:
    """The power of two that k is kept in, so that one request for many neighbours does not slow those for few."""
    return max(_FEW, 1 << (k - 1).bit_length())


def _first(rows: list[int], scores: list[float], k: int) -> Found:
    """The first k, less the -1 of rows that are not there."""
    rows = rows[:k]
    if rows and rows[-1] < 0:
        k = rows.index(-1)
    return Found(rows[:k], scores[:k])
