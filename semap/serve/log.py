"""What happened to a request in, one line of JSON out: never a text, a token, a key or a path that is none of the service's."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePath
from traceback import extract_tb
from typing import Any

from semap.serve.backend import msgspec

__all__ = ["Log", "UvicornLines"]


class Log:
    """Writes lines of JSON, each with its time (UTC, ISO 8601) first.

    write: takes a line; by default standard error's.
    lost: called when a line could not be written, as where whoever reads them has gone; serving goes on.
    """

    def __init__(self, write: Callable[[str], Any] | None = None, *, lost: Callable[[], None] = lambda: None) -> None:
        self._write = _to_standard_error if write is None else write
        self._lost = lost

    def line(self, **facts: Any) -> None:
        """Write one line."""
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            self._write(msgspec.json.encode({"time": stamp, **facts}).decode() + "\n")
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._lost()

    def failure(self, error: BaseException, **facts: Any) -> None:
        """Write what kind of exception nobody expected, and where; its message may hold a request's text and is left out."""
        frames = [f"{PurePath(each.filename).name}:{each.lineno} {each.name}" for each in extract_tb(error.__traceback__)[-6:]]
        self.line(level="error", event=type(error).__name__, frames=frames, **facts)


def _to_standard_error(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line)
        sys.stderr.flush()


class UvicornLines(logging.Handler):
    """Passes the server's own warnings on, as lines of the log, without the tracebacks that may hold a request's text."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        self._log.line(level=record.levelname.lower(), event=record.getMessage().strip())
