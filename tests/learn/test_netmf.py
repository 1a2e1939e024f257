"""NetMF: the matrix of the paper, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.graph.read import read_graph
from semap.learn.eigen import eigenpairs
from semap.learn.netmf import NetMF
from semap.learn.sparse import Sparse

EDGES = ["30 10 2", "10 7 1", "7 30 3", "7 99 1", "99 5 4"]


def matrix_of_the_paper(graph, window, negatives):
    """Equation 9, written out."""
    dense = np.zeros((len(graph), len(graph)))
    dense[graph.rows(), graph.neighbours] = graph.weights
    degrees = dense.sum(axis=1)
    step = dense / degrees[:, None]
    powers = sum(np.linalg.matrix_power(step, r) for r in range(1, window + 1))
    met = degrees.sum() / (negatives * window) * powers / degrees
    return np.log(np.maximum(met, 1))


@pytest.mark.parametrize("rank", [0, 5, 256])
@pytest.mark.parametrize(("window", "negatives"), [(1, 1), (3, 2)])
def test_vectors_are_the_factors_of_the_papers_matrix(window, negatives, rank):
    graph = read_graph(EDGES)
    table = NetMF(dim=5, window=window, negatives=negatives, rank=rank).fit(graph)
    left, lengths, _ = np.linalg.svd(matrix_of_the_paper(graph, window, negatives))
    np.testing.assert_allclose(np.square(table.vectors).sum(axis=0), lengths, atol=1e-4)
    np.testing.assert_allclose(table.vectors @ table.vectors.T, left * lengths @ left.T, atol=1e-4)


@pytest.mark.parametrize("window", [1, 2, 10])
def test_vectors_of_a_lower_rank_are_those_of_the_largest_eigenpairs(window):
    """Algorithm 4 with NumPy's eigenpairs; of window 1 the mean of the powers of some is below 0, and counts as 0."""
    rng = np.random.default_rng(4)
    edges = [(f"n{a}", f"n{b}", float(rng.integers(1, 6))) for a in range(30) for b in range(a) if rng.random() < 0.25]
    graph = read_graph(edges)
    n_nodes, rank = len(graph), 20
    dense = np.zeros((n_nodes, n_nodes))
    dense[graph.rows(), graph.neighbours] = graph.weights
    degrees = dense.sum(axis=1)
    values, vectors = np.linalg.eigh(dense / np.sqrt(degrees) / np.sqrt(degrees)[:, None])
    values, vectors = values[::-1][:rank], vectors[:, ::-1][:, :rank]
    assert values[-1] < 0
    half = vectors * np.sqrt(np.maximum(sum(values**r for r in range(1, window + 1)) / window, 0)) / np.sqrt(degrees)[:, None]
    wanted = np.log(np.maximum(degrees.sum() / 3 * half @ half.T, 1))
    left, lengths, _ = np.linalg.svd(wanted)
    table = NetMF(dim=n_nodes, window=window, negatives=3, rank=rank).fit(graph)
    np.testing.assert_allclose(table.vectors @ table.vectors.T, left * lengths @ left.T, atol=2e-3)


def a_random_graph():
    """D^-1/2 A D^-1/2 of 90 nodes, as a SciPy matrix and as ours."""
    rng = np.random.default_rng(6)
    dense = np.triu(rng.random((90, 90)) < 0.2, 1)
    dense = (dense | dense.T).astype(float)
    scale = 1 / np.sqrt(dense.sum(axis=1))
    matrix = scipy.sparse.csr_array(dense * scale * scale[:, None])
    arrays = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
    return matrix, Sparse(*arrays, np.zeros(0, np.float32), 2)


@pytest.mark.parametrize("least", [-1.0, None])
def test_eigenpairs_are_the_largest_ones_by_value_or_by_size(least):
    matrix, ours = a_random_graph()
    values, vectors = eigenpairs(ours, 90, 10, seed=1, least=least)
    every = np.linalg.eigvalsh(matrix.toarray())
    wanted = np.sort(every)[::-1][:10] if least else every[np.argsort(-np.abs(every))][:10]
    np.testing.assert_allclose(values, wanted, atol=1e-5)
    np.testing.assert_allclose(matrix @ vectors, vectors * values, atol=5e-4)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(10), atol=1e-5)


def test_eigenpairs_of_a_matrix_with_fewer_than_are_asked_for_have_values_of_zero():
    half = np.random.default_rng(2).standard_normal((80, 3)).astype(np.float32)
    dense = half @ (half * np.float32([1, -1, 1])).T
    values, vectors = eigenpairs(dense, 80, 9, seed=1)
    every = np.linalg.eigvalsh(dense.astype(float))
    np.testing.assert_allclose(values[:3], every[np.argsort(-np.abs(every))][:3], rtol=1e-5)
    np.testing.assert_allclose(values[3:], 0, atol=1e-3)
    assert np.isfinite(vectors).all()


def test_a_lonely_node_has_a_row_of_zeros():
    table = NetMF(dim=3).fit(Graph.of_edges(["lonely", "a", "b"], [1], [2]))
    assert (table["lonely"] == 0).all()
    assert np.isfinite(table.vectors).all()


def test_directed_and_far_too_large_graphs_are_refused():
    with pytest.raises(SettingsError, match="undirected graph"):
        NetMF().fit(read_graph(["a b"], directed=True))
    ring = np.arange(40_001)
    with pytest.raises(SettingsError, match="40,001 nodes; at most 40,000"):
        NetMF().fit(Graph.of_edges(map(str, ring), ring, np.roll(ring, 1)))


@pytest.mark.parametrize(("settings", "message"), [({"window": 0}, "window is 0"), ({"negatives": -1}, "negatives is -1")])
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        NetMF(**settings)
