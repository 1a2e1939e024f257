"""The bytes of a usearch graph in, whether following its links stays inside them out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.bits import load64
from semap.kernels.native.jit import inlined, kernel

__all__ = ["links_fit"]


@kernel
def links_fit(graph: Any, n_nodes: int, n_ids: int, connectivity: int) -> bool:
    """Return whether `graph`, uint8 (N,) from the 40 bytes of its sizes on, holds what it says and all of it leads inside."""
    if graph.size < 40 + 2 * n_nodes:
        return False
    highest, entry = _number(graph, 24, 8), _number(graph, 32, 8)
    if _number(graph, 0, 8) != n_nodes or _number(graph, 8, 8) != connectivity or _number(graph, 16, 8) != 2 * connectivity:
        return False
    if highest > 32767 or (n_nodes > 0 and (entry >= n_nodes or _number(graph, 40 + 2 * np.int64(entry), 2) < highest)):
        return False
    ground, upper = 4 * (1 + 2 * connectivity), 4 * (1 + connectivity)
    at = 40 + 2 * n_nodes
    for node in range(n_nodes):
        level = np.int64(_number(graph, 40 + 2 * node, 2))  # a negative one is above 32767 here
        if level > np.int64(highest) or at + 10 + ground + level * upper > graph.size:
            return False
        if _number(graph, at, 8) >= n_ids or _number(graph, at + 8, 2) != level:
            return False
        at += 10
        for depth in range(level + 1):
            room = connectivity if depth else 2 * connectivity
            count = np.int64(_number(graph, at, 4))
            if count > room:
                return False
            if depth == 0:  # nearly all links: two at a time, and looked at together
                worst = np.uint64(0)
                for pair in range(count // 2):
                    both = load64(graph, at + 4 + 8 * pair)
                    worst = max(worst, both & np.uint64(0xFFFFFFFF), both >> np.uint64(32))
                if count % 2:
                    worst = max(worst, _number(graph, at + 4 * count, 4))
                if count > 0 and np.int64(worst) >= n_nodes:
                    return False
            else:
                for place in range(1, count + 1):
                    link = np.int64(_number(graph, at + 4 * place, 4))
                    if link >= n_nodes or np.int64(_number(graph, 40 + 2 * link, 2)) < depth:
                        return False
            at += 4 * (1 + room)
    return at == graph.size  # type: ignore[no-any-return]


@inlined
def _number(graph: Any, at: Any, n_bytes: Any) -> Any:
    """A little-endian number at any byte."""
    number = np.uint64(0)
    for place in range(n_bytes):
        number |= np.uint64(graph[at + place]) << np.uint64(8 * place)
    return number
