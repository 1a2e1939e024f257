"""Edges held out of a graph, and pairs without an edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import semap
from semap.errors import SettingsError
from semap.graph.split import hold_out_edges, non_edges

KARATE = Path(semap.__file__).parent / "data" / "karate.edgelist"


@st.composite
def graphs(draw):
    """Graphs whose ids are not their numbers, with loops, weights and directions or without."""
    n_nodes = draw(st.integers(2, 12))
    node = st.integers(0, n_nodes - 1)
    ends = draw(st.lists(st.tuples(node, node), min_size=1, max_size=40, unique=True))
    directed = draw(st.booleans())
    if not directed:
        ends = sorted({tuple(sorted(pair)) for pair in ends})
    weights = np.arange(1.0, len(ends) + 1) if draw(st.booleans()) else None
    sources, targets = np.array(ends).T
    return semap.Graph.of_edges([f"n{7 * node + 3}" for node in range(n_nodes)], sources, targets, weights, directed=directed)


def named(graph, pairs=None):
    """Edges as pairs of ids; without directions in one order."""
    if pairs is None:
        pairs = np.stack([graph.rows(), graph.neighbours], axis=1)
    found = {(graph.vocab.tokens[int(a)], graph.vocab.tokens[int(b)]) for a, b in pairs}
    return found if graph.directed else {tuple(sorted(pair)) for pair in found}


def ends_of(pairs):
    return {node for pair in pairs for node in pair}


def parts(graph, pairs):
    """The connected parts, by plain colouring."""
    part = {token: token for token in graph.vocab.tokens}
    for a, b in pairs:
        old, new = part[a], part[b]
        part = {token: new if its == old else its for token, its in part.items()}
    return {frozenset(token for token in part if part[token] == root) for root in part.values()}


@given(graphs(), st.sampled_from([0.1, 0.3, 0.6]), st.sampled_from(["connected", "nodes", "nothing"]), st.integers(0, 3))
@settings(deadline=None, max_examples=200)
def test_edges_go_or_stay_and_what_is_kept_is_kept(graph, share, keep, seed):
    every = named(graph)
    able = {pair for pair in every if pair[0] != pair[1]}
    try:
        split = hold_out_edges(graph, share, keep=keep, seed=seed)
    except SettingsError:
        assert keep != "nothing" or round(share * len(able)) in (0, len(every))
        return
    held, left = named(graph, split.edges), named(split.rest)
    assert held | left == every
    assert not held & left
    assert held <= able
    assert len(held) == len(split.edges) == round(share * len(able))
    assert sorted(split.rest.vocab.tokens) == sorted(graph.vocab.tokens)
    assert (split.rest.weights is None) == (graph.weights is None)
    if keep == "connected":
        assert parts(graph, left) == parts(graph, every)
    if keep == "nodes":
        assert ends_of(left & able) == ends_of(able)


def test_a_ring_can_lose_one_edge_and_stay_connected():
    ring = semap.read_graph([(str(10 + n), str(10 + (n + 1) % 6)) for n in range(6)])
    split = hold_out_edges(ring, 1 / 6)
    assert len(split.edges) == 1
    with pytest.raises(SettingsError, match=r"share 0\.5 of 6 edges is 3; with keep='connected' from 1 to 1 can be held out"):
        hold_out_edges(ring, 0.5)
    assert len(hold_out_edges(ring, 0.5, keep="nothing").edges) == 3


def test_weights_stay_with_their_edges():
    weights = {("a", "b"): 2.0, ("b", "c"): 3.0, ("c", "a"): 5.0, ("c", "d"): 7.0}
    split = hold_out_edges(semap.read_graph([(*pair, weight) for pair, weight in weights.items()]), 0.25, seed=4)
    rest = split.rest
    for row, column, weight in zip(rest.rows(), rest.neighbours, rest.weights, strict=True):
        pair = rest.vocab.tokens[int(row)], rest.vocab.tokens[int(column)]
        assert weight == weights.get(pair, weights.get(pair[::-1]))


def test_the_seed_decides_what_is_held_out_and_every_edge_can_be():
    graph = semap.read_graph(KARATE)
    one, same, other = (hold_out_edges(graph, 0.3, seed=seed).edges for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    ever = set().union(*(named(graph, hold_out_edges(graph, 0.5, keep="nothing", seed=seed).edges) for seed in range(30)))
    assert ever == named(graph)


@given(graphs(), st.integers(0, 3))
@settings(deadline=None, max_examples=100)
def test_every_pair_without_an_edge_and_no_other_can_be_drawn(graph, seed):
    linked = sorted({node for pair in named(graph) if pair[0] != pair[1] for node in pair})
    wanted = {(a, b) for a in linked for b in linked if a != b and (graph.directed or a < b)} - named(graph)
    pairs = non_edges(graph, len(wanted), seed=seed)
    assert len(pairs) == len(wanted)
    assert named(graph, pairs) == wanted
    with pytest.raises(SettingsError, match="hold out fewer edges"):
        non_edges(graph, len(wanted) + 1, seed=seed)


def test_pairs_without_an_edge_are_drawn_evenly():
    path = semap.read_graph([("5", "6"), ("6", "7"), ("7", "8")])  # without an edge: 5-7, 5-8, 6-8
    drawn = [next(iter(named(path, non_edges(path, 1, seed=seed)))) for seed in range(600)]
    shares = [drawn.count(pair) / 600 for pair in (("5", "7"), ("5", "8"), ("6", "8"))]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.08)


def test_pairs_that_are_taken_are_not_drawn_again():
    graph = semap.read_graph(KARATE)
    first = non_edges(graph, 200)
    second = non_edges(graph, 200, seed=2, apart_from=first)
    assert not named(graph, first) & named(graph, second)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"share": 0.0}, "share is 0.0"), ({"share": 1}, "share is 1"), ({"share": "0.5"}, "share is '0.5'"),
        ({"keep": "paths"}, "keep is 'paths'"), ({"seed": -1}, "seed is -1"), ({"share": 0.001}, "share 0.001 of 77 edges is 0"),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(SettingsError, match=message):
        hold_out_edges(semap.read_graph(KARATE), **arguments)


def test_what_is_no_graph_is_refused():
    with pytest.raises(SettingsError, match="edges are held out of a Graph, not list"):
        hold_out_edges([("a", "b")])
    with pytest.raises(SettingsError, match="of a Graph, not str"):
        non_edges("edges.txt", 2)
    for wrong in (7, [(0.5, 1)], [0, 1], ["a"]):
        with pytest.raises(SettingsError, match="apart_from is"):
            non_edges(semap.read_graph(KARATE), 2, apart_from=wrong)
