"""ProNE: its parts against SciPy, its vectors against what a graph is made of."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import scipy.special

import semap
from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.graph.read import read_graph
from semap.learn.prone import ProNE, _bessel
from semap.learn.sparse import Sparse, left_singular
from semap.learn.tall import to_basis, to_scaled_left


@pytest.fixture(scope="module")
def cliques():
    """Ten cliques of eight nodes in a ring: node "300 + 8 c + i"."""
    edges = []
    for clique in range(10):
        own = [300 + 8 * clique + i for i in range(8)]
        edges += [(a, b) for a in own for b in own if a < b]
        edges.append((own[0], 300 + 8 * ((clique + 1) % 10) + 7))
    return read_graph(edges)


def nearest_is_of_the_same_clique(table):
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    clique = np.array([(int(token) - 300) // 8 for token in table.tokens])
    return (clique[cosines.argmax(axis=1)] == clique).mean()


def test_nodes_of_a_clique_come_to_lie_together(cliques):
    table = ProNE(dim=16).fit(cliques)
    assert nearest_is_of_the_same_clique(table) == 1
    np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), 1, rtol=1e-5)
    assert table.metadata["settings"]["learner"] == "ProNE"


@pytest.mark.parametrize("k", [0, 1, 2, 9])
def test_bessel_functions_are_those_of_scipy(k):
    assert _bessel(k, 0.5) == pytest.approx(scipy.special.iv(k, 0.5), rel=1e-12)


def test_singular_vectors_are_those_of_numpy():
    rng = np.random.default_rng(1)
    dense = (rng.random((60, 60)) < 0.2) * rng.standard_normal((60, 60))
    dense += 5 * np.outer(rng.random(60), rng.random(60)) * (dense != 0)
    matrix = scipy.sparse.csr_array(dense)
    arrays = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
    vectors, values = left_singular(Sparse(*arrays, np.zeros(0, np.float32), 2), 6, seed=3, rounds=40, more=30)
    wanted, lengths, _ = np.linalg.svd(dense)
    np.testing.assert_allclose(values, lengths[:6], rtol=1e-3)
    np.testing.assert_allclose(np.abs((vectors * wanted[:, :6]).sum(axis=0)), 1, atol=5e-3)


def test_a_basis_is_at_right_angles_and_drops_what_depends_on_the_rest():
    rng = np.random.default_rng(2)
    columns = rng.standard_normal((1300, 5)).astype(np.float32)
    columns[:, 3] = columns[:, 1] - 2 * columns[:, 0]
    basis = to_basis(columns, 2, passes=2)
    np.testing.assert_allclose(basis.T @ basis, np.diag([1, 1, 1, 0, 1]), atol=1e-4)


def test_scaled_singular_vectors_are_those_of_numpy():
    rows = np.random.default_rng(5).standard_normal((700, 4)).astype(np.float32) * [5, 3, 2, 1]
    found = to_scaled_left(rows.astype(np.float32), 2)
    wanted, lengths, _ = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(np.abs(found), np.abs(wanted * np.sqrt(lengths)), atol=1e-3)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def the_authors_steps(graph, dim, order, mu, theta, exponent):
    """Their program in dense matrices, the inner products of the rows it gives: signs of columns do not show in these."""
    edges = np.zeros((len(graph), len(graph)))
    edges[graph.rows(), graph.neighbours] = 1 if graph.weights is None else graph.weights
    shares = edges / edges.sum(axis=1, keepdims=True)
    noise = shares.sum(axis=0) ** exponent
    with np.errstate(divide="ignore"):
        matrix = np.where(edges > 0, np.log(shares) - np.log(noise / noise.sum()), 0)
    left, lengths, _ = np.linalg.svd(matrix)
    rows = unit(left[:, :dim] * np.sqrt(lengths[:dim]))
    if order == 1:
        return rows @ rows.T
    around = edges + np.eye(len(edges))
    shifted = np.eye(len(edges)) - around / around.sum(axis=1, keepdims=True) - mu * np.eye(len(edges))
    terms = [rows, 0.5 * shifted @ shifted @ rows - rows]
    while len(terms) < order:
        terms.append(shifted @ (shifted @ terms[-1]) - 2 * terms[-1] - terms[-2])
    signs = [1, *(2 * (-1) ** k for k in range(1, order))]
    series = sum(sign * scipy.special.iv(k, theta) * term for k, (sign, term) in enumerate(zip(signs, terms, strict=True)))
    left, lengths, _ = np.linalg.svd(around @ (rows - series), full_matrices=False)
    rows = unit(left * np.sqrt(lengths))
    return rows @ rows.T


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"order": 1},
        {"order": 2},
        {"order": 5, "mu": 0.2},
        {"theta": 2.0, "mu": -0.4},
        {"ns_exponent": 1.5},
        {"ns_exponent": 0},
    ],
)
def test_vectors_are_those_of_the_authors_steps(settings, weighted, directed):
    rng = np.random.default_rng(9)
    pairs = [
        (f"n{7 * a % 12}", f"n{7 * b % 12}") for a in range(12) for b in range(12) if (b - a) % 12 == 1 or rng.random() < 0.3
    ]
    edges = sorted(set(pairs)) if directed else sorted({tuple(sorted(pair)) for pair in pairs})
    graph = read_graph([(*edge, 1 + rng.integers(1, 9)) if weighted else edge for edge in edges], directed=directed)
    table = ProNE(dim=4, **settings).fit(graph)
    given = {"order": 10, "mu": -0.1, "theta": 0.5, "ns_exponent": 0.75, **settings}
    wanted = the_authors_steps(graph, 4, given["order"], given["mu"], given["theta"], given["ns_exponent"])
    np.testing.assert_allclose(table.vectors @ table.vectors.T, wanted, atol=2e-3)


def test_lonely_nodes_and_columns_past_the_nodes_are_zeros():
    graph = Graph.of_edges(["lonely", "a", "b", "c"], [1, 2], [2, 3])
    table = ProNE(dim=9).fit(graph)
    assert np.isfinite(table.vectors).all()
    assert (table["lonely"] == 0).all()
    assert (table.vectors[:, 4:] == 0).all()
    assert semap.cosine(table["a"], table["a"]) == pytest.approx(1, rel=1e-5)


def test_weights_and_directions_matter():
    plain = ProNE(dim=2).fit(read_graph(["a b", "b c", "c a", "c d"]))
    weighted = ProNE(dim=2).fit(read_graph(["a b 9", "b c 1", "c a 1", "c d 1"]))
    directed = ProNE(dim=2).fit(read_graph(["a b", "b c", "c a", "c d"], directed=True))
    assert not np.allclose(plain.lookup(list("abcd")), weighted.lookup(list("abcd")))
    assert np.isfinite(directed.vectors).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"mu": float("nan")}, "mu is nan"),
        ({"order": 1.5}, "order is 1.5"),
        ({"threads": -1}, "threads"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        ProNE(**settings)
