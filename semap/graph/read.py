"""A file of edges, a list of them, or another library's graph in, a Graph out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from os import PathLike
from typing import Any, Literal, get_args

import numpy as np

from semap.errors import SemapWarning, SettingsError
from semap.graph.graph import Graph
from semap.graph.lines import EdgeLines, Layout, OnError
from semap.settings import flag

__all__ = ["read_graph"]


def read_graph(
    source: str | PathLike[str] | Iterable[Any], *, directed: bool = False, weighted: bool | None = None,
    delimiter: str | None = None, layout: Layout = "edges", on_error: OnError = "raise",
) -> Graph:  # fmt: skip
    """Read the edges of a graph.

    source: a file, folder, glob or "-" (.gz, .bz2, .xz, .zst too), whose lines are `node node` or `node node weight`, those
        that begin with "#" or "%" being comments; an iterable of such lines, or of tuples (node, node) or (node, node, weight),
        or a data frame of these columns; a networkx graph (the edge attribute "weight"); or a square SciPy sparse matrix or
        NumPy array (its nodes are row numbers).
    directed: whether an edge leads one way only; a networkx graph knows it itself; a matrix must be symmetric otherwise.
    weighted: whether weights are read; None does so where the first edge has one. delimiter: None for blanks and tabs.
    layout: "adjacency" for lines `node neighbour neighbour ...`, without weights; a line of one node makes it a node.
    on_error: "skip" leaves bad lines out and counts them. Ids of nodes become text.

    An edge that comes more than once is one edge, its weights summed (an undirected one either way round); self loops stay.
    Raises FileMissing, BadFile (a bad line, with its number), EmptyGraph, SettingsError (a negative weight, a bad argument).
    There is no header: a first line such as `source target` is an edge. Warns once, with the counts, of that, of edges that came
    more than once, weights of 0, lines left out, replaced bytes.
    """
    for name, value, known in (("layout", layout, get_args(Layout)), ("on_error", on_error, get_args(OnError))):
        if value not in known:
            raise SettingsError(f"{name} is {value!r}; choose one of {', '.join(map(repr, known))}")
    directed, weighted = flag("directed", directed), None if weighted is None else flag("weighted", weighted)
    graph = _read(source, directed, weighted, delimiter, layout, on_error)
    remarks = [f"{graph.facts[name]:,} {what}" for name, what in _REMARKS.items() if graph.facts.get(name)]
    if remarks:
        warnings.warn(f"{'; '.join(remarks)}", SemapWarning, stacklevel=2)
    return graph


_REMARKS = {
    "duplicate_edges": "edges came again and were merged, weights summed",
    "zero_weights": "edges of weight 0 were left out",
    "bad_lines": "bad lines were left out",
    "header_like": "edge, the first, reads like names of columns and was kept; begin its line with # to leave it out",
    "columns_left_out": "lines have more columns, which were not read; weighted=True reads the third as a weight",
    "replaced": "times bytes that are not UTF-8 were replaced by U+FFFD; convert the file",
}


def _read(
    source: Any, directed: bool, weighted: bool | None, delimiter: str | None, layout: Layout,
    on_error: Literal["raise", "skip"],
) -> Graph:  # fmt: skip
    if hasattr(source, "is_directed") and hasattr(source, "edges"):
        return _of_networkx(source, weighted)
    if hasattr(source, "tocoo") or isinstance(source, np.ndarray):
        return _of_matrix(source, directed, weighted)
    lines = EdgeLines(source, weighted, delimiter, layout, on_error)
    nodes, ends, weights = lines.read()
    return Graph.of_edges(nodes, ends[0::2], ends[1::2], weights, directed=directed, facts=lines.facts)


def _of_networkx(source: Any, weighted: bool | None) -> Graph:
    nodes = list(source.nodes())
    numbers = {node: number for number, node in enumerate(nodes)}
    edges = list(source.edges(data="weight"))
    sources, targets = (np.array([numbers[edge[end]] for edge in edges], np.int64) for end in (0, 1))
    given = any(edge[2] is not None for edge in edges)
    weights = None
    if weighted or (weighted is None and given):
        weights = np.array([1.0 if edge[2] is None else _number(edge) for edge in edges], np.float64)
    return Graph.of_edges(map(str, nodes), sources, targets, weights, directed=bool(source.is_directed()))


def _number(edge: Any) -> float:
    """The weight of an edge of networkx."""
    try:
        return float(edge[2])
    except (TypeError, ValueError):
        shown = f"the edge {edge[0]!r} to {edge[1]!r} has the weight {edge[2]!r:.40}, which is no number"
        raise SettingsError(f"{shown}; weighted=False reads no weights") from None


def _of_matrix(source: Any, directed: bool, weighted: bool | None) -> Graph:
    if len(source.shape) != 2 or source.shape[0] != source.shape[1]:
        raise SettingsError(f"a graph's matrix is square, one row a node; this one has the shape {source.shape}")
    if getattr(source.dtype, "kind", "O") not in "buif":
        raise SettingsError(f"a graph's matrix holds numbers, this one {source.dtype}; edges as text go in as a list: [(a, b)]")
    if isinstance(source, np.ndarray):
        rows, columns = np.nonzero(source)
        values = source[rows, columns]
    else:
        entries = source.tocoo()
        rows, columns, values = entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data
    if weighted is None:
        weighted = bool(len(values)) and not bool((values == 1).all())
    if not directed:
        _check_symmetric(rows, columns, values if weighted else np.ones(len(values)), source.shape[0])
        upper = rows <= columns
        rows, columns, values = rows[upper], columns[upper], values[upper]
    nodes = map(str, range(source.shape[0]))
    return Graph.of_edges(nodes, rows, columns, values if weighted else None, directed=directed)


def _check_symmetric(rows: Any, columns: Any, values: Any, n_nodes: int) -> None:
    here, there = (np.lexsort((second, first)) for first, second in ((rows, columns), (columns, rows)))
    same = np.array_equal(rows[here], columns[there]) and np.array_equal(columns[here], rows[there])
    if not same or not np.allclose(values[here], values[there], equal_nan=True):
        raise SettingsError(
            f"the matrix of {n_nodes:,} nodes is not symmetric, so its edges have a direction; give directed=True, or the matrix "
            "plus its transpose"
        )
