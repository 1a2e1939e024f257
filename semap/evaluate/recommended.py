"""A recommender and a split in, how well it ranks what users did next out, with the baselines beside it."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol, get_args

import numpy as np

from semap.arrays import AnyArray, FloatMatrix, TokenIds
from semap.errors import EmptyGold, SemapWarning, SettingsError, ShapeError
from semap.evaluate.baselines import EASE, Baseline, Histories, ItemKNN, Popularity
from semap.evaluate.ranks import Denominator, RankingScores, best_items, score_lists
from semap.interactions.interactions import Interactions
from semap.parallel.crew import run, thread_count
from semap.progress import Progress, progress_for
from semap.table.table import Table

__all__ = ["RankingReport", "Recommends", "ranking"]

_CELLS = 1 << 21
_Block = Callable[[AnyArray], FloatMatrix]


class Recommends(Protocol):
    """A Recommender, or your own: `items` and the scores of all of them for some users."""

    items: Table

    def scores(self, users: Iterable[str]) -> AnyArray:
        """Return numbers (B, I), higher is better."""
        ...


@dataclass(frozen=True)
class RankingReport:
    """The scores of the models and baselines, best NDCG first, and what they were measured on.

    denominator: of recall, see `RankingScores`. notes: what was left out, and why.
    """

    scores: tuple[RankingScores, ...]
    k: int
    denominator: Denominator
    n_users: int
    n_items: int
    n_test: int
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> RankingScores:
        """Return the scores of one model or baseline. Raises SettingsError."""
        for scores in self.scores:
            if scores.name == name:
                return scores
        raise SettingsError(f"{name!r} was not scored; {', '.join(repr(scores.name) for scores in self.scores)} were")

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {**asdict(self), "scores": [scores.as_dict() for scores in self.scores], "notes": list(self.notes)}

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        wide = max(len(scores.name) for scores in self.scores)
        heads = (f"Recall@{self.k}", f"NDCG@{self.k}", f"HR@{self.k}", f"MAP@{self.k}", "coverage")
        lines = [" ".join([" " * wide, *(f"{head:>10}" for head in heads)])]
        for each in self.scores:
            figures = (each.recall, each.ndcg, each.hit_rate, each.map, each.coverage)
            lines.append(" ".join([f"{each.name:<{wide}}", *(f"{figure:>10.3f}" for figure in figures)]))
        return "\n".join([*lines, self.measured_on(), *self.notes])

    def measured_on(self) -> str:
        """Return on what, in a sentence."""
        over = "the user's test items" if self.denominator == "relevant" else f"min({self.k}, the user's test items)"
        return f"{self.n_users:,} users, {self.n_test:,} test items of {self.n_items:,}; recall is over {over}"


def ranking(
    model: Recommends | Baseline | dict[str, Any] | None,
    train: Interactions,
    test: Interactions,
    k: int = 20,
    *,
    baselines: bool | Sequence[Baseline] = True,
    history: Interactions | None = None,
    denominator: Denominator = "relevant",
    exclude_seen: bool = True,
    threads: int = 0,
    progress: bool | Progress = False,
) -> RankingReport:
    """Rank all items for each user of the test part and score the first k by what the user did.

    model: what `fit` of a learner returned, a fitted Baseline, several as a dict by name, or None for the baselines; your own
        needs `items` (a Table) and `scores(users)`, numbers (B, I).
    train, test: parts of one split, with the same users and items. history: what is known of users whom training left out
        (`strong_generalisation`); a model answers for them by `recommend_for`, or where it has none cannot be scored.
    baselines: True puts popularity, item-kNN (100 neighbours) and EASE (regularization 500) beside it, False none; or your own.
    denominator: recall over all relevant items ("relevant", as LightGCN counts) or over min(k, relevant) ("reachable", as
        Liang et al. 2018 and Rendle et al. 2021 do). exclude_seen: leave out of the lists, and of the test, what the user has
        in `history`, or in `train` where no `history` is given.
    threads: 0 for every CPU of this process; EASE alone runs on those of NumPy's BLAS, see there.

    All items are candidates, none is sampled. Users without a relevant item are left out of all means. Equal scores rank by id.
    Raises SettingsError, ShapeError (not one split; scores of another shape, or NaN) and EmptyGold (nothing to test).
    """
    _check(train, test, history, k, denominator)
    known = Histories.of(train if history is None else history)
    relevant, users, notes = _relevant(test, known, exclude_seen)
    lanes, shown = thread_count(threads), progress_for(progress)
    systems = {name: _scorer(each, train, known, history) for name, each in _named(model).items()}
    chosen = _chosen(baselines)
    found = []
    for name, lists_of in systems.items():
        found.append(_timed(name, lists_of, users, known, relevant, k, denominator, exclude_seen, lanes, shown))
    for baseline in chosen:
        if isinstance(baseline, EASE) and (reason := baseline.too_large(train)):
            notes.append(f"EASE was left out: {reason}")
            continue
        began = time.perf_counter()
        scorer = _of_baseline(baseline.fit(train), known)
        spent = time.perf_counter() - began
        scores = _timed(baseline.name, scorer, users, known, relevant, k, denominator, exclude_seen, lanes, shown)
        found.append(replace(scores, seconds=scores.seconds + spent))
    if not found:
        raise SettingsError("there is neither a model nor a baseline to score; give a model, or baselines=True")
    found.sort(key=lambda scores: -scores.ndcg)
    return RankingReport(tuple(found), k, denominator, len(users), test.n_items, len(relevant.items), tuple(notes))


def _timed(
    name: str, scorer: Any, users: AnyArray, known: Histories, relevant: Histories, k: int, denominator: Denominator,
    exclude_seen: bool, threads: int, shown: Progress,
) -> RankingScores:  # fmt: skip
    began = time.perf_counter()
    if isinstance(scorer, _FoldIn):
        lists = scorer.lists(users, known, k, exclude_seen)
    else:
        lists = _lists(name, scorer, users, known, k, exclude_seen, threads, shown)
    return replace(score_lists(name, lists, relevant, denominator), seconds=time.perf_counter() - began)


def _lists(
    name: str, scorer: _Block, users: AnyArray, known: Histories, k: int, exclude_seen: bool, threads: int, shown: Progress
) -> TokenIds:
    """The first k items for each user, block by block, each block on some thread."""
    size = max(1, min(256, _CELLS // known.n_items))
    blocks = [users[first : first + size] for first in range(0, len(users), size)]
    lists = np.empty((len(users), k), np.int32)
    shown.start(f"ranking by {name}", len(users), "users")
    try:
        for first in range(0, len(blocks), threads):

            def work(thread: int, first: int = first) -> None:
                """One block."""
                at = first + thread
                scores = _checked_scores(name, scorer(blocks[at]), len(blocks[at]), known.n_items)
                if exclude_seen:
                    for row, user in enumerate(blocks[at].tolist()):
                        scores[row, known[user]] = -np.inf
                lists[at * size : at * size + len(scores)] = best_items(scores, k)

            run(min(threads, len(blocks) - first), work)
            shown.update(min((first + threads) * size, len(users)))
    finally:
        shown.finish()
    return lists


class _FoldIn:
    """A model that answers from histories, user by user."""

    def __init__(self, model: Any, history: Interactions) -> None:
        self._model, self._history = model, history

    def lists(self, users: AnyArray, known: Histories, k: int, exclude_seen: bool) -> TokenIds:
        """Return the first k items for each user."""
        lists = np.full((len(users), k), -1, np.int32)
        given, tokens = self._history, self._history.items.tokens
        bounds = np.searchsorted(given.user_ids, np.stack([users, users + 1]))
        for row, (first, stop) in enumerate(bounds.T.tolist()):
            if first < stop:
                history = [tokens[item] for item in given.item_ids[first:stop].tolist()]
                weights = {} if given.values is None else {"values": given.values[first:stop]}
                found = self._model.recommend_for(history, min(k, known.n_items), exclude_seen=exclude_seen, **weights)
                lists[row, : len(found)] = tokens.find_all([item for item, _ in found])
        return lists


def _named(model: Any) -> dict[str, Any]:
    if model is None:
        return {}
    if isinstance(model, dict):
        return model
    told = getattr(model, "name", None) or getattr(model, "settings", {}).get("learner") or type(model).__name__
    return {str(told): model}


def _chosen(baselines: Any) -> list[Baseline]:
    if isinstance(baselines, bool):
        return [Popularity(), ItemKNN(), EASE()] if baselines else []
    if not isinstance(baselines, list | tuple) or not all(map(_is_baseline, baselines)):
        raise SettingsError(f"baselines is {baselines!r:.60}; give True, False, or a list as [semap.evaluate.ItemKNN(20)]")
    return list(baselines)


def _is_baseline(each: Any) -> bool:
    return hasattr(each, "fit") and hasattr(each, "scores") and not isinstance(each, type)


def _scorer(model: Any, train: Interactions, known: Histories, history: Interactions | None) -> Any:
    if hasattr(model, "fit") and hasattr(model, "scores"):
        return _of_baseline(model, known)
    if not (hasattr(model, "items") and hasattr(model, "scores")):
        raise SettingsError(f"{model!r:.60} has no items and scores; give what fit() of a learner returned, or a Baseline")
    if history is not None:
        if not hasattr(model, "recommend_for"):
            raise SettingsError(
                f"{model!r:.60} has no recommend_for, so it cannot answer for users who were not there in training"
            )
        return _FoldIn(model, history)
    columns = model.items.tokens.find_all(train.items.tokens)
    if (columns < 0).any():
        n = int((columns < 0).sum())
        raise ShapeError(f"the model lacks {n:,} of the {train.n_items:,} items; train it on the training part of this split")
    same = len(model.items) == len(columns) and bool((columns == np.arange(len(columns))).all())

    def block(users: AnyArray) -> FloatMatrix:
        """The model's scores, its items in the order of ours."""
        scores = np.asarray(model.scores([train.users.tokens[user] for user in users.tolist()]))
        return scores if same or scores.ndim != 2 else scores[:, columns]

    return block


