"""Numbered pieces of work in, their results in order out: on several threads, and Ctrl-C is answered between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from semap.parallel.crew import run

__all__ = ["in_order"]

Result = TypeVar("Result")

_SECONDS = 0.1  # after which Ctrl-C is heard


def in_order(n_pieces: int, threads: int, work: Callable[[int, int], Result]) -> Iterator[Result]:
    """Yield work(thread, piece) for the pieces 0 .. n_pieces - 1 in turn; which thread does which piece is left to chance.

    Results wait until those before them are there, for about 0.1 s. An exception of `work` is raised here.
    """
    taken, lock, found = [0], threading.Lock(), dict[int, Result]()

    def claim(thread: int) -> None:
        """Do one piece after another, but return soon."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            with lock:
                piece, taken[0] = taken[0], taken[0] + 1
            if piece >= n_pieces:
                return
            found[piece] = work(thread, piece)

    for piece in range(n_pieces):
        if piece not in found:
            n_threads = min(threads, n_pieces - taken[0])
            if n_threads > 1:
                run(n_threads, claim)
            else:
                claim(0)
        yield found.pop(piece)
