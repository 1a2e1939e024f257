"""The ends of edges in, nodes with their sorted neighbours out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatVector, Offsets, TokenIds
from semap.errors import EmptyGraph, SettingsError, ShapeError
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["Graph"]


class Graph:
    """Nodes and their neighbours; immutable.

    vocab: the ids of the nodes as text, each with its degree (the ends of edges at it, a self loop once; of a directed graph
    the edges that leave and those that arrive), by falling degree, ties in byte order. A node's number is its place there.
    indptr: int64 (V + 1,); neighbours: int32 (E,), those of node i are neighbours[indptr[i]:indptr[i + 1]], ascending; an
    undirected edge stands at both of its ends, a self loop once. weights: float32 (E,), above 0, or None where all are 1.
    facts: what was counted while reading.
    """

    def __init__(
        self, vocab: Vocab, indptr: Offsets, neighbours: TokenIds, weights: FloatVector | None, *, directed: bool,
        facts: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.vocab = vocab
        self.indptr: Offsets = _read_only(indptr, np.int64)
        self.neighbours: TokenIds = _read_only(neighbours, np.int32)
        self.weights: FloatVector | None = None if weights is None else _read_only(weights, np.float32)
        self.directed = directed
        self.facts = dict(facts or {})

    @classmethod
    def of_edges(
        cls, tokens: Iterable[str], sources: AnyArray, targets: AnyArray, weights: AnyArray | None = None, *,
        directed: bool = False, facts: Mapping[str, Any] | None = None,
    ) -> Graph:  # fmt: skip
        """Return the graph of edges.

        tokens: V ids of nodes, in any order; sources, targets: whole numbers (E,), places in `tokens`; weights: (E,) or None.
        An edge given more than once is one edge; its weights are summed. An edge of weight 0 is none. Both are counted in
        `facts`; an undirected edge without a weight may be given once each way.
        Raises EmptyGraph (no node, or no edge), SettingsError (tokens that are no list, a weight that is below 0 or not finite),
        ShapeError (ends that are no places in `tokens`, weights that do not fit).
        """
        if isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
            raise SettingsError(f"tokens are {type(tokens).__name__}; give a list of the ids of the nodes, as text")
        packed = Tokens.pack(tokens)
        ends = _checked_ends(sources, targets, len(packed))
        values = None if weights is None else _checked_weights(weights, len(ends[0]))
        told = dict(facts or {})
        if values is not None:
            kept = values > 0
            told["zero_weights"] = int(len(kept) - kept.sum())
            ends, values = (ends[0][kept], ends[1][kept]), values[kept]
        if not len(ends[0]):
            raise EmptyGraph(f"the graph has {len(packed):,} nodes and no edge; a vector needs at least one edge to learn from")
        n_given = len(ends[0]) if values is not None else len(_merged(ends, None, len(packed))[0])
        told["duplicate_edges"] = len(ends[0]) - n_given
        if not directed:
            ends = np.minimum(*ends), np.maximum(*ends)
        keys, values = _merged(ends, values, len(packed))
        if values is not None:
            told["duplicate_edges"] = n_given - len(keys)
        return cls._of_unique(packed, np.divmod(keys, len(packed)), values, directed, told)

    @classmethod
    def _of_unique(
        cls, tokens: Tokens, ends: tuple[AnyArray, AnyArray], values: AnyArray | None, directed: bool, facts: dict[str, Any]
    ) -> Graph:
        n_nodes = len(tokens)
        loops = ends[0] == ends[1]
        degrees = np.bincount(ends[0], minlength=n_nodes) + np.bincount(ends[1][~loops], minlength=n_nodes)
        facts |= {"self_loops": int(loops.sum()), "isolated_nodes": int((degrees == 0).sum()), "edges": len(loops)}
        order = _by_degree(tokens, degrees)
        numbers = np.empty(n_nodes, np.int64)
        numbers[order] = np.arange(n_nodes)
        rows, columns = numbers[ends[0]], numbers[ends[1]]
        if not directed:
            rows, columns = np.concatenate([rows, columns[~loops]]), np.concatenate([columns, rows[~loops]])
            values = None if values is None else np.concatenate([values, values[~loops]])
        places = np.argsort(rows * n_nodes + columns, kind="stable")
        indptr = np.zeros(n_nodes + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=n_nodes), out=indptr[1:])
        vocab = Vocab.of_unique(Tokens.pack_bytes([tokens.bytes_of(int(node)) for node in order]), degrees[order])
        weights = None if values is None else values[places].astype(np.float32)
        return cls(vocab, indptr, columns[places].astype(np.int32), weights, directed=directed, facts=facts)

    @property
    def n_edges(self) -> int:
        """Edges, an undirected one counted once."""
        if self.directed:
            return len(self.neighbours)
        return (len(self.neighbours) + int((self.rows() == self.neighbours).sum())) // 2

    def rows(self) -> TokenIds:
        """Return the node at which each entry of `neighbours` stands, int32 (E,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.indptr))

    def __len__(self) -> int:
        return len(self.vocab)

    def __repr__(self) -> str:
        kind = "directed" if self.directed else "undirected"
        return f"Graph({len(self):,} nodes, {self.n_edges:,} edges, {kind}{'' if self.weights is None else ', weights'})"

    def neighbours_of(self, token: str) -> list[str]:
        """Return the ids of a node's neighbours. Raises UnknownToken."""
        node = self.vocab.id(token)
        return [self.vocab.tokens[int(each)] for each in self.neighbours[self.indptr[node] : self.indptr[node + 1]]]

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that another graph does not have."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(b"directed" if self.directed else b"undirected")
        weights = () if self.weights is None else (self.weights,)
        for array in (self.indptr, self.neighbours, *weights, self.vocab.tokens.offsets, self.vocab.tokens.data):
            digest.update(len(array).to_bytes(8, "little"))
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]


