"""Charts of tables: which tokens, from which settings, and which are refused."""

import numpy as np
import pytest

import semap
from semap.errors import SemapError, SettingsError, ShapeError, UnknownToken
from semap.map import chart_of
from semap.table.table import Table

N_TOKENS, DIM = 150, 16
TOKENS = [f"word{number}" for number in range(N_TOKENS)]


@pytest.fixture(scope="module")
def table():
    """150 tokens whose counts rise with their rows, so that the most frequent come last."""
    vectors = np.random.default_rng(8).normal(size=(N_TOKENS, DIM)) + np.repeat(np.eye(3, DIM) * 4, 50, axis=0)
    return Table(TOKENS, vectors, counts=np.arange(N_TOKENS) * 10 + 3)


def test_the_most_frequent_tokens_are_charted_by_falling_count(table):
    chart = chart_of(table, top=20, method="pca")
    assert chart.tokens == TOKENS[:-21:-1]
    assert chart.rows.tolist() == list(range(149, 129, -1))
    assert chart.counts.tolist() == [number * 10 + 3 for number in range(149, 129, -1)]


def test_without_counts_the_first_rows_are_charted(table):
    chart = chart_of(Table(TOKENS, table.vectors), top=7, method="pca")
    assert chart.tokens == TOKENS[:7]
    assert chart.counts is None


def test_more_than_there_are_is_all_of_them(table):
    chart = chart_of(table, top=10_000, method="pca")
    assert len(chart) == N_TOKENS
    assert chart.subtitle.startswith("all 150 tokens")


def test_words_are_charted_in_their_order_each_once(table):
    chart = chart_of(table, words=["word9", "word3", "word9", "word77"], method="pca")
    assert chart.tokens == ["word9", "word3", "word77"]
    assert chart.rows.tolist() == [9, 3, 77]
    assert chart.clusters is None
    assert chart.color == ""


def test_neighbours_are_numbers_of_the_chart_and_not_rows_of_the_table(table):
    chart = chart_of(table, words=["word120", "word140", "word4"], method="pca", neighbours=1)
    units = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    cosines = units[[120, 140, 4]] @ units[[120, 140, 4]].T - 2 * np.eye(3)
    assert chart.neighbours[:, 0].tolist() == cosines.argmax(axis=1).tolist()
    assert chart.similarities[:, 0] == pytest.approx(cosines.max(axis=1), abs=1e-5)


def test_there_may_be_no_neighbours_and_never_more_than_other_tokens(table):
    assert chart_of(table, top=5, method="pca", neighbours=0).neighbours is None
    assert chart_of(table, top=5, method="pca", neighbours=50).neighbours.shape == (5, 4)


def test_clusters_are_made_of_a_hundred_tokens_and_more_unless_asked_for(table):
    assert chart_of(table, top=99, method="pca").clusters is None
    assert len(chart_of(table, top=100, method="pca").cluster_names) == 12
    assert len(chart_of(table, top=50, method="pca", clusters=3).cluster_names) == 3
    assert chart_of(table, top=150, method="pca", clusters=0).clusters is None


