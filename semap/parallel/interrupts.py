"""A block of code in, the same block whole out: Ctrl-C that comes inside it is delivered at its end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interrupts_at_end"]


@contextmanager
def interrupts_at_end() -> Iterator[None]:
    """Hold SIGINT back until the block has ended, then hand it to the handler that was there.

    Without this a KeyboardInterrupt could come between threads that have changed a model and the line that notes it. Only the
    main thread gets signals; elsewhere, and where the program ignores SIGINT or has no Python handler, nothing is done.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    held: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if held:
        handler(signal.SIGINT, held[0])
