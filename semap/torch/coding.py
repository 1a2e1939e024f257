"""Columns of training in, what turns columns into ids and standardised numbers out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.errors import SettingsError, ShapeError
from semap.torch.columns import category_of, is_missing, number_of
from semap.vocab.tokens import Tokens

__all__ = ["UNKNOWN", "Coded", "Coding", "learn_coding"]

UNKNOWN = "<unknown>"


@dataclass(frozen=True)
class Coded:
    """N rows: `ids` int64 (N, C), 0 for unknown; `numbers` float32 (N, M), 0 for missing; how many are `unknown`, `missing`."""

    ids: AnyArray
    numbers: AnyArray
    unknown: dict[str, int]
    missing: dict[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: AnyArray) -> Coded:
        """Return the rows of these places, in this order."""
        return Coded(self.ids[places], self.numbers[places], self.unknown, self.missing)


@dataclass(frozen=True)
class Coding:
    """`categories`: the tokens of each column, UNKNOWN first; `numbers`: mean and deviation of each."""

    categories: dict[str, Tokens]
    numbers: dict[str, tuple[float, float]]

    def encode(self, columns: Mapping[str, Sequence[Any]]) -> Coded:
        """Return columns as ids and numbers; other columns are not looked at. Raises ShapeError (a column is not there)."""
        lacking = [name for name in (*self.categories, *self.numbers) if name not in columns]
        if lacking:
            there = ", ".join(map(repr, columns)) or "none"
            raise ShapeError(f"the column {lacking[0]!r} of the training is not there; the rows have {there}")
        n_rows = len(next(iter(columns.values())))
        ids = np.zeros((n_rows, len(self.categories)), np.int64)
        numbers = np.zeros((n_rows, len(self.numbers)), np.float32)
        unknown, missing = {}, {}
        for place, (name, tokens) in enumerate(self.categories.items()):
            ids[:, place] = np.maximum(tokens.find_all(_categories(name, columns[name])), 0)
            unknown[name] = int(np.count_nonzero(ids[:, place] == 0))
        for place, (name, (mean, deviation)) in enumerate(self.numbers.items()):
            values = _numbers(name, columns[name])
            missing[name] = int(np.count_nonzero(np.isnan(values)))
            numbers[:, place] = np.nan_to_num((values - mean) / deviation)
        return Coded(ids, numbers, unknown, missing)


def learn_coding(
    columns: Mapping[str, Sequence[Any]], numbers: Sequence[str] | None, min_count: int
) -> tuple[Coding, dict[str, Counts64]]:
    """Return the coding of some columns and the counts of each one's tokens, those of UNKNOWN first.

    numbers: which columns are numbers; None for those that hold fractions or floats. Categories are ordered by falling count,
    ties by text. Raises SettingsError.
    """
    if not columns or not len(next(iter(columns.values()))):
        raise SettingsError(f"there are {len(columns):,} columns and no row to learn from; give some rows")
    unheard = [name for name in numbers or () if name not in columns]
    if unheard:
        raise SettingsError(f"numbers names {unheard[0]!r}; the columns are {', '.join(map(repr, columns))}")
    numeric = [name for name in columns if (name in numbers if numbers is not None else _is_numeric(columns[name]))]
    tokens, counts, scales = {}, {}, {}
    for name, values in columns.items():
        if name in numeric:
            scales[name] = _scale(_numbers(name, values))
        else:
            tokens[name], counts[name] = _ranked(_categories(name, values), min_count)
    if not tokens:
        raise SettingsError(f"none of the columns {', '.join(map(repr, columns))} holds categories, so there is nothing to embed")
    return Coding(tokens, scales), counts


def _is_numeric(values: Sequence[Any]) -> bool:
    """Whether a column holds floats, as against text, whole numbers (which are mostly ids), True and False."""
    there = [value for value in values if not is_missing(value)]
    return bool(there) and any(isinstance(value, float | np.floating) for value in there)


def _categories(name: str, values: Sequence[Any]) -> list[str]:
    return [UNKNOWN if is_missing(value) else category_of(value, name, row) for row, value in enumerate(values)]


def _numbers(name: str, values: Sequence[Any]) -> AnyArray:
    """float64 (N,), NaN where one is missing."""
    return np.array(
        [np.nan if is_missing(value) else number_of(value, name, row) for row, value in enumerate(values)], np.float64
    )


def _scale(values: AnyArray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0


def _ranked(values: list[str], min_count: int) -> tuple[Tokens, Counts64]:
    met = Counter(values)
    rare = met.pop(UNKNOWN, 0)
    kept = sorted((token for token, n in met.items() if n >= min_count), key=lambda token: (-met[token], token))
    rare += sum(n for n in met.values() if n < min_count)
    return Tokens.pack([UNKNOWN, *kept]), np.array([rare, *(met[token] for token in kept)], np.int64)
