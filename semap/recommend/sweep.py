"""One side of the interactions and the rows of the other in, its own rows solved for: in pieces, on several threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix, FloatVector, Offsets, TokenIds
from semap.kernels.native import als
from semap.parallel.crew import run, thread_count

__all__ = ["Side", "gram_of", "over_pieces", "pieces_of", "solve_side", "width_of"]

Side: TypeAlias = tuple[Offsets, TokenIds, FloatVector]  # where the entries of a row begin, the other id of each, its value

_PIECE = 5e7  # multiply-adds, about 3 ms
_QUICK = 1e6  # less is done before a thread has started
_SECONDS = 0.1  # after which Ctrl-C is heard
_PARTS = 8  # of a sum over all rows; fixed, since it decides the bits
_LANES = 16


def width_of(dim: int) -> int:
    """Return the floats of a row in memory: `dim`, filled up with zeros to whole vectors of 16."""
    return -(-dim // _LANES) * _LANES


def solve_side(
    side: Side, targets: FloatVector, fixed: FloatMatrix, square: FloatMatrix, ridges: FloatVector, block: int, rows: FloatMatrix,
    *, threads: int, tell: bool = False,
) -> npt.NDArray[np.float64]:  # fmt: skip
    """Solve for `rows` as `kernels.reference.als.solve_rows` says; return the losses, float64 (R, 2)."""
    indptr, others, weights = side
    width = rows.shape[1]
    losses = np.zeros((len(rows), 2))

    def work(start: int, stop: int) -> None:
        """Solve for some rows."""
        als.solve_rows(indptr, others, weights, targets, fixed, square, ridges, block, tell, start, stop, rows, losses)

    own = min(block, width)
    over_pieces(pieces_of(indptr, width * (own / 2 + 16), width * (own * own / 3 + width)), threads, work)
    return losses


def gram_of(rows: FloatMatrix, threads: int) -> npt.NDArray[np.float64]:
    """Return the sum of r r' over all rows, float64 (W, W), symmetric; the same bits for any number of threads."""
    n_rows, width = rows.shape
    bounds = np.linspace(0, n_rows, min(_PARTS, max(1, n_rows // 512)) + 1).astype(np.int64)
    parts = np.zeros((len(bounds) - 1, width, width))

    def work(start: int, stop: int) -> None:
        """Sum up some parts."""
        for part in range(start, stop):
            als.gram(rows, bounds[part], bounds[part + 1], parts[part])

    each = n_rows * width * width / 2 / len(parts)
    over_pieces((np.arange(len(bounds)), each * len(parts)), threads, work)
    total = np.zeros((width, width))
    for part in parts:
        total += part
    above = np.triu(total)
    return above + np.triu(above, 1).T


def pieces_of(indptr: Offsets, entry: float, row: float) -> tuple[AnyArray, float]:
    """Return bounds of pieces of rows of about equal cost, and the whole cost; `entry` and `row` are the costs of one."""
    costs = indptr * entry + np.arange(len(indptr)) * row
    n_pieces = int(max(costs[-1] / _PIECE, 32))
    inner = np.searchsorted(costs, np.linspace(0, costs[-1], n_pieces + 1)[1:-1])
    return np.unique(np.concatenate([[0], inner, [len(indptr) - 1]])), float(costs[-1])


def over_pieces(pieces: tuple[AnyArray, float], threads: int, work: Callable[[int, int], None]) -> None:
    """Call work(start, stop) once for each piece, on `threads` threads where the cost is worth it."""
    bounds, cost = pieces
    n_pieces = len(bounds) - 1
    n_threads = 1 if cost < _QUICK else min(thread_count(threads), max(n_pieces, 1))
    taken, lock = [0], threading.Lock()

    def claim(thread: int) -> None:
        """Work on one piece after another, but return soon: Ctrl-C is answered between two crews."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            with lock:
                piece, taken[0] = taken[0], taken[0] + 1
            if piece >= n_pieces:
                return
            work(int(bounds[piece]), int(bounds[piece + 1]))

    while taken[0] < n_pieces:
        if n_threads == 1:
            claim(0)
        else:
            run(n_threads, claim)
