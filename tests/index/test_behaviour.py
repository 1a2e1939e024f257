"""What every index promises, asked of all of them: the exact ones, and the graph in every dtype, for every metric."""

from __future__ import annotations

import numpy as np
import pytest

from semap.errors import BadFile, SettingsError, ShapeError
from semap.index import filtered
from semap.index.exact import ExactIndex
from semap.index.hnsw import HNSWIndex
from semap.index.screened import ScreenedIndex
from semap.table.table import Table

METRICS = ("cosine", "dot", "euclidean")
KINDS = ("exact", "hnsw-f32", "hnsw-f16", "hnsw-i8")


@pytest.fixture(params=[*(f"{kind}-{metric}" for kind in KINDS for metric in METRICS), "screened-cosine"])
def make(request, monkeypatch):
    """Make an index of rows; a graph is asked even where comparing all rows would be quicker."""
    kind, metric = request.param.rsplit("-", 1)
    monkeypatch.setattr(filtered, "_FEW", 0)
    monkeypatch.setattr(filtered, "_SHARE", 1)

    def of(rows, **settings):
        if kind == "exact":
            return ExactIndex(rows, metric=metric, **settings)
        if kind == "screened":
            return ScreenedIndex(rows, **settings)
        return HNSWIndex(rows, metric=metric, dtype=kind[5:], **settings)

    of.metric, of.kind = metric, kind
    return of


@pytest.fixture
def changing(make):
    if not make.kind.startswith("hnsw"):
        pytest.skip("an exact index holds a table, which does not change")
    return make


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def by_numpy(rows, queries, metric):
    """The true score of every row, and what larger is nearer by."""
    rows, queries = np.asarray(rows, float), np.atleast_2d(np.asarray(queries, float))
    if metric == "euclidean":
        scores = np.linalg.norm(queries[:, None] - rows, axis=2)
        return scores, -scores
    scores = queries @ rows.T
    if metric == "cosine":
        lengths = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(rows, axis=1)
        scores = np.where(lengths > 0, scores / np.where(lengths > 0, lengths, 1), 0)
    return scores, scores


def in_order(ids, scores, metric):
    """Whether each line is ordered by nearness, and equal ones by row."""
    near = -scores if metric == "euclidean" else scores
    pairs = [list(zip((-line).tolist(), row.tolist(), strict=True)) for line, row in zip(near, ids, strict=True)]
    return all(line == sorted(line) for line in pairs)


def test_it_says_what_it_is(make):
    index = make(Table(["b", "c", "a"], [[1.0, 2], [3, 4], [5, -6]]))
    assert (len(index), index.n_ids, index.dim, index.metric) == (3, 3, 2, make.metric)
    assert repr(index).startswith(type(index).__name__ + "(3 rows, 2 dimensions, " + make.metric)


def test_nearly_all_of_the_nearest_rows_are_found_and_scores_are_true(make, rng):
    rows, queries = rng.standard_normal((3000, 16), np.float32), rng.standard_normal((40, 16), np.float32)
    ids, scores = make(rows).search(queries, 10)
    true, near = by_numpy(rows, queries, make.metric)
    best = np.sort(near, axis=1)[:, ::-1][:, 9:10]
    assert (ids.shape, ids.dtype, scores.dtype) == ((40, 10), np.int64, np.float32)
    assert (np.take_along_axis(near, ids, 1) >= best - 1e-5).mean() > (0.93 if make.kind.startswith("hnsw") else 0.9999)
    np.testing.assert_allclose(scores, np.take_along_axis(true, ids, 1), rtol=1e-5, atol=1e-5)
    assert in_order(ids, scores, make.metric)
    assert all(len(set(line)) == 10 for line in ids.tolist())


def test_scores_have_the_bits_of_the_exact_index(make, rng):
    rows, queries = rng.standard_normal((300, 50), np.float32), rng.standard_normal((9, 50), np.float32)
    ids, scores = make(rows).search(queries, 20)
    every = ExactIndex(rows, metric=make.metric).scores(queries)
    np.testing.assert_array_equal(scores, np.take_along_axis(every, ids, 1))


def test_one_vector_or_several_and_threads_give_the_same_bits(make, rng):
    rows, queries = rng.standard_normal((500, 12), np.float32), rng.standard_normal((7, 12), np.float32)
    ids, scores = make(rows, threads=1).search(queries, 5)
    for threads in (2, 3):
        again = make(rows, threads=threads).search(queries, 5)
        np.testing.assert_array_equal(again[0], ids)
        np.testing.assert_array_equal(again[1], scores)
    alone = make(rows).search(queries[3], 5)
    np.testing.assert_array_equal(alone[0], ids[3:4])
    np.testing.assert_array_equal(alone[1], scores[3:4])


