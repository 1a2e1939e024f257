"""Cells of co-occurrence in, rows of words and contexts moved towards their logarithms out; the plain twin says what is computed.

Rows are float32, 16 coordinates at a time; the loss is float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Integer
from semap.kernels.native.cells import peek
from semap.kernels.native.draws import GOLDEN, below, mix
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.roots import inverse_root
from semap.kernels.native.simd import LANES, clamp, fma, hsum, load, mul, prefetch, prefetch_to_write, splat, store, sub
from semap.kernels.reference.glove import CLIP, RECORD

__all__ = ["deal", "train"]

_AHEAD = 3  # cells: rows that are asked for before they are needed
_FAR_AHEAD = 16  # cells: the records, which say what rows they are
_LINE = 16  # float32 in a cache line
_LIMIT = np.float32(CLIP)


@kernel
def deal(
    words: AnyArray, begin: int, matrix: tuple[AnyArray, AnyArray, AnyArray, int], sides: tuple[AnyArray, AnyArray],
    curve: tuple[float, float], records: AnyArray, starts: AnyArray,
) -> None:  # fmt: skip
    """Write the cells of some words, sorted by the group of their column, by counting."""
    indptr, columns, sums, unit = matrix
    groups, places = sides
    numbers = records.view(np.float32)
    starts[:] = 0
    for word in words:
        for cell in range(indptr[word], indptr[word + 1]):
            starts[groups[columns[cell]] + 1] += 1
    for group in range(1, starts.size):
        starts[group] += starts[group - 1]
    nexts = starts.copy()
    for n in range(words.size):
        for cell in range(indptr[words[n]], indptr[words[n] + 1]):
            column = columns[cell]
            place = nexts[groups[column]]
            nexts[groups[column]] = place + 1
            x = sums[cell] / unit
            records[place, 0] = begin + n
            records[place, 1] = places[column]
            numbers[place, 2] = math.log(x)
            numbers[place, 3] = min(1.0, (x / curve[0]) ** curve[1])


@kernel
def train(records: AnyArray, key: Integer, rate: float, left: AnyArray, right: AnyArray) -> float:
    """Take a step for each cell, in an order drawn from `key`; return the sum of f(x) diff^2 / 2 before each."""
    stride = left.shape[1]
    width = stride // 2
    words, contexts = left.reshape(left.size), right.reshape(right.size)
    cells, numbers = records.reshape(records.size), records.view(np.float32).reshape(records.size)
    order = _order(records.shape[0], key)
    steps = splat(np.float32(rate))
    loss = 0.0
    for i in range(order.size):
        if i + _FAR_AHEAD < order.size:
            prefetch(cells, RECORD * np.int64(peek(order, i + _FAR_AHEAD)))
        if i + _AHEAD < order.size:
            coming = RECORD * np.int64(peek(order, i + _AHEAD))
            _ask_for(words, np.int64(peek(cells, coming)) * stride, stride)
            _ask_for(contexts, np.int64(peek(cells, coming + 1)) * stride, stride)
        cell = RECORD * np.int64(peek(order, i))
        a, b = np.int64(peek(cells, cell)) * stride, np.int64(peek(cells, cell + 1)) * stride
        diff = _product(words, a, contexts, b, width) - peek(numbers, cell + 2)
        slope = peek(numbers, cell + 3) * diff
        loss += 0.5 * np.float64(slope) * np.float64(diff)
        _move(words, a, contexts, b, width, splat(slope), steps)
    return loss


@inlined
def _order(n: Any, key: Any) -> Any:
    """A permutation of 0 .. n - 1."""
    places = np.empty(n, np.int32)
    for i in range(n):
        j = below(mix(np.uint64(key) + np.uint64(i) * GOLDEN), i + 1)
        places[i] = places[j]
        places[j] = i
    return places


@inlined
def _ask_for(rows: Any, begin: Any, stride: Any) -> None:
    for t in range(begin, begin + stride, _LINE):
        prefetch_to_write(rows, t)


@inlined
def _product(words: Any, a: Any, contexts: Any, b: Any, width: Any) -> Any:
    """w . c, with the biases in it"""
    total = splat(np.float32(0))
    for t in range(0, width, LANES):
        total = fma(load(words, a + t), load(contexts, b + t), total)
    return hsum(total)


@inlined
def _move(words: Any, a: Any, contexts: Any, b: Any, width: Any, slope: Any, rate: Any) -> None:
    """w -= step_w / sqrt(squares_w), squares_w += step_w^2 with step_w = rate clip(slope c); the same for c with w."""
    limit = splat(_LIMIT)
    for t in range(0, width, LANES):
        w, c = load(words, a + t), load(contexts, b + t)
        squares_w, squares_c = load(words, a + width + t), load(contexts, b + width + t)
        step_w, step_c = mul(rate, clamp(mul(slope, c), limit)), mul(rate, clamp(mul(slope, w), limit))
        store(words, a + t, sub(w, mul(step_w, inverse_root(squares_w))))
        store(contexts, b + t, sub(c, mul(step_c, inverse_root(squares_c))))
        store(words, a + width + t, fma(step_w, step_w, squares_w))
        store(contexts, b + width + t, fma(step_c, step_c, squares_c))
