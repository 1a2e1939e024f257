"""Rows and which of them each token is composed of in, their means out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel
from semap.kernels.native.simd import LANES, prefetch

__all__ = ["add_rows"]

_AHEAD = 8  # rows lie all over a matrix of a gigabyte; asked for so many rows before, they come in two thirds of the time


@kernel
def add_rows(rows: Any, places: Any, starts: Any, first: int, stop: int, out: Any) -> None:
    """Add rows[places[j]], starts[i] <= j < starts[i + 1], in order to out[i] for first <= i < stop; places below 0 are none."""
    dim, end = rows.shape[1], starts[stop]
    for token in range(first, stop):
        for j in range(starts[token], starts[token + 1]):
            if j + _AHEAD < end and places[j + _AHEAD] >= 0:
                begin = np.intp(places[j + _AHEAD]) * dim
                for column in range(0, dim, LANES):
                    prefetch(rows, begin + column)
            row = np.intp(places[j])
            if row >= 0:
                for column in range(dim):
                    out[token, column] += rows[row, column]
