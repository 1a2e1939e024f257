"""The size of the data in, the shape of the rounds out: how many lanes, how large a block, how many noise words."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["LARGEST_POOL", "Auto", "Shape", "choose_shape"]

Auto = Literal["auto"]

_LANES = 4
_SMALLEST_BLOCK = 16
LARGEST_POOL = 256  # noise words; half of it cost rare words .01 of their score
_ROUNDS = 500  # rounds an epoch, at least, where the corpus is long enough
_MANY_LANES = 4 * 1024  # positions in a round of a given number of lanes: what each waits for the changes of all the others


class Shape(NamedTuple):
    """What a round is made of; part of the model, like a batch size."""

    lanes: int  # blocks in a round, all started from the same matrices
    block: int  # corpus positions in a block
    pool: int  # noise words drawn for a block


def choose_shape(
    n_tokens: int, n_words: int, longest_block: int, lanes: int | Auto, block: int | Auto, pool: int | Auto,
    largest_pool: int = LARGEST_POOL,
) -> Shape:  # fmt: skip
    """Return the shape for T tokens and V words; only "auto" numbers are chosen, never from threads or time.

    Long corpora get 4 lanes of `longest_block` positions: a longer block copies fewer rows a word, a shorter one stays in a
    core's own cache. Short corpora get smaller rounds, first fewer lanes, then shorter blocks, so that an epoch has at least 500
    rounds; few words get rounds of at most four times as many positions: a row that every block touches must not wait long for
    the others' changes. Many lanes get shorter blocks for the same reason.
    """
    budget = max(1, min(n_tokens // _ROUNDS, 4 * n_words))  # positions in a round
    if block != "auto":
        size = block
    elif lanes != "auto":
        size = max(_SMALLEST_BLOCK, min(longest_block, min(budget, _MANY_LANES) // lanes))
    elif budget >= 2 * longest_block:
        size = longest_block
    else:  # two lanes, so that two threads have work, unless blocks would be too short to be worth a thread
        size = max(_SMALLEST_BLOCK, budget // 2 if budget >= 256 else budget)
    count = max(1, min(_LANES, budget // size)) if lanes == "auto" else lanes
    return Shape(count, size, max(16, min(largest_pool, size // 2)) if pool == "auto" else pool)
