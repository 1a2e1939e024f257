"""A table and the labels of its nodes in, how well the vectors tell the labels out."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from os import PathLike
from typing import Any, Literal, TypeAlias

import numpy as np

from semap.arrays import AnyArray, DoubleVector, Flags
from semap.errors import EmptyGold, SemapWarning, SettingsError
from semap.evaluate.gold import GoldLines
from semap.evaluate.logistic import fit_logistic
from semap.settings import real, whole
from semap.table.table import Table

__all__ = ["Labels", "NodeScores", "node_classification", "read_labels"]

Labels: TypeAlias = str | PathLike[str] | Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class NodeScores:
    """F1 of a multi-label classification of nodes, means over the repeats.

    micro: of all decisions together; macro: the mean over all labels, a label that is never right counting 0; micro_deviation and
    macro_deviation: standard deviations over the repeats; nodes: labelled nodes with a row; unknown: those without one, not used.
    """

    micro: float
    macro: float
    micro_deviation: float
    macro_deviation: float
    train_share: float
    repeats: int
    nodes: int
    labels: int
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        left_out = f", {self.unknown:,} more have no row" if self.unknown else ""
        return "\n".join([
            f"micro F1  {self.micro:.3f} +- {self.micro_deviation:.3f}",
            f"macro F1  {self.macro:.3f} +- {self.macro_deviation:.3f}",
            f"nodes     {self.nodes:,} with {self.labels:,} labels, {self.train_share:.0%} to learn from{left_out}",
        ])  # fmt: skip


def node_classification(
    table: Table, labels: Labels, *, train_share: float = 0.5, repeats: int = 10, seed: int = 1,
    strength: float | Sequence[float] = 1.0, normalize: bool = False,
) -> NodeScores:  # fmt: skip
    """Learn the labels of some nodes from their vectors and tell those of the others.

    As Perozzi et al. 2014 (DeepWalk, section 6.1) and those after them: in each repeat a random share of the labelled nodes
    trains one logistic regression a label (L2, C = `strength`, an intercept penalised as liblinear does); each other node gets as
    many labels as it has, those with the highest scores.
    labels: what `read_labels` returns, {node: its labels}, or a file of such lines. train_share: above 0, below 1. Of several
    strengths each repeat takes the one whose micro and macro F1 add up to most on a fifth of the nodes it learns from.
    normalize: divide every vector by its length first. Raises EmptyGold (no labelled node has a row), SettingsError and what
    `read_labels` does; warns, with the count, of labelled nodes that the table lacks.
    """
    if not isinstance(table, Table):
        raise SettingsError(f"table is {type(table).__name__}; give a Table, as learners of graphs return")
    strengths = _checked(train_share, strength)
    repeats, seed = whole("repeats", repeats, 1), whole("seed", seed, 0)
    given = (
        {str(node): _listed(node, its) for node, its in labels.items()} if isinstance(labels, Mapping) else read_labels(labels)
    )
    given = {node: its for node, its in given.items() if its}
    nodes = list(given)
    rows = table.ids(nodes)
    known = np.flatnonzero(rows >= 0)
    n_train = round(train_share * len(known))
    if not 0 < n_train < len(known):
        raise EmptyGold(f"{len(known):,} of {len(nodes):,} labelled nodes have a row in the table; {train_share:g} of them leave "
                        "none to learn from or none to tell")  # fmt: skip
    if len(known) < len(nodes):
        first = nodes[int(np.flatnonzero(rows < 0)[0])]
        warnings.warn(f"{len(nodes) - len(known):,} of {len(nodes):,} labelled nodes have no row in the table and are left out, "
                      f"first {first!r}", SemapWarning, stacklevel=2)  # fmt: skip
    vectors = _features(table, rows[known], normalize)
    truth = _matrix([given[nodes[int(node)]] for node in known])
    found = [_repeat(vectors, truth, n_train, strengths, np.random.default_rng([seed, number])) for number in range(repeats)]
    micro, macro = np.array(found).T
    return NodeScores(
        float(micro.mean()), float(macro.mean()), float(micro.std()), float(macro.std()), train_share, repeats, len(known),
        truth.shape[1], len(nodes) - len(known),
    )  # fmt: skip


def read_labels(
    source: str | PathLike[str] | Iterable[str], *, layout: Literal["nodes", "labels"] = "nodes"
) -> dict[str, list[str]]:
    """Return the labels of each node.

    source: a path or lines; a line is a node and its labels, or with layout="labels" the nodes that bear a label, which is named
    by the number of its line from 0. Raises FileMissing, BadFile, EmptyGold (no line has a label), SettingsError (layout).
    """
    if layout not in ("nodes", "labels"):
        raise SettingsError(f"layout is {layout!r}; choose 'nodes' (a node and its labels a line) or 'labels' (its nodes a line)")
    if not isinstance(source, str | PathLike):
        source = _lines(source)
    lines = GoldLines(source)
    found: dict[str, list[str]] = {}
    n_labelled = 0
    for number, line in enumerate(lines.lines):
        parts = line.split()
        for node in parts if layout == "labels" else parts[:1]:
            its = [str(number)] if layout == "labels" else parts[1:]
            found.setdefault(node, []).extend(its)
            n_labelled += len(its)
    lines.finish(n_labelled, "a node and its labels" if layout == "nodes" else "nodes")
    return found


def _lines(given: Any) -> list[str]:
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise SettingsError(f"labels are {type(given).__name__}; give a dict of nodes and lists, a path, or lines 'node label'")
    lines = list(given)
    for number, line in enumerate(lines):
        if not isinstance(line, str):
            raise SettingsError(f"item {number:,} of the labels is {type(line).__name__}; give lines of text, as 'node label'")
    return lines


def _checked(train_share: Any, strength: Any) -> list[float]:
    """The strengths to choose from."""
    if isinstance(train_share, bool) or not isinstance(train_share, Real) or not 0 < float(train_share) < 1:
        raise SettingsError(f"train_share is {train_share!r}; give a number above 0 and below 1")
    several = strength if isinstance(strength, list | tuple | np.ndarray) else [strength]
    if not len(several):
        raise SettingsError("strength is an empty list; give a number above 0, or several to choose from")
    return [real("strength", each, above=True) for each in several]


def _listed(node: Any, labels: Any) -> list[str]:
    """The labels of a node; a text would be taken for its letters."""
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise SettingsError(f"the labels of node {node!r} are {labels!r:.40}; give a list of them, as ['red', 'large']")
    return list(map(str, labels))


def _features(table: Table, rows: AnyArray, normalize: bool) -> DoubleVector:
    """The vectors and a column of ones."""
    vectors = table.rows(rows, np.float64)
    if normalize:
        lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
        vectors = vectors / np.where(lengths > 0, lengths, 1)
    return np.concatenate([vectors, np.ones((len(vectors), 1))], axis=1)


def _matrix(labels: list[list[str]]) -> Flags:
    """Who bears which label, bool (B, L)."""
    columns = {label: column for column, label in enumerate(sorted({label for its in labels for label in its}))}
    matrix = np.zeros((len(labels), len(columns)), np.bool_)
    for row, its in enumerate(labels):
        matrix[row, [columns[label] for label in its]] = True
    return matrix


def _repeat(
    vectors: DoubleVector, truth: Flags, n_train: int, strengths: list[float], rng: np.random.Generator
) -> tuple[float, float]:
    order = rng.permutation(len(vectors))
    train, test = order[:n_train], order[n_train:]
    n_asked = max(1, n_train // 5)
    if len(strengths) > 1 and n_train > n_asked:
        strength = max(strengths, key=lambda each: sum(_told(vectors, truth, train[n_asked:], train[:n_asked], each)))
    else:
        strength = strengths[0]
    return _told(vectors, truth, train, test, strength)


def _told(vectors: DoubleVector, truth: Flags, train: AnyArray, test: AnyArray, strength: float) -> tuple[float, float]:
    """Micro and macro F1 of the labels of `test`, learned from `train`."""
    weights = fit_logistic(vectors[train], truth[train], strength)
    return f1_scores(truth[test], top_labels(vectors[test] @ weights, truth[test].sum(axis=1)))


def top_labels(scores: DoubleVector, n_labels: AnyArray) -> Flags:
    """Return the n_labels[b] labels of the highest scores of each row, bool (B, L); ties go to the earlier label."""
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    chosen: Flags = ranks < n_labels[:, None]
    return chosen


def f1_scores(truth: Flags, told: Flags) -> tuple[float, float]:
    """Return micro and macro F1, 2 right / (told + true), of bool (B, L); a label without any is 0, as in scikit-learn."""
    right, both = (truth & told).sum(axis=0), truth.sum(axis=0) + told.sum(axis=0)
    micro = 2 * right.sum() / max(both.sum(), 1)
    macro = (2 * right / np.maximum(both, 1)).mean()
    return float(micro), float(macro)
