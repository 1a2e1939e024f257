"""Node2Vec: from a graph to a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import CheckpointError, SemapWarning, SettingsError, TrainingInterrupted, UnknownToken
from semap.graph.read import read_graph
from semap.graph.walks import Walks
from semap.learn.node2vec import Node2Vec

KARATE = Path(__file__).parents[1] / "data" / "karate.edgelist"
QUICK = {"dim": 16, "n_walks": 8, "length": 20, "window": 3, "threads": 1}


@pytest.fixture(scope="module")
def karate():
    with pytest.warns(SemapWarning, match="1 edges came again"):
        return read_graph(KARATE)


@pytest.fixture(scope="module")
def cliques():
    """Ten cliques of eight nodes in a ring: node "300 + 8 c + i"."""
    edges = []
    for clique in range(10):
        own = [300 + 8 * clique + i for i in range(8)]
        edges += [(a, b) for a in own for b in own if a < b]
        edges.append((own[0], 300 + 8 * ((clique + 1) % 10) + 7))
    return read_graph(edges)


def test_nodes_of_a_clique_come_to_lie_together(cliques):
    table = Node2Vec(dim=32, n_walks=30, length=40, window=4, p=1, q=0.5).fit(cliques)
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    clique = np.array([(int(token) - 300) // 8 for token in table.tokens])
    assert (clique[cosines.argmax(axis=1)] == clique).mean() > 0.95


def test_the_table_has_every_node_under_its_own_id(karate):
    table = Node2Vec(**QUICK).fit(karate)
    assert sorted(map(int, table.tokens)) == list(range(1, 35))
    assert table.counts.tolist() == sorted(np.diff(karate.indptr).tolist(), reverse=True)
    assert table.vectors.shape == (34, 16)
    assert semap.similar(table, "34", k=3)
    with pytest.raises(UnknownToken):
        semap.similar(table, "35")
    assert table.metadata["settings"]["p"] == 1.0
    assert table.metadata["corpus"]["graph"] == {"nodes": 34, "edges": 77, "directed": False}


def test_reading_streams_the_same_bits_as_a_stored_corpus(karate):
    learner = Node2Vec(**QUICK, p=0.5, q=2.0)
    walks = learner.walks(karate)
    span = walks.read(0, 0, walks.n_tokens)
    corpus = semap.Corpus(span.ids, span.offsets, karate.vocab)
    assert learner.fit(corpus).vectors.tobytes() == learner.fit(karate).vectors.tobytes()


def test_stopped_and_gone_on_gives_the_same_bits(karate, tmp_path, monkeypatch):
    learner = Node2Vec(**{**QUICK, "epochs": 3})
    whole = learner.fit(karate)
    from semap.learn.training import Training

    run_rounds = Training._run_rounds
    calls = []

    def stopping(self, stop, rates):
        run_rounds(self, stop, rates)
        calls.append(stop)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Training, "_run_rounds", stopping)
        with pytest.raises(TrainingInterrupted):
            learner.fit(karate, checkpoint=tmp_path / "state")
    assert learner.fit(karate, checkpoint=tmp_path / "state", resume=True).vectors.tobytes() == whole.vectors.tobytes()
    with pytest.raises(CheckpointError, match="p"):
        Node2Vec(**{**QUICK, "epochs": 3, "p": 2.0}).fit(karate, checkpoint=tmp_path / "state", resume=True)


def test_a_graph_of_two_nodes_stays_finite():
    assert np.isfinite(Node2Vec(**QUICK).fit(read_graph(["x y"])).vectors).all()


def test_karate_is_as_good_as_with_one_lane(karate):
    def edge_auc(table):
        unit = table.lookup(list(karate.vocab.tokens))
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        scores = unit @ unit.T
        linked = np.zeros((34, 34), bool)
        linked[karate.rows(), karate.neighbours] = True
        above = np.triu(np.ones((34, 34), bool), 1)
        good, bad = scores[above & linked], scores[above & ~linked]
        return (good[:, None] > bad[None, :]).mean()

    settings = {"dim": 32, "n_walks": 20, "length": 40, "window": 3}
    auto = edge_auc(Node2Vec(**settings).fit(karate))
    assert auto > 0.7
    assert auto > edge_auc(Node2Vec(**settings, lanes=1, threads=1).fit(karate)) - 0.03


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"p": 0}, "p is 0"), ({"q": "far"}, "q is 'far'"), ({"n_walks": 0}, "n_walks is 0"), ({"length": True}, "length is True")],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        Node2Vec(**settings)


def test_walks_of_a_learner_have_its_settings(karate):
    walks = Node2Vec(p=0.5, q=2, n_walks=3, length=7, seed=9).walks(karate)
    assert walks == Walks(graph=karate, p=0.5, q=2.0, n_walks=3, length=7, seed=9)
