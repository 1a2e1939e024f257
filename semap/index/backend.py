"""Rows in, a graph that leads to near ones out (HNSW); the one file that imports usearch, which builds it.

Source: Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable
Small World graphs"; the library is unum-cloud/usearch. What it is not trusted with: scores, how many were found, filters,
and the numbers of threads, which are said at every call. What lies in bytes, as a file does, is searched by a kernel of our
own: it finds the same rows, but where roundings differ, several times sooner, since it does not wait for memory row by row.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, Bytes
from semap.errors import MissingExtra, SemapError
from semap.index.slabs import crew_size, over_rows
from semap.kernels.native import hnsw
from semap.kernels.native.links import links_fit

__all__ = ["Graph", "GraphRefused", "library_version", "links_stay_inside", "node_offsets"]

_HEAD = 64  # bytes between the rows and the links
_SIZES = {"f32": 4, "f16": 2, "i8": 1}
_MEASURES = {"ip": 0, "l2sq": 1, "cos": 2}
_QUERIES = 16  # answered by a thread at a time
_WORTH = 64  # a graph is laid out once it was asked for one row in so many: it takes as long as that
_MOST = 1 << 31  # rows that the kernel can number


class GraphRefused(SemapError, ValueError):
    """The library could not read the bytes of a graph."""


class Graph:
    """Rows by number, linked to their neighbours. Searching and adding take turns: usearch's calls share their scratch."""

    def __init__(
        self, dim: int, *, measure: str, dtype: str, connectivity: int, expansion_add: int, expansion_search: int
    ) -> None:
        self._settings: dict[str, Any] = {
            "ndim": dim, "metric": measure, "dtype": dtype, "connectivity": connectivity,
            "expansion_add": expansion_add, "expansion_search": expansion_search,
        }  # fmt: skip
        self._index: Any = self._new_index()  # None where the graph is mapped, until the library is asked
        self._content: Bytes | None = None  # as it is now, where it was laid out in bytes; a mapped graph is only that
        self._mapped = False
        self._offsets: npt.NDArray[np.int64] | None = None  # where its nodes begin
        self._n_asked = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        content = self._content  # once: somebody may add meanwhile
        return int(content[:4].view("<u4")[0]) if content is not None else len(self._index)

    @property
    def mapped(self) -> bool:
        """Whether the graph is read from a file, and cannot grow."""
        return self._mapped

    def add(self, first_id: int, rows: AnyArray, threads: int) -> None:
        """Add rows (B, D) under the numbers from `first_id` on; the links depend on timing where threads > 1."""
        ids = np.arange(first_id, first_id + len(rows), dtype=np.uint64)
        with self._lock:
            self._content, self._offsets, self._n_asked = None, None, 0
            self._index.add(ids, rows, threads=threads)

    def nearest(self, queries: AnyArray, k: int, threads: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the numbers of near rows for each query (B, D), nearest first, int64 (B, k), and how many of them count.

        A graph in memory that was asked often since it grew is laid out in bytes too, beside what the library holds: read
        back from bytes it would go on growing otherwise than if nothing had been sought.
        """
        if not len(queries) or not len(self):
            return np.zeros((len(queries), k), np.int64), np.zeros(len(queries), np.int64)
        self._n_asked += len(queries)
        if len(self) >= _MOST or (self._content is None and self._n_asked * _WORTH < len(self)):
            return self.nearest_by_library(queries, k, threads)
        content, offsets = self._laid_out()
        wide = queries.astype(np.float32, copy=False).view()
        wide.flags.writeable = False  # kernels would be compiled a second time for writable ones
        found, counts = np.empty((len(queries), k), np.int64), np.empty(len(queries), np.int64)
        settings = self._settings
        size, measure, links = _SIZES[settings["dtype"]], _MEASURES[settings["metric"]], settings["connectivity"]
        expansion = max(k, settings["expansion_search"])

        def work(thread: int, start: int, stop: int) -> None:
            """Answer some queries."""
            hnsw.nearest(content, offsets, size, measure, links, expansion, wide, start, stop, found, counts)

        cost = float(settings["ndim"] * expansion * links)
        over_rows(len(queries), cost, crew_size(len(queries), cost, threads, _QUERIES), work, _QUERIES)
        return found, counts

    def nearest_by_library(self, queries: AnyArray, k: int, threads: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the same as `nearest`, as usearch finds it."""
        with self._lock:
            if self._index is None and self._content is not None:
                index = self._new_index()
                index.view(self._content.data)
                self._index = index
            compiled = self._index._compiled  # whose answers are plain arrays
            found = compiled.search_many(queries, k, threads=min(threads, len(queries)))
        return found[0].view(np.int64), found[2]  # past the count there is whatever lay in memory

    def _laid_out(self) -> tuple[Bytes, npt.NDArray[np.int64]]:
        """The bytes of the graph and where in them each node begins."""
        with self._lock:
            if self._content is None:
                self._content = np.frombuffer(self._index.save(), np.uint8)
            if self._offsets is None:
                self._offsets = node_offsets(self._content, len(self), self._settings["connectivity"])
            return self._content, self._offsets

    def content(self) -> Bytes:
        """Return the bytes of the graph: uint8 (N,)."""
        with self._lock:
            return np.frombuffer(self._index.save(), np.uint8) if self._content is None else self._content

    def over(self, content: Bytes, *, mapped: bool) -> Graph:
        """Return a graph with these settings made of bytes: read where they lie, or into memory. Raises GraphRefused."""
        graph = Graph(
            self._settings["ndim"], measure=self._settings["metric"], **{
                name: self._settings[name] for name in ("dtype", "connectivity", "expansion_add", "expansion_search")
            },
        )  # fmt: skip
        if _nature(content) != _nature(graph.content()):
            raise GraphRefused("its rows are of another metric, dtype or dimension")
        if not content[:4].any():  # no row, nothing to read
            return graph
        if mapped:
            graph._content, graph._index, graph._mapped = content, None, True
            return graph
        try:
            graph._index.load(content.data)
        except Exception as failure:  # pybind11 gives plain exceptions of several kinds
            raise GraphRefused(str(failure)) from failure
        return graph

    def _new_index(self) -> Any:
        # Numbers are given in ascending order and never twice, so no map from them to places is needed: without it a
        # file is read at once, with it after every number has been entered.
        return _library().Index(**self._settings, enable_key_lookups=False)


def links_stay_inside(content: Bytes, n_rows: int, dim: int, dtype: str, connectivity: int) -> bool:
    """Return whether the bytes of a graph hold `n_rows` rows and no link leads outside them: the library does not look."""
    size = dim * _SIZES[dtype]
    if np.frombuffer(content[:8].tobytes(), "<u4").tolist() != [n_rows, size]:
        return False
    begin = 8 + n_rows * size
    if not n_rows:  # the library writes no sizes then
        return len(content) == 8 + _HEAD + 40
    rest = content[begin + _HEAD :]
    rest.flags.writeable = False  # kernels would be compiled a second time for a writable one
    return links_fit(rest, n_rows, n_rows, connectivity)


def node_offsets(content: Bytes, n_rows: int, connectivity: int) -> npt.NDArray[np.int64]:
    """Return where each node begins in the bytes of a graph, int64 (V,): how long it is depends on its level."""
    begin = 8 + math.prod(np.frombuffer(content[:8].tobytes(), "<u4").tolist()) + _HEAD + 40
    levels = content[begin : begin + 2 * n_rows].view("<i2")
    ends = np.cumsum(levels.astype(np.int64) * (4 * (1 + connectivity)) + (10 + 4 * (1 + 2 * connectivity)))
    ends += begin + 2 * n_rows
    offsets = np.empty(n_rows, np.int64)
    offsets[0], offsets[1:] = begin + 2 * n_rows, ends[:-1]
    return offsets


def _nature(content: Bytes) -> bytes:
    """What a graph says of its metric, numbers and dimensions: the library believes it, whatever it was told before."""
    sizes = np.frombuffer(content[:8].tobytes(), "<u4").tolist()
    head = content[8 + math.prod(sizes) :][:_HEAD].tobytes()
    return head[:7] + head[13:17] + head[33:42]  # between them stand the library's version and the number of rows


def library_version() -> str:
    """Return the version of usearch. Raises MissingExtra."""
    _library()
    from usearch import __version__

    return str(__version__)


def _library() -> Any:
    try:
        from usearch import index
    except ImportError:
        raise MissingExtra("usearch", "index") from None
    return index