def _of_baseline(baseline: Baseline, known: Histories) -> _Block:
    return lambda users: baseline.scores(known, users)


def _relevant(test: Interactions, known: Histories, exclude_seen: bool) -> tuple[Histories, AnyArray, list[str]]:
    """What each tested user is to be given, the users' ids, and what was left out."""
    given = Histories.of(test)
    owners = np.repeat(np.arange(given.n_users), np.diff(given.indptr))
    kept = np.ones(len(owners), np.bool_)
    notes = []
    if exclude_seen:
        seen = np.repeat(np.arange(known.n_users), np.diff(known.indptr)) * np.int64(known.n_items) + known.items
        kept = ~np.isin(owners * np.int64(known.n_items) + given.items, seen, assume_unique=True)
        if not kept.all():
            notes.append(f"{int((~kept).sum()):,} test items were left out: their users had them before")
    sizes = np.bincount(owners[kept], minlength=given.n_users)
    users = np.flatnonzero(sizes)
    if not len(users):
        raise EmptyGold(f"the test part has {len(test):,} interactions and no user with an item that was not seen before")
    indptr = np.concatenate([[0], np.cumsum(sizes[users])])
    strangers = int((np.diff(known.indptr)[users] == 0).sum())
    if strangers:
        warnings.warn(
            f"{strangers:,} of {len(users):,} tested users have no history; a model can give them no list of their own",
            SemapWarning,
            stacklevel=3,
        )
    return Histories(indptr, given.items[kept], given.n_items), users, notes


