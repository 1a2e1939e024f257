"""Rounds of blocks in, the matrices after them out; plain twin of `native/rounds.py`, one task after another."""

from __future__ import annotations

from typing import Any

from semap.kernels.layout import (
    CBOW_WORD2VEC,
    INPUT,
    KEEP,
    NEGATIVES,
    OUTPUT,
    SKIPGRAM,
    SOFTMAX,
    WHOLE,
    WINDOW,
    Copies,
    Desk,
    Matrices,
    Noise,
    Plan,
    Reading,
)
from semap.kernels.reference.cbow import train_cbow
from semap.kernels.reference.draws import stream_key
from semap.kernels.reference.fold import fold
from semap.kernels.reference.lane import copy_rows, draw_noise, first_slot, read_block, release_slots
from semap.kernels.reference.paths import claim_paths
from semap.kernels.reference.skipgram import train_skipgram
from semap.kernels.reference.softmax import claim_all_words, train_softmax
from semap.kernels.reference.subwords import compose_rows, fold_subwords, leave_changes

__all__ = ["train_block", "work"]


def work(
    ticket: int, n_parts: int, blocks: tuple[int, int, int], rates: Any, reading: Reading, noise: Noise, matrices: Matrices,
    plan: Plan, shared: tuple[Any, Copies, Any, Any], desk: Desk,
) -> int:  # fmt: skip
    """Do all rounds of blocks first .. stop - 1: their lanes in order, then the fold in parts. Returns -1."""
    epoch, first, stop = blocks
    _, copies, losses, pairs = shared
    for begin in range(first, stop, plan.lanes):
        live = min(plan.lanes, stop - begin)
        for lane in range(live):
            block = begin + lane
            train_block(lane, block, epoch, rates[block - first], reading, noise, matrices, plan, copies, desk)
            losses[block - first], pairs[block - first] = copies.losses[lane], copies.pairs[lane]
        for part in range(n_parts):
            fold(part, n_parts, live, rates[begin - first], matrices, plan, copies, None, None)
            if plan.subwords != WHOLE:
                fold_subwords(part, n_parts, live, rates[begin - first], matrices, plan, copies, desk)
    return -1


def train_block(
    lane: int, block: int, epoch: int, rate: float, reading: Reading, noise: Noise, matrices: Matrices, plan: Plan,
    copies: Copies, desk: Desk,
) -> None:  # fmt: skip
    """Read a block, copy its rows and train its centres on the copy."""
    start = block * plan.block
    stop = min(start + plan.block, int(reading.offsets[-1]))
    copies.n_slots[lane] = 0
    if plan.learner == SOFTMAX:
        claim_all_words(lane, desk, copies)
    keep_key, window_key = stream_key(plan.seed, epoch, KEEP), stream_key(plan.seed, epoch, WINDOW)
    need = INPUT if plan.hierarchical else INPUT | OUTPUT
    first, last, n = read_block(start, stop, reading, keep_key, noise.keep, plan.window, need, lane, desk, copies)
    state = stream_key(plan.seed, epoch, NEGATIVES)
    if plan.hierarchical:
        claim_paths(first, last, matrices.tree, lane, desk, copies)
    elif plan.learner != SOFTMAX:
        state = draw_noise(block, state, noise, lane, desk, copies)
    whole = plan.subwords == WHOLE
    copy_rows(lane, plan.width, INPUT if whole else 0, matrices, copies)
    if not whole:
        compose_rows(lane, plan.width, matrices, copies, desk.bases)
    if plan.learner == SOFTMAX:
        train_softmax(first, last, n, first_slot(lane, copies), window_key, plan, rate, lane, desk, copies)
    elif plan.learner == SKIPGRAM:
        train_skipgram(first, last, n, state, window_key, plan, matrices.tree, rate, lane, desk, copies)
    else:
        word2vec = plan.learner == CBOW_WORD2VEC
        train_cbow(first, last, n, state, window_key, plan, matrices.tree, rate, lane, desk, copies, word2vec)
    if not whole:
        leave_changes(lane, rate, plan, matrices.grams.starts, copies, desk.bases)
    release_slots(lane, desk, copies)