def test_equal_rows_are_found_in_the_order_of_their_numbers(make):
    rows = np.array([[1, 0], [0, 1]] * 20, np.float32)
    ids, scores = make(rows).search([2.0, 0.5], 30)
    assert ids[0, :20].tolist() == list(range(0, 40, 2))
    assert ids[0, 20:].tolist() == sorted(set(ids[0, 20:].tolist()))
    assert len(set(scores[0].tolist())) == 2
    if not make.kind.startswith("hnsw"):  # a graph may come to any ten of the twenty that are left
        assert ids[0, 20:].tolist() == list(range(1, 21, 2))


def test_hundreds_of_equal_rows_leave_no_gap(make, rng):
    rows = np.concatenate([np.ones((400, 6), np.float32), rng.standard_normal((100, 6), np.float32)])
    ids, _ = make(rows).search(np.ones((2, 6)), 450)
    assert ids.shape == (2, 450)
    assert all(len(set(line)) == 450 and min(line) >= 0 for line in ids.tolist())


def test_excluded_rows_are_not_found_and_the_number_of_hits_stays_right(make, rng):
    rows, queries = rng.standard_normal((200, 5), np.float32), rng.standard_normal((3, 5), np.float32)
    index = make(rows)
    plain = index.search(queries, 12)[0]
    exclude = [plain[0, :7].tolist(), [], plain[2]]
    ids, scores = index.search(queries, 5, exclude=exclude)
    assert ids[0].tolist() == plain[0, 7:12].tolist()
    assert ids[1].tolist() == plain[1, :5].tolist()
    assert not set(ids[2].tolist()) & set(plain[2].tolist())
    assert in_order(ids, scores, make.metric)


def test_k_above_the_rows_finds_every_row_and_missing_ones_are_minus_one(make):
    index = make(np.array([[1.0, 1], [2, 0], [0, 3], [-4, 0.5]]))
    assert sorted(index.search([1, 0.3], 99)[0][0].tolist()) == [0, 1, 2, 3]
    ids, scores = index.search([[1, 0.3]] * 3, 9, exclude=[[], [2, 0, 2], [0, 1, 2, 3]])
    assert (ids[1, 2:] == -1).all()
    assert (ids[2] == -1).all()
    assert set(ids[1, :2].tolist()) == {1, 3}
    assert (scores[2] == (np.inf if make.metric == "euclidean" else -np.inf)).all()
    assert index.search([1, 0.3], 3, exclude=[0, 1, 2, 3])[0].shape == (1, 0)


def test_an_index_of_no_rows_finds_nothing(make):
    index = make(np.zeros((0, 3), np.float32))
    assert len(index) == 0
    assert index.search([1, 2, 3], 5)[0].shape == (1, 0)


def test_no_query_gives_no_result(make):
    ids, scores = make(np.ones((4, 2))).search(np.zeros((0, 2)), 3)
    assert ids.shape[0] == scores.shape[0] == 0


def test_an_index_of_one_row_finds_it(make):
    ids, scores = make(np.array([[3.0, 4.0]])).search([3, 4], 2)
    assert ids.tolist() == [[0]]
    assert scores[0, 0] == pytest.approx({"cosine": 1, "dot": 25, "euclidean": 0}[make.metric])


def test_rows_and_queries_of_zeros_have_their_scores(make):
    rows = np.array([[0, 0], [2, 0], [0, 0], [-3, 0]], np.float32)
    ids, scores = make(rows).search([[1, 0], [0, 0]], 4)
    true, near = by_numpy(rows, [[1, 0], [0, 0]], make.metric)
    assert ids.tolist() == np.lexsort((np.broadcast_to(np.arange(4), near.shape), -near)).tolist()
    np.testing.assert_allclose(scores, np.take_along_axis(true, ids, 1))


def test_a_table_of_nothing_but_zeros_is_searched(make):
    ids, _ = make(np.zeros((50, 4), np.float32)).search(np.ones(4), 50)
    assert ids.tolist() == [list(range(50))]


@pytest.mark.parametrize("size", [1e-30, 1e6, 3e17])
def test_the_size_of_the_numbers_does_not_matter(make, rng, size):
    rows = (rng.standard_normal((200, 8)) * size).astype(np.float32)
    query = (rng.standard_normal(8) * size).astype(np.float32)
    ids, _ = make(rows).search(query, 1)
    _, near = by_numpy(rows / size, query / size, make.metric)
    if size > 1e-20 or make.metric == "cosine":  # squares of the others vanish in float32, so all are alike
        assert near[0, ids[0, 0]] == pytest.approx(near.max(), rel=1e-4)


