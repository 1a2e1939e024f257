"""Ranking of items: measures by hand, baselines beside other ways to work them out, and what is refused."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import EmptyGold, SemapWarning, SettingsError, ShapeError
from semap.evaluate import EASE, ItemKNN, Popularity, ranking
from semap.evaluate.baselines import Histories
from semap.evaluate.ranks import best_items, score_lists
from semap.interactions.interactions import Interactions
from semap.interactions.splits import random_split, strong_generalisation
from semap.vocab.vocab import Vocab

RECSYS = Path(__file__).parents[3] / "shared" / "data" / "recsys"


def interactions(rows, n_users=4, n_items=6):
    """Interactions of pairs of numbers; the token of number n is not n."""
    users, items = zip(*rows, strict=True) if rows else ((), ())
    names = [[f"{side}{n * 7 % 101}" for n in range(size)] for side, size in (("u", n_users), ("i", n_items))]
    counted = [np.bincount(ids, minlength=len(tokens)) for ids, tokens in zip((users, items), names, strict=True)]
    return Interactions(Vocab(names[0], counted[0]), Vocab(names[1], counted[1]), np.array(users, int), np.array(items, int))


class Model:
    """A model whose scores are given: (U, I), its items in the order of `items` or in another."""

    name = "given"

    def __init__(self, train, scores, order=None):
        order = np.arange(train.n_items) if order is None else np.array(order)
        self.items = semap.Table([train.items.tokens[item] for item in order], np.ones((len(order), 2), np.float32))
        self._users, self._scores, self._order = train.users.tokens, np.array(scores, float), order
        self.asked = []

    def scores(self, users):
        users = list(users)
        self.asked += users
        return self._scores[self._users.find_all(users)][:, self._order]


TRAIN = [(0, 0), (1, 1), (2, 0), (2, 1)]
TEST = [(0, 1), (0, 2), (0, 3), (1, 5), (2, 4)]
SCORES = [
    [9, 5, 4, 1, 3, 2],  # user 0, who has 0: the list is 1, 2, 4; wanted are 1, 2, 3
    [0, 9, 8, 7, 6, 5],  # user 1, who has 1: 2, 3, 4; wanted is 5
    [0, 0, 1, 3, 2, 0],  # user 2, who has 0 and 1: 3, 4, 2; wanted is 4
    [0, 0, 0, 0, 0, 0],  # user 3 is not tested
]


def test_measures_are_those_worked_out_by_hand():
    train = interactions(TRAIN)
    report = ranking(Model(train, SCORES), train, interactions(TEST), k=3, baselines=False)
    found = report["given"]
    second = 1 / math.log2(3)
    assert found.recall == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert found.ndcg == pytest.approx(((1 + second) / (1 + second + 0.5) + 0 + second) / 3)
    assert found.hit_rate == pytest.approx(2 / 3)
    assert found.map == pytest.approx(((1 + 1) / 3 + 0 + 1 / 2) / 3)
    assert found.coverage == pytest.approx(4 / 6)  # 1, 2, 3 and 4
    assert (report.n_users, report.n_test, report.n_items, report.k) == (3, 5, 6, 3)


def test_recall_is_over_all_relevant_items_or_over_those_that_fit_the_list():
    train = interactions(TRAIN)
    model = Model(train, SCORES)
    first = {name: ranking(model, train, interactions(TEST), 1, baselines=False, denominator=name)["given"].recall
             for name in ("relevant", "reachable")}  # fmt: skip
    assert first["relevant"] == pytest.approx((1 / 3 + 0 + 0) / 3)
    assert first["reachable"] == pytest.approx((1 + 0 + 0) / 3)


@given(st.integers(0, 10**6))
def test_measures_agree_with_loops_over_their_definitions(seed):
    generator = np.random.default_rng(seed)
    n_users, n_items, k = generator.integers(1, 6), generator.integers(2, 9), int(generator.integers(1, 10))
    k = min(k, int(n_items))
    lists = np.array([generator.permutation(n_items)[:k] for _ in range(n_users)], np.int32)
    lists[0, k // 2 + 1 :] = -1
    wanted = [np.sort(generator.permutation(n_items)[: generator.integers(1, n_items + 1)]) for _ in range(n_users)]
    indptr = np.cumsum([0, *map(len, wanted)])
    found = score_lists("x", lists, Histories(indptr, np.concatenate(wanted).astype(np.int32), int(n_items)), "relevant")
    recalls, gains, hits, precisions = [], [], [], []
    for row, relevant in zip(lists.tolist(), wanted, strict=True):
        good = [item in relevant.tolist() for item in row]
        recalls.append(sum(good) / len(relevant))
        best = sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))
        gains.append(sum(1 / math.log2(place + 2) for place in range(k) if good[place]) / best)
        hits.append(any(good))
        shares = [sum(good[: place + 1]) / (place + 1) for place in range(k) if good[place]]
        precisions.append(sum(shares) / min(k, len(relevant)))
    assert found.recall == pytest.approx(np.mean(recalls))
    assert found.ndcg == pytest.approx(np.mean(gains))
    assert found.hit_rate == pytest.approx(np.mean(hits))
    assert found.map == pytest.approx(np.mean(precisions))


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 10**6))
def test_the_best_items_are_those_of_a_full_stable_sort(n_items, k, seed):
    scores = np.random.default_rng(seed).choice([-np.inf, 0.0, 1.0, 2.0], (3, n_items))
    for row, found in zip(scores, best_items(scores, k), strict=True):
        order = [item for item in np.argsort(-row, kind="stable").tolist() if row[item] > -np.inf][:k]
        assert found.tolist() == order + [-1] * (k - len(order))


def test_seen_items_are_neither_listed_nor_wanted_unless_asked():
    train = interactions(TRAIN)
    test = interactions([*TEST, (0, 0)])
    model = Model(train, SCORES)
    without = ranking(model, train, test, 3, baselines=False)
    assert without["given"].recall == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert without.notes == ("1 test items were left out: their users had them before",)
    seen = ranking(model, train, test, 3, baselines=False, exclude_seen=False)
    assert seen["given"].recall == pytest.approx((3 / 4 + 0 + 1) / 3)  # 0, 1, 2 of 0, 1, 2, 3


def test_a_model_may_have_its_items_in_another_order():
    train, test = interactions(TRAIN), interactions(TEST)
    straight = ranking(Model(train, SCORES), train, test, 3, baselines=False)["given"]
    turned = ranking(Model(train, SCORES, order=[4, 0, 5, 3, 1, 2]), train, test, 3, baselines=False)["given"]
    assert turned.as_dict() | {"seconds": 0} == straight.as_dict() | {"seconds": 0}


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float16, list])
def test_scores_may_be_whole_numbers_or_lists(kind):
    train, test = interactions(TRAIN), interactions(TEST)

    class Counting(Model):
        def scores(self, users):
            found = super().scores(users)
            return found.tolist() if kind is list else found.astype(kind)

    plain = ranking(Model(train, SCORES), train, test, 3, baselines=False)["given"]
    assert ranking(Counting(train, SCORES), train, test, 3, baselines=False)["given"].ndcg == plain.ndcg


def test_only_tested_users_are_asked_for_and_threads_change_nothing():
    train, test = interactions(TRAIN), interactions(TEST)
    model = Model(train, SCORES)
    one = ranking(model, train, test, 3, threads=1)
    assert sorted(model.asked) == sorted(train.users.tokens[user] for user in (0, 1, 2))
    many = ranking(model, train, test, 3, threads=5)
    assert [each.as_dict() | {"seconds": 0} for each in one.scores] == [each.as_dict() | {"seconds": 0} for each in many.scores]


def test_popularity_counts_users_once():
    train = interactions([(0, 3), (1, 3), (2, 3), (0, 5), (1, 5), (2, 1), (2, 1), (2, 1)])
    assert Popularity().fit(train).scores(Histories.of(train), np.array([2]))[0].tolist() == [0, 1, 0, 3, 0, 2]


def random_data(seed, n_users, n_items, n=60):
    generator = np.random.default_rng(seed)
    rows = set(zip(generator.integers(0, n_users, n).tolist(), generator.integers(0, n_items, n).tolist(), strict=True))
    return interactions(sorted(rows), n_users, n_items), sorted(rows)


def dense(rows, n_users, n_items):
    matrix = np.zeros((n_users, n_items))
    matrix[tuple(zip(*rows, strict=True))] = 1
    return matrix


@pytest.mark.parametrize(("n_users", "n_items"), [(9, 6), (6, 10)])
def test_item_knn_sums_the_cosines_of_the_nearest(n_users, n_items):
    train, rows = random_data(5, n_users, n_items, 25)
    matrix = dense(rows, n_users, n_items)
    lengths = np.maximum(np.sqrt(matrix.sum(axis=0)), 1)
    cosines = matrix.T @ matrix / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0)
    for item in range(n_items):
        cosines[item, np.argsort(-cosines[item].round(12), kind="stable")[2:]] = 0
    found = ItemKNN(2).fit(train).scores(Histories.of(train), np.arange(n_users))
    assert found == pytest.approx(matrix @ cosines, abs=1e-5)


@pytest.mark.parametrize(("n_users", "n_items"), [(12, 7), (6, 11)])
def test_ease_solves_each_item_by_the_others_with_more_users_or_more_items(n_users, n_items):
    """B minimises |X - X B|^2 + l |B|^2 with a zero diagonal: each column is a ridge regression on the other items."""
    train, rows = random_data(7, n_users, n_items)
    matrix = dense(rows, n_users, n_items)
    weights = np.zeros((n_items, n_items))
    for item in range(n_items):
        others = [each for each in range(n_items) if each != item]
        gram = matrix[:, others].T @ matrix[:, others] + 3 * np.eye(n_items - 1)
        weights[others, item] = np.linalg.solve(gram, matrix[:, others].T @ matrix[:, item])
    found = EASE(3).fit(train).scores(Histories.of(train), np.arange(n_users))
    assert found == pytest.approx(matrix @ weights, abs=1e-5)


def test_baselines_are_printed_beside_the_model_best_first():
    train, test = interactions(TRAIN), interactions(TEST)
    report = ranking(Model(train, SCORES), train, test, 3)
    assert {each.name for each in report.scores} == {"given", "popularity", "item-kNN", "EASE"}
    assert [each.ndcg for each in report.scores] == sorted((each.ndcg for each in report.scores), reverse=True)
    lines = str(report).splitlines()
    assert lines[0].split() == ["Recall@3", "NDCG@3", "HR@3", "MAP@3", "coverage"]
    assert lines[5] == "3 users, 5 test items of 6; recall is over the user's test items"
    assert json.loads(report.to_json())["scores"][0]["name"] == report.scores[0].name
    with pytest.raises(SettingsError, match="'ALS' was not scored"):
        report["ALS"]


def test_ease_is_left_out_of_large_data_and_that_is_said(monkeypatch):
    monkeypatch.setattr("semap.evaluate.baselines._EASE_MOST", 3)
    train, test = interactions(TRAIN), interactions(TEST)
    report = ranking(None, train, test, 3)
    assert {each.name for each in report.scores} == {"popularity", "item-kNN"}
    assert "EASE was left out: 6 items and 4 users; it needs at most 3 of one" in str(report)
    with pytest.raises(ShapeError, match="cannot be solved"):
        EASE().fit(train)


def test_users_whom_training_left_out_are_answered_from_their_history():
    rows = [(user, item) for user in range(40) for item in range(12) if (user + item) % 3 == 0 or item == user % 12]
    split = strong_generalisation(interactions(rows, 40, 12), 0.25, 0.3, seed=1)
    baselines = [ItemKNN(), EASE(1.0), Popularity()]
    report = ranking(None, split.train, split.test, 3, history=split.history, baselines=baselines)
    assert report["EASE"].ndcg > report["popularity"].ndcg

    class FoldsIn(Model):
        """Answers from a history, by EASE."""

        def recommend_for(self, history, k, *, exclude_seen, values=None):
            ids = np.sort(split.train.items.tokens.find_all(history))
            scores = baselines[1].scores(Histories(np.array([0, len(ids)]), ids, 12), np.array([0]))
            scores[0, ids] = -np.inf
            return [(self.items.tokens[int(item)], 1.0) for item in best_items(scores, k)[0] if item >= 0]

    model = FoldsIn(split.train, np.zeros((40, 12)))
    folded = ranking(model, split.train, split.test, 3, history=split.history, baselines=False)["given"]
    assert folded.ndcg == pytest.approx(report["EASE"].ndcg)
    with pytest.raises(SettingsError, match="no recommend_for"):
        ranking(Model(split.train, np.zeros((40, 12))), split.train, split.test, 3, history=split.history)


@pytest.mark.parametrize(("heavy", "light", "wanted"), [("i0", "i2", "i1"), ("i2", "i0", "i3")])
def test_values_of_a_history_are_handed_on(heavy, light, wanted):
    """i0 and i1 go together, and i2 and i3: of a history of i0 and i2 the one with the larger value decides."""
    rows = [(f"u{n}", f"i{n % 2 * 2 + at}", 1.0) for n in range(8) for at in (0, 1)]
    whole = semap.read_interactions([*rows, ("new", heavy, 9.0), ("new", light, 1.0), ("new", wanted, 1.0)])
    new = whole.user_ids == whole.users.id("new")
    asked = new & (whole.item_ids == whole.items.id(wanted))
    train, test, history = (whole.rows(part) for part in (~new, asked, new & ~asked))
    model = semap.ImplicitALS(dim=2, unobserved_weight=1.0).fit(train)
    assert ranking(model, train, test, 1, history=history, baselines=False)["ImplicitALS"].recall == 1


def test_tested_users_without_a_history_are_counted():
    train = interactions(TRAIN)
    with pytest.warns(SemapWarning, match="1 of 2 tested users have no history"):
        ranking(None, train, interactions([(0, 3), (3, 2)]), 2)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"k": 0}, SettingsError, "k is 0"),
        ({"k": 7}, SettingsError, "k is 7, the catalogue has 6 items"),
        ({"denominator": "all"}, SettingsError, "'relevant', 'reachable'"),
        ({"baselines": False, "model": None}, SettingsError, "neither a model nor a baseline"),
        ({"model": object()}, SettingsError, "has no items and scores"),
        ({"test": interactions(TRAIN)}, EmptyGold, "no user with an item that was not seen before"),
        ({"test": interactions([(0, 1)], 4, 5)}, ShapeError, "6 items, test 4 and 5"),
        ({"model": Model(interactions(TRAIN), np.full((4, 6), np.nan))}, ShapeError, "scores that are NaN"),
        ({"model": Model(interactions(TRAIN, 4, 5), np.zeros((4, 5)))}, ShapeError, "lacks 1 of the 6 items"),
        ({"train": "u.data"}, SettingsError, "train is str; give Interactions"),
        ({"test": None}, SettingsError, "test is NoneType"),
        ({"history": [1]}, SettingsError, "history is list"),
        ({"k": True}, SettingsError, "k is True"),
        ({"baselines": "EASE"}, SettingsError, "baselines is 'EASE'; give True, False, or a list"),
        ({"baselines": [EASE]}, SettingsError, r"baselines is \[<class"),
        ({"baselines": 7}, SettingsError, "baselines is 7"),
    ],
)
def test_what_cannot_be_ranked_is_refused(change, error, message):
    train = interactions(TRAIN)
    settings = {"model": Model(train, SCORES), "train": train, "test": interactions(TEST), "k": 3, **change}
    with pytest.raises(error, match=message):
        ranking(**settings)


class Expects:
    """Expects a rating by the letters of user and item."""

    def predict(self, users, items):
        return np.array(
            [{"u0 i7": 2.0, "u0 i14": 7.0, "u7 i0": 4.0}[f"{user} {item}"] for user, item in zip(users, items, strict=True)]
        )


def with_values(values):
    part = interactions([(0, 1), (0, 2), (1, 0)])
    return Interactions(part.users, part.items, part.user_ids, part.item_ids, values)


def test_errors_of_ratings_are_those_worked_out_by_hand():
    found = semap.evaluate.ratings(Expects(), with_values([3, 4, 4]))
    assert (found.rmse, found.mae, found.n) == pytest.approx((math.sqrt((1 + 9 + 0) / 3), (1 + 3 + 0) / 3, 3))
    clipped = semap.evaluate.ratings(Expects(), with_values([3, 4, 4]), clip=(1, 5))
    assert clipped.rmse == pytest.approx(math.sqrt((1 + 1 + 0) / 3))
    assert str(clipped) == "RMSE 0.8165, MAE 0.6667 over 3 ratings"


def test_ratings_that_cannot_be_compared_are_refused():
    for model, test, clip, message in (
        (object(), with_values([3, 4, 4]), None, "has no predict"),
        (Expects(), with_values(None), None, "no values to compare with"),
        (Expects(), with_values([3, 4, 4]), (5, 1), r"clip is \(5, 1\)"),
        (Expects(), with_values([3, 4, 4]), 5, "clip is 5"),
        (Expects(), with_values([3, 4, 4]), ("1", 5), "clip is"),
    ):
        with pytest.raises(SettingsError, match=message):
            semap.evaluate.ratings(model, test, clip=clip)
    with pytest.raises(SettingsError, match="test is str"):
        semap.evaluate.ratings(Expects(), "ua.test")
    with pytest.raises(EmptyGold, match="0 ratings"):
        semap.evaluate.ratings(Expects(), with_values([3, 4, 4]).rows(np.zeros(3, bool)))


def test_settings_of_baselines_are_checked():
    with pytest.raises(SettingsError, match="k is 0"):
        ItemKNN(0)
    with pytest.raises(SettingsError, match="regularization is 0"):
        EASE(0)
    with pytest.raises(SettingsError, match="k is '5'"):
        ItemKNN("5")
    with pytest.raises(SettingsError, match="regularization is None"):
        EASE(None)
    for baseline in (EASE(), ItemKNN(), Popularity()):
        with pytest.raises(SettingsError, match="baselines take Interactions, not str"):
            baseline.fit("u.data")


@pytest.mark.skipif(not RECSYS.is_dir(), reason="the shared data are not there")
def test_on_real_ratings_ease_and_neighbours_beat_popularity():
    ratings = semap.read_interactions(RECSYS / "ml-100k" / "u.data", min_value=4)
    split = random_split(ratings, 0.2, seed=1)
    report = ranking(None, split.train, split.test, 20)
    assert report["EASE"].ndcg > report["item-kNN"].ndcg > 1.2 * report["popularity"].ndcg
