"""What only the approximate index has: candidates looked for further and further, threads that ask at once, its extra."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import semap
from semap.errors import MissingExtra, SemapWarning, SettingsError
from semap.index import filtered
from semap.index.hnsw import HNSWIndex
from semap.index.questions import analogy, similar
from semap.table.table import Table


@pytest.fixture
def rows():
    return np.random.default_rng(2).standard_normal((3000, 10)).astype(np.float32)


def test_it_is_on_the_face_of_the_package():
    assert semap.HNSWIndex is HNSWIndex


def test_without_its_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "usearch", None)
    with pytest.raises(MissingExtra, match=r"pip install 'semap\[index\]'"):
        HNSWIndex([[1.0, 2.0]])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"dtype": "f64"}, "'f64'"),
        ({"metric": "cos"}, "'cos'"),
        ({"connectivity": 1}, "connectivity is 1"),
        ({"connectivity": 2.5}, "connectivity is 2.5"),
        ({"expansion_add": 0}, "expansion_add is 0"),
        ({"expansion_search": -1}, "expansion_search is -1"),
        ({"reproducible": "yes"}, "reproducible is 'yes'"),
    ],
)
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(SettingsError) as caught:
        HNSWIndex([[1.0, 2.0]], **settings)
    assert words in str(caught.value)


def test_a_search_that_finds_too_few_looks_further(rows, monkeypatch):
    index = HNSWIndex(rows)
    asked = []
    nearest = index.parts[2].nearest
    monkeypatch.setattr(index.parts[2], "nearest", lambda queries, k, threads: asked.append(k) or nearest(queries, k, threads))
    order = np.argsort(-(rows @ rows[0]) / np.linalg.norm(rows, axis=1))
    allowed = np.ones(3000, np.bool_)
    allowed[order[:90]] = False  # every row that is near
    ids, _ = index.search(rows[0], 5, only=allowed)
    assert len(asked) > 1
    assert asked == sorted(asked)
    assert set(ids[0].tolist()) <= set(order[90:100].tolist())


def test_where_the_graph_does_not_lead_every_row_is_compared(rows, monkeypatch):
    index = HNSWIndex(rows)
    monkeypatch.setattr(
        index.parts[2], "nearest", lambda queries, k, threads: (np.zeros((1, k), np.int64), np.zeros(1, np.int64))
    )
    ids, scores = index.search(rows[9], 4)
    true = semap.ExactIndex(rows).search(rows[9], 4)
    assert (ids.tolist(), scores.tolist()) == (true[0].tolist(), true[1].tolist())


def test_a_number_that_no_row_has_is_never_found(rows, monkeypatch):
    index = HNSWIndex(rows)
    nearest = index.parts[2].nearest

    def wild(queries, k, threads):
        found, counts = nearest(queries, k, threads)
        found[:, 0] = 123_456
        return found, counts

    monkeypatch.setattr(index.parts[2], "nearest", wild)
    ids, _ = index.search(rows[:3], 6)
    assert ids.max() < 3000
    assert all(len(set(line)) == 6 for line in ids.tolist())


def test_threads_of_python_may_ask_at_once(rows):
    index = HNSWIndex(rows, threads=2)
    expected = index.search(rows[:64], 5)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda at: index.search(rows[at], 5), range(64)))
    np.testing.assert_array_equal(np.concatenate([ids for ids, _ in answers]), expected[0])
    np.testing.assert_array_equal(np.concatenate([scores for _, scores in answers]), expected[1])


def test_rows_may_be_added_while_other_threads_ask(rows):
    index = HNSWIndex(rows, threads=1)
    begin = threading.Barrier(3)

    def ask():
        begin.wait()
        return [index.search(rows[at : at + 8], 5)[0][:, 0].tolist() for at in range(0, 240, 8)]

    def add():
        begin.wait()
        return [index.add(-rows[at]).tolist() for at in range(20)]

    with ThreadPoolExecutor(3) as pool:
        *asked, added = [each.result() for each in [pool.submit(ask), pool.submit(ask), pool.submit(add)]]
    assert added == [[3000 + at] for at in range(20)]
    assert asked[0] == asked[1] == [list(range(at, at + 8)) for at in range(0, 240, 8)]
    assert index.search(-rows[:20], 1)[0].ravel().tolist() == list(range(3000, 3020))


def test_building_on_several_threads_finds_as_much(rows):
    index = HNSWIndex(rows, threads=3, reproducible=False)
    assert len(index) == 3000
    assert index.recall(10, 200) > 0.9


def test_progress_is_told_up_to_the_last_row(rows):
    class Heard:
        def __init__(self):
            self.calls = []

        def start(self, task, total, unit):
            self.calls.append((task, total, unit))

        def update(self, done, **figures):
            self.calls.append(done)

        def finish(self):
            self.calls.append("finished")

    heard = Heard()
    HNSWIndex(rows[:100], progress=heard)
    assert heard.calls == [("indexing", 100, "rows"), 100, "finished"]


def test_added_rows_beyond_what_the_numbers_hold_are_told(rows):
    index = HNSWIndex(rows[:50], metric="dot", dtype="i8")
    with pytest.warns(SemapWarning, match="2 rows have values beyond"):
        index.add(rows[:2] * 100)
    ids, scores = index.search(rows[0], 1)
    assert ids.tolist() == [[50]]
    assert scores[0, 0] == pytest.approx(100 * rows[0] @ rows[0], rel=1e-5)


def test_questions_are_asked_of_it_and_multiplying_is_refused(rows):
    table = Table([f"t{row}" for row in range(3000)], rows)
    index = HNSWIndex(table)
    assert similar(table, "t5", 3, index=index)[0] == similar(table, "t5", 3)[0]
    assert analogy(table, "t1", "t2", "t3", 1, index=index) == analogy(table, "t1", "t2", "t3", 1)
    with pytest.raises(SettingsError, match='use method "add"'):
        analogy(table, "t1", "t2", "t3", 1, method="mul", index=index)


def test_removed_rows_leave_the_questions_of_a_table_answerable(rows):
    table = Table([f"t{row}" for row in range(3000)], rows)
    index = HNSWIndex(table)
    first = similar(table, "t5", 1, index=index)[0][0]
    index.remove(table.id(first))
    assert first not in dict(similar(table, "t5", 10, index=index))


def test_far_more_queries_than_are_answered_at_a_time(rows, monkeypatch):
    index = HNSWIndex(rows)
    whole = index.search(rows[:50], 3, exclude=[[at] for at in range(50)])
    monkeypatch.setattr(filtered, "_QUERIES", 7)
    parts = index.search(rows[:50], 3, exclude=[[at] for at in range(50)])
    np.testing.assert_array_equal(parts[0], whole[0])
    np.testing.assert_array_equal(parts[1], whole[1])


@pytest.mark.parametrize("dtype", ["f32", "f16", "i8"])
@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_asking_often_changes_neither_the_answers_nor_how_the_graph_grows(rows, metric, dtype):
    quiet, asked = (HNSWIndex(rows, metric=metric, dtype=dtype) for _ in range(2))
    few = asked.search(rows[:40], 5)
    many = asked.search(rows, 5)  # by now it lies in bytes
    np.testing.assert_array_equal(many[0][:40], few[0])
    np.testing.assert_array_equal(many[1][:40], few[1])
    for index in (quiet, asked):
        index.add(rows[:7] * np.float32(0.5))
    np.testing.assert_array_equal(quiet.parts[2].content(), asked.parts[2].content())
