"""Node classification: F1 by hand, the regression beside scikit-learn's, the protocol of the papers."""

from __future__ import annotations

import json

import numpy as np
import pytest

import semap
from semap.errors import EmptyGold, FileMissing, SemapWarning, SettingsError
from semap.evaluate import nodes
from semap.evaluate.logistic import fit_logistic
from semap.evaluate.nodes import f1_scores, node_classification, read_labels, top_labels


def test_f1_of_a_case_worked_by_hand():
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]], bool)
    told = np.array([[1, 0, 0], [1, 0, 1], [1, 0, 0]], bool)
    # Label 0: 2 right of 3 told and 2 true, F1 4/5; label 1: none of 0 told, 2 true; label 2: none of 1 told, 0 true.
    assert f1_scores(truth, told) == pytest.approx((2 * 2 / (4 + 4), (4 / 5) / 3))


def test_a_label_that_nobody_has_and_nobody_is_told_counts_0_in_macro():
    truth, told = np.array([[1, 0], [1, 0]], bool), np.array([[1, 0], [1, 0]], bool)
    assert f1_scores(truth, told) == (1.0, 0.5)


def test_f1_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(4)
    truth, told = rng.random((2, 60, 7)) < 0.3
    wanted = [metrics.f1_score(truth, told, average=kind, zero_division=0) for kind in ("micro", "macro")]
    assert f1_scores(truth, told) == pytest.approx(wanted)


