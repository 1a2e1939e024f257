"""Tokens and their places in the plane, with all that a page, a picture or a file shows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64, FloatMatrix, TokenIds
from semap.errors import DuplicateToken, SettingsError, ShapeError

__all__ = ["CLUSTER", "FREQUENCY", "Chart"]

CLUSTER, FREQUENCY = "cluster", "frequency"  # what `color` may name beside a column


@dataclass(frozen=True, eq=False)
class Chart:
    """N tokens and where they stand; checked when made, and never changed.

    tokens: N unique strings; coordinates: float32 (N, 2), finite; rows: int32 (N,), the row of each token in its table, or None.
    counts: int64 (N,), how often each token was seen, or None; clusters: int32 (N,), the number of each token's cluster, or None;
    cluster_names: one name for each number. columns: metadata, N values (str, int, float or None) under each name.
    neighbours: int32 (N, K), numbers 0 .. N - 1 of the nearest other tokens of this chart, nearest first, -1 where there is none,
    and similarities: float32 (N, K), their cosines; both or neither.
    axes: what x and y stand for; links: pairs of tokens to draw an arrow between, two for a parallelogram.
    color: "cluster", "frequency", the name of a column, or "" for one colour; title and subtitle: plain text.
    facts: how it was made, as JSON can hold it.
    Raises ShapeError (lengths, values), DuplicateToken and SettingsError (a link or color that names nothing).
    """

    tokens: list[str]
    coordinates: FloatMatrix
    rows: TokenIds | None = None
    counts: Counts64 | None = None
    clusters: TokenIds | None = None
    cluster_names: list[str] = field(default_factory=list)
    columns: Mapping[str, list[Any]] = field(default_factory=dict)
    neighbours: TokenIds | None = None
    similarities: FloatMatrix | None = None
    axes: tuple[str, str] = ("", "")
    links: Sequence[tuple[str, str]] = ()
    color: str = ""
    title: str = ""
    subtitle: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place("coordinates", np.float32, (len(self), 2))
        self._place("rows", np.int32, (len(self),))
        self._place("counts", np.int64, (len(self),))
        self._place("clusters", np.int32, (len(self),))
        width = 0 if self.neighbours is None else np.shape(self.neighbours)[-1]
        self._place("neighbours", np.int32, (len(self), width))
        self._place("similarities", np.float32, (len(self), width))
        self._check_arrays()
        self._check_names()

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        clusters = f", {len(self.cluster_names)} clusters" if self.clusters is not None else ""
        return f"Chart({len(self):,} tokens{clusters}, {self.title!r})"

    @property
    def colors(self) -> list[str]:
        """What the chart can be coloured by, in the order to offer it."""
        known = [CLUSTER] * (self.clusters is not None) + [FREQUENCY] * (self.counts is not None)
        return [*known, *(name for name in self.columns if name not in known)]

    def _place(self, name: str, dtype: Any, shape: tuple[int, ...]) -> None:
        """Put an array in the place of what was given: of this dtype and shape, its own view, read-only."""
        given = getattr(self, name)
        if given is None:
            return
        try:
            array: AnyArray = np.asarray(given, dtype).view()
        except (TypeError, ValueError, OverflowError) as failure:
            raise ShapeError(f"the {name} of a chart must be numbers: {failure}") from failure
        if array.shape != shape:
            raise ShapeError(f"the {name} of a chart of {len(self):,} tokens have the shape {array.shape}; give {shape}")
        array.flags.writeable = False
        object.__setattr__(self, name, array)

    def _check_arrays(self) -> None:
        bad = np.flatnonzero(~np.isfinite(self.coordinates).all(axis=1))
        if len(bad):
            raise ShapeError(f"{self.tokens[bad[0]]!r} has coordinates that are NaN or infinite, and {len(bad) - 1:,} more have")
        if self.clusters is not None and self.clusters.size:
            low, high = int(self.clusters.min()), int(self.clusters.max())
            if low < 0 or high >= len(self.cluster_names):
                raise ShapeError(f"clusters run from {low} to {high}, there are {len(self.cluster_names)} names; give one each")
        if (self.neighbours is None) != (self.similarities is None):
            raise ShapeError("neighbours and similarities go together; give both or neither")
        if self.neighbours is not None and self.neighbours.size:
            low, high = int(self.neighbours.min()), int(self.neighbours.max())
            if low < -1 or high >= len(self):
                raise ShapeError(f"neighbours run from {low} to {high}; give numbers from -1 to {len(self) - 1:,}")

    def _check_names(self) -> None:
        known = set(self.tokens)
        if len(known) < len(self):
            raise DuplicateToken(f"{len(self) - len(known):,} of {len(self):,} tokens stand twice on the chart; give each once")
        for name, values in self.columns.items():
            if len(values) != len(self):
                raise ShapeError(f"the column {name!r} has {len(values):,} values, the chart {len(self):,} tokens; give one each")
        for token in (token for link in self.links for token in link):
            if token not in known:
                raise SettingsError(f"a link leads to {token!r}, which is not on the chart; add it to the tokens")
        if self.color and self.color not in self.colors:
            choices = ", ".join(map(repr, self.colors)) or "nothing"
            raise SettingsError(f"color is {self.color!r}; this chart can be coloured by {choices}")
