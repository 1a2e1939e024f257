"""A stream of bytes in, a provisional number for each of its words out, on several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from semap.arrays import TokenIds
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

_WINDOW = 1 << 23  # a thread takes about 0.06 s for it
_PIECE = 1 << 19
_MAX_THREADS = 8  # reading the bytes is the limit long before; each thread keeps a table of types


@dataclass
class Scanned:
    """What reading found.

    `numbered`: the words by provisional number; `types`: the distinct words; `numbers`: for each owner of provisional
    numbers, the place in `types` of each of them, int32; `replaced`: how many U+FFFD stand for what is not UTF-8;
    `first_bad`: the file and the byte of the first of them; `bytes_read`: unpacked.
    """

    numbered: Numbered
    types: Types
    numbers: list[TokenIds]
    replaced: int = 0
    first_bad: tuple[str, int] | None = None
    bytes_read: int = 0


@dataclass
class _Part:
    """One piece of a window, read by one thread."""

    start: int
    stop: int
    room: slice = field(default_factory=lambda: slice(0, 0))
    owner: int = 0
    n_ids: int = 0
    n_ends: int = 0
    replaced: int = 0
    first_bad: int = -1


def scan_chunks(
    chunks: Iterator[Chunk], splitter: Splitter, threads: int, told: Callable[[int], None],
    *, window_bytes: int = _WINDOW, piece_bytes: int = _PIECE,
) -> Scanned:  # fmt: skip
    """Read all chunks once and number their words; `told` hears the number of bytes read so far.

    Which thread meets a word, and so its provisional number, is left to chance; what is made of the numbers is not.
    Raises BadText for bytes that are not UTF-8 where the splitter's `errors` is "strict".
    """
    threads = min(threads, _MAX_THREADS)
    classes = code_point_classes(splitter.split)
    owners = [Types() for _ in range(threads)]
    scanned = Scanned(Numbered(), owners[0], [])
    window = Window(chunks, window_bytes, classes)
    ids = ends = np.empty(0, np.int32)
    while window.fill():
        parts = [_Part(start, stop) for start, stop in window.pieces(piece_bytes)]
        for number, part in enumerate(parts):  # a word and its separator take 2 bytes; a text's end 1 more at the start
            part.room = slice(part.start // 2 + 2 * number, part.stop // 2 + 2 * number + 2)
        if parts[-1].room.stop > len(ids):
            ids, ends = np.empty(parts[-1].room.stop, np.int32), np.empty(parts[-1].room.stop, np.int32)
        numbers = count()

        def work(thread: int, parts: list[_Part] = parts, numbers: count[int] = numbers) -> None:
            while (number := next(numbers)) < len(parts):
                _scan_part(parts[number], thread, window, owners[thread], splitter, ids, ends)

        crew.run(min(threads, len(parts)), work)
        for part in parts:
            _collect(part, window, scanned, splitter, ids, ends)
        scanned.bytes_read += window.stop
        told(scanned.bytes_read)
    scanned.numbered.end_text()
    scanned.numbers.append(np.arange(len(owners[0]), dtype=np.int32))
    scanned.numbers.extend(owners[0].absorb(other.arena, other.table, len(other)) for other in owners[1:])
    return scanned


def _scan_part(
    part: _Part, thread: int, window: Window, types: Types, splitter: Splitter, ids: TokenIds, ends: TokenIds
) -> None:
    classes = code_point_classes(splitter.split)
    room = part.room
    state = types.scan(window.data, part.start, part.stop, classes, splitter.lowercase, ids[room], ends[room])
    part.owner = thread
    part.n_ids, part.n_ends = int(state[N_IDS]), int(state[N_ENDS])
    part.replaced, part.first_bad = int(state[N_REPLACED]), int(state[FIRST_BAD])


def _collect(
    part: _Part, window: Window, scanned: Scanned, splitter: Splitter, ids: TokenIds, ends: TokenIds
) -> None:
    """Take over what a thread found in one piece; pieces come in the order of the text."""
    if part.replaced:
        name, offset = window.origin(part.first_bad)
        if splitter.errors == "strict":
            raise BadText(f"{name} at byte {offset:,}: not UTF-8, found 0x{window.data[part.first_bad]:02x}; "
                          'convert the file, or give errors="replace" to read it as U+FFFD')
        scanned.first_bad = scanned.first_bad or (name, offset)
        scanned.replaced += part.replaced
    first = part.room.start
    scanned.numbered.add(ids[first : first + part.n_ids], ends[first : first + part.n_ends], part.owner)