def test_each_node_gets_as_many_labels_as_it_has():
    scores = np.array([[0.1, 0.9, 0.5], [3.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    chosen = top_labels(scores, np.array([2, 1, 0]))
    assert chosen.tolist() == [[False, True, True], [True, False, False], [False, False, False]]


@pytest.mark.parametrize("strength", [0.1, 1.0, 100.0])
def test_the_regression_is_that_of_liblinear(strength):
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(8)
    rows = rng.normal(size=(200, 6)) * [1, 5, 0.1, 1, 1, 2]
    answers = rng.random((200, 3)) < 1 / (1 + np.exp(-rows[:, :3] - [0, 1, -3]))
    weights = fit_logistic(np.c_[rows, np.ones(200)], answers, strength)
    for label in range(3):
        peer = linear.LogisticRegression(C=strength, solver="liblinear", tol=1e-8).fit(rows, answers[:, label])
        np.testing.assert_allclose(weights[:, label], [*peer.coef_[0], *peer.intercept_], rtol=2e-3, atol=2e-3)


def test_a_label_that_nobody_has_in_training_is_learned_as_never():
    rows = np.c_[np.arange(10.0), np.ones(10)]
    weights = fit_logistic(rows, np.zeros((10, 1), bool), 1.0)
    assert (rows @ weights < 0).all()


@pytest.fixture
def groups():
    """60 nodes; the vector tells the label."""
    rng = np.random.default_rng(2)
    labels = {str(1000 + n): ["red" if n % 3 == 0 else "blue"] + (["big"] if n % 2 else []) for n in range(60)}
    centres = {"red": [4, 0, 0], "blue": [0, 4, 0], "big": [0, 0, 4]}
    vectors = [np.sum([centres[label] for label in its], axis=0) + 0.1 * rng.normal(size=3) for its in labels.values()]
    return semap.Table(list(labels), np.array(vectors, np.float32)), labels


def test_labels_that_vectors_tell_are_told(groups):
    table, labels = groups
    scores = node_classification(table, labels, repeats=3, strength=100)
    assert scores.micro > 0.99
    assert scores.macro > 0.99
    assert (scores.nodes, scores.labels, scores.unknown) == (60, 3, 0)
    assert json.loads(scores.to_json())["micro"] == scores.micro
    assert "micro F1" in str(scores)
    assert node_classification(table, labels, repeats=3, strength=100) == scores


def test_labels_that_vectors_do_not_tell_are_guessed(groups):
    table, labels = groups
    rng = np.random.default_rng(0)
    noise = semap.Table(list(table.tokens), rng.normal(size=(60, 3)).astype(np.float32))
    assert node_classification(noise, labels, repeats=5).micro < 0.8


def test_of_several_strengths_the_one_that_tells_held_out_nodes_is_taken(groups):
    table, labels = groups
    alone = [node_classification(table, labels, repeats=3, strength=each) for each in (1e-6, 100)]
    assert alone[0].macro < alone[1].macro
    assert node_classification(table, labels, repeats=3, strength=[1e-6, 100]) == alone[1]
    assert node_classification(table, labels, repeats=3, strength=[100]) == alone[1]


def test_vectors_may_be_divided_by_their_lengths_first(groups):
    table, labels = groups
    rng = np.random.default_rng(1)
    noisy = table.vectors + rng.normal(0, 2, (60, 3)).astype(np.float32)
    unit = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    longer = semap.Table(list(table.tokens), unit * rng.uniform(0.01, 50, (60, 1)).astype(np.float32))
    wanted = node_classification(semap.Table(list(table.tokens), unit), labels, repeats=3)
    found = node_classification(longer, labels, repeats=3, normalize=True)
    assert (found.micro, found.macro) == pytest.approx((wanted.micro, wanted.macro))
    assert node_classification(longer, labels, repeats=3).micro != pytest.approx(wanted.micro)


def test_deviations_are_those_of_the_repeats(groups, monkeypatch):
    scores = iter([(0.5, 0.1), (0.7, 0.5)])
    monkeypatch.setattr(nodes, "_repeat", lambda *arguments: next(scores))
    found = node_classification(*groups, repeats=2)
    assert (found.micro, found.macro) == pytest.approx((0.6, 0.3))
    assert (found.micro_deviation, found.macro_deviation) == pytest.approx((0.1, 0.2))


def test_nodes_without_a_row_are_counted(groups):
    table, labels = groups
    with pytest.warns(SemapWarning, match="1 of 61 labelled nodes have no row"):
        assert node_classification(table, {**labels, "7": ["red"]}, repeats=1).unknown == 1


def test_files_of_labels_in_both_layouts(tmp_path):
    (tmp_path / "nodes.txt").write_text("17 b a\n4 a\n\n9\n")
    assert read_labels(tmp_path / "nodes.txt") == {"17": ["b", "a"], "4": ["a"], "9": []}
    assert read_labels(["17 9", "9"], layout="labels") == {"17": ["0"], "9": ["0", "1"]}
    with pytest.raises(FileMissing):
        read_labels(tmp_path / "none.txt")
    with pytest.raises(SettingsError, match="layout is 'rows'"):
        read_labels(["1 2"], layout="rows")
    with pytest.raises(EmptyGold):
        read_labels(["17", ""])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"train_share": 1.0}, "train_share is 1.0"),
        ({"repeats": 0}, "repeats is 0"),
        ({"strength": 0}, "strength is 0"),
        ({"strength": []}, "strength is an empty list"),
        ({"strength": "1"}, "strength is '1'"),
        ({"strength": [1.0, None]}, "strength is None"),
        ({"train_share": "half"}, "train_share is 'half'"),
        ({"repeats": 2.5}, "repeats is 2.5"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_settings_out_of_range_are_refused(groups, settings, message):
    with pytest.raises(SettingsError, match=message):
        node_classification(*groups, **settings)


@pytest.mark.parametrize("labels", ["red", b"red", None, 7])
def test_labels_of_a_node_that_are_no_list_are_refused(groups, labels):
    table, known = groups
    with pytest.raises(SettingsError, match=r"the labels of node '1003' are .*give a list of them"):
        node_classification(table, {**known, "1003": labels})


def test_labels_of_the_nodes_that_are_told_are_not_learned_from():
    """Every vector is a direction of its own, so that only who has seen a node's label knows it."""
    rng = np.random.default_rng(3)
    nodes = [f"n{n}" for n in range(80)]
    table = semap.Table(nodes, np.eye(80, dtype=np.float32))
    labels = {node: ["red" if red else "blue"] for node, red in zip(nodes, rng.permutation(80) % 2, strict=True)}
    for strength in (100.0, [1.0, 100.0]):
        assert node_classification(table, labels, repeats=5, strength=strength).micro < 0.65


def test_strengths_are_chosen_without_the_nodes_that_are_told(groups, monkeypatch):
    calls, tell = [], nodes._told

    def telling(vectors, truth, train, test, strength):
        calls.append((set(train.tolist()), set(test.tolist())))
        return tell(vectors, truth, train, test, strength)

    monkeypatch.setattr(nodes, "_told", telling)
    node_classification(*groups, repeats=1, strength=[0.1, 1.0, 10.0])
    *choosing, (train, test) = calls
    assert len(choosing) == 3
    assert not train & test
    assert all(own | asked == train and not own & asked for own, asked in choosing)


def test_tables_and_files_of_labels_of_another_kind_are_refused(groups):
    table, labels = groups
    with pytest.raises(SettingsError, match="table is str"):
        node_classification("nodes.semap", labels)
    for wrong, told in (
        (None, "labels are NoneType"),
        (b"a b", "labels are bytes"),
        ([["a", "b"]], "item 0 of the labels is list"),
    ):
        with pytest.raises(SettingsError, match=told):
            node_classification(table, wrong)


def test_labels_of_other_nodes_are_refused(groups):
    with pytest.raises(EmptyGold, match="0 of 1 labelled nodes have a row"):
        node_classification(groups[0], {"5": ["red"]})
