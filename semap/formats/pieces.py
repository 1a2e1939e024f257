"""A large file in, pieces of it worked on by several threads."""

from __future__ import annotations

from collections.abc import Callable

from semap.parallel.crew import run, thread_count

__all__ = ["each_piece"]


def each_piece(n_pieces: int, threads: int, work: Callable[[int], None], done: Callable[[int], None] | None = None) -> None:
    """Call `work(piece)` for every piece, as many at a time as there are threads, and `done(piece)` in their order.

    Pieces are short (a few megabytes), so that Ctrl-C is answered between them.
    """
    crew = thread_count(threads)
    for first in range(0, n_pieces, crew):
        together = min(crew, n_pieces - first)
        if together == 1:
            work(first)
        else:
            run(together, lambda thread, first=first: work(first + thread))  # type: ignore[misc]
        if done is not None:
            for piece in range(first, first + together):
                done(piece)
