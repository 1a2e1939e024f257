"""Next item: rates reckoned by hand, what is left out, and item2vec on real sequences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import EmptyCorpus, EmptyGold, SettingsError
from semap.evaluate import next_item, without_last

DATA = Path(__file__).parents[3] / "shared" / "data" / "recsys" / "amazon_beauty_seq.txt"

# Directions in a plane, in degrees; the most frequent item is not the first row.
ANGLES = {"far": 180, "a": 0, "b": 10, "c": 25, "d": 90}
COUNTS = {"far": 3, "a": 5, "b": 9, "c": 1, "d": 7}


def table_of(angles=ANGLES, output=None):
    rows = np.array([[np.cos(np.radians(each)), np.sin(np.radians(each))] for each in angles.values()])
    return semap.Table(list(angles), rows * [[3], *[[1]] * 4], counts=[COUNTS[each] for each in angles], output_vectors=output)


def sessions(*lines):
    return semap.read_sessions(list(lines))


def test_rates_are_those_reckoned_by_hand():
    """From a: b, c, d, far. From d: c (65 degrees), b, a and far (both 90, a is the more frequent)."""
    asked = sessions("x a c", "a d far", "a b", "b a")
    scores = next_item(table_of(), asked, k=2)
    # a -> c is 2nd; d -> far is 3rd (a was seen before); a -> b is 1st; b -> a is 1st (10 degrees, c 15)
    assert (scores.hit_rate, scores.mrr) == (3 / 4, (1 / 2 + 1 + 1) / 4)
    # b, d, a, far, c by frequency: c never; far 2nd of what is left (b, far); b 1st; a 2nd (d, a)
    assert (scores.popularity_hit_rate, scores.popularity_mrr) == (3 / 4, (0 + 1 / 2 + 1 + 1 / 2) / 4)
    assert (scores.n_sessions, scores.n_items, scores.k) == (4, 5, 2)


def test_what_the_table_does_not_know_is_a_miss_and_counted():
    scores = next_item(table_of(), sessions("a b", "a new", "new a", "alone"), k=4)
    assert (scores.n_sessions, scores.unknown_items, scores.unknown_histories) == (3, 1, 1)
    assert scores.hit_rate == 1 / 3
    assert scores.popularity_hit_rate == 2 / 3


def test_items_that_came_before_are_no_answers_unless_they_may_be():
    again = sessions("a a")
    assert next_item(table_of(), again, k=5).hit_rate == 0
    assert next_item(table_of(), again, k=1, exclude_seen=False).hit_rate == 1
    popular = sessions("b b")  # the most frequent item
    assert next_item(table_of(), popular, k=1).popularity_hit_rate == 0
    assert next_item(table_of(), popular, k=1, exclude_seen=False).popularity_hit_rate == 1


def test_the_question_may_be_made_of_several_items():
    asked = sessions("d a c")  # a alone: b, c; both: 45 degrees, where c is nearest
    assert next_item(table_of(), asked, k=1).hit_rate == 0
    assert next_item(table_of(), asked, k=1, last=2).hit_rate == 1
    assert next_item(table_of(), asked, k=1, last=None).hit_rate == 1


def test_output_vectors_are_asked_by_inner_products():
    output = np.array([[9, 0], [0, 1], [1, 0], [2, 0], [0, 2]], np.float32)
    table = table_of(output=output)  # a points along the first axis: far 9, c 2, b 1
    assert next_item(table, sessions("a far"), k=1, by="output").hit_rate == 1
    assert next_item(table, sessions("a c"), k=2, by="output").mrr == 1 / 2


def test_k_may_be_larger_than_the_catalogue():
    scores = next_item(table_of(), sessions("a far"), k=50)
    assert scores.mrr == 1 / 4
    assert scores.popularity_mrr == 1 / 3


def test_scores_can_be_printed_and_written():
    scores = next_item(table_of(), sessions("a b"), k=3)
    assert "popularity  1.0000 1.0000" in str(scores)
    assert json.loads(scores.to_json())["hit_rate"] == 1.0


def test_the_last_items_are_left_out_and_the_vocabulary_counts_what_is_left():
    left = without_last(sessions("a b c", "b c", "d"))
    tokens = list(left.vocab.tokens)
    assert [[tokens[item] for item in text] for text in left.texts()] == [["a", "b"], ["b"]]
    assert left.vocab.counts.tolist() == [2, 1]
    assert len(without_last(sessions("a b c", "b c"), 2)) == 1
    with pytest.raises(EmptyCorpus, match="longest of 2 sessions has 2 items; without its last 2"):
        without_last(sessions("a b", "c"), 2)


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"k": 0}, "k is 0"), ({"last": 0}, "last is 0"), ({"by": "dot"}, "by is 'dot'"), ({"by": "output"}, "keep_output=True")],
)
def test_wrong_settings_are_refused(settings, told):
    with pytest.raises(SettingsError, match=told):
        next_item(table_of(), sessions("a b"), **settings)


def test_sessions_of_one_item_and_tables_without_counts_are_refused():
    with pytest.raises(EmptyGold, match="none of 2 sessions has two items"):
        next_item(table_of(), sessions("a", "b"))
    with pytest.raises(SettingsError, match="no counts"):
        next_item(semap.Table(["a", "b"], [[1, 0], [0, 1]]), sessions("a b"))
    with pytest.raises(SettingsError, match="n is 0"):
        without_last(sessions("a b"), 0)
    for asked in (lambda: without_last(["a b"]), lambda: next_item(table_of(), ["a b"])):
        with pytest.raises(SettingsError, match="sessions are list; give a Corpus"):
            asked()
    with pytest.raises(SettingsError, match="table is NoneType"):
        next_item(None, sessions("a b"))


def test_item2vec_beats_popularity_on_real_sequences():
    if not DATA.is_file():
        pytest.skip("the shared data has no recsys/amazon_beauty_seq.txt")
    whole = semap.read_sessions(DATA, layout="pairs")
    learner = semap.SkipGram(dim=32, window=10, epochs=5, sample=0, ns_exponent=0.5, learning_rate=0.1, keep_output=True)
    scores = next_item(learner.fit(without_last(whole)), whole, by="output")
    assert scores.n_sessions == 40_226
    assert scores.hit_rate > 1.5 * scores.popularity_hit_rate > 0.01


def test_nodes_of_a_tree_are_no_items():
    tree = {"outputs": {"rows": "nodes", "tree": "0" * 16}}
    nodes = semap.Table(["a", "b"], [[1.0], [2.0]], counts=[3, 2], output_vectors=[[1.0], [0.0]], metadata=tree)
    with pytest.raises(SettingsError, match="nodes of a tree"):
        next_item(nodes, sessions("a b"), by="output")
