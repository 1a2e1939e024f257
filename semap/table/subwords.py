"""Any token in, a vector composed of the rows of its character n-grams out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from semap.arrays import Bytes, Counts64, FloatMatrix, Offsets, TokenIds
from semap.errors import SettingsError, ShapeError
from semap.ngrams.ngrams import NGrams
from semap.parallel.crew import run, thread_count
from semap.table.rows import Rows, StoredRows, store_rows
from semap.vocab.tokens import Tokens

__all__ = ["Composer", "SubwordRows"]

_TOKENS_AT_ONCE = 1 << 12  # a thread's share of a call: short enough for Ctrl-C
_NUMBERS_AT_ONCE = 1 << 22  # decoded at a time where rows are not float32


class Composer(Protocol):
    """What a table asks of its sub-words; `SubwordRows`, and what a reader of a foreign file puts in its place."""

    @property
    def dim(self) -> int:
        """D, the length of every vector."""

    def compose(self, tokens: Tokens, *, threads: int = 0) -> tuple[FloatMatrix, Counts64]:
        """Return the vectors of tokens, float32 (B, D), and of how many rows each is the mean, int64 (B,); 0: it has none."""

    def to_stored(self) -> SubwordRows:
        """Return the same as what a `.semap` file holds."""


@dataclass(frozen=True)
class SubwordRows:
    """The n-gram rows of a table: a token without a row of its own is the mean of the rows of its buckets.

    `ngrams`: how a token falls into buckets. `rows`: (S, D). `buckets`: int32 (S,) rising, the bucket that each row stands for;
    None where row i stands for bucket i. `absent`: what a bucket without a row is in the mean: a row of zeros ("zero": tables
    of semap hold only the rows that were trained), or not counted ("skip": fastText's pruned models); a token that has no row at
    all has no vector either way. `unit`: divide the sum by its length instead, as finalfusion does. Raises ShapeError.
    """

    ngrams: NGrams
    rows: Rows
    buckets: TokenIds | None = None
    absent: Literal["zero", "skip"] = "zero"
    unit: bool = False

    def __post_init__(self) -> None:
        n_rows, n_buckets = self.rows.shape[0], self.ngrams.buckets
        if self.buckets is None:
            if n_rows != n_buckets:
                raise ShapeError(f"there are {n_buckets:,} buckets of n-grams and {n_rows:,} rows; give one row a bucket")
            return
        if self.buckets.shape != (n_rows,):
            raise ShapeError(f"there are {n_rows:,} rows of n-grams and bucket numbers of the shape {self.buckets.shape}")
        if n_rows and (self.buckets[0] < 0 or self.buckets[-1] >= n_buckets or np.any(self.buckets[1:] <= self.buckets[:-1])):
            raise ShapeError(f"the buckets of n-gram rows must rise and lie in 0 .. {n_buckets - 1:,}")

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return self.rows.shape[1]

    def places(self, data: Bytes, offsets: Offsets) -> tuple[TokenIds, Offsets]:
        """Return the rows of packed tokens, int32, -1 where a bucket has none, those of token i from starts[i] on; and starts."""
        buckets, starts = self.ngrams.buckets_of(data, offsets)
        if self.buckets is None:
            return buckets, starts
        found = np.searchsorted(self.buckets, buckets).astype(np.int32)
        found[found == len(self.buckets)] = 0
        known = self.buckets[found] == buckets if len(self.buckets) else np.zeros(len(buckets), np.bool_)
        found[~known] = -1
        return found, starts

    def compose(self, tokens: Tokens, *, threads: int = 0) -> tuple[FloatMatrix, Counts64]:
        """Return the vectors of tokens, float32 (B, D), and of how many rows each is the mean, int64 (B,); 0: it has none.

        Rows are added in the order of the n-grams, in float32 as fastText adds them, so threads change nothing.
        """
        places, starts = self.places(tokens.data, tokens.offsets)
        sums = np.zeros((len(tokens), self.dim), np.float32)
        self.add_to(sums, places, starts, threads)
        counts = self.counts(places, starts)
        if self.unit:
            lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums, dtype=np.float64))
            sums *= (1 / np.where(lengths > 0, lengths, 1)).astype(np.float32)[:, None]
        else:
            sums *= (np.float32(1) / np.maximum(counts, 1).astype(np.float32))[:, None]
        return sums, counts

    def counts(self, places: TokenIds, starts: Offsets) -> Counts64:
        """Return how many rows count in the mean of each token, int64 (B,), of what `places` gave; 0 where none is there."""
        if self.buckets is None:
            return np.diff(starts)
        kept = np.concatenate([[0], np.cumsum(places >= 0)])
        there = kept[starts[1:]] - kept[starts[:-1]]
        counts: Counts64 = np.where(there > 0, np.diff(starts), 0) if self.absent == "zero" else there
        return counts

    def add_to(self, sums: FloatMatrix, places: TokenIds, starts: Offsets, threads: int = 0) -> None:
        """Add the rows at `places`, as `places` gives them, to float32 sums (B, D), one row a token."""
        if isinstance(self.rows, StoredRows) and self.rows.dtype == "float32":  # mapped files need not align them
            _add(self.rows.values, places, starts, sums, threads)
            return
        for first, stop in _pieces(starts, _NUMBERS_AT_ONCE // self.dim):
            inner = places[starts[first] : starts[stop]]
            used, local = np.unique(inner[inner >= 0], return_inverse=True)
            renamed = np.full(len(inner), -1, np.int32)
            renamed[inner >= 0] = local
            _add(self.rows.decode(used), renamed, starts[first : stop + 1] - starts[first], sums[first:stop], threads)

    def stored_as(self, dtype: str) -> SubwordRows:
        """Return the same with rows stored as "float32", "float16" or "int8"."""
        return self.with_rows(store_rows(self.rows, dtype))

    def with_rows(self, rows: Rows) -> SubwordRows:
        """Return the same n-grams with other rows."""
        return SubwordRows(self.ngrams, rows, self.buckets, self.absent, self.unit)

    def to_stored(self) -> SubwordRows:
        """Return these rows."""
        return self

    @classmethod
    def of(cls, settings: Mapping[str, Any], rows: Rows, buckets: TokenIds | None) -> SubwordRows:
        """Return rows with what `settings` gave. Raises SettingsError and ShapeError."""
        rest = dict(settings)
        absent, unit = rest.pop("absent", None), rest.pop("unit", None)
        if absent not in ("zero", "skip") or not isinstance(unit, bool):
            raise SettingsError(f"absent must be 'zero' or 'skip' and unit true or false, found {absent!r} and {unit!r}")
        return cls(NGrams.from_json(rest), rows, buckets, absent, unit)

    def settings(self) -> dict[str, Any]:
        """Return what a file says of them, as JSON holds it."""
        return {**self.ngrams.to_json(), "absent": self.absent, "unit": self.unit}


def _add(rows: FloatMatrix, places: TokenIds, starts: Offsets, sums: FloatMatrix, threads: int) -> None:
    from semap.kernels.native.composing import add_rows

    rows = rows.view()
    rows.flags.writeable = False  # kernels would be compiled a second time for a writable one
    n_tokens = len(starts) - 1
    crew = thread_count(threads)
    for begin in range(0, n_tokens, crew * _TOKENS_AT_ONCE):
        end = min(begin + crew * _TOKENS_AT_ONCE, n_tokens)
        bounds = np.linspace(begin, end, crew + 1).astype(int).tolist()
        _together(crew if end - begin >= 64 else 1, bounds, lambda first, stop: add_rows(rows, places, starts, first, stop, sums))


def _together(crew: int, bounds: list[int], work: Callable[[int, int], None]) -> None:
    if crew == 1:
        work(bounds[0], bounds[-1])
    else:
        run(crew, lambda thread: work(bounds[thread], bounds[thread + 1]))


def _pieces(starts: Offsets, n_rows: int) -> list[tuple[int, int]]:
    """Ranges of tokens that have about `n_rows` rows together, at least one token each."""
    ranges, first, n_tokens = [], 0, len(starts) - 1
    while first < n_tokens:
        stop = max(first + 1, int(np.searchsorted(starts, starts[first] + max(n_rows, 1), side="right")) - 1)
        ranges.append((first, min(stop, n_tokens)))
        first = ranges[-1][1]
    return ranges