@pytest.mark.parametrize("stored", ["float16", "int8"])
def test_a_table_stored_small_is_searched_by_the_rows_it_stands_for(make, rng, stored):
    table = Table([f"t{row}" for row in range(100)], rng.standard_normal((100, 6))).quantize(stored)
    ids, scores = make(table).search(table["t42"], 1, exclude=[3])
    assert ids.tolist() == [[int(np.argmax(by_numpy(table.vectors, table["t42"], make.metric)[1]))]]
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda index: index.search([1.0], 1), ShapeError, "1 dimensions, those of the index 2"),
        (lambda index: index.search([1.0, np.nan], 1), ShapeError, "row 0"),
        (lambda index: index.search([["a", "b"]], 1), ShapeError, "numbers"),
        (lambda index: index.search([1.0, 2], 0), SettingsError, "k is 0"),
        (lambda index: index.search([1.0, 2], True), SettingsError, "k is True"),
        (lambda index: index.search([1.0, 2], 1, exclude=[3]), ShapeError, "row 3"),
        (lambda index: index.search([1.0, 2], 1, exclude=[-1]), ShapeError, "row -1"),
        (lambda index: index.search([[1.0, 2]], 1, exclude=[[0], [0]]), ShapeError, "2 lists of rows for 1"),
        (lambda index: index.search([1.0, 2], 1, exclude=7), ShapeError, "exclude"),
        (lambda index: index.search([1.0, 2], 1, exclude=["a"]), ShapeError, "exclude"),
    ],
)
def test_bad_questions_are_named(make, ask, error, words):
    with pytest.raises(error) as caught:
        ask(make(np.array([[1.0, 2], [3, 4], [5, 6]])))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "settings", "error", "words"),
    [
        ([1.0, 2.0], {}, ShapeError, "(2,)"),
        ([["a"]], {}, ShapeError, "numbers"),
        ([[1.0], [np.inf]], {}, ShapeError, "row 1"),
        ([[1.0]], {"threads": -1}, SettingsError, "-1"),
        ([[1.0]], {"threads": 1.5}, SettingsError, "1.5"),
    ],
)
def test_bad_rows_and_settings_are_named(make, rows, settings, error, words):
    with pytest.raises(error) as caught:
        make(rows, **settings)
    assert words in str(caught.value)


def test_only_the_rows_that_may_be_found_are(changing, rng):
    rows, queries = rng.standard_normal((800, 6), np.float32), rng.standard_normal((5, 6), np.float32)
    index = changing(rows)
    _, near = by_numpy(rows, queries, changing.metric)
    for allowed in (np.arange(800) % 2 == 1, np.arange(800) < 30, np.arange(800) == 5, np.zeros(800, np.bool_)):
        for only in (allowed, np.flatnonzero(allowed)[::-1]):
            ids, scores = index.search(queries, 8, only=only)
            assert ids.shape == (5, min(8, allowed.sum()))
            assert allowed[ids].all()
            assert in_order(ids, scores, changing.metric)
            best = np.sort(np.where(allowed, near, -np.inf), axis=1)[:, ::-1][:, : ids.shape[1]]
            assert (np.take_along_axis(near, ids, 1) >= best[:, -1:] - 1e-5).mean() > 0.9 if ids.size else True


def test_only_and_exclude_together_leave_what_both_leave(changing):
    index = changing(np.array([[1.0, 0], [2, 1], [3, 3], [1, 5]]))
    ids, _ = index.search([[1.0, 1], [1, 1]], 4, only=[3, 1, 0], exclude=[[1], [0, 1, 3]])
    assert set(ids[0].tolist()) == {0, 3}
    assert (ids[1] == -1).all()


