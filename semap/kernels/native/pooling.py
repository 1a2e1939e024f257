"""The rows of many texts in, one vector a text out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel

__all__ = ["pool_max", "pool_mean"]


@inlined
def _take_away(components: Any, turned: Any, sums: Any, shares: Any) -> None:
    """sums -= sum of (sums . c) c; both loops run along rows, so that no sum has to be split to be quick."""
    for number in range(shares.shape[0]):
        shares[number] = 0.0
    for column in range(sums.shape[0]):
        for number in range(shares.shape[0]):
            shares[number] += sums[column] * turned[column, number]
    for number in range(shares.shape[0]):
        for column in range(sums.shape[0]):
            sums[column] -= shares[number] * components[number, column]


@kernel
def pool_mean(
    vectors: Any, rows: Any, offsets: Any, weights: Any, components: Any, turned: Any, unit: bool, first: int,
    stop: int, sums: Any, shares: Any, out: Any,
) -> None:  # fmt: skip
    """Set out[b] for first <= b < stop to the weighted mean of the rows of text b, less the components."""
    dim = vectors.shape[1]
    for text in range(first, stop):
        begin, end = offsets[text], offsets[text + 1]
        for column in range(dim):
            sums[column] = 0.0
        for place in range(begin, end):
            row = np.intp(rows[place])
            weight = np.float64(weights[row])
            for column in range(dim):
                sums[column] += weight * vectors[row, column]
        n_rows = max(end - begin, 1)
        for column in range(dim):
            sums[column] /= n_rows
        _take_away(components, turned, sums, shares)
        divisor = 1.0
        if unit:
            square = 0.0
            for column in range(dim):
                square += sums[column] * sums[column]
            divisor = np.sqrt(square) if square > 0 else 1.0
        for column in range(dim):
            out[text, column] = sums[column] / divisor


@kernel
def pool_max(vectors: Any, rows: Any, offsets: Any, unit: bool, first: int, stop: int, out: Any) -> None:
    """Set out[b] for first <= b < stop to the largest of the rows of text b in each dimension; zeros without rows."""
    dim = vectors.shape[1]
    for text in range(first, stop):
        begin, end = offsets[text], offsets[text + 1]
        for column in range(dim):
            out[text, column] = vectors[rows[begin], column] if end > begin else 0.0
        for place in range(begin + 1, end):
            row = np.intp(rows[place])
            for column in range(dim):
                out[text, column] = max(out[text, column], vectors[row, column])
        if unit:
            square = 0.0
            for column in range(dim):
                square += np.float64(out[text, column]) * np.float64(out[text, column])
            if square > 0:
                for column in range(dim):
                    out[text, column] = out[text, column] / np.sqrt(square)
