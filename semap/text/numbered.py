"""Pieces of a text with a number for each word in, one array of ids and the texts' offsets out, in place of 4 bytes a token.

While text is read, nobody knows yet how often each word will come: words get provisional numbers in the order in which
a thread meets them. They are kept in blocks that are freed one by one while the final array is filled, so that the two
never stand side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from semap.arrays import AnyArray, Offsets, TokenIds
from semap.kernels.native import words
from semap.parallel import crew

__all__ = ["Numbered"]

# Blocks of this size come from the system and go back to it at once (the C library keeps smaller ones for itself).
_BLOCK = 1 << 24
_TOKENS_PER_ROUND = 1 << 25  # renumbering them takes a thread about 0.1 s


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
        self._last_end = 0
        self._blocks: list[list[_Piece]] = []
        self._room: TokenIds = np.empty(0, np.int32)

    def add(self, ids: TokenIds, ends: AnyArray, owner: int) -> None:
        """Add the next piece: ids int32, the number of them before each text's end (rising), and whose numbers they are."""
        if len(ends) and self.n_tokens + ends[0] == self._last_end:
            ends = ends[1:]
        if len(ends):
            self._last_end = self.n_tokens + int(ends[-1])
        if len(ids) > len(self._room):
            self._room = np.empty(max(len(ids), min(self.n_tokens, _BLOCK)), np.int32)
            self._blocks.append([])
        kept, self._room = self._room[: len(ids)], self._room[len(ids) :]
        kept[:] = ids
        self.n_tokens += len(ids)
        self.n_texts += len(ends)
        if len(ids) or len(ends):
            self._blocks[-1].append(_Piece(kept, ends.copy(), owner))

    def end_text(self) -> None:
        """End the text that the last piece left open."""
        if self.n_tokens > self._last_end:
            self.add(np.empty(0, np.int32), np.zeros(1, np.int32), 0)

    def finish(self, new_ids: Sequence[TokenIds], threads: int) -> tuple[TokenIds, Offsets]:
        """Return the final ids int32 (T,) and offsets int64 (N + 1,); the provisional ones are gone then.

        new_ids: for each owner the id of each of its numbers, below 0 for a word to leave out. Texts that lose all
        their words are left out too.
        """
        self._room = np.empty(0, np.int32)
        self._renumber(new_ids, threads)
        blocks, self._blocks = self._blocks, []
        n_tokens = sum(len(piece.ids) for block in blocks for piece in block)
        ids = np.empty(n_tokens, np.int32)
        ends, at = [np.zeros(1, np.int64)], 0
        for block in blocks:
            for piece in block:
                ids[at : at + len(piece.ids)] = piece.ids
                ends.append(piece.ends + np.int64(at))
                at += len(piece.ids)
            block.clear()
        offsets = np.concatenate(ends)
        return ids, offsets[np.concatenate([[True], offsets[1:] > offsets[:-1]])]

    def _renumber(self, new_ids: Sequence[TokenIds], threads: int) -> None:
        """Put the final ids in the place of the provisional ones, piece by piece."""
        pieces = [piece for block in self._blocks for piece in block]
        per_round = max(1, _TOKENS_PER_ROUND * threads * len(pieces) // max(self.n_tokens, 1))
        for first in range(0, len(pieces), per_round):
            these, numbers = pieces[first : first + per_round], count()

            def work(thread: int, these: list[_Piece] = these, numbers: count[int] = numbers) -> None:
                while (number := next(numbers)) < len(these):
                    piece = these[number]
                    piece.ids = piece.ids[: words.compact(piece.ids, piece.ends, new_ids[piece.owner])]

            crew.run(min(threads, len(these)), work)
