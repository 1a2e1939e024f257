"""Cells of co-occurrence in, rows of words and contexts moved towards their logarithms out; written to be read, in any float.

A row is the coordinates of a vector, `width` of them, and then as many sums of squares. The last two coordinates (before zeros
that fill a row up) are the bias: in the rows of words (the bias, 1), in those of contexts (1, the bias). So the scalar product
has both biases in it, and each is trained as a coordinate whose partner is 1. The ones stay ones: their sum of squares is HELD.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray
from semap.kernels.reference.draws import GOLDEN, below, mix

__all__ = ["CLIP", "HELD", "RECORD", "deal", "train"]

RECORD = 4  # numbers of a dealt cell: row, column, and as float32 the logarithm and the weight
CLIP = 100.0  # of a slope, as in the original tool
HELD = 1e36  # of squares: a step divided by its root is lost in a coordinate of 1


def deal(
    words: AnyArray, begin: int, matrix: tuple[AnyArray, AnyArray, AnyArray, int], sides: tuple[AnyArray, AnyArray],
    curve: tuple[float, float], records: AnyArray, starts: AnyArray,
) -> None:  # fmt: skip
    """Write the cells of some words, sorted by the group of their column.

    words: whose rows come into this group, the first of them at the row `begin` of the model. matrix: indptr, columns, sums and
    unit of `Cells`. sides: int32 (V,) each, the group of every column, and its row in the model. curve: x_max and alpha of
    f(x) = min(1, (x / x_max) ** alpha). records: int32 (n, 4), filled. starts: int64 (groups + 1,), filled: where the cells
    of each group of columns begin.
    """
    indptr, columns, sums, unit = matrix
    groups, places = sides
    found = [
        (groups[columns[cell]], begin + n, places[columns[cell]], sums[cell] / unit)
        for n, word in enumerate(words)
        for cell in range(indptr[word], indptr[word + 1])
    ]
    found.sort(key=lambda cell: cell[0])  # stable: rows rise in a group
    numbers = records.view(np.float32)
    for place, (_, row, column, x) in enumerate(found):
        records[place, 0], records[place, 1] = row, column
        numbers[place, 2], numbers[place, 3] = np.log(x), min(1.0, (x / curve[0]) ** curve[1])
    starts[:] = np.searchsorted([cell[0] for cell in found], np.arange(len(starts)))


def train(records: AnyArray, key: int, rate: float, left: AnyArray, right: AnyArray) -> float:
    """Take a step for each cell, in an order drawn from `key`; return the sum of f(x) diff^2 / 2 before each.

    Pennington, Socher, Manning 2014, GloVe: Global Vectors for Word Representation, equation 8, with
    diff = w . c + b + b' - ln x; AdaGrad (Duchi, Hazan, Singer 2011) as in the original glove.c: a coordinate moves by
    the slope times `rate`, divided by the root of the sum of the squares of these before it, and that sum begins at 1.
    left, right: (rows, 2 width), as this file says.
    """
    width, numbers, loss = left.shape[1] // 2, records.view(np.float32), 0.0
    for cell in order(len(records), key):
        row, column = left[records[cell, 0]], right[records[cell, 1]]
        w, c = row[:width].copy(), column[:width].copy()
        diff = w @ c - numbers[cell, 2]
        slope = numbers[cell, 3] * diff  # of f(x) diff^2 / 2 with respect to the product
        loss += 0.5 * float(slope) * float(diff)
        for vector, partner in ((row, c), (column, w)):
            step = rate * np.clip(slope * partner, -CLIP, CLIP)
            vector[:width] -= step / np.sqrt(vector[width:])
            vector[width:] += step * step
    return loss


def order(n: int, key: int) -> list[int]:
    """A permutation of 0 .. n - 1 (Fisher and Yates, from the inside out: Knuth, volume 2, algorithm 3.4.2 P)."""
    places: list[int] = []
    for i in range(n):
        j = below(mix(int(key) + i * GOLDEN), i + 1)
        places.append(i)
        places[i], places[j] = places[j], i
    return places
