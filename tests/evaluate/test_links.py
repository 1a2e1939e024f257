"""Link prediction: the AUC by hand and beside scikit-learn's, graphs whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import SettingsError
from semap.evaluate import links
from semap.evaluate.links import auc, link_prediction

KARATE = Path(semap.__file__).parent / "data" / "karate.edgelist"
SCORES = ["hadamard", "average", "l1", "l2", "dot", "cosine"]


@pytest.mark.parametrize(
    ("edges", "others", "wanted"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([7], [7], 0.5),
        ([5, 5, 5], [5, 5], 0.5),
        ([2, 4], [1, 3, 4], (1 + 2.5) / 6),  # 2 is above 1; 4 is above 1 and 3 and equal to 4
    ],
)
def test_the_auc_of_a_case_worked_by_hand(edges, others, wanted):
    assert auc(np.array(edges, float), np.array(others, float)) == wanted


few = st.lists(st.integers(-3, 3), min_size=1, max_size=30)


@given(few, few)
def test_the_auc_is_that_of_scikit_learn(edges, others):
    metrics = pytest.importorskip("sklearn.metrics")
    wanted = metrics.roc_auc_score([1] * len(edges) + [0] * len(others), edges + others)
    assert auc(np.array(edges, float), np.array(others, float)) == pytest.approx(wanted, abs=1e-12)


class Known:
    """A learner that gives nodes the vectors it was made with and remembers what it was fitted to."""

    def __init__(self, vectors):
        self.vectors, self.seen = vectors, []

    def fit(self, graph):
        """Return the table in another order than the graph's."""
        self.seen.append(graph)
        tokens = sorted(self.vectors)
        return semap.Table(tokens, np.array([self.vectors[token] for token in tokens], np.float32))


def two_groups(n=12):
    """Two groups without an edge between them, each complete; the vector says which group."""
    groups = [[f"{letter}{node}" for node in range(n)] for letter in "pq"]
    edges = [(a, b) for group in groups for a in group for b in group if a < b]
    return semap.read_graph(edges), {node: [1.0 if node[0] == "p" else -1.0, 0.5] for group in groups for node in group}


@pytest.mark.parametrize("score", ["hadamard", "l1", "l2", "dot", "cosine"])
def test_vectors_that_know_the_groups_tell_every_edge(score):
    graph, vectors = two_groups()
    scores = link_prediction(Known(vectors), graph, score=score, repeats=2, share=0.3)
    assert (scores.auc, scores.deviation) == (1.0, 0.0)
    assert scores.held_out == round(0.3 * graph.n_edges)
    assert json.loads(scores.to_json())["auc"] == 1.0
    assert "AUC        1.000 +- 0.000" in str(scores)


def test_the_average_does_not_know_which_nodes_share_a_group():
    graph, vectors = two_groups()
    assert link_prediction(Known(vectors), graph, score="average", share=0.3).auc < 0.7


@pytest.mark.parametrize("score", SCORES)
def test_vectors_that_are_all_the_same_tell_nothing(score):
    graph, vectors = two_groups()
    assert link_prediction(Known({node: [1.0, 2.0] for node in vectors}), graph, score=score, share=0.3).auc == 0.5


def test_the_learner_never_sees_the_edges_that_are_asked_for():
    graph, vectors = two_groups()
    learner = Known(vectors)
    link_prediction(learner, graph, share=0.3, repeats=3)
    assert [seen.n_edges for seen in learner.seen] == [graph.n_edges - round(0.3 * graph.n_edges)] * 3
    assert len({seen.fingerprint() for seen in learner.seen}) == 3


def test_neither_edges_nor_pairs_that_are_asked_for_are_learned_from(monkeypatch):
    graph, vectors = two_groups()
    drawn, learned = [], []
    draw, combine = links.non_edges, links._combined

    def drawing(*arguments, **more):
        drawn.append(draw(*arguments, **more))
        return drawn[-1]

    def combining(vectors, pairs, score):
        learned.append(pairs)
        return combine(vectors, pairs, score)

    monkeypatch.setattr(links, "non_edges", drawing)
    monkeypatch.setattr(links, "_combined", combining)
    link_prediction(Known(vectors), graph, share=0.4, repeats=1)
    first, edges, others = learned  # what the regression learns from, then what is asked for
    assert np.array_equal(others, drawn[0])
    pairs = [{frozenset(pair) for pair in part.tolist()} for part in (first, edges, others)]
    assert not pairs[0] & (pairs[1] | pairs[2])
    assert len(first) == 2 * (graph.n_edges - len(edges))


def test_the_deviation_is_that_of_the_repeats(monkeypatch):
    graph, vectors = two_groups()
    scores = iter([(0.5, 0.1), (0.7, 0.5)])
    monkeypatch.setattr(links, "_repeat", lambda *arguments: next(scores))
    found = link_prediction(Known(vectors), graph, share=0.3, repeats=2)
    assert (found.auc, found.deviation, found.degrees_auc) == pytest.approx((0.6, 0.1, 0.3))


def test_degrees_tell_the_edges_of_a_few_hubs():
    hubs = [("h1", f"leaf{n}") for n in range(30)] + [("h2", f"leaf{n}") for n in range(30)]
    graph = semap.read_graph(hubs)
    scores = link_prediction(Known({node: [1.0] for node in graph.vocab.tokens}), graph, share=0.2, score="dot")
    assert scores.degrees_auc > 0.95  # pairs without an edge are two leaves, but for the one of the hubs
    assert scores.auc == 0.5


def test_degrees_are_those_of_the_edges_that_stay():
    """Every node of a ring has two edges; with some of them gone those held out lie between nodes with fewer."""
    ring = semap.read_graph([(f"n{node}", f"n{(node + 1) % 30}") for node in range(30)])
    scores = link_prediction(Known({node: [1.0] for node in ring.vocab.tokens}), ring, share=0.3, keep="nothing", score="dot")
    assert scores.degrees_auc < 0.4


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("score", SCORES)
def test_links_of_karate_are_told_the_same_way_again_whatever_the_threads(directed, score):
    graph = semap.read_graph(KARATE, directed=directed)
    learners = [semap.ProNE(dim=16, threads=threads) for threads in (1, 2)]
    found = [link_prediction(learner, graph, share=0.2, score=score, repeats=4) for learner in learners]
    assert found[0] == found[1]
    assert found[0].deviation > 0
    assert directed or score not in ("hadamard", "dot", "cosine") or found[0].auc > 0.55


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"score": "product"}, "score is 'product'"), ({"repeats": 0}, "repeats is 0"), ({"share": 0.99}, "can be held out"),
        ({"strength": 0}, "strength is 0"), ({"keep": None}, "keep is None"), ({"seed": -2}, "seed is -2"),
        ({"strength": "1"}, "strength is '1'"),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(SettingsError, match=message):
        link_prediction(semap.ProNE(dim=4), semap.read_graph(KARATE), **arguments)


def test_a_table_is_no_learner_and_a_list_no_graph():
    graph, vectors = two_groups()
    with pytest.raises(SettingsError, match="Table cannot be fitted"):
        link_prediction(Known(vectors).fit(graph), graph)
    with pytest.raises(SettingsError, match="not list"):
        link_prediction(semap.ProNE(), [("a", "b")])


def test_the_names_of_the_face_resolve():
    for name in semap.evaluate.__all__:
        assert getattr(semap.evaluate, name).__name__ == name
