"""A text and several dims in, how good, how slow and how large a table of each size is, out."""

from __future__ import annotations

import operator
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from semap.corpus.corpus import Corpus
from semap.corpus.read import read_text
from semap.errors import SemapWarning, SettingsError
from semap.evaluate.analogy_questions import analogies as score_analogies
from semap.evaluate.gold import Gold, GoldLines
from semap.evaluate.known_sizes import table_bytes
from semap.evaluate.left_out import Parts, leave_out
from semap.evaluate.size_report import DimensionsReport, SizeResult
from semap.evaluate.word_pairs import similarity as score_similarity
from semap.learn.heldout import held_out_loss
from semap.learn.learner import Learner
from semap.learn.skipgram import SkipGram
from semap.parallel.crew import thread_count
from semap.progress import Progress
from semap.table.table import Table
from semap.text.source import Source
from semap.vocab.vocab import Vocab

__all__ = ["DIMS", "dimensions"]

DIMS = (8, 16, 32, 64, 128, 256)


def dimensions(
    source: Corpus | Source,
    *,
    dims: Sequence[int] = DIMS,
    learner: Learner | None = None,
    analogies: Gold | None = None,
    similarity: Gold | None = None,
    top: int | None = 30_000,
    held_out: float = 0.1,
    threads: int = 0,
    progress: bool | Progress = False,
) -> DimensionsReport:
    """Train a table of each size on the same text and measure its quality, its training time and its bytes.

    source: a Corpus, or what `semap.read_text` takes. learner: the settings of all sizes but for their dim; None is
    SkipGram(). analogies, similarity: gold files as for `semap.evaluate.analogies` (with `top`) and `.similarity`.
    held_out: the share of the text, its end, that is not trained on; the loss there shows when a table learns its text by
    heart. All sizes see the same windows and noise words there. threads: 0 for every CPU; changes only the seconds.
    Raises SettingsError, EmptyCorpus (too short a text) and what reading, training and scoring raise.
    """
    sizes = _checked(dims)
    settings = SkipGram() if learner is None else learner
    if not isinstance(settings, Learner):
        raise SettingsError(f"learner is {type(learner).__name__}; give the settings, such as semap.SkipGram(epochs=5)")
    questions, pairs = _lines(analogies), _lines(similarity)
    corpus = source if isinstance(source, Corpus) else read_text(source, threads=threads, progress=progress)
    parts = leave_out(corpus, held_out)
    settings = replace(settings, keep_output=True, threads=thread_count(threads) if threads else 0)
    _warm_up(settings)
    results: list[SizeResult] = []
    for dim in sizes:
        with warnings.catch_warnings():
            if results:  # what is to be said of the text and the gold files was said at the first size
                warnings.simplefilter("ignore", SemapWarning)
            results.append(_measured(replace(settings, dim=dim), parts, questions, pairs, top, progress))
    told = {name: value for name, value in settings.settings().items() if name != "dim"}
    sizes_of_parts = parts.seen.n_tokens, parts.unseen.n_tokens, parts.n_new
    return DimensionsReport(tuple(results), told, len(parts.seen.vocab), *sizes_of_parts)


def _measured(
    learner: Learner, parts: Parts, questions: Gold | None, pairs: Gold | None, top: int | None, progress: bool | Progress
) -> SizeResult:
    began = time.perf_counter()
    table = learner.fit(parts.seen, progress=progress)
    seconds = time.perf_counter() - began
    return SizeResult(
        dim=learner.dim,
        held_out_loss=held_out_loss(learner, table, parts.unseen, threads=learner.threads),
        seen_loss=held_out_loss(learner, table, _end_of(parts.seen, parts.unseen.n_tokens), threads=learner.threads),
        accuracy=None if questions is None else _accuracy(table, questions, top, learner.threads),
        spearman=None if pairs is None else score_similarity(table, pairs).spearman,
        seconds=seconds,
        bytes=table_bytes(len(table), table.dim, "float32"),
    )


def _accuracy(table: Table, questions: Gold, top: int | None, threads: int) -> float:
    return score_analogies(table, questions, top=top, threads=threads).accuracy


def _end_of(corpus: Corpus, n_tokens: int) -> Corpus:
    """The last words of a corpus, so many or all there are: as much seen text as there is unseen."""
    start = max(corpus.n_tokens - n_tokens, 0)
    offsets = np.unique(np.append(corpus.offsets[corpus.offsets > start], start)) - start
    return Corpus(corpus.ids[start:], offsets, corpus.vocab, corpus.splitter, corpus.facts)


def _warm_up(learner: Learner) -> None:
    """Have the kernels compiled before anything is timed."""
    ids = (np.arange(200) % 7).astype(np.int32)
    vocab = Vocab([f"w{number}" for number in range(7)], np.bincount(ids))
    replace(learner, dim=1, epochs=1, sample=0).fit(Corpus(ids, np.array([0, 200]), vocab))


def _lines(gold: Gold | None) -> list[str] | None:
    """The lines of a gold file, read before hours of training, and once."""
    return None if gold is None else GoldLines(gold).lines


def _checked(dims: Any) -> list[int]:
    """Different sizes, rising."""
    try:
        sizes = sorted({operator.index(dim) for dim in dims})
    except TypeError:
        raise SettingsError(f"dims is {dims!r}; give whole numbers, such as (8, 16, 32, 64, 128, 256)") from None
    if not sizes or sizes[0] < 1:
        raise SettingsError(f"dims is {dims!r}; give at least one size, each from 1")
    return sizes
