"""Chunks of bytes in, a window of them out that no word and no character sticks out of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from semap.arrays import Bytes
from semap.kernels.native import words
from semap.kernels.reference.words import SLACK
from semap.text.chunks import CHUNK_BYTES, Chunk

__all__ = ["Window"]

_LINE_FEED = 10
_CHARACTER = 4  # bytes of the longest


class Window:
    """Bytes of a stream, moved on by `fill` and emptied up to `stop`: data[:stop] holds whole words, a separator follows.

    `data`: uint8, with SLACK bytes to read after the stop; it grows only for a word that is longer than all of it.
    `bytes_read`: of all chunks so far.
    """

    def __init__(self, chunks: Iterator[Chunk], size: int, classes: Bytes) -> None:
        self.data: Bytes = np.zeros(size + CHUNK_BYTES + SLACK, np.uint8)
        self.stop = self.bytes_read = 0
        self._chunks, self._classes = chunks, classes
        self._size, self._filled = size, 0
        self._places: list[int] = []
        self._origins: list[tuple[str, int]] = []

    def fill(self) -> bool:
        """Drop what lies before the stop, read on, set the next stop; False at the end of the stream."""
        self._drop()
        searched, wanted = 0, self._size
        for chunk in self._chunks:
            self._append(chunk)
            if self._filled < wanted:
                continue
            last = max(self._filled - _CHARACTER, 0)
            self.stop = words.border(self.data, searched, last, self._classes)
            if self.stop > searched:
                return True
            searched, wanted, self.stop = last, self._filled + self._size, 0
        self._make_room(0)
        self.data[self._filled : self._filled + SLACK] = _LINE_FEED
        self.stop = self._filled
        return self._filled > 0

    def pieces(self, size: int) -> list[tuple[int, int]]:
        """Return (start, stop) of parts of about `size` bytes that can be read apart."""
        cuts, at = [0], size
        while at < self.stop:
            before = max(cuts[-1], at - size)
            cut = words.border(self.data, before, at, self._classes)
            if cut > before:
                cuts.append(cut)
            at = max(at, cuts[-1]) + size
        return list(zip(cuts, [*cuts[1:], self.stop], strict=True))

    def origin(self, place: int) -> tuple[str, int]:
        """Return the name of the file, or whatever it was, from which data[place] came, and the byte's place in that."""
        number = bisect_right(self._places, place) - 1
        name, offset = self._origins[number]
        return name, offset + place - self._places[number]

    def _drop(self) -> None:
        left = self._filled - self.stop
        # One move to the left may overlap; NumPy copies as if through a buffer.
        self.data[:left] = self.data[self.stop : self._filled]
        if self._places:
            first = bisect_right(self._places, self.stop) - 1
            self._places = [place - self.stop for place in self._places[first:]]
            self._origins = self._origins[first:]
        self._filled, self.stop = left, 0

    def _append(self, chunk: Chunk) -> None:
        self._make_room(len(chunk.data) + 1)
        if chunk.begins:
            self.data[self._filled] = _LINE_FEED
            self._filled += 1
        self._places.append(self._filled)
        self._origins.append((chunk.name, chunk.offset))
        self.data[self._filled : self._filled + len(chunk.data)] = np.frombuffer(chunk.data, np.uint8)
        self._filled += len(chunk.data)
        self.bytes_read += len(chunk.data)

    def _make_room(self, n_bytes: int) -> None:
        needed = self._filled + n_bytes + SLACK
        if needed > len(self.data):
            grown = np.zeros(max(needed, 2 * len(self.data)), np.uint8)
            grown[: self._filled] = self.data[: self._filled]
            self.data = grown
