"""A model, a corpus and threads in, the model some rounds later out."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from semap.arrays import DoubleVector, FloatVector
from semap.corpus.blocks import Blocks
from semap.kernels.layout import CLAIMS, SOFTMAX, WHOLE, Copies, Desk, Links, Matrices, Noise, Plan, Reading, Tree
from semap.kernels.reference.skipgram import TILE
from semap.learn.composition import Composition
from semap.learn.model import Model, aligned_floats
from semap.learn.tree import huffman_tree, longest_path, no_tree
from semap.parallel.crew import run

__all__ = ["Rounds"]

_NAP_SECONDS = 5e-5


class Rounds:
    """Runs rounds of blocks on a number of threads; the scratch of lanes and threads lives here."""

    def __init__(self, model: Model, blocks: Blocks, noise: Noise, plan: Plan, threads: int, composition: Composition) -> None:
        n_words = len(blocks.vocab)
        tree = huffman_tree(blocks.vocab.counts) if plan.hierarchical else no_tree()
        n_slots = _most_rows(plan, n_words, tree)
        self._blocks, self._noise, self._plan, self._threads = blocks, noise, plan, threads
        self._matrices = Matrices(model.inputs, model.outputs, np.full(n_words, -1, np.int32), tree, composition.grams)
        most_outputs = max(1 + plan.negatives, longest_path(tree))
        self._copies = _copies(plan, n_slots)
        n_inputs = n_words if plan.learner == SOFTMAX else min(n_words, plan.block + 2 * plan.window)  # noise words need none
        n_links = plan.lanes * composition.most_parts(n_inputs)
        self._desks = [_desk(plan, n_words, n_slots, most_outputs, n_links, thread) for thread in range(threads)]
        self._parts = 1 << threads.bit_length()  # about two for each thread, and a power of 2

    def run(self, epoch: int, first: int, stop: int, rates: FloatVector) -> tuple[DoubleVector, Any]:
        """Train blocks first .. stop - 1 of an epoch, each at its learning rate (float32).

        Returns the summed loss, float64, and the number of training examples, int64, of each block.
        """
        size = self._plan.block
        span = self._blocks.read(epoch, first * size, min(stop * size, self._blocks.n_tokens))
        reading = Reading(_read_only(span.ids), _read_only(span.offsets), span.first)
        losses, pairs = np.zeros(stop - first), np.zeros(stop - first, np.int64)
        shared = (np.zeros(CLAIMS + self._plan.lanes + self._parts, np.int64), self._copies, losses, pairs)

        def work_on(thread: int) -> None:
            """Do tasks on one thread until none is left."""
            from semap.kernels.native.rounds import work

            ticket = -1
            while True:
                place = (epoch, first, stop)
                ticket = work(
                    ticket, self._parts, place, rates, reading, self._noise, self._matrices, self._plan, shared,
                    self._desks[thread],
                )  # fmt: skip
                if ticket < 0:
                    return
                time.sleep(_NAP_SECONDS)  # another thread has work left; spinning longer would take its CPU from it

        run(self._threads, work_on)
        return losses, pairs


def _most_rows(plan: Plan, n_words: int, tree: Tree) -> int:
    """U: how many words or nodes a block may use."""
    if plan.learner == SOFTMAX:
        return n_words
    others = plan.block * longest_path(tree) if plan.hierarchical else plan.pool
    return min(n_words, plan.block + 2 * plan.window + others)


def _copies(plan: Plan, n_slots: int) -> Copies:
    slots = plan.lanes * n_slots
    return Copies(
        rows=np.zeros(slots, np.int32),
        needs=np.zeros(slots, np.uint8),
        touches=np.zeros(2 * slots, np.int32),
        following=np.zeros(slots, np.int32),
        inputs=aligned_floats(slots * plan.width),
        outputs=aligned_floats(slots * plan.width),
        n_slots=np.zeros(plan.lanes, np.int64),
        losses=np.zeros(plan.lanes, np.float64),
        pairs=np.zeros(plan.lanes, np.int64),
    )


def _desk(plan: Plan, n_words: int, n_slots: int, most_outputs: int, n_links: int, thread: int) -> Desk:
    entries = 2 * (plan.block + 2 * plan.window) + 32
    gradients = 8 * TILE
    scores = n_words + 16 if plan.learner == SOFTMAX else 0
    return Desk(
        slots=np.full(n_words, -1, np.int32),
        number=thread,
        words=np.zeros(entries, np.int32),
        positions=np.zeros(entries, np.int64),
        negatives=np.zeros(plan.pool, np.int64),
        contexts=np.zeros(2 * plan.window + 32, np.int32),
        starts=np.zeros(2 * plan.window + 32, np.int64),
        targets=np.zeros(most_outputs, np.int64),
        signs=np.zeros(most_outputs, np.float32),
        floats=aligned_floats(128 + gradients + 2 * plan.width + scores),
        exponents=np.zeros(16, np.int32),
        order=np.zeros(plan.lanes * n_slots, np.int32),
        places=np.zeros(plan.lanes, np.int64),
        bases=aligned_floats(n_slots * plan.width if plan.subwords != WHOLE else 0),
        links=Links(*(np.zeros(n_links, np.int32) for _ in Links._fields)),
    )


def _read_only(array: Any) -> Any:
    """The array as a read-only view: Numba compiles once more for a writable one."""
    view = np.ascontiguousarray(array).view(np.ndarray)[:]
    view.flags.writeable = False
    return view
