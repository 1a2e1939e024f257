"""A learner and a corpus in, a trained Table out: epochs of rounds, progress, checkpoints and the way back from them."""

from __future__ import annotations

import time
import warnings
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import FloatVector
from semap.corpus.blocks import Blocks
from semap.errors import SemapWarning, TrainingDiverged, TrainingInterrupted
from semap.learn.checkpoint import ALGORITHM, Position, load_checkpoint, save_checkpoint, warn_of_replacing
from semap.learn.learner import Learner
from semap.learn.noise import noise_of
from semap.learn.outcome import finished_table
from semap.learn.plan import plan_for
from semap.learn.rounds import Rounds
from semap.learn.shape import choose_shape
from semap.learn.warmstart import WarmStart
from semap.parallel.interrupts import interrupts_at_end
from semap.progress import Progress, progress_for
from semap.table.table import Table

__all__ = ["Training"]

_SECONDS_A_CALL = 0.15  # so that Ctrl-C is answered and the bar moves
_LAST_RATE = 1e-4  # of the first, as in word2vec.c


class Training:
    """One run of `Learner.fit`."""

    def __init__(self, learner: Learner, corpus: Blocks, init: Table | None) -> None:
        self._learner, self._corpus = learner, corpus
        self._start = WarmStart(learner, corpus.vocab, init)
        sizes = corpus.n_tokens, len(corpus.vocab), learner.longest_block
        self.shape = choose_shape(*sizes, learner.lanes, learner.block, learner.pool, learner.largest_pool)
        self._n_blocks = -(-corpus.n_tokens // self.shape.block)
        self._position = Position()

    def run(
        self, threads: int, progress: bool | Progress, folder: str | PathLike[str] | None, every: float, resume: bool
    ) -> Table:
        """Train to the end; see `Learner.fit`."""
        self._identity = self._make_identity() if folder is not None else {}
        self._folder, self._every, self._saved = folder, every * 60.0, time.monotonic()
        state = load_checkpoint(folder, self._identity) if folder is not None and resume else None
        if folder is not None and not resume:
            warn_of_replacing(folder, stacklevel=4)
        self._model, self._position = state or (self._start.model(), Position())
        noise = noise_of(self._corpus.vocab.counts, self._learner.sample, self._learner.ns_exponent)
        rows = self._start.composition
        plan = plan_for(self._learner, self._corpus, self.shape, rows)
        self._rounds = Rounds(self._model, self._corpus, noise, plan, threads, rows)
        self._rounds.run(0, 0, 0, np.empty(0, np.float32))  # compiles, where Ctrl-C is not held back and no rate is measured
        shown = progress_for(progress)
        shown.start("training", self._learner.epochs * self._corpus.n_tokens, "words")
        try:
            while self._position.epoch < self._learner.epochs:
                self._run_epoch(shown)
        except KeyboardInterrupt:
            self._stop()
        finally:
            shown.finish()
        return finished_table(self._learner, self._corpus, self._model, self._start, self._facts())

    def _run_epoch(self, shown: Progress) -> None:
        """Train what is left of the current epoch, a fraction of a second at a time."""
        position, lanes = self._position, self.shape.lanes
        n_rounds = 1
        while position.block < self._n_blocks:
            stop = min(self._n_blocks, position.block + n_rounds * lanes)
            began = time.monotonic()
            rates = self._rates(position.block, stop)
            with interrupts_at_end():  # the matrices and the position must move together
                self._run_rounds(stop, rates)
            self._check(shown, float(rates[-1]))
            seconds = max(time.monotonic() - began, 1e-6)
            n_rounds = int(min(4 * n_rounds, max(1, n_rounds * _SECONDS_A_CALL / seconds)))
        if not position.losses:
            if not position.pairs:
                _warn_of_nothing(self._learner.sample)
            elif len(self._corpus.vocab) == 1 and self._learner.objective != "negative":
                _warn_of_one_word(self._learner.objective)
        with interrupts_at_end():
            position.losses.append(position.loss / max(position.pairs, 1))
            position.epoch, position.block, position.loss, position.pairs = position.epoch + 1, 0, 0.0, 0

    def _run_rounds(self, stop: int, rates: FloatVector) -> None:
        """Train up to block `stop` of the epoch and note it."""
        position = self._position
        losses, pairs = self._rounds.run(position.epoch, position.block, stop, rates)
        position.block = stop
        for loss in losses.tolist():  # one after another: the same bits however the epoch was cut into calls
            position.loss += loss
        position.pairs += int(pairs.sum())

    def _check(self, shown: Progress, rate: float) -> None:
        """Report, refuse numbers that are not finite, and save when it is time."""
        position = self._position
        if not np.isfinite(position.loss):
            raise TrainingDiverged(
                f"the loss is no longer finite in epoch {position.epoch + 1}; lower learning_rate "
                f"({self._learner.learning_rate}) or lanes ({self.shape.lanes})"
            )
        mean = position.loss / max(position.pairs, 1)
        shown.update(self._words_done(), loss=mean, learning_rate=rate)
        if self._folder is not None and time.monotonic() - self._saved >= self._every:
            self._save()

    def _save(self) -> None:
        if self._folder is not None:
            save_checkpoint(self._folder, self._identity, self._model, self._position)
            self._saved = time.monotonic()

    def _stop(self) -> None:
        """Ctrl-C: save where that was asked for and say how to go on."""
        share = self._words_done() / max(1, self._learner.epochs * self._corpus.n_tokens)
        if self._folder is None:
            raise KeyboardInterrupt(f"stopped at {share:.0%}; nothing was saved, since no checkpoint folder was given")
        self._save()
        raise TrainingInterrupted(
            f"stopped at {share:.0%} and saved in {fspath(self._folder)}; the same command with --resume "
            "(in Python: resume=True) goes on from here"
        )

    def _words_done(self) -> int:
        position = self._position
        in_epoch = min(position.block * self.shape.block, self._corpus.n_tokens)
        return position.epoch * self._corpus.n_tokens + in_epoch

    def _rates(self, first: int, stop: int) -> FloatVector:
        """The learning rate of each block: linear over the words of all epochs."""
        words = self._position.epoch * self._corpus.n_tokens + np.arange(first, stop, dtype=np.float64) * self.shape.block
        progress = words / max(1, self._learner.epochs * self._corpus.n_tokens)
        return (self._learner.learning_rate * (1.0 - (1.0 - _LAST_RATE) * progress)).astype(np.float32)

    def _make_identity(self) -> dict[str, Any]:
        """What a checkpoint must share with this run."""
        settings = {"algorithm": ALGORITHM, **self._learner.settings(), **self.shape._asdict()}
        return {**settings, "corpus": self._corpus.fingerprint(), "init": self._start.digest()}

    def _facts(self) -> dict[str, Any]:
        """What the metadata says of the run."""
        return {**self.shape._asdict(), "losses": self._position.losses}


def _warn_of_nothing(sample: float) -> None:
    warnings.warn(
        f"no pair of words was trained: every text has fewer than two words once sub-sampling (sample={sample:g}) has left some "
        "out; the vectors are the random ones of the start. Give longer texts, or sample=0",
        SemapWarning,
        stacklevel=5,
    )


def _warn_of_one_word(objective: str) -> None:
    warnings.warn(
        f"the vocabulary has 1 word, which objective={objective!r} has nothing to tell from: its vector is the random one of the "
        "start. Give texts with more words, or lower min_count",
        SemapWarning,
        stacklevel=5,
    )
