"""Rows and the cost of one in, calls of a kernel on ranges of rows out, on several threads and each call short."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from semap.parallel.crew import run, thread_count

__all__ = ["crew_size", "over_rows"]

_QUICK = 500_000  # multiply-adds: less is done before a thread has started
_SLAB = 500_000_000  # multiply-adds, 10 to 50 ms
_SLABS_PER_THREAD = 4  # so that a thread on a busy core gets fewer
_SECONDS = 0.1  # after which Ctrl-C is heard
_ROWS = 256  # a slab is a multiple of this, unless said otherwise


def crew_size(n_rows: int, cost: float, threads: int, least: int = _ROWS) -> int:
    """Return how many threads the work deserves; `cost` is the multiply-adds of one row."""
    return 1 if n_rows * cost < _QUICK else min(thread_count(threads), -(-n_rows // least))


def over_rows(n_rows: int, cost: float, n_threads: int, work: Callable[[int, int, int], None], least: int = _ROWS) -> None:
    """Call work(thread, start, stop) for ranges that cover 0 .. n_rows - 1 once; those of one thread ascend.

    With one thread everything runs on the caller's. least: ranges are multiples of it.
    """
    even = -(-n_rows // (n_threads * _SLABS_PER_THREAD)) if n_threads > 1 else n_rows
    slab = min(even, int(_SLAB / max(cost, 1.0)))
    slab = max(-(-slab // least), 1) * least
    if n_threads == 1:
        for start in range(0, n_rows, slab):
            work(0, start, min(start + slab, n_rows))
        return
    desk = _Desk(n_rows, slab)

    def claim(thread: int) -> None:
        """Work on one range after another, but return soon: Ctrl-C is answered between two crews."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and (taken := desk.take()) is not None:
            work(thread, *taken)

    while not desk.empty:
        run(n_threads, claim)


class _Desk:
    """Hands out ranges of rows in ascending order, each once."""

    def __init__(self, n_rows: int, slab: int) -> None:
        self._n_rows, self._slab, self._next = n_rows, slab, 0
        self._lock = threading.Lock()

    @property
    def empty(self) -> bool:
        """Whether every range was handed out."""
        return self._next >= self._n_rows

    def take(self) -> tuple[int, int] | None:
        """Return the next range, None after the last."""
        with self._lock:
            start = self._next
            self._next = min(start + self._slab, self._n_rows)
            return None if start == self._next else (start, self._next)