def _checked_ends(sources: AnyArray, targets: AnyArray, n_nodes: int) -> tuple[AnyArray, AnyArray]:
    first, second = np.asarray(sources), np.asarray(targets)
    for name, ends in (("sources", first), ("targets", second)):
        if ends.dtype.kind not in "iu" and ends.size:
            raise ShapeError(f"{name} are {ends.dtype}; give whole numbers, places in tokens")
    first, second = first.astype(np.int64), second.astype(np.int64)
    if first.shape != second.shape or first.ndim != 1:
        raise ShapeError(f"edges have {first.shape} sources and {second.shape} targets; give two lists of one length")
    if not n_nodes:
        raise EmptyGraph("the graph has no node; give at least one edge")
    if n_nodes >= 2**31:
        raise ShapeError(f"the graph has {n_nodes:,} nodes; at most {2**31 - 1:,} have a number")
    for ends in (first, second):
        if len(ends) and not 0 <= ends.min() <= ends.max() < n_nodes:
            raise ShapeError(f"edges name nodes {ends.min():,} to {ends.max():,}; there are {n_nodes:,}, from 0")
    return first, second


def _checked_weights(weights: AnyArray, n_edges: int) -> AnyArray:
    try:
        values = np.asarray(weights, np.float64)
    except (TypeError, ValueError) as failure:
        raise ShapeError(f"weights must be numbers, one an edge: {failure}") from None
    if values.shape != (n_edges,):
        raise ShapeError(f"there are {n_edges:,} edges and weights of the shape {values.shape}; give one weight an edge")
    wrong = np.flatnonzero(~((values >= 0) & (values < np.finfo(np.float32).max)))
    if len(wrong):
        raise SettingsError(
            f"edge {int(wrong[0]) + 1:,} has the weight {values[wrong[0]]:g}, {len(wrong):,} of {n_edges:,} are below 0 or not "
            "finite; a weight says how likely a step is: shift or leave out such edges"
        )
    return values


def _merged(ends: tuple[AnyArray, AnyArray], values: AnyArray | None, n_nodes: int) -> tuple[AnyArray, AnyArray | None]:
    """Each edge once, as source * V + target, ascending, and the sums of the weights."""
    keys = ends[0] * n_nodes + ends[1]
    if values is None:
        return np.unique(keys), None
    unique, places = np.unique(keys, return_inverse=True)
    return unique, np.bincount(places, weights=values, minlength=len(unique))


def _by_degree(tokens: Tokens, degrees: AnyArray) -> AnyArray:
    """The nodes by falling degree, ties in byte order."""
    names = np.array([tokens.bytes_of(node) for node in range(len(tokens))], object)
    in_byte_order = np.argsort(names, kind="stable")
    order: AnyArray = in_byte_order[np.argsort(-degrees[in_byte_order], kind="stable")]
    return order


def _read_only(array: Any, dtype: Any) -> Any:
    view = np.require(array, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view
