"""Packed tokens, and where sought ones would stand among them by their hash, in, their ids out; twin of `native/finding.py`."""

from __future__ import annotations

from typing import Any

__all__ = ["match_tokens"]


def match_tokens(
    data: Any, offsets: Any, lookup: Any, hashes: Any, sought: Any, sought_offsets: Any, targets: Any, places: Any, ids: Any
) -> None:
    """Set ids[i] to the first id from lookup[places[i]] on whose token is the sought token i, or to -1.

    `lookup`: the ids of tokens sorted by (hash, id), `hashes`: their hashes in that order; `targets`: those of the sought tokens;
    `places`: the first place in `hashes` of each target or of what is above it. A token of another hash ends the search.
    """
    for number, place in enumerate(places):
        content = bytes(sought[sought_offsets[number] : sought_offsets[number + 1]])
        ids[number] = -1
        while place < len(lookup) and hashes[place] == targets[number]:
            token = lookup[place]
            if bytes(data[offsets[token] : offsets[token + 1]]) == content:
                ids[number] = token
                break
            place += 1
