"""The rows of many texts in, one vector a text out, written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["pool_max", "pool_mean"]


def pool_mean(
    vectors: AnyArray, rows: AnyArray, offsets: AnyArray, weights: AnyArray, components: AnyArray,
    turned: AnyArray, unit: bool, first: int, stop: int, sums: AnyArray, shares: AnyArray,
    out: AnyArray,
) -> None:  # fmt: skip
    """Set out[b] for first <= b < stop to the mean of weights[r] * vectors[r] over the rows r of text b.

    From each mean x the sum of (x . c) c over all c = components[k] is taken away; where `unit`, x is divided by its length.
    A text without rows, and a mean of zeros, stays zeros. All sums are float64.

    vectors float32 (V, D); rows int32 (T,); text b has rows[offsets[b]:offsets[b + 1]]; weights float32 (V,); components
    float64 (K, D), `turned` the same as (D, K); sums float64 (D,) and shares float64 (K,), scratch; out float32 (B, D).
    """
    for text in range(first, stop):
        own = rows[offsets[text] : offsets[text + 1]]
        sums[:] = 0
        for row in own:
            sums += weights[row].astype(np.float64) * vectors[row]
        sums /= max(len(own), 1)
        shares[:] = components @ sums
        sums -= shares @ components
        length = np.sqrt(sums @ sums)
        if unit and length > 0:
            sums /= length
        out[text] = sums


def pool_max(vectors: AnyArray, rows: AnyArray, offsets: AnyArray, unit: bool, first: int, stop: int, out: AnyArray) -> None:
    """Set out[b] for first <= b < stop to the largest of the rows of text b in each dimension; zeros without rows."""
    for text in range(first, stop):
        own = rows[offsets[text] : offsets[text + 1]]
        largest = vectors[own].max(axis=0) if len(own) else np.zeros(vectors.shape[1])
        length = np.sqrt(np.square(largest.astype(np.float64)).sum())
        out[text] = largest / length if unit and length > 0 else largest
