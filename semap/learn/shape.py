"""The size of the data in, the shape of the rounds out: how many lanes, how large a block, how many noise words."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Auto", "Shape", "choose_shape"]

Auto = Literal["auto"]

_LANES = 8
_BLOCK = 512
_SMALLEST_BLOCK = 16
_ROUNDS = 500  # rounds an epoch, at least, where the corpus is long enough


class Shape(NamedTuple):
    """What a round is made of; part of the model, like a batch size."""

    lanes: int  # blocks in a round, all started from the same matrices
    block: int  # corpus positions in a block
    pool: int  # noise words drawn for a block


def choose_shape(n_tokens: int, n_words: int, lanes: int | Auto, block: int | Auto, pool: int | Auto) -> Shape:
    """Return the shape for a corpus of T tokens and V words; only "auto" numbers are chosen, never from threads or time.

    Long corpora get 8 lanes of 512. Short ones get smaller rounds, first fewer lanes, then shorter blocks, so that an epoch
    has at least 500 rounds: a row that every block touches must not wait for its neighbours' changes all epoch long.
    Few words have the same trouble: a round is kept below about as many positions as there are words.
    """
    budget = max(1, min(n_tokens // _ROUNDS, 4 * n_words))  # positions in a round
    size = min(_BLOCK, max(_SMALLEST_BLOCK, budget)) if block == "auto" else block
    count = max(1, min(_LANES, budget // size)) if lanes == "auto" else lanes
    noise = max(16, size // 2) if pool == "auto" else pool
    return Shape(count, size, noise)
