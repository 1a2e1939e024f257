"""A Graph in, a graph of a part of its edges and the edges that were held out, out; and pairs of nodes without an edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from semap.arrays import AnyArray, Flags, TokenIds
from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.settings import whole

__all__ = ["EdgeSplit", "Keep", "hold_out_edges", "non_edges"]

Keep: TypeAlias = Literal["connected", "nodes", "nothing"]


@dataclass(frozen=True)
class EdgeSplit:
    """graph: the one that was split; rest: a graph of the same nodes with the other edges, in which nodes have other numbers.

    edges: the edges held out, int32 (H, 2), numbers of nodes in `graph`, a directed one from the first to the second.
    """

    graph: Graph
    rest: Graph
    edges: TokenIds


def hold_out_edges(graph: Graph, share: float = 0.5, *, keep: Keep = "connected", seed: Any = 1) -> EdgeSplit:
    """Hold out a share of the edges of a graph, drawn at random.

    share: of all edges but self loops, which always stay. keep: "connected" leaves nodes that a path joins joined by a path
    (Grover and Leskovec 2016, node2vec, section 4.4; directions do not count), "nodes" leaves every node an edge, "nothing" may
    leave nodes alone. What has to stay is a tree of edges, or each node's first edge, in random order. seed: whole number(s)
    from 0. Raises SettingsError (no Graph, a share that is not between 0 and 1, more edges than may go).
    """
    _check(graph)
    if keep not in get_args(Keep):
        raise SettingsError(f"keep is {keep!r}; choose one of {', '.join(map(repr, get_args(Keep)))}")
    if isinstance(share, bool) or not isinstance(share, int | float | np.floating) or not 0 < share < 1:
        raise SettingsError(f"share is {share!r}; give a number above 0 and below 1")
    ends, weights = _edges(graph)
    order = np.random.default_rng(_checked_seed(seed)).permutation(len(ends))
    order = order[ends[order, 0] != ends[order, 1]]
    stays = _needed(ends[order], len(graph), once=keep == "nodes") if keep != "nothing" else np.zeros(len(order), np.bool_)
    n_held, free = round(share * len(order)), order[~stays]
    most = min(len(free), len(ends) - 1)
    if not 0 < n_held <= most:
        raise SettingsError(
            f"share {share:g} of {len(order):,} edges is {n_held:,}; with keep={keep!r} from 1 to {most:,} can be held out: give "
            "another share, or keep='nodes' or 'nothing'"
        )
    held = np.zeros(len(ends), np.bool_)
    held[free[:n_held]] = True
    left = None if weights is None else weights[~held]
    rest = Graph.of_edges(graph.vocab.tokens, ends[~held, 0], ends[~held, 1], left, directed=graph.directed)
    return EdgeSplit(graph, rest, ends[held])


def non_edges(graph: Graph, n_pairs: int, *, seed: Any = 1, apart_from: AnyArray | None = None) -> TokenIds:
    """Return different pairs of nodes without an edge, each as likely as any other, int32 (n_pairs, 2).

    No pair is a node with itself; of a directed graph a pair has a direction, and the edge the other way round may exist. Nodes
    without an edge to another node are left out. seed: whole number(s) from 0; apart_from: pairs (n, 2) not to be taken again.
    Raises SettingsError (fewer such pairs than asked for).
    """
    _check(graph)
    n_pairs, n_nodes = whole("n_pairs", n_pairs, 0), len(graph)
    ends, _ = _edges(graph)
    ends = ends[ends[:, 0] != ends[:, 1]]
    linked = np.unique(ends)
    taken = ends if apart_from is None else np.concatenate([ends, _pairs(apart_from)])
    known = np.unique(_keys(taken, n_nodes, graph.directed))
    n_all = len(linked) * (len(linked) - 1) // (1 if graph.directed else 2)
    if n_pairs > n_all - len(known):
        raise SettingsError(
            f"{n_pairs:,} pairs without an edge are asked for; of {n_all:,} pairs of nodes {len(known):,} have an edge or are "
            "taken: hold out fewer edges"
        )
    rng = np.random.default_rng(_checked_seed(seed))
    found = np.zeros(0, np.int64)
    while len(found) < n_pairs:  # most graphs have few of all edges, so nearly every pair that is drawn is one
        drawn = linked[rng.integers(0, len(linked), (2 * (n_pairs - len(found)) + 64, 2))]
        keys = _keys(drawn[drawn[:, 0] != drawn[:, 1]], n_nodes, graph.directed)
        keys = np.concatenate([found, keys[~_among(keys, known)]])
        found = keys[np.sort(np.unique(keys, return_index=True)[1])]
    return np.stack(np.divmod(found[:n_pairs], n_nodes), axis=1).astype(np.int32)


def _check(graph: object) -> None:
    if not isinstance(graph, Graph):
        raise SettingsError(f"edges are held out of a Graph, not {type(graph).__name__}; semap.read_graph(...) makes one")


def _pairs(given: Any) -> TokenIds:
    pairs = np.asarray(given)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise SettingsError(f"apart_from is {pairs.dtype} of the shape {pairs.shape}; give pairs of numbers of nodes, (n, 2)")
    return pairs.astype(np.int32)


def _edges(graph: Graph) -> tuple[TokenIds, AnyArray | None]:
    """Each edge once, int32 (E, 2), and its weight."""
    rows = graph.rows()
    once = np.ones(len(rows), np.bool_) if graph.directed else rows <= graph.neighbours
    weights = None if graph.weights is None else graph.weights[once]
    return np.stack([rows[once], graph.neighbours[once]], axis=1), weights


def _keys(pairs: AnyArray, n_nodes: int, directed: bool) -> AnyArray:
    """One number a pair, int64; without directions the same one for both ways round."""
    first, second = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    keys: AnyArray = first * n_nodes + second if directed else np.minimum(first, second) * n_nodes + np.maximum(first, second)
    return keys


def _among(keys: AnyArray, known: AnyArray) -> Flags:
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    same: Flags = known[places] == keys
    return same


def _needed(ends: TokenIds, n_nodes: int, *, once: bool) -> Flags:
    """Which edges make up a spanning forest, those that come first preferred, bool (E,); with `once` each node's first edge.

    Boruvka 1926: every part of the graph takes the first edge that leads out of it, then parts that are joined become one.
    """
    needed = np.zeros(len(ends), np.bool_)
    part = np.arange(n_nodes)
    while True:
        sides = part[ends]
        leading = np.flatnonzero(sides[:, 0] != sides[:, 1])
        if not len(leading):
            return needed
        first = np.full(n_nodes, len(ends))
        for side in (0, 1):
            np.minimum.at(first, sides[leading, side], leading)
        parts = np.flatnonzero(first < len(ends))
        needed[first[parts]] = True
        if once:
            return needed
        part = _joined(part, parts, sides[first[parts]])


def _joined(part: AnyArray, parts: AnyArray, sides: AnyArray) -> AnyArray:
    """The part of each node after `parts` were joined with those at the other side of their edges."""
    upper = np.arange(len(part))
    upper[parts] = np.where(sides[:, 0] == parts, sides[:, 1], sides[:, 0])
    mutual = (upper[upper] == np.arange(len(part))) & (np.arange(len(part)) < upper)
    upper[mutual] = np.flatnonzero(mutual)  # of two that chose each other the first is the root; longer rings there are none
    while not np.array_equal(upper, upper[upper]):
        upper = upper[upper]
    joined: AnyArray = upper[part]
    return joined


def _checked_seed(seed: Any) -> list[int]:
    """The numbers of a seed: one, or a list of them."""
    return [whole("seed", number, 0) for number in (seed if isinstance(seed, list | tuple) else [seed])]
