"""Packed tokens, and where sought ones would stand among them by their hash, in, their ids out; the plain twin says how."""

from __future__ import annotations

from typing import Any

from semap.kernels.native.jit import inlined, kernel

__all__ = ["match_tokens"]


@inlined
def _equal(data: Any, begin: Any, end: Any, other: Any, other_begin: Any, other_end: Any) -> Any:
    if end - begin != other_end - other_begin:
        return False
    for place in range(end - begin):
        if data[begin + place] != other[other_begin + place]:
            return False
    return True


@kernel
def match_tokens(
    data: Any, offsets: Any, lookup: Any, hashes: Any, sought: Any, sought_offsets: Any, targets: Any, places: Any, ids: Any
) -> None:
    """Set ids[i] to the first id from lookup[places[i]] on whose token is the sought token i, or to -1."""
    for number in range(len(places)):
        begin, end = sought_offsets[number], sought_offsets[number + 1]
        ids[number] = -1
        place = places[number]
        while place < len(lookup) and hashes[place] == targets[number]:
            token = lookup[place]
            if _equal(data, offsets[token], offsets[token + 1], sought, begin, end):
                ids[number] = token
                break
            place += 1