def test_added_rows_are_found_and_removed_ones_are_not(changing, rng):
    rows = rng.uniform(-1, 1, (300, 7)).astype(np.float32)
    index = changing(rows)
    more = np.concatenate([rows[:1] * 0.99, rng.uniform(-1, 1, (40, 7))]).astype(np.float32)
    assert index.add(more).tolist() == list(range(300, 341))
    assert index.add(more[3]).tolist() == [341]
    index.remove([7, 300])
    index.remove(12)
    assert (len(index), index.n_ids) == (339, 342)
    every = np.concatenate([rows, more, more[3:4]])
    ids, scores = index.search(rows[7:13], 339)
    assert {7, 300, 12}.isdisjoint(ids.ravel().tolist())
    assert all(len(set(line)) == 339 and min(line) >= 0 for line in ids.tolist())
    np.testing.assert_allclose(
        scores, np.take_along_axis(by_numpy(every, rows[7:13], changing.metric)[0], ids, 1), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda index: index.add([[1.0]]), "1 dimensions, those of the index 2"),
        (lambda index: index.add([[1.0, np.nan]]), "row 0"),
        (lambda index: index.remove(3), "row 3"),
        (lambda index: index.remove([0, 0]), "twice"),
        (lambda index: (index.remove(1), index.remove(1)), "before"),
        (lambda index: index.remove(0.5), "row numbers"),
        (lambda index: index.search([1, 2], 1, only=[9]), "row 9"),
        (lambda index: index.search([1, 2], 1, only=[True]), "3 rows"),
        (lambda index: index.search([1, 2], 1, only=["a"]), "row numbers"),
        (lambda index: index.search([1, 2], 1, only=4), "row numbers"),
    ],
)
def test_bad_changes_are_named_and_change_nothing(changing, change, words):
    index = changing(np.array([[1.0, 2], [3, 4], [5, 6]]))
    with pytest.raises(ShapeError) as caught:
        change(index)
    assert words in str(caught.value)
    assert index.n_ids == 3


def test_a_saved_index_opens_as_it_was(changing, rng, tmp_path):
    rows, queries = rng.standard_normal((700, 9), np.float32), rng.standard_normal((6, 9), np.float32)
    index = changing(rows)
    index.add(rows[:20] * 0.5)
    index.remove([4, 703])
    index.save(tmp_path / "a.index")
    index.save(tmp_path / "b.index")
    assert (tmp_path / "a.index").read_bytes() == (tmp_path / "b.index").read_bytes()
    opened = HNSWIndex.open(tmp_path / "a.index", rows)
    assert (repr(opened), opened.n_ids, opened.settings) == (repr(index), index.n_ids, index.settings)
    for each in (0, 1):
        np.testing.assert_array_equal(opened.search(queries, 30)[each], index.search(queries, 30)[each])
    opened.add(rows[:3])
    assert opened.n_ids == 723
    opened.save(tmp_path / "a.index")
    assert len(HNSWIndex.open(tmp_path / "a.index", rows)) == 721


def test_an_index_of_other_rows_is_refused(changing, rng, tmp_path):
    rows = rng.standard_normal((50, 4), np.float32)
    changing(rows).save(tmp_path / "a.index")
    other = rows.copy()
    other[49, 3] = np.nextafter(other[49, 3], 1)
    for wrong in (other, rows[:49], rows[:, :3].copy()):
        with pytest.raises(BadFile, match="another table"):
            HNSWIndex.open(tmp_path / "a.index", wrong)


def test_recall_is_measured_against_the_exact_index(changing, rng):
    rows = rng.standard_normal((600, 8), np.float32)
    index = changing(rows)
    assert 0.9 < index.recall(5, 100) <= 1
    assert index.recall(5, 100) == index.recall(5, 100)
    queries = rng.standard_normal((50, 8), np.float32)
    true = ExactIndex(rows, metric=changing.metric).search(queries, 5)[0]
    found = index.search(queries, 5)[0]
    shares = [len(set(a) & set(b)) / 5 for a, b in zip(true.tolist(), found.tolist(), strict=True)]
    assert index.recall(5, queries) == pytest.approx(np.mean(shares))
    with pytest.raises(SettingsError, match="nothing to find"):
        changing(np.ones((1, 3))).recall(3)


def test_what_was_removed_is_not_found_by_naming_it(changing, rng):
    rows = rng.standard_normal((40, 4), np.float32)
    index = changing(rows)
    index.remove([3, 7])
    mask = np.zeros(40, np.bool_)
    mask[[3, 5, 7, 9]] = True
    for only in ([3, 5, 7, 9], mask):
        assert sorted(index.search(rows[3], 4, only=only)[0][0].tolist()) == [5, 9]


def test_an_index_that_misses_most_neighbours_says_so(changing, rng):
    rows = rng.standard_normal((1500, 12), np.float32)
    index = changing(rows, connectivity=2, expansion_add=1, expansion_search=1)
    queries = rng.standard_normal((80, 12), np.float32)
    _, nearness = by_numpy(rows, queries, changing.metric)
    true = np.argsort(-nearness, axis=1)[:, :10]
    found = index.search(queries, 10)[0]
    share = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(true.tolist(), found.tolist(), strict=True)])
    assert share < 0.8
    assert index.recall(10, queries) == pytest.approx(share, abs=0.005)
    assert index.recall(10, 200) < 0.9
