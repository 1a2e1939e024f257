"""A table of items and sessions in, how often the item that came last was among the first k found, out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.corpus.corpus import Corpus
from semap.corpus.read import read_text
from semap.errors import EmptyCorpus, EmptyGold, SettingsError
from semap.index.exact import ExactIndex, check_k
from semap.index.vectors import unit_rows
from semap.table.table import Table

__all__ = ["NextItemScores", "next_item", "without_last"]

By = Literal["cosine", "output"]
_SESSIONS_AT_ONCE = 4096


@dataclass(frozen=True)
class NextItemScores:
    """Means over all sessions of two items or more: what a table cannot answer counts as 0.

    hit_rate: HR@k, the share of sessions whose last item is among the first k. mrr: MRR@k, the mean of 1 / its place there.
    popularity_hit_rate, popularity_mrr: of the items that come most often, the same for everybody but for what is left out.
    unknown_items: sessions whose last item has no row; unknown_histories: none of whose items before it has one.
    """

    hit_rate: float
    mrr: float
    popularity_hit_rate: float
    popularity_mrr: float
    k: int
    n_sessions: int
    n_items: int
    unknown_items: int
    unknown_histories: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        lines = [
            f"            HR@{self.k:<3} MRR@{self.k}",
            f"table       {self.hit_rate:.4f} {self.mrr:.4f}",
            f"popularity  {self.popularity_hit_rate:.4f} {self.popularity_mrr:.4f}",
            f"{self.n_sessions:,} sessions, {self.n_items:,} items; the last item of {self.unknown_items:,} has no row",
        ]
        return "\n".join(lines)


def next_item(
    table: Table, sessions: Corpus, k: int = 10, *, last: int | None = 1, by: By = "cosine", exclude_seen: bool = True,
    threads: int = 0,
) -> NextItemScores:  # fmt: skip
    """Ask for the last item of each session, given those before it; the table must not have been learned from that item.

    table: of items, with `counts`; `SkipGram(...).fit(without_last(sessions))`. sessions: whole ones, N texts.
    last: the question is the mean of the unit vectors of so many items before, None for all of them. by: "cosine" looks for
    vectors like it; "output" for the largest inner products with `table.output_vectors`, which is what skip-gram learned to
    tell company by (`SkipGram(keep_output=True)`). exclude_seen: items that came before are no answers (an item that comes
    again is not found then). All items of the table are candidates; of equal ones the more frequent comes first.
    Raises SettingsError (k, last, by, no output vectors, no counts) and EmptyGold where no session has two items.
    """
    check_k(k)
    _check_corpus(sessions)
    _check(table, last, by)
    asked, ids, offsets = _asked(table, sessions)
    order = np.argsort(-np.asarray(table.counts), kind="stable")  # rows by falling count, as semap's own tables have them
    index = _index(table, order, by, threads)
    rank = np.empty(len(table) + 1, np.int64)
    rank[order], rank[-1] = np.arange(len(table)), -1
    ids = rank[ids]
    units = unit_rows(table.vectors[order])
    hits = np.zeros((2, k), np.int64)
    unknown_items = unknown_histories = 0
    for begin in range(0, len(asked), _SESSIONS_AT_ONCE):
        texts = asked[begin : begin + _SESSIONS_AT_ONCE]
        targets = ids[offsets[texts + 1] - 1]
        before = [known[known >= 0] for known in (ids[offsets[text] : offsets[text + 1] - 1] for text in texts.tolist())]
        exclude = before if exclude_seen else None
        found, _ = index.search(_questions(units, before, last), k, exclude=exclude)
        empty = np.array([not len(rows) for rows in before])
        found[empty] = -1
        _count(hits[0], found, targets)
        _count(hits[1], _popular(before if exclude_seen else [rows[:0] for rows in before], k, len(table)), targets)
        unknown_items += int(np.count_nonzero(targets < 0))
        unknown_histories += int(np.count_nonzero(empty))
    rates = hits.sum(1) / len(asked)
    mrrs = (hits / np.arange(1, k + 1)).sum(1) / len(asked)
    return NextItemScores(
        float(rates[0]), float(mrrs[0]), float(rates[1]), float(mrrs[1]), k, len(asked), len(table),
        unknown_items, unknown_histories,
    )  # fmt: skip


def without_last(sessions: Corpus, n: int = 1) -> Corpus:
    """Return the sessions without their last n items, with a vocabulary and counts of what is left.

    Train on `without_last(sessions)` and ask for the last items of `sessions`; choose settings before, with a table trained on
    `without_last(sessions, 2)` that is asked for the last items of `without_last(sessions)`. Sessions of n items or fewer are
    left out: `facts["texts_left_out"]`. Raises SettingsError (n below 1) and EmptyCorpus.
    """
    _check_corpus(sessions)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise SettingsError(f"n is {n!r}; give how many items to leave out of each session, from 1")
    tokens = list(sessions.vocab.tokens)
    longest = int(np.diff(sessions.offsets).max(initial=0))
    if longest <= n:
        kept = f"the longest of {len(sessions):,} sessions has {longest:,} items"
        raise EmptyCorpus(f"{kept}; without its last {n:,} nothing is left")
    return read_text(([tokens[item] for item in text[:-n].tolist()] for text in sessions.texts()), min_count=1)


def _asked(table: Table, sessions: Corpus) -> tuple[AnyArray, AnyArray, AnyArray]:
    """The numbers of the sessions with two items or more; the row of each item, -1 for none; where sessions begin."""
    asked = np.flatnonzero(np.diff(sessions.offsets) >= 2)
    if not len(asked):
        raise EmptyGold(f"none of {len(sessions):,} sessions has two items: one to ask for and one before it")
    rows = table.ids(list(sessions.vocab.tokens)).astype(np.int64)
    return asked, rows[sessions.ids], np.asarray(sessions.offsets)


def _index(table: Table, order: AnyArray, by: By, threads: int) -> ExactIndex:
    if by == "cosine":
        return ExactIndex(table.vectors[order], metric="cosine", threads=threads)
    output: Any = table.output_vectors
    return ExactIndex(output[order], metric="dot", threads=threads)


def _questions(units: FloatMatrix, before: list[AnyArray], last: int | None) -> FloatMatrix:
    questions = np.zeros((len(before), units.shape[1]), np.float32)
    for place, rows in enumerate(before):
        if len(rows):
            questions[place] = units[rows[-last:] if last is not None else rows].mean(0)
    return questions


def _popular(seen: list[AnyArray], k: int, n_items: int) -> AnyArray:
    """The k most frequent items that each has not seen, int64 (N, k), -1 where there are no more."""
    found = np.full((len(seen), k), -1, np.int64)
    for place, rows in enumerate(seen):
        left = np.setdiff1d(np.arange(min(k + len(rows), n_items)), rows)[:k]
        found[place, : len(left)] = left
    return found


def _count(hits: AnyArray, found: AnyArray, targets: AnyArray) -> None:
    """Count at which of the k places the target was found."""
    same = (found == targets[:, None]) & (targets >= 0)[:, None]
    hits[: found.shape[1]] += same.sum(0)


def _check_corpus(sessions: object) -> None:
    if not isinstance(sessions, Corpus):
        raise SettingsError(f"sessions are {type(sessions).__name__}; give a Corpus, as of semap.read_sessions(...)")


def _check(table: object, last: int | None, by: str) -> None:
    if not isinstance(table, Table):
        raise SettingsError(f"table is {type(table).__name__}; give a Table of items, as SkipGram(...).fit(sessions) returns")
    if last is not None and (isinstance(last, bool) or not isinstance(last, int | np.integer) or last < 1):
        raise SettingsError(f"last is {last!r}; give how many items make the question, from 1, or None for all")
    if by not in get_args(By):
        raise SettingsError(f"by is {by!r}; choose one of {', '.join(map(repr, get_args(By)))}")
    if by == "output" and table.output_vectors is None:
        raise SettingsError('the table has no output vectors; learn it with keep_output=True, or give by="cosine"')
    if by == "output" and "outputs" in table.metadata:
        raise SettingsError('the output vectors of the table are nodes of a tree, not items; give by="cosine"')
    if table.counts is None:
        raise SettingsError("the table has no counts, so nobody knows which items are popular; give Table(..., counts=...)")
