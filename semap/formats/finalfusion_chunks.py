"""The bytes of a finalfusion file in, where each of its chunks lies out (FORMAT.md and src/chunks/io.rs of finalfusion-rust).

    "FiFu", u32 version 0, u32 number of chunks, u32 the kind of each; then each chunk: u32 kind, u64 number of bytes, the bytes
Numbers are little-endian. Before an array of float32 stand 1 to 4 zero bytes, after which the file's place is a multiple of 4
(4 bytes where it is one already: `padding` in src/util.rs, which readers count on).
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from semap.arrays import AnyArray, Bytes
from semap.errors import BadFile
from semap.formats.cursor import Cursor
from semap.formats.foreign import as_bytes

__all__ = [
    "FLOAT32",
    "KINDS",
    "MAGIC",
    "STORAGES",
    "UINT8",
    "VOCABULARIES",
    "Chunk",
    "Chunks",
    "floats",
    "padding",
    "read_chunks",
]

MAGIC = b"FiFu"
KINDS = {
    1: "SimpleVocab", 2: "NdArray", 3: "BucketSubwordVocab", 4: "QuantizedArray", 5: "Metadata", 6: "NdNorms",
    7: "FastTextSubwordVocab", 8: "ExplicitSubwordVocab", 9: "FloretSubwordVocab",
}  # fmt: skip
VOCABULARIES, STORAGES = (1, 3, 7, 8, 9), (2, 4)
_EXPLICIT = 8
FLOAT32, UINT8 = 10, 1  # finalfusion's numbers of types


def padding(place: int) -> int:
    """Return how many zero bytes stand between `place` and the float32 numbers that follow."""
    return 4 - place % 4


@dataclass(frozen=True)
class Chunk:
    """A chunk of a kind (of KINDS), whose bytes are `begin` .. `end`."""

    kind: int
    begin: int
    end: int


class Chunks:
    """The chunks of the file at `path`; `cells` are its bytes."""

    def __init__(self, path: str | PathLike[str], cells: Bytes, found: list[Chunk]) -> None:
        self.path, self.cells, self._found = path, cells, found

    def one_of(self, kinds: tuple[int, ...]) -> Chunk:
        """Return the only chunk of some kinds. Raises BadFile where there is none or several."""
        here = [chunk for chunk in self._found if chunk.kind in kinds]
        if len(here) != 1:
            wanted = " or ".join(KINDS[kind] for kind in kinds)
            raise BadFile(self.path, f"expected one chunk {wanted}, found {len(here)}")
        return here[0]

    def cursor(self, kind: int) -> Cursor | None:
        """Return the beginning of the chunk of a kind, or None where there is none. Raises BadFile where there are several."""
        here = [chunk for chunk in self._found if chunk.kind == kind]
        return self.at(self.one_of((kind,))) if here else None

    def at(self, chunk: Chunk) -> Cursor:
        """Return the beginning of a chunk; nothing beyond its end can be read from it."""
        return Cursor(self.path, self.cells[: chunk.end], chunk.begin)


def read_chunks(path: str | PathLike[str], content: Any) -> Chunks:
    """Return the chunks of a mapped file, none of them read. Raises BadFile."""
    cells = as_bytes(content)
    cursor = Cursor(path, cells)
    magic, version, n_chunks = cursor.take("4s I I", "the header")
    if magic != MAGIC:
        raise BadFile(path, f"expected {MAGIC!r}, found {magic!r}", offset=0)
    if version != 0:
        raise BadFile(path, f"version {version:,} of the finalfusion format; known is 0", offset=4)
    kinds = cursor.array("<u4", n_chunks, f"the kinds of {n_chunks:,} chunks").tolist()
    found = []
    for number, expected in enumerate(kinds):
        place = cursor.at
        kind, size = cursor.take("I Q", f"the head of chunk {number + 1}")
        if kind != expected or kind not in KINDS:
            known = KINDS.get(expected, "unknown")
            raise BadFile(path, f"chunk {number + 1} should be of kind {expected} ({known}), found {kind}", offset=place)
        if kind == _EXPLICIT:
            size = _explicit_size(cursor, size, kinds[number + 1] if number + 1 < n_chunks else None)
        cursor.room(size, f"the {size:,} bytes of chunk {number + 1} ({KINDS[kind]})")
        found.append(Chunk(kind, cursor.at, cursor.at + size))
        cursor.at += size
    cursor.finish("the last chunk")
    return Chunks(path, cells, found)


def _explicit_size(cursor: Cursor, size: int, following: int | None) -> int:
    """The size of an ExplicitSubwordVocab: finalfusion's Python package (0.7.1) forgets the 8 bytes of each n-gram's row."""
    begin = cursor.at
    if size < 16 or begin + 16 > len(cursor.cells):
        return size
    whole = size + 8 * int.from_bytes(cursor.cells[begin + 8 : begin + 16].tobytes(), "little")

    def ends_at(end: int) -> bool:
        """Whether the file goes on after `end` as it should."""
        if following is None:
            return end == len(cursor.cells)
        return cursor.cells[end : end + 4].tobytes() == following.to_bytes(4, "little")

    return whole if not ends_at(begin + size) and ends_at(begin + whole) else size


def floats(cursor: Cursor, n_numbers: int, what: str) -> AnyArray:
    """Return float32 numbers as they lie in the file, behind their padding."""
    cursor.array("u1", padding(cursor.at), f"the padding before {what}")
    return cursor.array("<f4", n_numbers, what)
