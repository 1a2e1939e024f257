"""Numba's news of its work in, one line for the user out: the first run on a machine takes longer."""

from __future__ import annotations

from typing import Any

from semap.cli.interrupts import interrupts
from semap.cli.stderr import remark

__all__ = ["watch_compiling"]

_heard: list[bool] = []  # what the listener was last told about being quiet


def watch_compiling(quiet: bool = False) -> None:
    """Say once when a kernel is compiled rather than found in the cache, and let Ctrl-C know. Imports Numba."""
    first = not _heard
    _heard[:] = [quiet]
    if first:
        _listen()


def _listen() -> None:
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc]
        """Hears the start and the end of every compilation; a kernel from the cache is none."""

        def on_start(self, event: Any) -> None:
            """Tell the user, once, and let Ctrl-C know."""
            if not _heard[0]:
                _heard[0] = True
                remark("compiling kernels for this machine, once ...")
            interrupts.compiling_begins()

        def on_end(self, event: Any) -> None:
            """Let Ctrl-C know that it need not leave at once any more."""
            interrupts.compiling_ends()

    event.register("numba:compile", Listener())
