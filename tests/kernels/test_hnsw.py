"""Both kernels find the same rows, in the bytes of graphs that usearch built."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from semap.index.backend import Graph, node_offsets
from semap.kernels.native import hnsw as native
from semap.kernels.reference import hnsw as plain

SIZES, MEASURES = {"f32": 4, "f16": 2, "i8": 1}, {"ip": 0, "l2sq": 1, "cos": 2}
KINDS = [*itertools.product(SIZES, ("ip", "l2sq")), ("i8", "cos")]  # other cosines are inner products of unit vectors


def built(dtype, measure, *, n_rows=600, dim=18, seed=4):
    """Rows of small whole numbers, whose products and squares are exact in any order, and their graph."""
    rows = np.random.default_rng(seed).integers(-9, 10, (n_rows, dim)).astype({"f32": "f4", "f16": "f2", "i8": "i1"}[dtype])
    graph = Graph(dim, measure=measure, dtype=dtype, connectivity=4, expansion_add=40, expansion_search=20)
    graph.add(0, rows, 1)
    return rows, graph


def answers(kernels, graph, dtype, measure, queries, k, expansion):
    content = graph.content()
    found, counts = np.full((len(queries), k), -7), np.zeros(len(queries), np.int64)
    offsets = node_offsets(content, len(graph), 4)
    given = (content, offsets, SIZES[dtype], MEASURES[measure], 4, expansion, queries.astype(np.float32))
    kernels.nearest(*given, 0, len(queries) // 2, found, counts)
    kernels.nearest(*given, len(queries) // 2, len(queries), found, counts)
    return found, counts


@pytest.mark.parametrize("expansion", [5, 31, 1000])
@pytest.mark.parametrize(("dtype", "measure"), KINDS)
def test_both_kernels_find_the_same_rows(dtype, measure, expansion):
    rows, graph = built(dtype, measure)
    queries = np.vstack([rows[:12], -rows[12:20], np.zeros_like(rows[:1])])
    (fast, n_fast), (slow, n_slow) = (
        answers(kernels, graph, dtype, measure, queries, 5, expansion) for kernels in (native, plain)
    )
    np.testing.assert_array_equal(n_fast, n_slow)
    np.testing.assert_array_equal(n_fast, 5)
    if measure != "cos":  # quotients are rounded
        np.testing.assert_array_equal(fast, slow)
    else:
        units = rows / np.linalg.norm(rows.astype(np.float64), axis=1)[:, None]
        scores = [np.take_along_axis(queries @ units.T, found, 1) for found in (fast, slow)]
        np.testing.assert_allclose(scores[0], scores[1], rtol=1e-6)


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 33])
@pytest.mark.parametrize("dtype", list(SIZES))
def test_what_is_reached_comes_in_the_order_of_distance_and_number_at_any_width(dtype, dim):
    rows, graph = built(dtype, "l2sq", dim=dim, n_rows=90)
    queries = rows[:10].astype(np.float64)
    found, counts = answers(native, graph, dtype, "l2sq", queries, 90, 90)
    assert counts.mean() > 60  # not all: equal rows may cut a small graph in pieces
    squares = ((queries[:, None] - rows[None].astype(np.float64)) ** 2).sum(2)
    for line, count, far in zip(found, counts, squares, strict=True):
        reached = line[:count].tolist()
        assert len(set(reached)) == count
        assert reached == sorted(reached, key=lambda row, far=far: (far[row], row))


def test_the_bits_of_halves_are_read_as_numbers():
    halves = np.array([0, 1, -2.5, 65504, -65504, 6e-8, -6e-5, 0.1, *range(8)], np.float16)
    graph = Graph(16, measure="ip", dtype="f16", connectivity=4, expansion_add=8, expansion_search=8)
    graph.add(0, np.stack([halves, np.zeros(16, np.float16)]), 1)
    for place in range(16):  # above the row of zeros exactly where the number is positive
        query = np.zeros((2, 16))
        query[:, place] = 1, -1
        found, counts = answers(native, graph, "f16", "ip", query, 2, 8)
        assert counts.tolist() == [2, 2]
        sign = np.sign(float(halves[place]))
        assert found[:, 0].tolist() == ([0, 1] if sign > 0 else [1, 0] if sign < 0 else [0, 0])


def test_the_library_finds_the_same():
    for dtype, measure in (("f32", "ip"), ("f32", "l2sq"), ("i8", "cos")):
        rows, graph = built(dtype, measure, n_rows=3000)
        rng = np.random.default_rng(6)
        queries = rng.integers(-9, 10, (200, 18)).astype(rows.dtype)
        by_library, _ = graph.nearest_by_library(queries, 10, 1)
        ours, _ = graph.over(graph.content(), mapped=True).nearest(queries, 10, 2)
        same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(ours.tolist(), by_library.tolist(), strict=True)])
        assert same > 0.97  # equally far rows are many here, and the last of ten may be any of them
