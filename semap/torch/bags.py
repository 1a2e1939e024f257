"""Lists of ids in, one flat array and its borders out, of which any selection is taken at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from semap.arrays import AnyArray, Offsets

__all__ = ["Bags"]


@dataclass(frozen=True)
class Bags:
    """N bags of ids: bag n is ids[offsets[n] : offsets[n + 1]]. `ids`: int64 (n_ids,); `offsets`: int64 (N + 1,)."""

    ids: AnyArray
    offsets: Offsets

    @classmethod
    def of_lists(cls, lists: Sequence[Sequence[int]]) -> Bags:
        """Return lists of ids as bags."""
        offsets = np.zeros(len(lists) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, lists), np.int64, len(lists)), out=offsets[1:])
        return cls(np.fromiter(chain.from_iterable(lists), np.int64, int(offsets[-1])), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Offsets:
        """How many ids each has, int64 (N,)."""
        return np.diff(self.offsets)

    def take(self, places: AnyArray) -> Bags:
        """Return the bags of these places, in this order."""
        lengths = self.lengths[places]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        inside = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return Bags(self.ids[np.repeat(self.offsets[places], lengths) + inside], offsets)

    def thinned(self, share: float, rng: np.random.Generator) -> Bags:
        """Return the bags with this share of their ids left out at random."""
        if not share:
            return self
        kept = rng.random(len(self.ids)) >= share
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets].astype(np.int64)
        return Bags(self.ids[kept], offsets)

    def cut(self, longest: int) -> tuple[Bags, int]:
        """Return the bags with at most `longest` ids each, the first ones, and how many bags were cut."""
        n_cut = int(np.count_nonzero(self.lengths > longest))
        if not n_cut:
            return self, 0
        inside = np.arange(len(self.ids)) - np.repeat(self.offsets[:-1], self.lengths)
        offsets = np.concatenate([[0], np.cumsum(np.minimum(self.lengths, longest))]).astype(np.int64)
        return Bags(self.ids[inside < longest], offsets), n_cut
