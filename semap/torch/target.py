"""The target of training in, what turns targets into numbers to learn and outputs into answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError, ShapeError
from semap.torch.answers import classes_of, numbers_of
from semap.torch.columns import Rows, columns_of, is_missing, number_of

__all__ = ["Target", "classes_in", "learn_target", "split_target"]

_FEW = 20  # kinds of whole numbers that are taken for classes


@dataclass(frozen=True)
class Target:
    """`classes`, sorted, or None where a number is predicted, which has this `mean` and `deviation`."""

    classes: list[Any] | None
    mean: float = 0.0
    deviation: float = 1.0

    @property
    def n_outputs(self) -> int:
        """How many outputs the network has."""
        return 1 if self.classes is None else len(self.classes)

    def encode(self, values: Sequence[Any]) -> AnyArray:
        """Return numbers of classes, int64 (N,), or standardised values, float32 (N,). Raises SettingsError."""
        if self.classes is not None:
            return numbers_of([_label(value, row) for row, value in enumerate(values)], self.classes)
        return ((_values(values) - self.mean) / self.deviation).astype(np.float32)


def learn_target(values: Sequence[Any], task: str) -> Target:
    """Return the Target of some values; see `CategoryEmbeddings` for `task`. Raises SettingsError."""
    lacking = [row for row, value in enumerate(values) if is_missing(value)]
    if lacking:
        raise SettingsError(f"the target of row {lacking[0]:,} is missing, of {len(lacking):,} rows in all; leave such rows out")
    if task == "auto":
        task = _task_of(values)
    if task == "classification":
        labels = [_label(value, row) for row, value in enumerate(values)]
        kinds = sorted({type(label).__name__ for label in labels})
        if len(kinds) > 1:
            raise SettingsError(f"the target's classes are {' and '.join(kinds)}; give one kind only")
        return Target(classes_of(labels))
    numbers = _values(values)
    return Target(None, float(numbers.mean()), float(numbers.std()) or 1.0)


def classes_in(values: Sequence[Any], task: str) -> list[Any]:
    """Return the class of each value, or nothing where numbers are predicted; see `learn_target` for what it raises."""
    if not values or task == "regression" or any(map(is_missing, values)):
        return []  # what is missing is told of later
    if task == "auto" and _task_of(values) == "regression":
        return []
    return [_label(value, row) for row, value in enumerate(values)]


def split_target(rows: Rows, target: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    """Return the columns without the target, and the target's values; target: the name of a column, or N values.

    Raises ShapeError and SettingsError.
    """
    columns = columns_of(rows)
    if not columns and not isinstance(rows, Mapping):
        raise SettingsError("there is no row to learn from; give some rows")
    if isinstance(target, str):
        if target not in columns:
            raise SettingsError(
                f"there is no column {target!r} to predict; the columns are {', '.join(map(repr, columns)) or 'none'}"
            )
        values = columns.pop(target)
        return columns, values
    if isinstance(target, bytes) or not hasattr(target, "__len__") or not hasattr(target, "__getitem__"):
        raise SettingsError(f"target is {type(target).__name__}; give the name of a column or a sequence of values")
    values = list(target)
    n_rows = len(next(iter(columns.values()), []))
    if len(values) != n_rows:
        raise ShapeError(f"there are {n_rows:,} rows and {len(values):,} targets; give one a row")
    return columns, values


def _task_of(values: Sequence[Any]) -> str:
    if any(isinstance(value, float | np.floating) for value in values):
        return "regression"
    for row, value in enumerate(values):
        _label(value, row)
    if any(isinstance(value, str | bool | np.bool_) for value in values) or len(set(values)) <= _FEW:
        return "classification"
    raise SettingsError(
        f'the target has {len(set(values)):,} different whole numbers; say task="regression" or task="classification"'
    )


def _label(value: Any, row: int) -> Any:
    """A class as Python's own str, bool or int."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    try:
        return index(value)
    except TypeError:
        kind = type(value).__name__
        raise SettingsError(
            f"the target of row {row:,} is {kind} {value!r:.40}; a class is text, True, False or a whole number"
        ) from None


def _values(values: Sequence[Any]) -> AnyArray:
    return np.array([number_of(value, "target", row) for row, value in enumerate(values)], np.float64)
