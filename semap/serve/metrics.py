"""What a service does, counted in; Prometheus' text format 0.0.4 out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

from semap import __version__

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


class Metrics:
    """Counters of one service; every method may be called from any thread.

    `in_flight`: requests under way, of every route.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._lock = Lock()
        self._requests: dict[tuple[str, int], int] = {}
        self._seconds: dict[tuple[str, ...], _Histogram] = {}
        self._batches: dict[tuple[str, ...], _Histogram] = {}
        self._gone = self._lines_lost = 0

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request, answered or not."""
        with self._lock:
            self._requests[route, status] = self._requests.get((route, status), 0) + 1
            _of(self._seconds, (route,), _SECONDS).observe(seconds)

    def batch(self, kind: str, size: int) -> None:
        """Count a batch of so many searches, texts or other questions that were answered at once."""
        with self._lock:
            _of(self._batches, (kind,), _SIZES).observe(size)

    def client_gone(self) -> None:
        """Count a client that went away before its answer."""
        with self._lock:
            self._gone += 1

    def line_lost(self) -> None:
        """Count a line of the log that could not be written."""
        with self._lock:
            self._lines_lost += 1

    def text(self, sizes: Mapping[str, tuple[int, int]]) -> str:
        """Return everything as text. sizes: rows and dimensions of each table by its name."""
        with self._lock:
            lines = [
                *_head("semap_info", "gauge", "The version that serves."),
                _line("semap_info", {"version": __version__}, 1),
                *_head("semap_requests_total", "counter", "Requests by route and HTTP status; 499: the client went away."),
                *(
                    _line("semap_requests_total", {"route": route, "status": str(status)}, count)
                    for (route, status), count in sorted(self._requests.items())
                ),
                *_histograms("semap_request_seconds", "From a request's head to its answer's end.", ("route",), self._seconds),
                *_single("semap_requests_in_flight", "gauge", "Requests under way.", self.in_flight),
                *_single("semap_clients_gone_total", "counter", "Clients that went away before their answer.", self._gone),
                *_single("semap_log_lines_lost_total", "counter", "Lines of the log that were not written.", self._lines_lost),
                *_histograms("semap_batch_size", "Searches or texts computed at once.", ("kind",), self._batches),
                *_tables(sizes),
            ]
        return "\n".join(lines) + "\n"


class _Histogram:
    """How many values were at most each bound, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one: beyond every bound
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value in its bucket."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def lines(self, name: str, labels: Mapping[str, str]) -> Iterable[str]:
        """Yield the lines of the text format: buckets that add up, the sum, the count."""
        below = 0
        for bound, count in zip((*map(_number, self.bounds), "+Inf"), self.counts, strict=True):
            below += count
            yield _line(f"{name}_bucket", {**labels, "le": bound}, below)
        yield _line(f"{name}_sum", labels, self.sum)
        yield _line(f"{name}_count", labels, below)


def _of(histograms: dict[tuple[str, ...], _Histogram], values: tuple[str, ...], bounds: Sequence[float]) -> _Histogram:
    if values not in histograms:
        histograms[values] = _Histogram(bounds)
    return histograms[values]


def _histograms(name: str, what: str, labels: tuple[str, ...], histograms: Mapping[tuple[str, ...], _Histogram]) -> Iterable[str]:
    yield from _head(name, "histogram", what)
    for values, histogram in sorted(histograms.items()):
        yield from histogram.lines(name, dict(zip(labels, values, strict=True)))


def _tables(sizes: Mapping[str, tuple[int, int]]) -> Iterable[str]:
    for place, (name, what) in enumerate((("rows", "Tokens of a table."), ("dimensions", "Length of a table's vectors."))):
        yield from _head(f"semap_table_{name}", "gauge", what)
        for table, size in sizes.items():
            yield _line(f"semap_table_{name}", {"table": table}, size[place])


def _single(name: str, kind: str, what: str, value: float) -> Iterable[str]:
    yield from _head(name, kind, what)
    yield _line(name, {}, value)


def _head(name: str, kind: str, what: str) -> Iterable[str]:
    return f"# HELP {name} {what}", f"# TYPE {name} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
    return f"{name}{{{inside}}} {_number(value)}" if inside else f"{name} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(value: str) -> str:
    """The three characters that the format escapes in a label's value."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
