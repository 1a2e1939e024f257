"""Rows and which of them each token is composed of in, their means out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import kernel

__all__ = ["add_rows"]


@kernel
def add_rows(rows: Any, places: Any, starts: Any, first: int, stop: int, out: Any) -> None:
    """Add rows[places[j]], starts[i] <= j < starts[i + 1], in order to out[i] for first <= i < stop; places below 0 are none."""
    dim = rows.shape[1]
    for token in range(first, stop):
        for j in range(starts[token], starts[token + 1]):
            row = np.intp(places[j])
            if row >= 0:
                for column in range(dim):
                    out[token, column] += rows[row, column]
