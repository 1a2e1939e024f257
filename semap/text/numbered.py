"""Pieces of a text with a number for each word in, one array of ids and the texts' offsets out.

While text is read, nobody knows yet how often each word will come: words get provisional numbers in the order in which
a thread meets them. They are kept in blocks, which are freed one by one while the final array is filled, so that the
two never stand side by side: 4 bytes a token, and one block more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from semap.arrays import AnyArray, Offsets, TokenIds
from semap.kernels.native import words
from semap.parallel import crew

__all__ = ["Numbered"]

# Blocks of this size come from the system and go back to it at once (the C library keeps smaller ones for itself).
_BLOCK = 1 << 24
_FIRST_BLOCK = 1 << 18
_TOKENS_PER_ROUND = 1 << 24  # renumbering them takes a thread less than 0.1 s


@dataclass
class _Piece:
    ids: TokenIds
    ends: AnyArray
    owner: int


class Numbered:
    """The provisional ids of all pieces added so far, and the place where each text ends.

    `n_tokens`, `n_texts`: how many there are; a text without a token is none.
    """

    def __init__(self) -> None:
        self.n_tokens = self.n_texts = 0
        self._last_end = self._n_kept = 0
        self._pieces: list[_Piece] = []
        self._room: TokenIds = np.empty(0, np.int32)
        self._lock = threading.Lock()

    def keep(self, ids: TokenIds) -> TokenIds:
        """Copy provisional ids, int32, to where `add` can take them from; any thread may call."""
        with self._lock:
            if len(ids) > len(self._room):
                self._room = np.empty(max(len(ids), min(max(self._n_kept, _FIRST_BLOCK), _BLOCK)), np.int32)
            kept, self._room = self._room[: len(ids)], self._room[len(ids) :]
            self._n_kept += len(ids)
        kept[:] = ids
        return kept

    def add(self, kept: TokenIds, ends: AnyArray, owner: int) -> None:
        """Add the next piece: ids from `keep`, the number of them before each text's end (rising), whose numbers they are."""
        if len(ends) and self.n_tokens + ends[0] == self._last_end:
            ends = ends[1:]
        if len(ends):
            self._last_end = self.n_tokens + int(ends[-1])
        self.n_tokens += len(kept)
        self.n_texts += len(ends)
        self._pieces.append(_Piece(kept, ends, owner))

    def end_text(self) -> None:
        """End the text that the last piece left open."""
        if self.n_tokens > self._last_end:
            self.add(np.empty(0, np.int32), np.zeros(1, np.int32), 0)

    def finish(self, new_ids: Sequence[TokenIds], threads: int) -> tuple[TokenIds, Offsets]:
        """Return the final ids int32 (T,) and offsets int64 (N + 1,); the provisional ones are gone then.

        new_ids: for each owner the id of each of its numbers, below 0 for a word to leave out. Texts that lose all
        their words are left out too.
        """
        pieces, self._pieces, self._room = self._pieces, [], np.empty(0, np.int32)
        rounds = _rounds(pieces)

        def renumber(number: int) -> None:
            """Give one piece its final ids, in place; what is left out makes it shorter."""
            piece = pieces[number]
            piece.ids = piece.ids[: words.compact(piece.ids, piece.ends, new_ids[piece.owner])]

        for these in rounds:
            _each(these, threads, renumber)
        starts = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(piece.ids) for piece in pieces], out=starts[1:])
        ends = [piece.ends + start for piece, start in zip(pieces, starts, strict=False)]
        offsets = np.concatenate([np.zeros(1, np.int64), *ends])
        ids = np.empty(starts[-1], np.int32)

        def move(number: int) -> None:
            """Copy one piece to its place in the whole."""
            ids[starts[number] : starts[number + 1]] = pieces[number].ids
            pieces[number].ids = ids[:0]  # frees its block with the last piece in it

        for these in rounds:
            _each(these, threads, move)
        return ids, offsets[np.concatenate([[True], offsets[1:] > offsets[:-1]])]


def _rounds(pieces: list[_Piece]) -> list[range]:
    """Consecutive pieces that take a thread a moment."""
    rounds, first, n_tokens = [], 0, 0
    for number, piece in enumerate(pieces):
        n_tokens += len(piece.ids)
        if n_tokens >= _TOKENS_PER_ROUND:
            rounds.append(range(first, number + 1))
            first, n_tokens = number + 1, 0
    return [*rounds, range(first, len(pieces))]


def _each(numbers: range, threads: int, work: Callable[[int], None]) -> None:
    """Call `work` for each number, on several threads."""
    places = count()

    def some(thread: int) -> None:
        """Take the next number as long as there is one."""
        while (place := next(places)) < len(numbers):
            work(numbers[place])

    crew.run(min(threads, len(numbers)), some)