def test_clusters_follow_the_groups_of_the_vectors(table):
    chart = chart_of(table, method="pca", clusters=3)
    groups = [set(chart.clusters[(chart.rows >= low) & (chart.rows < low + 50)].tolist()) for low in (0, 50, 100)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == 3


def test_an_analogy_is_completed_and_its_tokens_are_added():
    table = Table(
        ["rain", "man", "king", "woman", "queen", "sun"],
        [[0, 0, 5], [1, 0, 0.1], [1, 4, 0.1], [-1, 0, 0.1], [-1, 4, 0.1], [0, 0.1, 6]],
    )
    chart = chart_of(table, words=["rain", "sun", "man"], analogies=[("man", "king", "woman")], method="pca")
    assert chart.links == [("man", "king"), ("woman", "queen")]
    assert chart.tokens == ["rain", "sun", "man", "king", "woman", "queen"]
    given = chart_of(table, words=["rain", "sun", "man"], analogies=[("man", "king", "woman", "sun")], method="pca")
    assert given.links == [("man", "king"), ("woman", "sun")]


def test_the_first_column_colours_the_chart_unless_something_else_is_asked_for(table):
    topic = {"topic": {"word149": "x"}}
    assert chart_of(table, method="pca").color == "cluster"
    assert chart_of(table, method="pca", metadata=topic).color == "topic"
    assert chart_of(table, method="pca", metadata=topic, color="frequency").color == "frequency"


@pytest.mark.parametrize("threads", [2, 3])
def test_a_chart_is_the_same_for_any_number_of_threads(table, threads):
    one, other = chart_of(table, method="pca", threads=1), chart_of(table, method="pca", threads=threads)
    for name in ("coordinates", "clusters", "neighbours", "similarities"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert one.cluster_names == other.cluster_names


def test_the_smallest_charts_have_places_too():
    table = Table(["a", "b", "c"], [[1, 0], [0, 1], [1, 1]])
    for method in ("pca", "umap"):
        assert np.isfinite(chart_of(table, method=method).coordinates).all()


def test_rows_of_zeros_have_a_place():
    table = Table(TOKENS[:40], np.concatenate([np.zeros((5, 4)), np.random.default_rng(1).normal(size=(35, 4))]))
    for method in ("pca", "umap"):
        assert np.isfinite(chart_of(table, method=method).coordinates).all()


def test_the_built_in_table_has_clusters_with_readable_names():
    chart = chart_of(semap.load("english"), top=3000, method="pca")
    assert len(set(chart.cluster_names)) == 12
    assert all(len(name.split(", ")) == 3 for name in chart.cluster_names)
    lands = {chart.clusters[chart.tokens.index(land)] for land in ("france", "germany", "spain")}
    assert len(lands) == 1


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"words": ["word1", "word2"]}, SettingsError, "2 tokens make no map; give at least 3"),
        ({"words": ["word1", "wrod22", "word3"]}, UnknownToken, "did you mean 'word22'"),
        ({"words": "word1"}, SettingsError, "give a list of tokens"),
        ({"top": 2}, SettingsError, "at least 3"),
        ({"top": 0}, SettingsError, "top is 0"),
        ({"method": "tsne"}, SettingsError, "'umap', 'pca'"),
        ({"x": ("word1", "word2")}, SettingsError, "there is no y"),
        ({"y": ("word1", "word2")}, SettingsError, "there is no x"),
        ({"clusters": 151}, SettingsError, "151 clusters of 150 tokens"),
        ({"clusters": "many"}, SettingsError, "clusters is 'many'"),
        ({"neighbours": -1}, SettingsError, "neighbours is -1"),
        ({"threads": -1}, SettingsError, "threads is -1"),
        ({"color": "topic"}, SettingsError, "can be coloured by 'cluster', 'frequency'"),
        ({"seed": -1}, SettingsError, "seed is -1"),
        ({"color": "cluster", "clusters": 0}, SettingsError, "there are no clusters"),
        ({"analogies": [("word1", "word2")]}, SettingsError, "three or four different tokens"),
        ({"analogies": ["abc"]}, SettingsError, "three or four different tokens"),
        ({"analogies": [("word1", "word2", "wrd3")]}, UnknownToken, "did you mean"),
    ],
)
def test_what_makes_no_chart_is_refused(table, settings, error, told):
    with pytest.raises(error, match=told):
        chart_of(table, **{"method": "pca", **settings})


def test_what_is_wrong_is_said_before_the_long_work(table, monkeypatch):
    def never(*given, **settings):
        raise AssertionError("the neighbours were searched for")

    monkeypatch.setattr("semap.map.charting.nearest_rows", never)
    for settings in (
        {"color": "topic"}, {"clusters": 999}, {"x": ("word1", "wrod2"), "y": ("word3", "word4")}, {"metadata": "missing.tsv"},
        {"x": ("word1", "word2"), "y": ("word1", "word2")}, {"neighbours": -1}, {"analogies": [("word1", "word2", "x")]},
    ):  # fmt: skip
        with pytest.raises(SemapError):
            chart_of(table, method="pca", **settings)


def test_a_table_of_one_dimension_has_no_map():
    with pytest.raises(ShapeError, match="has 1 dimension, a map needs at least 2"):
        chart_of(Table(["a", "b", "c"], [[1], [2], [3]]), method="pca")


def test_frequency_needs_counts(table):
    with pytest.raises(SettingsError, match="does not know how often"):
        chart_of(Table(TOKENS, table.vectors), method="pca", color="frequency")
