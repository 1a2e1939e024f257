"""The bytes of a usearch graph and queries in, near rows out, written to be read.

`reference/links.py` says how the nodes are stored. Before them stand how many rows there are and their size in bytes (uint32
each), the rows, and a head of 64 bytes.
Source: Malkov and Yashunin 2018, algorithms 2 (on the ground, with `expansion` candidates) and 5 (which also goes down with one).
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["nearest"]

_GAPS, _COSINES = 1, 2
_DTYPES = {4: np.float32, 2: np.float16, 1: np.int8}


def nearest(
    content: AnyArray,
    offsets: AnyArray,
    size: int,
    measure: int,
    connectivity: int,
    expansion: int,
    queries: AnyArray,
    start: int,
    stop: int,
    found: AnyArray,
    counts: AnyArray,
) -> None:
    """Fill found int64 (B, K) with the keys of near rows, nearest first, and counts int64 (B,), for start .. stop - 1.

    content: uint8 (N,), all of it; links that lead outside are not looked for. offsets: int64 (V,), where each node begins.
    size: bytes of a number, 4 and 2 for floats, 1 for int8. measure: 0 inner products, 1 squared distances, 2 cosines.
    queries: float32 (B, D). Of rows equally far the lower node comes first. The caller has 1 <= K <= expansion, V < 2^31.
    """
    dim = queries.shape[1]
    end = 8 + len(offsets) * dim * size
    rows = content[8:end].view(_DTYPES[size]).reshape(-1, dim)
    highest, entry = content[end + 64 + 24 : end + 64 + 40].view("<u8").tolist()

    def links(node: int, depth: int) -> list[int]:
        """The neighbours of a node on a level."""
        at = offsets[node] + 10 + (4 * (1 + 2 * connectivity) + 4 * (1 + connectivity) * (depth - 1) if depth else 0)
        count = int(content[at : at + 4].view("<u4")[0])
        own: list[int] = content[at + 4 : at + 4 + 4 * count].view("<u4").tolist()
        return own

    for b in range(start, stop):
        far = {node: _distance(rows[node], queries[b], measure) for node in [entry]}

        def distance(node: int, b: int = b, far: dict[int, float] = far) -> tuple[float, int]:
            """What nodes are ordered by."""
            if node not in far:
                far[node] = _distance(rows[node], queries[b], measure)
            return far[node], node

        node = entry
        for depth in range(highest, 0, -1):
            while True:
                nearer = [link for link in links(node, depth) if distance(link)[0] < distance(node)[0]]
                if not nearer:
                    break
                node = min(nearer, key=lambda link: distance(link)[0])
        seen, kept, followed = {node}, [node], set[int]()
        while left := [node for node in kept if node not in followed]:
            followed.add(left[0])
            fresh = [link for link in links(left[0], 0) if link not in seen]
            seen.update(fresh)
            kept = sorted([*kept, *fresh], key=distance)[:expansion]
        counts[b] = min(len(kept), found.shape[1])
        for i in range(counts[b]):
            found[b, i] = content[offsets[kept[i]] :][:8].view("<u8")[0]


def _distance(row: AnyArray, query: AnyArray, measure: int) -> float:
    wide = row.astype(np.float64)
    if measure == _GAPS:
        return float(((wide - query) ** 2).sum())
    total, square = float(wide @ query), float(wide @ wide)
    if measure == _COSINES:
        return -total / square**0.5 if square > 0 else 0.0
    return -total
