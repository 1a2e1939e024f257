"""Texts in, a number for each piece between their blanks out; texts that must not be cut are named apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from semap.arrays import Bytes, Flags, Offsets, TokenIds
from semap.kernels.native.pieces import lay_out
from semap.kernels.reference.pieces import EMPTY, SPACE_WITHIN, TAB_WITHIN
from semap.kernels.reference.words import N_IDS, SLACK
from semap.text.letters import BEGINS, N_CODE_POINTS, SEPARATES, code_point_classes
from semap.text.types import Types
from semap.tokenize.cutting import Cutting

__all__ = ["Cut", "Joined", "Pieces"]

_PIECES_AT_ONCE = 500
_WITHIN = bytes.maketrans(bytes([SPACE_WITHIN, *range(TAB_WITHIN, TAB_WITHIN + 5)]), b" \t\n\x0b\x0c\r")


class Cut(NamedTuple):
    """The pieces of a batch: text b has numbers[offsets[b] : offsets[b + 1]], int32, and none where whole[b]."""

    numbers: TokenIds
    offsets: Offsets
    whole: Flags


class Joined(NamedTuple):
    """Several pieces as one text; the piece of the number at places[i] ends before the character ends[i]."""

    places: list[int]
    text: str
    ends: list[int]


class Pieces:
    """All different pieces met so far, numbered in the order in which they came.

    cutting: any but NEVER. added: what must not be cut through, as UTF-8.
    """

    def __init__(self, cutting: Cutting, added: Sequence[bytes]) -> None:
        self.types = Types()
        self._cutting, self._added = cutting, added if cutting is Cutting.PUNCTUATION else ()

    def __len__(self) -> int:
        return len(self.types)

    def cut(self, texts: Sequence[bytes]) -> Cut:
        """Cut texts, given as UTF-8, and number their pieces.

        A piece that stands behind a space which belongs to it has twice its number + 1, any other twice its number.
        """
        given = texts
        joined = b" ".join([*texts, b""])
        special = [token for token in self._added if token in joined]
        if special:
            texts = [b"" if any(token in text for token in special) else text for text in texts]
            joined = b" ".join([*texts, b""])
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(lengths + 1, out=starts[1:])
        data = np.frombuffer(joined, np.uint8)
        laid = np.empty(2 * len(data) + SLACK + 1, np.uint8)
        counts, whole = np.empty(len(texts), np.int64), np.empty(len(texts), np.bool_)
        stop = lay_out(data, starts, self._cutting.value, code_point_classes("whitespace"), laid, counts, whole)
        laid[stop : stop + SLACK + 1] = ord(" ")
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        numbers = np.empty(stop // 2 + 2, np.int32)
        state = self.types.scan(laid, 0, stop, _classes(), False, numbers, np.empty(1, np.int32))
        assert state[N_IDS] == offsets[-1]
        numbers = numbers[: offsets[-1]] << 1
        if self._cutting is Cutting.SPACES:
            numbers |= 1
            numbers[offsets[:-1][counts > 0]] ^= 1
        if special:
            whole |= lengths < np.fromiter(map(len, given), np.int64, len(given))
        return Cut(numbers, offsets, whole)

    def text_of(self, number: int) -> str:
        """Return the piece of a number of `cut`, with its space if it has one."""
        content = self.types.bytes_of(number >> 1)
        if self._cutting is Cutting.SPACES:
            content = content.translate(_WITHIN, bytes([EMPTY]))
        return " " * (number & 1) + content.decode()

    def joined(self, numbers: Sequence[int]) -> Iterator[Joined]:
        """Join pieces to few texts, so that the library splits each text into just its pieces."""
        texts = [self.text_of(number) for number in numbers]
        spaces = self._cutting is Cutting.SPACES
        # Not behind another piece: one that has no space before it. Not before another one: one with a blank at its end.
        apart = [spaces and (not number & 1 or text[-1].isspace()) for number, text in zip(numbers, texts, strict=True)]
        groups = [[place] for place in range(len(texts)) if apart[place]]
        rest = [place for place in range(len(texts)) if not apart[place]]
        groups += [rest[first : first + _PIECES_AT_ONCE] for first in range(0, len(rest), _PIECES_AT_ONCE)]
        blank = "" if spaces else " "
        for group in groups:
            ends = list(accumulate(len(texts[place]) + len(blank) for place in group))
            yield Joined(group, blank.join([texts[place] for place in group]), ends)


@cache
def _classes() -> Bytes:
    """Everything belongs to a piece but the four blanks that all tokenizers take for one."""
    classes = np.full(N_CODE_POINTS, BEGINS, np.uint8)
    classes[[ord(blank) for blank in " \t\n\r"]] = SEPARATES
    classes.flags.writeable = False
    return classes
