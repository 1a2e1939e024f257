"""A stream of bytes in, a provisional number for each of its words out, on several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from semap.arrays import AnyArray, TokenIds
from semap.errors import BadText
from semap.kernels.reference.words import FIRST_BAD, N_ENDS, N_IDS, N_REPLACED
from semap.parallel import crew
from semap.text.chunks import Chunk
from semap.text.letters import code_point_classes
from semap.text.numbered import Numbered
from semap.text.splitter import Splitter
from semap.text.types import Types
from semap.text.window import Window

__all__ = ["Scanned", "scan_chunks"]

_WINDOW = 1 << 23  # a thread takes about 0.05 s for it
_PIECE = 1 << 19
_MAX_THREADS = 8  # reading the bytes is the limit long before; each thread keeps a table of types


@dataclass
class Scanned:
    """What reading found.

    `numbered`: the words by provisional number; `types`: the distinct words; `numbers`: for each owner of provisional
    numbers, the place in `types` of each of them, int32; `replaced`: how many U+FFFD stand for what is not UTF-8;
    `first_bad`: the file and the byte of the first of them; `bytes_read`: unpacked; `files`: how many were read.
    """

    numbered: Numbered
    types: Types
    numbers: list[TokenIds]
    replaced: int = 0
    first_bad: tuple[str, int] | None = None
    bytes_read: int = 0
    files: int = 0


@dataclass
class _Piece:
    """What a thread found in one piece of a window."""

    ids: TokenIds
    ends: AnyArray
    owner: int
    replaced: int
    first_bad: int


def scan_chunks(
    chunks: Iterator[Chunk], splitter: Splitter, threads: int, told: Callable[[int], None],
    *, window_bytes: int = _WINDOW, piece_bytes: int = _PIECE,
) -> Scanned:  # fmt: skip
    """Read all chunks once and number their words; `told` hears the number of bytes read so far.

    Which thread meets a word, and so its provisional number, is left to chance; what is made of the numbers is not.
    Raises BadText for bytes that are not UTF-8 where the splitter's `errors` is "strict".
    """
    window = Window(chunks, window_bytes, code_point_classes(splitter.split))
    numbered = Numbered()
    readers = [_Reader(number, splitter, numbered) for number in range(min(threads, _MAX_THREADS))]
    types = readers[0].types
    scanned = Scanned(numbered, types, [])
    while window.fill():
        for piece in _read(window, window.pieces(piece_bytes), readers):
            _collect(piece, window, scanned, splitter)
        scanned.bytes_read = window.bytes_read
        told(window.bytes_read)
    numbered.end_text()
    scanned.numbers.append(np.arange(len(types), dtype=np.int32))
    scanned.numbers.extend(types.absorb(other.types.arena, other.types.table, len(other.types)) for other in readers[1:])
    return scanned


class _Reader:
    """What one thread needs to read pieces: its own table of types, and room for the words of one piece."""

    def __init__(self, owner: int, splitter: Splitter, numbered: Numbered) -> None:
        self.types = Types()
        self._owner, self._splitter, self._numbered = owner, splitter, numbered
        self._classes = code_point_classes(splitter.split)
        self._ids: TokenIds = np.empty(0, np.int32)
        self._ends: TokenIds = np.empty(0, np.int32)

    def read(self, window: Window, start: int, stop: int) -> _Piece:
        """Number the words of one piece of a window."""
        room = (stop - start) // 2 + 2  # a word and its separator take 2 bytes; one end may come before the first word
        if room > len(self._ids):
            self._ids, self._ends = np.empty(room, np.int32), np.empty(room, np.int32)
        state = self.types.scan(window.data, start, stop, self._classes, self._splitter.lowercase, self._ids, self._ends)
        ids, ends = self._ids[: state[N_IDS]], self._ends[: state[N_ENDS]]
        return _Piece(self._numbered.keep(ids), ends.copy(), self._owner, int(state[N_REPLACED]), int(state[FIRST_BAD]))


def _read(window: Window, bounds: list[tuple[int, int]], readers: list[_Reader]) -> list[_Piece]:
    """What the readers find in the pieces of a window; who is free takes the next one."""
    found: dict[int, _Piece] = {}
    places = count()

    def work(thread: int) -> None:
        """Read one piece after another with the reader of this thread."""
        while (place := next(places)) < len(bounds):
            found[place] = readers[thread].read(window, *bounds[place])

    crew.run(min(len(readers), len(bounds)), work)
    return [found[place] for place in range(len(bounds))]


def _collect(piece: _Piece, window: Window, scanned: Scanned, splitter: Splitter) -> None:
    """Take over what a thread found; pieces come in the order of the text."""
    if piece.replaced:
        name, offset = window.origin(piece.first_bad)
        if splitter.errors == "strict":
            raise BadText(
                f"{name} at byte {offset:,}: not UTF-8, found 0x{window.data[piece.first_bad]:02x}; convert the text, or "
                'give errors="replace" to read it as U+FFFD'
            )
        scanned.first_bad = scanned.first_bad or (name, offset)
        scanned.replaced += piece.replaced
    scanned.numbered.add(piece.ids, piece.ends, piece.owner)
