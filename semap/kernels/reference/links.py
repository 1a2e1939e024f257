"""The bytes of a usearch graph in, whether following its links stays inside them out, written to be read.

After the vectors and a head of 64 bytes, usearch writes, little-endian: how many nodes N, the links of a node above the
ground M and on it M0, the highest level, and the node to begin at (uint64 each); the level of every node (int16); then the
nodes: a key (uint64), its level (int16), and for each of its levels from the ground up a count (uint32) and M0 or M links
(uint32).
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["links_fit"]


def links_fit(graph: AnyArray, n_nodes: int, n_ids: int, connectivity: int) -> bool:
    """Return whether `graph`, uint8 (N,) from the 40 bytes of its sizes on, holds what it says and all of it leads inside.

    Each key is below n_ids; a link of a level leads to a node that has that level, for only there it has links of its own.
    """
    content = graph.tobytes()
    if len(content) < 40 + 2 * n_nodes:
        return False
    size, upper, ground, highest, entry = np.frombuffer(content[:40], "<u8").tolist()
    levels = np.frombuffer(content[40 : 40 + 2 * n_nodes], "<i2").tolist()
    if (size, upper, ground) != (n_nodes, connectivity, 2 * connectivity) or highest > 32767:
        return False
    if n_nodes and (entry >= n_nodes or levels[entry] < highest):
        return False
    at = 40 + 2 * n_nodes
    for level in levels:
        if level < 0 or level > highest or at + 10 + 4 * (1 + ground) + 4 * level * (1 + upper) > len(content):
            return False
        if int.from_bytes(content[at : at + 8], "little") >= n_ids or content[at + 8 : at + 10] != level.to_bytes(2, "little"):
            return False
        at += 10
        for depth in range(level + 1):
            room = upper if depth else ground
            count, *links = np.frombuffer(content[at : at + 4 * (1 + room)], "<u4").tolist()
            if count > room or any(link >= n_nodes or levels[link] < depth for link in links[:count]):
                return False
            at += 4 * (1 + room)
    return at == len(content)
