"""What learners read: all complete texts that overlap a range of positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from semap.arrays import Offsets, TokenIds
from semap.vocab.vocab import Vocab

__all__ = ["Blocks", "Span"]


@dataclass(frozen=True)
class Span:
    """Texts that follow one another.

    `ids`: int32; `offsets`: int64 (N + 1,), where each text starts and the last one ends, as positions in the whole corpus;
    `first`: the position of ids[0] in the whole corpus.
    """

    ids: TokenIds
    offsets: Offsets
    first: int


class Blocks(Protocol):
    """A corpus, or a stream of walks that looks like one: `n_tokens` positions an epoch, token ids of `vocab`."""

    @property
    def n_tokens(self) -> int:
        """Positions in an epoch."""
        ...

    @property
    def vocab(self) -> Vocab:
        """The tokens whose ids are read."""
        ...

    def read(self, epoch: int, start: int, stop: int) -> Span:
        """Return at least all complete texts that overlap the positions start .. stop of an epoch."""
        ...

    def fingerprint(self) -> str:
        """Return what no other blocks have; a checkpoint goes on only with the same."""
        ...
