"""Rounds of blocks in, the matrices after them out, with the same bits for any number of threads.

A round is `lanes` lane tasks and then `parts` fold tasks. Tasks are numbered through all rounds of a call; a thread takes the
next number, waits until every task of the earlier phases is done, and does one task of the number's phase.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.layout import (
    CBOW_WORD2VEC,
    CLAIMS,
    DONE,
    INPUT,
    KEEP,
    NEGATIVES,
    NEXT,
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
from semap.kernels.native.cbow import train_cbow
from semap.kernels.native.cells import atomic_add, atomic_load, atomic_swap
from semap.kernels.native.draws import stream_key
from semap.kernels.native.fold import fold
from semap.kernels.native.jit import bare, bare_kernel
from semap.kernels.native.lane import copy_rows, draw_noise, first_slot, read_block, release_slots
from semap.kernels.native.logistic import PRODUCT
from semap.kernels.native.paths import claim_paths
from semap.kernels.native.simd import splat, store
from semap.kernels.native.skipgram import train_skipgram
from semap.kernels.native.softmax import claim_all_words, train_softmax
from semap.kernels.native.subwords import compose_rows, fold_subwords, leave_changes

__all__ = ["work"]

_LN_2 = 0.6931471805599453
_SPINS = 400_000  # about a sixth of a millisecond; then the thread sleeps, so that a busy machine is not kept busier


@bare
def _train_block(
    lane: Integer, block: Integer, epoch: Integer, rate: Real, reading: Reading, noise: Noise, matrices: Matrices, plan: Plan,
    copies: Copies, desk: Desk,
) -> None:  # fmt: skip
    start = block * plan.block
    stop = min(start + plan.block, reading.offsets[reading.offsets.size - 1])
    copies.n_slots[lane] = 0
    softmax = plan.learner == SOFTMAX
    if softmax:
        claim_all_words(lane, desk, copies)
    keep_key, window_key = stream_key(plan.seed, epoch, KEEP), stream_key(plan.seed, epoch, WINDOW)
    need = INPUT if plan.hierarchical else INPUT | OUTPUT
    first, last, n = read_block(start, stop, reading, keep_key, noise.keep, plan.window, need, lane, desk, copies)
    state = stream_key(plan.seed, epoch, NEGATIVES)
    if plan.hierarchical:
        claim_paths(first, last, matrices.tree, lane, desk, copies)
    elif not softmax:
        state = draw_noise(block, state, noise, lane, desk, copies)
    whole = plan.subwords == WHOLE
    copy_rows(lane, plan.width, INPUT if whole else 0, matrices, copies)
    if not whole:
        compose_rows(lane, plan.width, matrices, copies, desk.bases)
    store(desk.floats, PRODUCT, splat(np.float32(1)))
    desk.exponents[:] = 0
    if softmax:
        train_softmax(first, last, n, first_slot(lane, copies), window_key, plan, rate, lane, desk, copies)
    else:
        if plan.learner == SKIPGRAM:
            train_skipgram(first, last, n, state, window_key, plan, matrices.tree, rate, lane, desk, copies)
        else:
            word2vec = plan.learner == CBOW_WORD2VEC
            train_cbow(first, last, n, state, window_key, plan, matrices.tree, rate, lane, desk, copies, word2vec)
        copies.losses[lane] = _gathered_loss(desk)
    if not whole:
        leave_changes(lane, rate, plan, matrices.grams.starts, copies, desk.bases)
    release_slots(lane, desk, copies)


@bare
def _gathered_loss(desk: Desk) -> Real:
    """The logarithm of the product that `descend` gathered."""
    loss = 0.0
    for place in range(16):
        loss += desk.exponents[place] * _LN_2 + np.log(np.float64(desk.floats[PRODUCT + place]))
    return loss


@bare
def _claim(task: Integer, lanes: Integer, n_parts: Integer, rnd: Integer, control: AnyArray, thread: Integer) -> Integer:
    """A task of this phase that no thread has; a thread takes the same ones each round while it can: its cache has their rows."""
    base, n = (0, lanes) if task < lanes else (lanes, n_parts)
    for step in range(n):
        mine = base + (thread + step) % n
        if atomic_swap(control, CLAIMS + mine, rnd, rnd + 1):
            return mine
    return task  # not reached: there are as many numbers as tasks


@bare_kernel
def work(
    ticket: Integer, n_parts: Integer, blocks: tuple[Integer, Integer, Integer], rates: AnyArray, reading: Reading, noise: Noise,
    matrices: Matrices, plan: Plan, shared: Any, desk: Desk,
) -> Integer:  # fmt: skip
    """Do tasks until none is left (returns -1), or until the next one, whose number is returned, must wait for other threads.

    blocks = (epoch, first, stop); rates float32 (stop - first,), the learning rate of each block;
    shared = (control, copies, losses, pairs).
    """
    control, copies, losses, pairs = shared
    epoch, first, stop = blocks
    lanes = plan.lanes
    tasks = lanes + n_parts
    n_rounds = (stop - first + lanes - 1) // lanes
    while True:
        if ticket < 0:
            ticket = atomic_add(control, NEXT, 1)
        rnd, task = ticket // tasks, ticket % tasks
        if rnd >= n_rounds:
            return -1
        needed = rnd * tasks + (lanes if task >= lanes else 0)
        spins = 0
        while atomic_load(control, DONE) < needed:
            spins += 1
            if spins > _SPINS:
                return ticket
        task = _claim(task, lanes, n_parts, rnd, control, desk.number)
        block = first + rnd * lanes + task
        live = min(lanes, stop - first - rnd * lanes)
        if task >= lanes:
            rate = rates[rnd * lanes]
            fold(task - lanes, n_parts, live, rate, matrices, plan, copies, desk.order, desk.places)
            if plan.subwords != WHOLE:
                fold_subwords(task - lanes, n_parts, live, rate, matrices, plan, copies, desk)
        elif task < live:
            _train_block(task, block, epoch, rates[block - first], reading, noise, matrices, plan, copies, desk)
            losses[block - first] = copies.losses[task]
            pairs[block - first] = copies.pairs[task]
        atomic_add(control, DONE, 1)
        ticket = -1
