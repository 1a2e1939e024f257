"""`semap graph`."""

import json

import numpy as np
import pytest

from semap.formats.load import load


@pytest.fixture
def edges(tmp_path):
    rng = np.random.default_rng(3)
    lines = [f"{100 + a} {100 + b}" for a in range(20) for b in rng.choice(20, 3, replace=False) if a < b]
    (tmp_path / "edges.txt").write_text("\n".join(lines) + "\n")
    return tmp_path / "edges.txt"


@pytest.mark.parametrize("method", ["node2vec", "deepwalk", "prone", "netmf"])
def test_a_graph_becomes_a_table_that_can_be_asked(semap, edges, tmp_path, method):
    result = semap("graph", edges, "-o", tmp_path / "nodes.semap", "--method", method, "--dim", 8, "--json", "--quiet")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    table = load(tmp_path / "nodes.semap")
    assert (facts["nodes"], facts["dim"]) == (len(table), table.dim)
    assert np.isfinite(table.vectors).all()
    asked = semap("similar", tmp_path / "nodes.semap", table.tokens[0], "--json")
    assert asked.exit_code == 0


def test_bias_and_walks_reach_the_learner(semap, edges, tmp_path):
    options = ["--p", "0.5", "--q", "2", "--n-walks", "2", "--length", "9", "--window", "3", "--dim", "4"]
    result = semap("graph", edges, "-o", tmp_path / "nodes.semap", *options, "--quiet")
    assert (result.exit_code, result.stdout) == (0, "")
    settings = load(tmp_path / "nodes.semap").metadata["settings"]
    assert [settings[name] for name in ("p", "q", "n_walks", "length", "window", "dim")] == [0.5, 2.0, 2, 9, 3, 4]


def test_directions_and_the_seed_reach_the_learner(semap, edges, tmp_path):
    options = ["--method", "prone", "--dim", 4, "--directed", "--seed", 7, "--quiet"]
    assert semap("graph", edges, "-o", tmp_path / "nodes.semap", *options).exit_code == 0
    metadata = load(tmp_path / "nodes.semap").metadata
    assert metadata["corpus"]["graph"]["directed"] is True
    assert metadata["settings"]["seed"] == 7


def test_an_option_of_another_method_is_wrong_usage(semap, edges, tmp_path):
    result = semap("graph", edges, "-o", tmp_path / "nodes.semap", "--method", "prone", "--p", "2")
    assert result.exit_code == 2
    assert "--p is not for --method prone" in result.stderr


def test_bad_lines_are_named_or_skipped_and_counted(semap, tmp_path):
    (tmp_path / "bad.txt").write_text("a b\nc\nb c\n")
    result = semap("graph", tmp_path / "bad.txt", "-o", tmp_path / "nodes.semap")
    assert result.exit_code == 1
    assert "line 2: expected two nodes" in result.stderr
    assert not (tmp_path / "nodes.semap").exists()
    result = semap("graph", tmp_path / "bad.txt", "-o", tmp_path / "nodes.semap", "--skip-bad", "--method", "prone", "--dim", "2")
    assert result.exit_code == 0
    assert "1 bad lines were left out" in result.stderr


def test_an_empty_graph_is_one_line_and_exit_1(semap, tmp_path):
    (tmp_path / "none.txt").write_text("# nothing\n")
    result = semap("graph", tmp_path / "none.txt", "-o", tmp_path / "nodes.semap")
    assert result.exit_code == 1
    assert "no edge" in result.stderr
    assert "Traceback" not in result.stderr


def test_labels_and_edges_held_out_are_told_when_asked(semap, edges, tmp_path):
    (tmp_path / "labels.txt").write_text("".join(f"{100 + node} {'even' if node % 2 == 0 else 'odd'}\n" for node in range(20)))
    command = ["graph", edges, "-o", tmp_path / "nodes.semap", "--method", "prone", "--dim", 4]
    result = semap(*command, "--labels", tmp_path / "labels.txt", "--hold-out", 0.2, "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["labels"]["nodes"], facts["labels"]["labels"]) == (facts["nodes"], 2)
    assert facts["links"]["held_out"] == round(0.2 * facts["edges"])
    assert 0 <= facts["links"]["auc"] <= 1
    shown = semap(*command, "--hold-out", 0.2, "--quiet").stdout
    assert f"AUC        {facts['links']['auc']:.3f}" in shown
    assert "micro F1" not in shown


def test_a_share_out_of_range_and_labels_that_are_not_there_are_told_before_learning(semap, edges, tmp_path):
    command = ["graph", edges, "-o", tmp_path / "nodes.semap", "--method", "prone", "--dim", 4]
    result = semap(*command, "--hold-out", 1.5)
    assert result.exit_code == 2
    assert "--hold-out is above 0 and below 1" in result.stderr
    result = semap(*command, "--labels", tmp_path / "none.txt")
    assert result.exit_code == 1
    assert "none.txt" in result.stderr
    assert not (tmp_path / "nodes.semap").exists()
