"""Progress in, the same progress shown out, its speed measured and Ctrl-C told which stage it stops."""

from __future__ import annotations

import time

from semap.cli.interrupts import Interrupts
from semap.progress import Progress

__all__ = ["Watched"]


class Watched:
    """Shows what `shown` shows. `rate`: of `unit` a second since the first update, which may have compiled kernels."""

    def __init__(self, shown: Progress, interrupts: Interrupts) -> None:
        self._shown, self._interrupts = shown, interrupts
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)
        self.unit = ""

    @property
    def rate(self) -> float | None:
        """Units a second, None where there was but one update."""
        if self._first is None or self._last[0] == self._first[0]:
            return None
        return (self._last[0] - self._first[0]) / max(self._last[1] - self._first[1], 1e-9)

    def start(self, task: str, total: int, unit: str) -> None:
        """Begin."""
        self._first, self.unit = None, unit
        self._interrupts.stage = task
        self._shown.start(task, total, unit)

    def update(self, done: int, **figures: float) -> None:
        """Move on."""
        self._last = (done, time.monotonic())
        self._first = self._first or self._last
        self._shown.update(done, **figures)

    def finish(self) -> None:
        """Leave what is shown as it stands."""
        self._shown.finish()
