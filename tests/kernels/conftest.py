"""A small training job for kernels, plain or compiled: arrays and numbers only."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from semap.kernels.layout import CLAIMS, SKIPGRAM, WHOLE, Copies, Desk, Grams, Links, Matrices, Noise, Plan, Reading
from semap.learn.tree import huffman_tree, longest_path, no_tree

ALWAYS = 2**32 - 1


@dataclasses.dataclass
class Job:
    """Everything that `work` takes, with arrays of one float type."""

    plan: Plan
    reading: Reading
    noise: Noise
    matrices: Matrices
    copies: Copies
    desk: Desk
    rates: Any
    losses: Any
    pairs: Any

    def run(self, kernels: Any, epoch: int = 0, first: int = 0, stop: int | None = None, parts: int = 2) -> Job:
        """Run blocks with `kernels.work` (the reference or the native module)."""
        stop = len(self.rates) if stop is None else stop
        shared = (np.zeros(CLAIMS + self.plan.lanes + parts, np.int64), self.copies, self.losses, self.pairs)
        place = (epoch, first, stop)
        arguments = (place, self.rates, self.reading, self.noise, self.matrices, self.plan, shared, self.desk)
        assert kernels.work(-1, parts, *arguments) == -1
        return self


def grams_of(words: list[list[int]]) -> Grams:
    """Lists of rows, one a word, as kernels take them; no list: words are whole."""
    sizes, rows = [len(word) for word in words], [row for word in words for row in word]
    starts = np.cumsum([0, *sizes]).astype(np.int64)
    return Grams(starts, np.array(rows, np.int32), np.full(max(rows, default=-1) + 1, -1, np.int32))


def some_grams(n_words: int, rng: Any) -> Grams:
    """A row of its own for every word, and 0 to 8 of n-grams, which few or many words share, some of them twice."""
    shared = [(n_words + rng.random(n) ** 2 * 2 * n_words).astype(int).tolist() for n in rng.integers(0, 9, n_words)]
    return grams_of([[word, *rows] for word, rows in enumerate(shared)])


@pytest.fixture
def make_job():
    def make(
        texts, n_words, dim, *, learner=SKIPGRAM, window=3, negatives=5, pool=8, block=16, lanes=3, seed=7, fixed=0,
        keep=None, rate=0.05, curvature=0.05, dtype=np.float32, hierarchical=0,
        words=None, subwords=WHOLE, stretch=9.0, crowding=0.05,
    ):  # fmt: skip
        width = -(-dim // 16) * 16
        rng = np.random.default_rng(n_words * 1000 + dim)
        ids = np.concatenate([np.asarray(text, np.int32) for text in texts]) if texts else np.empty(0, np.int32)
        offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)

        def rows(scale, n_rows=n_words):
            matrix = np.zeros((n_rows, width), dtype)
            matrix[:, :dim] = rng.normal(size=(n_rows, dim)) * scale
            return matrix.reshape(-1)

        grams = some_grams(n_words, np.random.default_rng(dim)) if words is None else grams_of(words)
        if subwords == WHOLE:
            grams = grams_of([])

        tree = huffman_tree(rng.integers(0, 40, n_words)) if hierarchical else no_tree()
        depth = longest_path(tree)
        slots = min(n_words, block + 2 * window + (block * depth if hierarchical else pool)) if learner != 3 else n_words
        total = lanes * slots
        shared = subwords, stretch, crowding
        plan = Plan(width, window, fixed, negatives, pool, block, lanes, learner, seed, curvature, hierarchical, *shared)
        copies = Copies(
            np.zeros(total, np.int32), np.zeros(total, np.uint8), np.zeros(2 * total, np.int32), np.zeros(total, np.int32),
            np.full(total * width, np.nan, dtype), np.full(total * width, np.nan, dtype),
            np.zeros(lanes, np.int64), np.zeros(lanes), np.zeros(lanes, np.int64),
        )  # fmt: skip
        entries = 2 * (block + 2 * window) + 32
        desk = Desk(
            np.full(n_words, -1, np.int32), 0, np.zeros(entries, np.int32), np.zeros(entries, np.int64), np.zeros(pool, np.int64),
            np.zeros(2 * window + 32, np.int32), np.zeros(2 * window + 32, np.int64),
            np.zeros(max(1 + negatives, depth), np.int64), np.zeros(max(1 + negatives, depth), np.float32),
            np.zeros(128 + 8 * 32 + 2 * width + n_words + 16, np.float32), np.zeros(16, np.int32),
            np.zeros(total, np.int32), np.zeros(lanes, np.int64), np.full(slots * width, np.nan, dtype),
            Links(*(np.zeros(lanes * len(grams.rows), np.int32) for _ in Links._fields)),
        )  # fmt: skip
        limits = rng.integers(0, ALWAYS, n_words, dtype=np.uint32)
        others = rng.integers(0, n_words, n_words).astype(np.int32)
        keep = np.full(n_words, ALWAYS, np.uint32) if keep is None else np.asarray(keep, np.uint32)
        ids.flags.writeable = offsets.flags.writeable = False
        n_blocks = -(-len(ids) // block)
        inputs = rows(0.3, len(grams.heads) or n_words)
        return Job(
            plan, Reading(ids, offsets, 0), Noise(keep, limits, others),
            Matrices(inputs, rows(0.3), np.full(n_words, -1, np.int32), tree, grams), copies, desk,
            (rate * (1 - 0.5 * np.arange(n_blocks) / max(n_blocks, 1))).astype(np.float32),
            np.zeros(n_blocks), np.zeros(n_blocks, np.int64),
        )  # fmt: skip

    return make
