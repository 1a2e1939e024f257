"""Words in, one number for each distinct word out: the table that the kernels of `words` fill, and its growth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from semap.arrays import AnyArray, Bytes, Counts64, Offsets, TokenIds
from semap.kernels.native import words
from semap.kernels.reference.words import COUNT, FIRST_BAD, GROUP, N_STATE, N_TYPES, POSITION, SLACK, START, STOP

__all__ = ["Types"]

_ROOM = 1 << 14  # types at first; a slot is never looked for among more than half of the slots
_BYTES_PER_TYPE = 16
_SLOTS_PER_TYPE = 2


class Types:
    """Distinct words by number, in the order in which they were met, with their counts.

    `arena`: uint8, their bytes; `table`: int64 (3, C + 1), rows of START, COUNT and TAIL
    (`kernels/reference/words.py` says what they are); `len()` of the C are in use.
    """

    def __init__(self) -> None:
        self._n_types = 0
        self.slots = np.zeros(2 * _ROOM * _SLOTS_PER_TYPE, np.uint64)
        self.arena: Bytes = np.zeros(_ROOM * _BYTES_PER_TYPE, np.uint8)
        self.table = np.zeros((3, _ROOM + 1), np.int64)

    def __len__(self) -> int:
        return self._n_types

    @property
    def counts(self) -> Counts64:
        """How often each was met: int64 (V,), a view."""
        return self.table[COUNT, : len(self)]

    @property
    def starts(self) -> Offsets:
        """Where each begins in the arena, and where the last ends: int64 (V + 1,), a view."""
        return self.table[START, : len(self) + 1]

    def bytes_of(self, number: int) -> bytes:
        """Return the bytes of one word."""
        return self.arena[self.table[START, number] : self.table[START, number + 1]].tobytes()

    def scan(self, data: Bytes, start: int, stop: int, classes: Bytes, lower: bool, ids: TokenIds, ends: TokenIds) -> AnyArray:
        """Number the words of data[start:stop], as the kernel `scan` says; return its state: int64 (N_STATE,)."""
        state = _state(start, stop, len(self))
        while not words.scan(data, classes, lower, self.slots, self.arena, self.table, ids, ends, state):
            self._grow(int(state[N_TYPES]))
        self._n_types = int(state[N_TYPES])
        return state

    def absorb(self, arena: Bytes, table: AnyArray, n_types: int) -> TokenIds:
        """Add the first `n_types` of other types and their counts; return the number that each has here: int32."""
        numbers = np.empty(n_types, np.int32)
        state = _state(0, n_types, len(self))
        while not words.merge(arena, table, self.slots, self.arena, self.table, numbers, state):
            self._grow(int(state[N_TYPES]))
        self._n_types = int(state[N_TYPES])
        return numbers

    def absorb_words(self, distinct: Sequence[bytes], counts: Counts64 | None = None) -> TokenIds:
        """Add words given as bytes, with their counts or 0 each; return the number that each has here: int32."""
        offsets = np.zeros(len(distinct) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, distinct), np.int64, len(distinct)), out=offsets[1:])
        return self.absorb_packed(np.frombuffer(b"".join(distinct), np.uint8), offsets, counts)

    def absorb_packed(self, data: Bytes, offsets: Offsets, counts: Counts64 | None = None) -> TokenIds:
        """Add words given as data[offsets[i] : offsets[i + 1]], with their counts or 0 each; return their numbers."""
        table = np.zeros((3, len(offsets)), np.int64)
        table[START] = offsets
        if counts is not None:
            table[COUNT, :-1] = counts
        return self.absorb(np.concatenate([data, np.zeros(SLACK, np.uint8)]), table, len(offsets) - 1)

    def _grow(self, n_types: int) -> None:
        """Double what may have been too short for one more group of words."""
        self._n_types = n_types
        if n_types + GROUP < self.table.shape[1]:
            self.arena = np.concatenate([self.arena, np.zeros_like(self.arena)])
            return
        self.table = np.concatenate([self.table, np.zeros_like(self.table)], axis=1)
        self.slots = np.zeros(len(self.slots) * 2, np.uint64)
        words.rebuild(self.slots, self.arena, self.table, n_types)


def _state(start: int, stop: int, n_types: int) -> AnyArray:
    state = np.zeros(N_STATE, np.int64)
    state[POSITION], state[STOP], state[N_TYPES], state[FIRST_BAD] = start, stop, n_types, -1
    return state
