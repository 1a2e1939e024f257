"""A chunk: bytes of a text, and where they come from."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CHUNK_BYTES", "Chunk"]

CHUNK_BYTES = 1 << 21


class Chunk(NamedTuple):
    """`data` stands at the byte `offset` of what `name` says (unpacked); a chunk that `begins` begins a new text."""

    data: bytes
    name: str
    offset: int
    begins: bool
