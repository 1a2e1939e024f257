"""What a caller calls a graph in, a Graph that can be learned from out."""

from __future__ import annotations

from typing import Any

from semap.errors import EmptyGraph, SettingsError
from semap.graph.graph import Graph

__all__ = ["checked_graph"]


def checked_graph(given: Any) -> Graph:
    """Return a Graph with an edge. Raises SettingsError for what is no Graph, EmptyGraph for one without an edge."""
    if not isinstance(given, Graph):
        raise SettingsError(f"fit takes a Graph, not {type(given).__name__}; semap.read_graph(...) makes one")
    if not len(given.neighbours):
        raise EmptyGraph(f"the graph has {len(given):,} nodes and no edge; a vector needs at least one edge to learn from")
    return given
