"""A table and a file of analogy questions in, the share it answers right out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import SettingsError
from semap.evaluate.analogy_scores import AnalogyScores, SectionScore
from semap.evaluate.gold import Gold, GoldLines, rows_of_words
from semap.index.lengths import measured
from semap.index.questions import Method, check_method
from semap.index.slabs import crew_size, over_rows
from semap.index.vectors import kernel_matrix, unit_rows
from semap.kernels.native import answers
from semap.parallel.crew import thread_count
from semap.table.table import Table

__all__ = ["analogies"]

Oov = Literal["skip", "wrong"]


def analogies(
    table: Table,
    gold: Gold,
    *,
    top: int | None = None,
    method: Method = "add",
    oov: Oov = "skip",
    lowercase: bool | None = None,
    threads: int = 0,
) -> AnalogyScores:
    """Answer every question "a b c d", a is to b as c is to d, and count how often d is the nearest row of all.

    gold: a path or lines, in the layout of Google's questions-words.txt: `: name` begins a section.
    top: only the so many most frequent rows take part, in questions and answers (by `table.counts`, else the first
        ones, since tables are ordered by frequency). method: "add" (3CosAdd) or "mul" (3CosMul), see
        `semap.analogy`; a, b and c are never the answer. oov: a question with an unknown word is not scored ("skip") or
        is "wrong". lowercase: of the questions; None does what the table's own text had.
    Agrees with gensim's `evaluate_word_analogies` where that neither changes case nor finds an answer among the words
    asked about. The result is the same for any number of threads.
    Raises FileMissing, EmptyGold (no line is a question) and SettingsError; warns, with the count, of other lines.
    """
    check_method(method)
    if oov not in get_args(Oov):
        raise SettingsError(f"oov is {oov!r}; choose one of {', '.join(map(repr, get_args(Oov)))}")
    thread_count(threads)
    lines = GoldLines(gold)
    questions = _parse(lines)
    places, rows = _cut(table, top)
    numbers, words = _numbered(questions.words)
    ids = rows_of_words(table, words, lowercase)
    known = np.where(ids < 0, -1, places[ids]) if len(places) else np.full(len(words), -1)
    asked = known[numbers]
    answered = (asked >= 0).all(axis=1)
    found = np.full(len(asked), -1)
    if answered.any():
        found[answered] = _answers(rows, asked[answered, :3], method == "mul", threads)
    right = answered & (found == asked[:, 3])
    sections = []
    for section, name in enumerate(questions.names):
        inside = questions.sections == section
        n_right, n_answered, n_asked = (int(np.count_nonzero(inside & each)) for each in (right, answered, inside))
        sections.append(SectionScore.count(name, n_right, n_answered, n_asked, oov))
    return _summed(sections, method, top, oov, lines.n_bad, int(np.count_nonzero(known < 0)))


@dataclass(frozen=True)
class _Questions:
    words: list[list[str]]  # four a question
    sections: AnyArray  # the number of its section, for each question
    names: list[str]


def _parse(lines: GoldLines) -> _Questions:
    words: list[list[str]] = []
    sections: list[int] = []
    names: list[str] = []
    for number, line in enumerate(lines.lines):
        if line.startswith(":"):
            names.append(line[1:].strip())
        elif len(parts := line.split()) == 4:
            if not names:
                names.append("(no section)")
            words.append(parts)
            sections.append(len(names) - 1)
        elif parts:
            lines.bad(number)
    lines.finish(len(words), "four words")
    return _Questions(words, np.array(sections, np.int64), names)


def _cut(table: Table, top: int | None) -> tuple[AnyArray, FloatMatrix]:
    """The place of every row of the table among the rows that take part, -1 for the others; and those rows."""
    if top is not None and (not isinstance(top, int | np.integer) or isinstance(top, bool) or top < 1):
        raise SettingsError(f"top is {top!r}; give a whole number from 1, or None for all rows")
    n_rows = len(table) if top is None else min(int(top), len(table))
    counts = table.counts
    if counts is None or n_rows == len(table) or (np.diff(counts) <= 0).all():
        return np.where(np.arange(len(table)) < n_rows, np.arange(len(table)), -1), kernel_matrix(table.vectors[:n_rows])
    frequent = np.sort(np.argsort(-counts, kind="stable")[:n_rows])
    places = np.full(len(table), -1)
    places[frequent] = np.arange(n_rows)
    return places, kernel_matrix(table.vectors[frequent])


def _numbered(words: list[list[str]]) -> tuple[AnyArray, list[str]]:
    """Each word of each question as a number (N, 4), and the words by number."""
    numbers: dict[str, int] = {}
    asked = [[numbers.setdefault(word, len(numbers)) for word in question] for question in words]
    return np.array(asked, np.int64), list(numbers)


def _answers(rows: FloatMatrix, questions: AnyArray, multiply: bool, threads: int) -> AnyArray:
    """The best row for each question; questions (N, 3) are rows too, and rows no answer if there are no others."""
    rows, scales = measured(rows, threads)
    word_rows, places = np.unique(questions, return_inverse=True)
    numbers = places.reshape(questions.shape).astype(np.int32)
    words = unit_rows(rows[word_rows])
    cost = words.size + 4 * len(numbers)
    n_threads = crew_size(len(rows), cost, threads)
    scores = np.full((n_threads, len(numbers)), -np.inf, np.float32)
    best = np.full((n_threads, len(numbers)), len(rows), np.int64)

    def work(thread: int, start: int, stop: int) -> None:
        """Offer rows start .. stop - 1 as answers to every question; each thread keeps its own best."""
        answers.answers(rows, scales, words, word_rows, numbers, multiply, start, stop, scores[thread], best[thread])

    over_rows(len(rows), cost, n_threads, work)
    winner = np.lexsort((best, -scores), axis=0)[:1]
    return np.asarray(np.take_along_axis(best, winner, 0)[0])


def _summed(
    sections: Sequence[SectionScore], method: str, top: int | None, oov: str, n_bad: int, n_unknown: int
) -> AnalogyScores:
    syntactic = [section for section in sections if section.name.startswith("gram")]
    semantic = [section for section in sections if not section.name.startswith("gram")]
    return AnalogyScores(
        sections=tuple(sections),
        semantic=SectionScore.sum("semantic", semantic, oov),
        syntactic=SectionScore.sum("syntactic", syntactic, oov),
        total=SectionScore.sum("total", sections, oov),
        method=method,
        top=top,
        oov=oov,
        bad_lines=n_bad,
        unknown_words=n_unknown,
    )
