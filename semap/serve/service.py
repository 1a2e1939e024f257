"""What the parts of one running service share: its tables and settings, who is let in, and whether it is stopping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from semap.errors import SemapError
from semap.serve.keys import Keys
from semap.serve.log import Log
from semap.serve.metrics import Metrics
from semap.serve.refusal import Refusal
from semap.serve.settings import ServeSettings

if TYPE_CHECKING:
    from semap.serve.tables import Tables

__all__ = ["Service"]


class Service:
    """One service: made by `build_app`, at `app.state.service`.

    `stopping`: whether connections are closed after the answer that is under way. `trouble`: why the tables could not be made
    ready, None where they could or are still being. `when_warm`: called once they are ready, on the thread that made them so.
    """

    def __init__(self, tables: Tables, settings: ServeSettings, log: Log | None = None) -> None:
        self.tables, self.settings, self.limits = tables, settings, settings.limits
        self.metrics = Metrics()
        self.log = log or Log(lost=self.metrics.line_lost)
        self.keys = Keys(settings.keys)
        self.stopping = False
        self.trouble: str | None = None
        self.when_warm: list[Callable[[], object]] = []
        self._admitted = 0
        tables.on_batch = self.metrics.batch

    def begin(self) -> None:
        """Make the tables ready on a thread of its own: requests are answered meanwhile, the first ones later than others."""
        Thread(target=self._warm, name="semap-warm", daemon=True).start()

    def _warm(self) -> None:
        try:
            self.tables.warm()
            for each in self.when_warm:
                each()
        except SemapError as failure:  # its message names files, never what somebody asked
            self.trouble = str(failure)
            self.log.line(level="error", event=self.trouble)
        except Exception as failure:
            self.trouble = f"{type(failure).__name__} while the tables were made ready"
            self.log.failure(failure)

    @property
    def state(self) -> str:
        """Return "ok", "starting" or "failed"."""
        if self.trouble is not None:
            return "failed"
        return "ok" if self.tables.ready else "starting"

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Let one more request in, to be read and answered. Raises Refusal 429 where as many as may are inside."""
        if self._admitted >= self.limits.concurrent:
            message = (
                f"{self.limits.concurrent:,} requests are being answered, as many as may be at a time; try again in a second"
            )
            raise Refusal(429, message, code="too_many_requests", headers={"Retry-After": "1"})
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1
