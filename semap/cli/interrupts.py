"""Ctrl-C in, a KeyboardInterrupt at a moment when nothing is half done out."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["EXIT_CODE", "Interrupts", "interrupts"]

EXIT_CODE = 130


class Interrupts:
    """What Ctrl-C does at each stage of a command.

    Normally it raises KeyboardInterrupt; a round of training holds it back by itself (`semap.parallel.interrupts`). While a
    kernel is compiled on another thread, for which the main one would wait up to 20 s, the process leaves at once, unless
    a file is being written (`writing`).
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.stage = ""
        self.seen = self.writing = False
        self._compiling: list[None] = []  # one for each compilation under way; appending is atomic

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Take over Ctrl-C, unless something other than Python's own handler has it."""
        self._begin()
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        try:
            signal.signal(signal.SIGINT, self._handle)
        except ValueError:  # not the main thread
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def compiling_begins(self) -> None:
        """A kernel is being compiled."""
        self._compiling.append(None)
        if self.seen and not self.writing:
            self._leave()

    def compiling_ends(self) -> None:
        """It has been compiled."""
        self._compiling.pop()

    def _handle(self, signum: int, frame: Any) -> None:
        self.seen = True
        if self._compiling and not self.writing:
            self._leave()
        raise KeyboardInterrupt

    def _leave(self) -> None:
        # Not through sys.stderr: this may be a signal's handler, and the main thread in the middle of a line.
        shown = b"\x1b[?25h\n" if os.isatty(2) else b""  # a bar may have hidden the cursor
        with suppress(OSError):
            os.write(2, shown + b"semap: interrupted while compiling kernels; nothing was written\n")
        os._exit(EXIT_CODE)


interrupts = Interrupts()
