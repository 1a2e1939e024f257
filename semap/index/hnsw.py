"""A table or vectors in, most of the rows nearest to any vector out, by following links between near rows."""

from __future__ import annotations

from os import PathLike
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from semap.arrays import Flags, FloatMatrix
from semap.errors import SemapWarning, SettingsError, ShapeError
from semap.index.asked import check_k, check_metric, checked_queries, exclusions
from semap.index.backend import Graph
from semap.index.coding import Coding, Dtype, coding_of
from semap.index.exact import ExactIndex
from semap.index.filtered import Sought
from semap.index.held import HeldRows
from semap.index.index import Metric
from semap.index.lengths import measured
from semap.index.vectors import finite_matrix, kernel_matrix
from semap.parallel.crew import thread_count
from semap.parallel.interrupts import interrupts_at_end
from semap.progress import Progress, progress_for
from semap.settings import flag, whole
from semap.table.table import Table

__all__ = ["HNSWIndex"]

_AT_ONCE = 4096  # rows added between two looks at Ctrl-C
_RECALL_QUERIES = 1024


class HNSWIndex:
    """Finds most of the rows that are nearest to a vector, in a time that hardly grows with their number.

    table_or_vectors: a Table, or an array (V, D) of finite numbers; it is kept, since scores are reckoned from its rows.
    metric: "cosine", "dot" (the inner product) or "euclidean". dtype: how the graph holds its rows: "f32", "f16" (half the
    room) or "i8" (a quarter, some recall).
    connectivity: links of a row, twice as many on the lowest level; expansion_add, expansion_search: how many candidates
    are kept in sight while a row is added or sought. More of each finds more and takes longer.
    threads: 0 for every CPU of this process; searching gives the same bits for any number. Building takes one thread,
    since links depend on who comes first, and gives the same bits too; with reproducible=False it takes all `threads`.
    progress: True, or what is told how many rows were added.

    Scores, order and ties are those of ExactIndex for the rows found; what is not promised is that no nearer row was
    missed: see `recall`. The same rows in the same order give the same graph on CPUs with the same instructions.
    Source: Malkov and Yashunin 2018 by way of usearch, see `semap.index.backend`. Raises ShapeError and SettingsError as
    ExactIndex, and MissingExtra.
    """

    def __init__(
        self,
        table_or_vectors: Table | Any,
        *,
        metric: Metric = "cosine",
        dtype: Dtype = "f32",
        connectivity: int = 24,
        expansion_add: int = 128,
        expansion_search: int = 64,
        threads: int = 0,
        reproducible: bool = True,
        progress: bool | Progress = False,
    ) -> None:
        check_metric(metric)
        if dtype not in get_args(Dtype):
            raise SettingsError(f"dtype is {dtype!r}; choose one of {', '.join(map(repr, get_args(Dtype)))}")
        self._threads, self._reproducible = threads, flag("reproducible", reproducible)
        thread_count(threads)
        self._settings = {
            "connectivity": whole("connectivity", connectivity, 2, 512),
            "expansion_add": whole("expansion_add", expansion_add, 1, 1 << 16),
            "expansion_search": whole("expansion_search", expansion_search, 1, 1 << 16),
        }
        base = table_or_vectors if isinstance(table_or_vectors, Table) else finite_matrix("vectors", table_or_vectors)
        rows = kernel_matrix(base.vectors if isinstance(base, Table) else base)
        tame = metric != "cosine" or measured(rows, threads)[0] is rows
        self._held = HeldRows(base, np.zeros((0, rows.shape[1]), np.float32), tame)
        self._coding = coding_of(rows, metric, dtype)
        self._graph = Graph(self.dim, measure=self._coding.measure, dtype=dtype, **self._settings)
        self._removed = np.zeros(0, np.int64)
        self._link(0, rows, progress_for(progress))

    @classmethod
    def of_parts(
        cls, held: HeldRows, coding: Coding, graph: Graph, settings: dict[str, int], removed: Any, threads: int
    ) -> HNSWIndex:
        """Return an index of parts that are known to fit (for `semap.index.hnsw_file`)."""
        index = cls.__new__(cls)
        index._held, index._coding, index._graph, index._settings = held, coding, graph, settings
        index._removed, index._threads, index._reproducible = removed, threads, True
        return index

    @classmethod
    def open(
        cls, path: str | PathLike[str], table_or_vectors: Table | Any, *, expansion_search: int | None = None, threads: int = 0
    ) -> HNSWIndex:
        """Open a file that `save` wrote, mapped, for the rows it was built of.

        expansion_search: instead of that of the file. Raises as `semap.index.hnsw_file.open_index`.
        """
        from semap.index.hnsw_file import open_index

        return open_index(path, table_or_vectors, expansion_search=expansion_search, threads=threads)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the graph, what was added and what was removed to a file; the rows of the table stay in the table's.

        Raises CannotWrite.
        """
        from semap.index.hnsw_file import save_index

        save_index(self, path)

    @property
    def metric(self) -> Metric:
        """What is measured."""
        return self._coding.metric

    @property
    def dtype(self) -> Dtype:
        """How the graph holds its rows."""
        return self._coding.dtype

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return self._held.dim

    @property
    def n_ids(self) -> int:
        """How many rows there were, those removed among them; rows have the numbers 0 to n_ids - 1."""
        return len(self._held)

    @property
    def settings(self) -> dict[str, int]:
        """A copy of connectivity, expansion_add and expansion_search."""
        return dict(self._settings)

    @property
    def parts(self) -> tuple[HeldRows, Coding, Graph, npt.NDArray[np.int64]]:
        """The rows, how they are coded, the graph and the removed rows (for `semap.index.hnsw_file`)."""
        return self._held, self._coding, self._graph, self._removed

    def __len__(self) -> int:
        return self.n_ids - len(self._removed)

    def __repr__(self) -> str:
        return f"HNSWIndex({len(self):,} rows, {self.dim} dimensions, {self.metric}, {self.dtype})"

    def search(
        self, vectors: Any, k: int, *, exclude: Any = None, only: Any = None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return about the k nearest rows of each vector: ids int64 (B, K) and scores float32 (B, K), nearest first.

        vectors, k, exclude, K and what comes back: as `ExactIndex.search`; as many rows are found as it finds.
        only: the rows that may be found, one choice for all vectors: row numbers, or a bool mask (n_ids,). Where they are
        few all of them are compared, exactly.
        Raises ShapeError and SettingsError as `ExactIndex.search`.
        """
        check_k(k)
        queries = checked_queries(vectors, self.dim)
        hidden = exclusions(exclude, len(queries), np.ndim(vectors) == 1, self.n_ids)
        sought = Sought(self._held, self._coding, self._graph, self._allowed(only), self._threads)
        return sought.nearest(queries, int(k), hidden)

    def add(self, vectors: Any) -> npt.NDArray[np.int64]:
        """Add rows (B, D), or one (D,), and return their numbers, int64 (B,): they go on where those of the index end.

        A mapped index is first read into memory. Raises ShapeError. Warns where the dtype cuts values that are larger than
        all the index was built of.
        """
        rows = finite_matrix("the vectors to add", np.atleast_2d(vectors))
        if rows.shape[1] != self.dim:
            raise ShapeError(f"the vectors to add have {rows.shape[1]:,} dimensions, those of the index {self.dim:,}")
        first, held = self.n_ids, self._held
        tame = held.tame and (self.metric != "cosine" or measured(rows, self._threads)[0] is rows)
        with interrupts_at_end():  # between the two, the graph would know rows that nobody holds
            if self._graph.mapped:
                self._graph = self._graph.over(self._graph.content(), mapped=False)
            self._link(first, rows, progress_for(False))
            self._held = HeldRows(held.base, kernel_matrix(np.concatenate([held.added, rows])), tame)
        return np.arange(first, self.n_ids)

    def remove(self, ids: Any) -> None:
        """Let rows no longer be found; their numbers are not given again, and their room comes back with a new index.

        ids: one row number or several, each once. Raises ShapeError for one that is not there or was removed before.
        """
        rows = _row_numbers("remove", np.atleast_1d(np.asarray(ids)), self.n_ids)
        if len(np.unique(rows)) < len(rows) or np.isin(rows, self._removed).any():
            raise ShapeError("remove names a row twice, or one that was removed before; give rows that are there, each once")
        self._removed = np.union1d(self._removed, rows)

    def recall(self, k: int = 10, sample: int | Any = 1000, *, seed: int = 1) -> float:
        """Return the share of the k nearest rows that a search finds, between 0 and 1, measured against ExactIndex.

        sample: how many rows to draw, with `seed`, each sought with itself left out; or vectors (B, D) to seek, better such
        as the index does not hold. A found row counts where it is as near as the k-th of the exact ones.
        Raises as `search`, and SettingsError where there is nothing to find.
        """
        check_k(k)
        alive = np.flatnonzero(self._alive())
        if isinstance(sample, int | np.integer):
            drawn = np.random.default_rng(whole("seed", seed, 0)).permutation(len(alive))[: whole("sample", sample, 1)]
            places, queries = np.sort(drawn), self._held.at(alive[np.sort(drawn)])
        else:
            places, queries = None, checked_queries(sample, self.dim)
        exact = ExactIndex(self._held.at(alive), metric=self.metric, threads=self._threads)
        n_right = n_asked = 0
        for begin in range(0, len(queries), _RECALL_QUERIES):
            part = slice(begin, begin + _RECALL_QUERIES)
            left_out = None if places is None else places[part, None]
            true, best = exact.search(queries[part], k, exclude=left_out)
            _, scores = self.search(queries[part], k, exclude=None if left_out is None else alive[left_out])
            if not true.shape[1]:
                break
            nearness, limit = (-scores, -best) if self.metric == "euclidean" else (scores, best)
            n_right += int((nearness >= limit[:, -1:]).sum())
            n_asked += true.size
        if not n_asked:
            raise SettingsError(f"an index of {len(self):,} rows and {len(queries):,} vectors leave nothing to find")
        return n_right / n_asked

    def _link(self, first: int, rows: FloatMatrix, progress: Progress) -> None:
        """Put rows into the graph under the numbers from `first` on."""
        threads = 1 if self._reproducible else thread_count(self._threads)
        n_cut = 0
        progress.start("indexing", len(rows), "rows")
        try:
            for begin in range(0, len(rows), _AT_ONCE):
                part = rows[begin : begin + _AT_ONCE]
                n_cut += self._coding.beyond(part)
                self._graph.add(first + begin, self._coding.rows(part), threads)
                progress.update(min(begin + _AT_ONCE, len(rows)))
        finally:
            progress.finish()
        if n_cut:
            _warn_of_cut(n_cut, self.dtype)

    def _alive(self) -> Flags:
        alive = np.ones(self.n_ids, np.bool_)
        alive[self._removed] = False
        return alive

    def _allowed(self, only: Any) -> Flags | None:
        """Which rows may be found, None for all of them."""
        if only is None:
            return self._alive() if len(self._removed) else None
        chosen = np.asarray(only)
        if chosen.dtype == np.bool_:
            if chosen.shape != (self.n_ids,):
                whole_size = f"the index has {self.n_ids:,} rows, removed ones among them"
                raise ShapeError(f"only is a mask of the shape {chosen.shape}; {whole_size}")
            return chosen & self._alive()
        allowed = np.zeros(self.n_ids, np.bool_)
        allowed[_row_numbers("only", chosen, self.n_ids)] = True
        return allowed & self._alive()


def _row_numbers(name: str, given: Any, n_ids: int) -> npt.NDArray[np.int64]:
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ShapeError(f"{name} must be row numbers, given is {given.dtype} of the shape {given.shape}")
    outside = given[(given < 0) | (given >= n_ids)]
    if outside.size:
        raise ShapeError(f"{name} names row {outside[0]:,}; the index has rows 0 to {n_ids - 1:,}")
    return np.asarray(given, np.int64)


def _warn_of_cut(n_cut: int, dtype: Dtype) -> None:
    import warnings

    reason = f"{n_cut:,} rows have values beyond all that this {dtype} index was built of, which it holds cut"
    warnings.warn(SemapWarning(f"{reason}: they may be missed; build the index again with them"), stacklevel=4)
