"""Rows as callers know them in, rows as the graph of an approximate index compares them out.

The graph only leads to candidates, whose scores are reckoned anew from the true rows, so all that counts here is that its
order comes close to the true one at the smallest cost. Cosines are inner products of unit rows. The rows for "dot" and
"euclidean" are multiplied by one number for all of them, which changes no order and keeps squares inside the range of
float32 and float16 and fills that of int8. An int8 row for "cosine" is its direction times 127 over its largest value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, FloatMatrix
from semap.index.index import Metric
from semap.index.vectors import unit_rows

__all__ = ["Coding", "Dtype", "Measure", "coding_of"]

Dtype = Literal["f32", "f16", "i8"]
Measure = Literal["ip", "l2sq", "cos"]

_KINDS: dict[Dtype, npt.DTypeLike] = {"f32": np.float32, "f16": np.float16, "i8": np.int8}
_LARGEST: dict[Dtype, float] = {"f32": 1e15, "f16": 60_000.0, "i8": 127.0}  # squares of these still add up
_PIECE = 1 << 20  # numbers looked at a time


@dataclass(frozen=True)
class Coding:
    """How rows stand in the graph. scale: what the rows of "dot" and "euclidean" are multiplied by."""

    metric: Metric
    dtype: Dtype
    scale: float

    @property
    def measure(self) -> Measure:
        """The graph's distance, by usearch's name."""
        if self.metric == "euclidean":
            return "l2sq"
        return "cos" if self.metric == "cosine" and self.dtype == "i8" else "ip"

    def rows(self, matrix: FloatMatrix) -> AnyArray:
        """Return rows (B, D) as the graph holds them."""
        if self.metric == "cosine":
            return self.directions(unit_rows(matrix))
        return self._narrow(matrix.astype(np.float64) * self.scale)

    def queries(self, matrix: FloatMatrix) -> AnyArray:
        """Return queries (B, D) as they meet those rows; the length of one changes no order of inner products."""
        return self.rows(matrix) if self.metric != "dot" else self.directions(unit_rows(matrix))

    def directions(self, units: FloatMatrix) -> AnyArray:
        """Return unit rows in the dtype of the graph."""
        if self.dtype == "f32":
            return units
        if self.dtype == "f16":
            return units.astype(np.float16)
        largest = np.abs(units).max(axis=1, keepdims=True, initial=np.float32(1e-30))  # rows of zeros stay so
        steps: AnyArray = np.rint(units * (127 / largest))
        return steps.astype(np.int8)

    def beyond(self, matrix: FloatMatrix) -> int:
        """Return how many rows have a value that the graph can only hold cut to its range."""
        if self.metric == "cosine":
            return 0
        limit = _LARGEST[self.dtype] * (1 + 1e-6)
        return int((np.abs(matrix.astype(np.float64)) * self.scale > limit).any(axis=1).sum())

    def _narrow(self, values: AnyArray) -> AnyArray:
        limit = _LARGEST[self.dtype]
        cut = np.clip(values, -limit, limit)
        return (np.rint(cut) if self.dtype == "i8" else cut).astype(_KINDS[self.dtype])


def coding_of(rows: FloatMatrix, metric: Metric, dtype: Dtype) -> Coding:
    """Return the coding that suits rows (V, D)."""
    if metric == "cosine":
        return Coding(metric, dtype, 1.0)
    step = max(1, _PIECE // rows.shape[1])
    largest = max((float(np.abs(rows[at : at + step]).max()) for at in range(0, len(rows), step)), default=0.0)
    if largest == 0:
        return Coding(metric, dtype, 1.0)
    if dtype == "i8":
        return Coding(metric, dtype, 127 / largest)
    return Coding(metric, dtype, 2.0 ** -round(math.log2(largest)))  # a power of two: no bit of a row is lost
