"""Walks as Blocks: what is read does not depend on how it is read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.errors import SettingsError
from semap.graph.graph import Graph
from semap.graph.read import read_graph
from semap.graph.walks import Walks

EDGES = ["30 10", "10 7", "7 30", "7 99", "99 5"]


@pytest.fixture(scope="module")
def graph():
    lonely = Graph.of_edges(["lonely", "30", "10", "7", "99", "5"], [1, 2, 3, 3, 4], [2, 3, 1, 4, 5])
    assert lonely.facts["isolated_nodes"] == 1
    return lonely


def texts_of(span):
    offsets = span.offsets - span.first
    return [span.ids[first:stop].tolist() for first, stop in pairwise(offsets)]


def test_each_pass_starts_a_walk_at_every_node(graph):
    walks = Walks(graph=graph, n_walks=3, length=9)
    texts = texts_of(walks.read(0, 0, walks.n_tokens))
    assert walks.n_tokens == 3 * (5 * 9 + 1)
    assert len(texts) == 18
    assert sorted(text[0] for text in texts[6:12]) == list(range(6))
    assert {len(text) for text in texts} == {9, 1}
    lonely = graph.vocab.id("lonely")
    assert [text for text in texts if lonely in text] == [[lonely]] * 3


@given(st.integers(0, 137), st.integers(1, 60), st.integers(0, 2))
def test_a_part_is_the_same_as_in_the_whole(start, size, epoch):
    walks = Walks(graph=read_graph(EDGES), n_walks=3, length=9, p=0.5, q=2.0)
    whole = walks.read(epoch, 0, walks.n_tokens)
    stop = min(start + size, walks.n_tokens)
    part = walks.read(epoch, start, stop)
    if start < stop:
        assert part.first <= start
        assert part.first + len(part.ids) >= stop
        assert part.first in whole.offsets
        assert part.offsets[-1] in whole.offsets
    np.testing.assert_array_equal(part.ids, whole.ids[part.first : part.first + len(part.ids)])


def test_threads_do_not_matter_but_seed_and_epoch_do():
    rng = np.random.default_rng(3)
    big = read_graph([(int(a), int(b)) for a, b in zip(range(3000), rng.integers(3000, 3600, 3000), strict=True)])
    settings = {"graph": big, "n_walks": 2, "length": 10, "q": 0.5}
    one = Walks(**settings, threads=1)
    first = one.read(0, 0, one.n_tokens).ids
    for threads in (2, 5):
        np.testing.assert_array_equal(Walks(**settings, threads=threads).read(0, 0, one.n_tokens).ids, first)
    assert (one.read(1, 0, one.n_tokens).ids != first).any()
    assert (Walks(**settings, seed=2).read(0, 0, one.n_tokens).ids != first).any()


def test_a_directed_walk_begins_again_at_a_dead_end():
    graph = read_graph(["b c", "c d"], directed=True)
    walks = Walks(graph=graph, n_walks=1, length=7)
    texts = [[graph.vocab.tokens[node] for node in text] for text in texts_of(walks.read(0, 0, walks.n_tokens))]
    assert walks.n_tokens == 7 + 7 + 1
    from_b = [text for text in texts if text[0] == "b"]
    assert from_b == [list("bcd"), list("bcd"), ["b"]]
    assert [text for text in texts if text[0] == "c"] == [list("cd")] * 3 + [["c"]]


def test_visits_are_in_proportion_to_the_degree():
    graph = read_graph(["a b", "a c", "a d", "b c", "d e"])
    walks = Walks(graph=graph, n_walks=400, length=200)
    visits = np.bincount(walks.read(0, 0, walks.n_tokens).ids) / walks.n_tokens
    np.testing.assert_allclose(visits, graph.vocab.counts / graph.vocab.counts.sum(), atol=0.01)


@pytest.mark.parametrize("bias", [{}, {"p": 4.0, "q": 0.5}])
def test_a_step_follows_the_weights_of_the_edges(bias):
    """From a leaf every walk goes to the hub, whose other edges have the weights 1, 2 and 6."""
    graph = read_graph(["leaf hub 1", "hub x 1", "hub y 2", "hub z 6"])
    walks = Walks(graph=graph, n_walks=20_000, length=3, **bias)
    texts = np.array(texts_of(walks.read(0, 0, walks.n_tokens)))
    after = [graph.vocab.tokens[node] for node in texts[texts[:, 0] == graph.vocab.id("leaf"), 2]]
    wanted = np.array([1 / bias.get("p", 1)] + [weight / bias.get("q", 1) for weight in (1, 2, 6)])
    found = np.array([after.count(name) for name in ("leaf", "x", "y", "z")]) / len(after)
    np.testing.assert_allclose(found, wanted / wanted.sum(), atol=0.015)


def test_the_walks_of_passes_and_epochs_are_others_even_from_the_same_place():
    """In a ring every node is alike, so that equal draws would turn equally often to the right."""
    ring = read_graph([(f"n{node:02}", f"n{(node + 1) % 40:02}") for node in range(40)])
    walks = Walks(graph=ring, n_walks=6, length=30)
    turns = []
    for epoch in (0, 1):
        for text in texts_of(walks.read(epoch, 0, walks.n_tokens)):
            places = np.array([int(ring.vocab.tokens[node][1:]) for node in text])
            turns.append((np.diff(places) % 40 == 1).tobytes())
    assert len(set(turns)) > 0.99 * len(turns)


def test_other_walks_have_another_fingerprint():
    graph = read_graph(EDGES)
    kinds = [{}, {"p": 2.0}, {"q": 2.0}, {"seed": 3}, {"length": 5}, {"n_walks": 5}]
    assert len({Walks(graph=graph, **kind).fingerprint() for kind in kinds}) == 6
    assert Walks(graph=graph, threads=2).fingerprint() == Walks(graph=graph).fingerprint()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"p": 0}, "p is 0"),
        ({"q": -1.0}, "q is -1.0"),
        ({"p": float("nan")}, "p is nan"),
        ({"length": 0}, "length is 0"),
        ({"n_walks": 1.5}, "n_walks is 1.5"),
        ({"seed": -1}, "seed is -1"),
        ({"graph": "edges.txt"}, "walks need a Graph, not str"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        Walks(**{"graph": read_graph(EDGES), **settings})
