"""Cells of co-occurrence in, blocks of words x contexts out: those of one turn share no row, so threads may take them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from semap.arrays import AnyArray, Counts64, Offsets, TokenIds
from semap.counts.cells import Cells
from semap.counts.spool import Spool
from semap.kernels.reference.glove import RECORD
from semap.parallel.ordered import in_order

__all__ = ["Dealt", "Side", "deal_cells", "group_count"]

# They decide the bits of a model:
_BYTES = 400_000  # of the rows of a group: those of a block, twice that, stay in a core's own cache
_CELLS = 2048  # of a block, on average: shorter ones are over before a thread has taken the next
_FEW, _FEW_CELLS, _FEW_ROWS = 16, 8192, 32  # groups of small data, which threads could share; the least of each


@dataclass(frozen=True)
class Side:
    """The words in the order of their rows in the model, and back: `words` and `places`, int32 (V,).

    `groups`: int32 (V,), the group of each word; `bounds`: int64 (groups + 1,), where the rows of each group begin.
    """

    words: TokenIds
    places: TokenIds
    groups: TokenIds
    bounds: Offsets

    @classmethod
    def of(cls, n_cells: Counts64, n_groups: int) -> Side:
        """Deal words like cards, those with most cells first, there and back: equal groups get about as many cells each."""
        n_words = len(n_cells)
        groups = np.empty(n_words, np.int32)
        rounds, seat = np.divmod(np.arange(n_words), n_groups)
        ranked = np.argsort(-n_cells, kind="stable")
        groups[ranked] = np.where(rounds % 2, n_groups - 1 - seat, seat)
        words = ranked[np.argsort(groups[ranked], kind="stable")].astype(np.int32)
        places = np.empty(n_words, np.int32)
        places[words] = np.arange(n_words, dtype=np.int32)
        bounds = np.zeros(n_groups + 1, np.int64)
        np.cumsum(np.bincount(groups, minlength=n_groups), out=bounds[1:])
        return cls(words, places, groups, bounds)


@dataclass(frozen=True)
class Dealt:
    """`records`: int32 (n, 4), a cell each, as `kernels.reference.glove` has them, in memory or mapped from a temporary file.

    Those of the words of group g and the contexts of group h are starts[g, h] .. starts[g, h + 1] - 1.
    """

    words: Side
    contexts: Side
    records: AnyArray
    starts: Offsets
    n_lonely: int  # words without a cell
    n_contexts_only: int  # words that others have cells with, and that have none of their own

    @property
    def n_groups(self) -> int:
        """How many groups of words there are, and of contexts."""
        return len(self.starts)

    def block(self, group: int, other: int) -> AnyArray:
        """Return the records of a block."""
        return self.records[self.starts[group, other] : self.starts[group, other + 1]]


def group_count(n_words: int, n_cells: int, row_bytes: int) -> int:
    """Return into how many groups each side is dealt; only sizes decide, never the machine."""
    fitting = -(-n_words * row_bytes // _BYTES)
    few = min(_FEW, n_cells // _FEW_CELLS, n_words // _FEW_ROWS)
    return max(1, few, min(fitting, math.isqrt(n_cells // _CELLS), n_words))


def deal_cells(cells: Cells, n_groups: int, curve: tuple[float, float], room: int, threads: int) -> Dealt:
    """Deal all cells; more than `room` bytes of records go to a temporary file. curve: x_max and alpha.

    Gemulla, Nijkamp, Haas, Sismanis 2011, Large-Scale Matrix Factorization with Distributed Stochastic Gradient Descent,
    section 4. Raises CannotWrite.
    """
    from semap.kernels.native import glove

    n_words = len(cells.indptr) - 1
    lengths = np.diff(cells.indptr)
    met = np.zeros(n_words, np.int64)
    for begin in range(0, len(cells), 1 << 22):  # cells may be mapped: a few at a time
        met += np.bincount(cells.columns[begin : begin + (1 << 22)], minlength=n_words)
    words, contexts = Side.of(lengths, n_groups), Side.of(met, n_groups)
    matrix = (cells.indptr, cells.columns, cells.sums, cells.unit)

    def deal(thread: int, group: int) -> tuple[AnyArray, Offsets]:
        """The records of a group of words, and where those of each group of contexts begin."""
        first, last = words.bounds[group], words.bounds[group + 1]
        own = words.words[first:last]
        records, starts = np.empty((int(lengths[own].sum()), RECORD), np.int32), np.empty(n_groups + 1, np.int64)
        glove.deal(own, int(first), matrix, (contexts.groups, contexts.places), curve, records, starts)
        return records, starts

    spool = Spool(np.int32, min(room, 4 * RECORD * len(cells)))
    starts, n_done = np.empty((n_groups, n_groups + 1), np.int64), 0
    for group, (records, own) in enumerate(in_order(n_groups, threads, deal)):
        spool.append(records.reshape(-1))
        starts[group] = n_done + own
        n_done += len(records)
    return Dealt(words, contexts, spool.array().reshape(-1, RECORD), starts, *_without_cells(lengths, met))


def _without_cells(lengths: Counts64, met: Counts64) -> tuple[int, int]:
    """How many words have no cell at all, and how many as contexts only."""
    return int(np.sum(lengths + met == 0)), int(np.sum((lengths == 0) & (met > 0)))