def _check(train: Interactions, test: Interactions, history: Interactions | None, k: int, denominator: str) -> None:
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise SettingsError(f"k is {k!r}; give the length of the lists, from 1")
    if denominator not in get_args(Denominator):
        raise SettingsError(f"denominator is {denominator!r}; give one of {', '.join(map(repr, get_args(Denominator)))}")
    for name, part in (("train", train), ("test", test), ("history", history)):
        if not isinstance(part, Interactions) and (part is not None or name != "history"):
            raise SettingsError(f"{name} is {type(part).__name__}; give Interactions, as splits and semap.read_interactions do")
    for name, part in (("test", test), ("history", history)):
        if part is not None and (part.users.tokens != train.users.tokens or part.items.tokens != train.items.tokens):
            raise ShapeError(
                f"train has {train.n_users:,} users and {train.n_items:,} items, {name} {part.n_users:,} and {part.n_items:,}, "
                "and they must be the same ones; read it with like=train, or split with semap.interactions.splits"
            )
    if k > train.n_items:
        raise SettingsError(f"k is {k:,}, the catalogue has {train.n_items:,} items; give at most that")


def _checked_scores(name: str, given: Any, n_users: int, n_items: int) -> AnyArray:
    """The scores as floats of our own, whole numbers too."""
    scores = np.asarray(given)
    if scores.shape != (n_users, n_items) or scores.dtype.kind not in "biuf":
        kind = f"{scores.dtype} scores of the shape {scores.shape}"
        raise ShapeError(f"{name} gave {kind} for {n_users:,} users and {n_items:,} items; give a number for each")
    scores = scores.astype(np.result_type(scores.dtype, np.float32))
    if np.isnan(scores).any():
        raise ShapeError(
            f"{name} gave {int(np.isnan(scores).sum()):,} scores that are NaN; was its training stopped by an error?"
        )
    return scores
