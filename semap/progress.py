"""Steps done in, a live bar, plain lines or nothing out; the one file that shows the progress of long work."""

from __future__ import annotations

import sys
import time
from typing import IO, Any, Protocol

__all__ = ["Lines", "Progress", "Silent", "progress_for"]

_SECONDS_BETWEEN_LINES = 5.0


class Progress(Protocol):
    """Is told about long work: one `start`, many `update`s with the total done so far, one `finish`.

    `update` also takes named figures to show, such as `loss` or `learning_rate`; `finish` is called on errors too.
    """

    def start(self, task: str, total: int, unit: str) -> None:
        """Begin a task of `total` units (0 where nobody knows)."""
        ...

    def update(self, done: int, **figures: float) -> None:
        """Take note of `done` units in all."""
        ...

    def finish(self) -> None:
        """End the task, done or not."""
        ...


class Silent:
    """Shows nothing."""

    def start(self, task: str, total: int, unit: str) -> None:
        """Take note of nothing."""

    def update(self, done: int, **figures: float) -> None:
        """Show nothing."""

    def finish(self) -> None:
        """Leave nothing behind."""


class Lines:
    """Writes a plain line every `seconds`, for logs and pipes."""

    def __init__(self, stream: IO[str] | None = None, seconds: float = _SECONDS_BETWEEN_LINES) -> None:
        self._stream = stream or sys.stderr
        self._seconds = seconds
        self._task, self._total, self._unit = "", 0, ""
        self._began = self._written = 0.0
        self._last = ""

    def start(self, task: str, total: int, unit: str) -> None:
        """Begin to count."""
        self._task, self._total, self._unit, self._last = task, total, unit, ""
        self._began = self._written = time.monotonic()

    def update(self, done: int, **figures: float) -> None:
        """Write a line when one is due."""
        now = time.monotonic()
        self._last = _line(self._task, done, self._total, self._unit, now - self._began, figures)
        if now - self._written >= self._seconds:
            self._written = now
            self._write()

    def finish(self) -> None:
        """Write the last line."""
        self._write()

    def _write(self) -> None:
        if self._last:
            print(self._last, file=self._stream, flush=True)
            self._last = ""


class Bar:
    """A live bar on a terminal, drawn by rich."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._unit, self._began = "", 0.0

    def start(self, task: str, total: int, unit: str) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
        )
        self._bar = RichProgress(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task(task, total=max(total, 1), figures="")
        self._unit, self._began = unit, time.monotonic()
        self._bar.start()

    def update(self, done: int, **figures: float) -> None:
        """Move the bar."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        text = "  ".join([_rate(done / seconds, self._unit), *_named(figures)])
        self._bar.update(self._task, completed=done, figures=text)

    def finish(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.stop()


def progress_for(progress: bool | Progress) -> Progress:
    """Return what shows progress: a given one, or for True a bar on a terminal and lines elsewhere, for False nothing."""
    if not isinstance(progress, bool):
        return progress
    if not progress:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


def _line(task: str, done: int, total: int, unit: str, seconds: float, figures: dict[str, float]) -> str:
    speed = done / seconds if seconds > 0 else 0.0
    if not total:
        return "  ".join([task, _rate(speed, unit), *_named(figures)])
    share = done / total
    left = f"{(total - done) / speed:.0f} s left" if speed else "? s left"
    return "  ".join([f"{task} {share:4.0%}", _rate(speed, unit), *_named(figures), left])


def _rate(speed: float, unit: str) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if speed >= size:
            return f"{speed / size:.2f} {letter} {unit}/s"
    return f"{speed:.0f} {unit}/s"


def _named(figures: dict[str, float]) -> list[str]:
    return [f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items()]
