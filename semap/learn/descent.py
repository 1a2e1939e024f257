"""GloVe's settings and a corpus in, a trained Table out: cells are counted and dealt, then epochs of turns lower their loss."""

from __future__ import annotations

import time
import warnings
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.corpus.blocks import Blocks
from semap.counts.cooccurrence import count_cells
from semap.errors import SemapWarning, TrainingDiverged, TrainingInterrupted
from semap.kernels.reference.draws import stream_key
from semap.kernels.reference.glove import HELD, order
from semap.learn.checkpoint import ALGORITHM, Position, load_checkpoint, save_checkpoint, warn_of_replacing
from semap.learn.dealt import Dealt, deal_cells, group_count
from semap.learn.glove import GloVe
from semap.learn.model import Model, padded_width
from semap.learn.outcome import metadata_of
from semap.learn.start import starting_rows
from semap.parallel.crew import thread_count
from semap.parallel.interrupts import interrupts_at_end
from semap.parallel.ordered import in_order
from semap.progress import Progress, progress_for
from semap.table.rows import StoredRows
from semap.table.table import Table

__all__ = ["Descent"]

_MORE = 2  # coordinates behind the vector: the bias, and the 1 that meets the other side's


class Descent:
    """One run of `GloVe.fit`. The model has its rows in the order in which words and contexts were dealt."""

    def __init__(self, learner: GloVe, corpus: Blocks, folder: str | PathLike[str] | None, seconds: float) -> None:
        self._learner, self._corpus = learner, corpus
        self._folder, self._seconds, self._saved = folder, seconds, time.monotonic()
        self._threads = thread_count(learner.threads)
        self._position = Position()
        self._model: Model | None = None  # None while cells are counted

    def run(self, progress: bool | Progress, resume: bool) -> Table:
        """Train to the end; see `GloVe.fit`."""
        self._identity = self._make_identity() if self._folder is not None else {}
        state = load_checkpoint(self._folder, self._identity) if self._folder is not None and resume else None
        if self._folder is not None and not resume:
            warn_of_replacing(self._folder, stacklevel=4)
        try:
            dealt = self._deal(progress)
            _tell_of_the_lonely(dealt, self._learner.vectors)
            model, self._position = state or (_first_model(dealt, self._learner), Position())
            self._turn(dealt, model, None)  # compiles, where Ctrl-C is not held back and no rate is measured
            self._model = model
            self._train(dealt, model, progress)
        except KeyboardInterrupt:
            self._stop()
        return self._table(dealt, model)

    def _deal(self, progress: bool | Progress) -> Dealt:
        """Count the cells and deal them."""
        learner = self._learner
        cells = count_cells(
            self._corpus, window=learner.window, symmetric=learner.symmetric, distance_weighting=learner.distance_weighting,
            memory=learner.memory, threads=self._threads, progress=progress,
        )  # fmt: skip
        row_bytes = 8 * padded_width(learner.dim + _MORE)
        n_groups = group_count(len(self._corpus.vocab), len(cells), row_bytes)
        return deal_cells(cells, n_groups, (learner.x_max, learner.alpha), learner.memory // 2, self._threads)

    def _train(self, dealt: Dealt, model: Model, progress: bool | Progress) -> None:
        """Take the steps of all epochs that are left."""
        shown, position, n_cells = progress_for(progress), self._position, len(dealt.records)
        shown.start("training", self._learner.epochs * n_cells, "cells")
        try:
            while position.epoch < self._learner.epochs:
                turns = order(dealt.n_groups, stream_key(self._learner.seed, position.epoch, 0))
                for turn in turns[position.block :]:
                    with interrupts_at_end():  # the rows and the position must move together
                        self._turn(dealt, model, turn)
                    self._check(shown, n_cells, model)
                with interrupts_at_end():
                    position.losses.append(position.loss / max(n_cells, 1))
                    position.epoch, position.block, position.loss, position.pairs = position.epoch + 1, 0, 0.0, 0
        finally:
            shown.finish()

    def _turn(self, dealt: Dealt, model: Model, turn: int | None) -> None:
        """Train the words of each group g with the contexts of the group g + turn; None: with nothing."""
        from semap.kernels.native import glove

        learner, n_groups, position = self._learner, dealt.n_groups, self._position
        words, contexts = model.input_rows, model.output_rows
        if turn is None:
            glove.train(dealt.records[:0], np.uint64(0), learner.learning_rate, words, contexts)
            return

        def train(thread: int, group: int) -> tuple[float, int]:
            """The loss of a block, and its cells."""
            other = (group + turn) % n_groups
            key = np.uint64(stream_key(learner.seed, position.epoch, 1 + group * n_groups + other))
            records = dealt.block(group, other)
            return glove.train(records, key, learner.learning_rate, words, contexts), len(records)

        for loss, n_cells in in_order(n_groups, self._threads, train):  # added up in order: the same bits on any threads
            position.loss += loss
            position.pairs += n_cells
        position.block += 1

    def _check(self, shown: Progress, n_cells: int, model: Model) -> None:
        """Report, refuse a loss that is not finite, and save when it is time."""
        position = self._position
        if not np.isfinite(position.loss):
            raise TrainingDiverged(
                f"the loss is no longer finite in epoch {position.epoch + 1}; lower learning_rate ({self._learner.learning_rate})"
            )
        shown.update(position.epoch * n_cells + position.pairs, loss=position.loss / max(position.pairs, 1))
        if self._folder is not None and time.monotonic() - self._saved >= self._seconds:
            save_checkpoint(self._folder, self._identity, model, position)
            self._saved = time.monotonic()

    def _stop(self) -> None:
        """Ctrl-C: save where that was asked for and say how to go on."""
        where = "stopped while counting" if self._model is None else f"stopped in epoch {self._position.epoch + 1}"
        if self._folder is None:
            raise KeyboardInterrupt(f"{where}; nothing was saved, since no checkpoint folder was given")
        saved = "; nothing was to be saved yet"
        if self._model is not None:
            save_checkpoint(self._folder, self._identity, self._model, self._position)
            saved = f" and saved in {fspath(self._folder)}"
        raise TrainingInterrupted(f"{where}{saved}; the same command with --resume (in Python: resume=True) goes on from here")

    def _make_identity(self) -> dict[str, Any]:
        """What a checkpoint must share with this run."""
        return {"algorithm": ALGORITHM, **self._learner.settings(), "corpus": self._corpus.fingerprint()}

    def _table(self, dealt: Dealt, model: Model) -> Table:
        """The table of a finished training."""
        dim, corpus = self._learner.dim, self._corpus
        vectors = model.input_rows[dealt.words.places, :dim]
        if self._learner.vectors == "sum":
            vectors += model.output_rows[dealt.contexts.places, :dim]
        broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        if broken.size:
            raise TrainingDiverged(
                f"{broken.size:,} of {len(vectors):,} vectors are not finite, first that of "
                f"{corpus.vocab.tokens[int(broken[0])]!r}; lower learning_rate ({self._learner.learning_rate})"
            )
        facts = {"cells": len(dealt.records), "groups": dealt.n_groups, "losses": self._position.losses}
        metadata = metadata_of(self._learner.settings(), corpus, facts)
        return Table.of_stored(corpus.vocab.tokens, StoredRows(vectors), counts=corpus.vocab.counts, metadata=metadata)


def _first_model(dealt: Dealt, learner: GloVe) -> Model:
    """Rows as `kernels.reference.glove` has them, uniform in -0.5 / (D + 1) .. 0.5 / (D + 1), biases too, as in the original."""
    n_words, dim, width = len(dealt.words.words), learner.dim, padded_width(learner.dim + _MORE)
    model = Model.of_zeros(n_words, 2 * width)
    first = starting_rows(2 * n_words, dim + 1, learner.seed)
    for rows, start, bias, one in (
        (model.input_rows, first[:n_words][dealt.words.words], dim, dim + 1),
        (model.output_rows, first[n_words:][dealt.contexts.words], dim + 1, dim),
    ):
        rows[:, :dim], rows[:, bias], rows[:, one] = start[:, :dim], start[:, dim], 1
        rows[:, width:], rows[:, width + one] = 1, HELD
    return model


def _tell_of_the_lonely(dealt: Dealt, vectors: str) -> None:
    """Warn of words that stand near no word, or whose only vector has no cell: nothing can be learned of them."""
    if not len(dealt.records):
        message = "no pair of words was trained: every text has fewer than two; the vectors are the random ones of the start"
    elif dealt.n_lonely:
        message = (
            f"{dealt.n_lonely:,} of {len(dealt.words.words):,} words stand alone in all their texts, so that nothing can be "
            "learned of them: their vectors are the random ones of the start"
        )
    elif dealt.n_contexts_only and vectors == "words":
        message = (
            f"{dealt.n_contexts_only:,} of {len(dealt.words.words):,} words have no word to their left in any text, so that with "
            "vectors='words' theirs are the random ones of the start; vectors='sum' has what was learned of them as contexts"
        )
    else:
        return
    warnings.warn(f"{message}. Give longer texts", SemapWarning, stacklevel=5)
