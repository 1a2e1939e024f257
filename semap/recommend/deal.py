"""Who has what in, for every epoch blocks of users x items out: those of one turn share neither, so threads may take them."""

from __future__ import annotations

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.kernels.native import bpr
from semap.kernels.reference.draws import stream_key
from semap.recommend.sweep import Side, over_pieces

__all__ = ["Deal"]

_MOST, _INTERACTIONS, _ITEMS = 16, 8192, 32  # groups of users and of items; the least of a group: they decide the bits
_DRAWING = 64  # multiply-adds that take as long as drawing a sample


class Deal:
    """Users in G ranges with as many interactions each, and items in G groups dealt anew for every epoch.

    In turn s the users of range t meet the items of group t + s (mod G): Gemulla, Nijkamp, Haas, Sismanis 2011, Large-Scale
    Matrix Factorization with Distributed Stochastic Gradient Descent, section 4. No row is in two blocks of a turn, so that
    any number of threads takes the same steps as one. Since both items of a sample are of one group, and any two items
    are as likely to meet in one, every item that a user has not is as likely to be drawn as any other.
    """

    def __init__(self, by_user: Side, n_items: int, seed: int, threads: int) -> None:
        indptr, items, _ = by_user
        n = len(items)
        self._groups = int(max(1, min(_MOST, n // _INTERACTIONS, n_items // _ITEMS)))
        owners = np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))
        self._interactions = (owners, items)
        inner = np.searchsorted(indptr, np.linspace(0, n, self._groups + 1)[1:-1])
        self._ranges = indptr[np.concatenate([[0], inner, [len(indptr) - 1]])]
        self._n_items, self._seed, self._threads = n_items, seed, threads

    def epoch(
        self, number: int, rates: tuple[float, float], users: FloatMatrix, items: FloatMatrix, biases: FloatVector
    ) -> tuple[float, int]:
        """Take as many steps as there are interactions; return the sum of -ln sigmoid(x) and the number of steps."""
        n = self._groups
        dealt = np.random.default_rng((self._seed, 2, number)).permutation(self._n_items).astype(np.int32)
        pools = np.array_split(dealt, n)
        groups = np.empty(self._n_items, np.int32)
        for group, pool in enumerate(pools):
            pool.sort()
            groups[pool] = group
        pairs, begins = np.empty(len(self._interactions[0]), np.int64), np.zeros((n, n + 1), np.int64)
        told = np.zeros((n, n, 2))

        def sort(start: int, stop: int) -> None:
            """Sort the interactions of some ranges by the groups of their items."""
            for own in range(start, stop):
                bpr.deal(*self._interactions, groups, self._ranges[own], self._ranges[own + 1], pairs, begins[own])

        over_pieces((np.arange(n + 1), 4.0 * len(pairs)), self._threads, sort)
        each = len(pairs) / n * (6.0 * users.shape[1] + _DRAWING)
        for turn in range(n):

            def step(start: int, stop: int, turn: int = turn) -> None:
                """Learn from some blocks of the turn."""
                for own in range(start, stop):
                    group = (own + turn) % n
                    key = np.uint64(stream_key(self._seed, number, own * n + group))
                    part = pairs[begins[own, group] : begins[own, group + 1]]
                    bpr.train(part, pools[group], key, rates, users, items, biases, told[own, group])

            over_pieces((np.arange(n + 1), each), self._threads, step)
        return float(told[:, :, 0].sum()), int(told[:, :, 1].sum())
