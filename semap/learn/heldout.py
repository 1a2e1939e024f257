"""A trained table and text it has not seen in, the loss of its learner there out."""

from __future__ import annotations

import math

import numpy as np

from semap.corpus.corpus import Corpus
from semap.errors import SettingsError, ShapeError
from semap.learn.composition import composition_of
from semap.learn.learner import Learner
from semap.learn.model import Model
from semap.learn.noise import noise_of
from semap.learn.plan import plan_for
from semap.learn.rounds import Rounds
from semap.learn.shape import choose_shape
from semap.learn.warmstart import output_rows_of
from semap.parallel.crew import thread_count
from semap.table.table import Table

__all__ = ["held_out_loss"]

_POSITIONS_A_CALL = 1 << 18  # about a tenth of a second, so that Ctrl-C is answered


def held_out_loss(learner: Learner, table: Table, corpus: Corpus, *, threads: int = 0) -> float:
    """Return the mean loss a pair that the learner has on a text, NaN where the text has no pair.

    It is the loss that `fit` reports, measured by the same kernels at a learning rate of 0, so nothing is learned. Sub-sampling,
    windows and noise words depend on the seed and on the place in the text, and not on the dim: tables of different sizes are
    asked the same questions. table: made by the learner from a corpus of the same vocabulary, with keep_output=True. corpus:
    its text is new, its vocabulary and counts are those of training. threads: 0 for every CPU.
    Raises SettingsError (no output vectors, or of another objective) and ShapeError (another dim or number of words).
    """
    outputs = table.output_vectors
    if outputs is None:
        raise SettingsError("the table has no output vectors, which the loss needs; train it with keep_output=True")
    if (len(table), table.dim) != (len(corpus.vocab), learner.dim):
        told = f"the table is {len(table):,} x {table.dim:,}, vocabulary and learner are {len(corpus.vocab):,} x {learner.dim:,}"
        raise ShapeError(f"{told}; give those it was made with")
    if table.metadata.get("outputs") != output_rows_of(learner, corpus.vocab):
        kind = "words" if table.metadata.get("outputs") is None else "nodes of a tree"
        told = f"the output vectors of the table are of {kind}, which objective={learner.objective!r} cannot use here"
        raise SettingsError(f"{told}; give the learner and the vocabulary that the table was made with")
    sizes = corpus.n_tokens, len(corpus.vocab), learner.longest_block
    shape = choose_shape(*sizes, learner.lanes, learner.block, learner.pool, learner.largest_pool)
    noise = noise_of(corpus.vocab.counts, learner.sample, learner.ns_exponent)
    n_threads = min(thread_count(threads), shape.lanes)
    rows = composition_of(None, corpus.vocab)  # with sub-words too: the table's vectors are composed
    plan = plan_for(learner, corpus, shape, rows)
    rounds = Rounds(Model.of_rows(table.vectors, outputs), corpus, noise, plan, n_threads, rows)
    n_blocks = -(-corpus.n_tokens // shape.block)
    step = max(1, _POSITIONS_A_CALL // (shape.block * shape.lanes)) * shape.lanes
    loss, n_pairs = 0.0, 0
    for first in range(0, n_blocks, step):
        stop = min(first + step, n_blocks)
        losses, pairs = rounds.run(0, first, stop, np.zeros(stop - first, np.float32))
        for each in losses.tolist():  # one after another: the same bits however the text was cut into calls
            loss += each
        n_pairs += int(pairs.sum())
    return loss / n_pairs if n_pairs else math.nan
