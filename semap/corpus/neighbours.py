"""A corpus in, how often its tokens stand one after another out: exactly, in memory that does not grow with the text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from semap.arrays import Bytes, Counts64, TokenIds
from semap.corpus.corpus import Corpus
from semap.kernels.native import phrases
from semap.kernels.native.merging import rebuild_pairs
from semap.kernels.reference.phrases import HEAD, N_HEADS, N_STATE, POSITION
from semap.parallel.crew import run

__all__ = ["Neighbours", "count_neighbours", "find_keys"]

_POSITIONS_A_CALL = 1 << 22  # about 0.02 s, so that Ctrl-C is answered
_PAIRS_AT_ONCE = 1 << 24  # words after heads that a thread gathers, 4 bytes each; a head with more of them is gathered alone
_HEADS_AT_FIRST = 1 << 10


class _Heads(NamedTuple):
    """Words, and words with the connectors after them, that other words come after; see `kernels/reference/phrases.py`."""

    keys: Counts64  # (K,) what head V + k is made of
    slots: TokenIds
    pairs: Counts64  # (V + K,) how many words come after each


class _Found(NamedTuple):
    heads: Counts64
    seconds: TokenIds
    counts: Counts64
    n_different: int


class Neighbours(NamedTuple):
    """The pairs that come often enough, in the order of their heads: pair p is seconds[p] after heads[p]."""

    counts: Counts64  # (V,) of each token
    heads: Counts64  # (P,)
    seconds: TokenIds  # (P,)
    pair_counts: Counts64  # (P,)
    n_different: int  # pairs, the rare ones too
    keys: Counts64  # (K,) what head V + k is made of


def count_neighbours(corpus: Corpus, between: Bytes, least: int, threads: int, told: Callable[[int], None]) -> Neighbours:
    """Count the pairs of a corpus that come `least` times or more.

    between: uint8 (V,), 1 for connectors, which are part of a pair where they stand between its words. told: hears how much of
    2 T is done.
    """
    counts, heads = _number_heads(corpus, between, told)
    pieces = _pieces(heads.pairs, threads)
    found: list[_Found] = [_Found(heads.pairs[:0], corpus.ids[:0], heads.pairs[:0], 0)] * len(pieces)
    for begin in range(0, len(pieces), threads):

        def work(thread: int, begin: int = begin) -> None:
            """Count the pairs of one piece's heads."""
            found[begin + thread] = _count_piece(corpus, between, heads, pieces[begin + thread], least)

        run(min(threads, len(pieces) - begin), work)
        told(corpus.n_tokens + corpus.n_tokens * min(begin + threads, len(pieces)) // len(pieces))
    return Neighbours(
        counts,
        np.concatenate([piece.heads for piece in found]),
        np.concatenate([piece.seconds for piece in found]),
        np.concatenate([piece.counts for piece in found]),
        sum(piece.n_different for piece in found),
        heads.keys,
    )


def find_keys(keys: Counts64, n_keys: int) -> TokenIds:
    """Return the slots by which kernels find the first `n_keys` of keys: int32 (S,), S a power of 2, room for all of them."""
    slots: TokenIds = np.full(1 << (2 * len(keys) + 8).bit_length(), -1, np.int32)
    rebuild_pairs(slots, keys, n_keys)
    return slots


def _number_heads(corpus: Corpus, between: Bytes, told: Callable[[int], None]) -> tuple[Counts64, _Heads]:
    """The counts of the tokens, and the heads in the order in which they come."""
    n_words = len(between)
    keys = np.zeros(_HEADS_AT_FIRST if between.any() else 0, np.int64)
    slots = find_keys(keys, 0)
    counts, pairs = np.zeros(n_words, np.int64), np.zeros(n_words + len(keys), np.int64)
    state = _beginning()
    while state[POSITION] < corpus.n_tokens:
        stop = min(corpus.n_tokens, int(state[POSITION]) + _POSITIONS_A_CALL)
        if not phrases.count_heads(corpus.ids, corpus.offsets, between, slots, keys, counts, pairs, state, stop):
            pairs = np.concatenate([pairs, np.zeros(len(keys), np.int64)])
            keys = np.concatenate([keys, np.zeros(len(keys), np.int64)])
            slots = find_keys(keys, int(state[N_HEADS]))
        told(int(state[POSITION]))
    n_heads = int(state[N_HEADS])
    return counts, _Heads(keys[:n_heads], slots, pairs[: n_words + n_heads])


def _pieces(pairs: Counts64, threads: int) -> list[tuple[int, int]]:
    """Ranges of heads with about equally many pairs, at least one for each thread; they change nothing in the result."""
    ends = np.cumsum(pairs)
    size = max(1, min(_PAIRS_AT_ONCE, -(-int(ends[-1]) // threads)))
    bounds = [0]
    while bounds[-1] < len(pairs):
        before = int(ends[bounds[-1] - 1]) if bounds[-1] else 0
        bounds.append(max(bounds[-1] + 1, int(np.searchsorted(ends, before + size, side="right"))))
    return list(pairwise(bounds))


def _count_piece(corpus: Corpus, between: Bytes, heads: _Heads, piece: tuple[int, int], least: int) -> _Found:
    """The pairs of heads first .. stop - 1."""
    first, stop = piece
    starts = np.zeros(stop - first + 1, np.int64)
    np.cumsum(heads.pairs[first:stop], out=starts[1:])
    words, cursors, state = np.empty(starts[-1], np.int32), starts[:-1].copy(), _beginning()
    while state[POSITION] < corpus.n_tokens:
        end = min(corpus.n_tokens, int(state[POSITION]) + _POSITIONS_A_CALL)
        phrases.gather(corpus.ids, corpus.offsets, between, heads.slots, heads.keys, first, cursors, words, state, end)
    most = len(words) // least
    found, seconds, counts = np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most, np.int64)
    seen, met = np.zeros(len(between), np.int32), np.zeros(len(between) + 1, np.int32)
    noted, different = phrases.count_pairs(words, starts, least, seen, met, found, seconds, counts)
    return _Found(first + found[:noted], seconds[:noted].copy(), counts[:noted].copy(), different)


def _beginning() -> Counts64:
    """The state of a kernel that has read nothing."""
    state = np.zeros(N_STATE, np.int64)
    state[HEAD] = -1
    return state
