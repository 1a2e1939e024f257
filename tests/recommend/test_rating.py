"""RatingMF: means, biases and rows that predict ratings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semap.errors import SettingsError
from semap.interactions.interactions import Interactions
from semap.recommend.rating import RatingMF

DATA = Path(__file__).parents[3] / "shared" / "data" / "recsys" / "ml-100k"


def test_the_loss_is_what_the_docstring_says(blobs):
    model = RatingMF(dim=3, epochs=2, regularization=0.2, bias_regularization=0.4, regularization_exponent=0.5).fit(blobs)
    p, q = model.users.vectors.astype(np.float64), model.items.vectors.astype(np.float64)
    b, c = model.biases
    rows, columns = blobs.user_ids, blobs.item_ids
    gaps = blobs.values - blobs.values.mean(dtype=np.float64) - b[rows] - c[columns] - (p[rows] * q[columns]).sum(1)
    n_users, n_items = np.bincount(rows, minlength=300) ** 0.5, np.bincount(columns, minlength=80) ** 0.5
    strength = n_users @ (0.2 * (p**2).sum(1) + 0.4 * b**2) + n_items @ (0.2 * (q**2).sum(1) + 0.4 * c**2)
    assert model.losses[-1] == pytest.approx((gaps**2).sum() + strength, rel=1e-5)


def test_ratings_that_are_sums_of_biases_are_met(make):
    users, items = ["c", "b", "a"], ["z", "y", "x", "w"]
    of_users, of_items = {"a": 1.0, "b": 0.0, "c": -1.0}, {"w": 0.5, "x": -0.5, "y": 0.25, "z": -0.25}
    pairs = [(user, item) for user in users for item in items if (user, item) != ("a", "w")]
    ratings = [3 + of_users[user] + of_items[item] for user, item in pairs]
    settings = {"regularization": 1e-1, "bias_regularization": 1e-6, "regularization_exponent": 0.0}
    model = RatingMF(dim=1, epochs=200, **settings).fit(make(pairs, users, items, ratings))
    assert model.predict(["a", "c"], ["w", "z"]) == pytest.approx([4.5, 1.75], abs=0.02)


def test_someone_unknown_is_expected_to_rate_as_the_others_do(blobs):
    model = RatingMF(dim=2).fit(blobs)
    item = blobs.items.tokens[5]
    expected = model.mean + np.array([model.biases[1][5], 0])
    np.testing.assert_allclose(model.predict(["nobody", "nobody"], [item, "nothing"]), expected)


def test_recommendations_are_the_ratings_expected(blobs):
    model = RatingMF(dim=4).fit(blobs)
    user = blobs.users.tokens[7]
    found = model.recommend(user, k=4)
    np.testing.assert_allclose(model.predict([user] * 4, [item for item, _ in found]), [score for _, score in found], rtol=1e-5)
    np.testing.assert_allclose(model.scores([user])[0, model.items.id(found[0][0])], found[0][1], rtol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"regularization": 1.5, "bias_regularization": 0.5, "regularization_exponent": 0.3}])
def test_a_new_user_is_solved_for_as_the_learner_does(blobs, settings):
    model = RatingMF(dim=4, epochs=60, **settings).fit(blobs)
    mine = blobs.user_ids == 11
    history, values = [blobs.items.tokens[int(i)] for i in blobs.item_ids[mine]], blobs.values[mine]
    new = dict(model.recommend_for(history, k=80, values=values, exclude_seen=False))
    old = dict(model.recommend(blobs.users.tokens[11], k=80, exclude_seen=False))
    np.testing.assert_allclose([new[item] for item in old], list(old.values()), atol=0.05)
    item = blobs.items.tokens[9]
    parts = sum(share for _, share in model.explain(blobs.users.tokens[11], item))
    assert parts + model.mean + model.biases[1][9] == pytest.approx(new[item], abs=1e-4)


def test_ratings_around_zero_have_a_mean_of_zero_for_new_users_too(make):
    data = make([("b", "x"), ("b", "y"), ("a", "x"), ("a", "y")], ["b", "a"], ["y", "x"], [2, -2, 2, -2])
    model = RatingMF(dim=2).fit(data)
    assert model.mean == 0
    assert model.recommend_for(["y"], k=2) == model.recommend_for(["y"], k=2, values=[0])


def test_events_without_ratings_are_refused(make):
    with pytest.raises(SettingsError, match="needs a value for each interaction"):
        RatingMF().fit(make([("a", "x")], ["a"], ["x"]))


def test_an_item_that_is_new_starts_with_a_bias_of_0_and_known_ones_with_theirs(make):
    """One epoch further: users are solved for from the items of the start, so a start of other biases gives other users."""
    old = make([("b", "x"), ("a", "x"), ("a", "y")], ["b", "a"], ["y", "x"], [1, 5, 4])
    first = RatingMF(dim=2, epochs=3, seed=4).fit(old)
    new = make([("c", "z"), ("b", "x"), ("a", "y"), ("c", "y")], ["c", "b", "a"], ["z", "x", "y"], [2, 1, 4, 5])
    seen = []

    class Watching(RatingMF):
        def _alternate(self, by_user, by_item, users, items, mean, shown):
            seen.append((items.copy(), mean))
            return super()._alternate(by_user, by_item, users, items, mean, shown)

        def _behind(self, init):
            return len(init.losses)

    Watching(dim=2, epochs=1, seed=4).fit(new, init=first)
    items, mean = seen[0]
    assert mean == first.mean
    assert items[0, 2] == 0
    assert items[0, :2].any()
    for row, name in ((1, "x"), (2, "y")):
        assert items[row, 2] == first.biases[1][first.items.id(name)]
        np.testing.assert_array_equal(items[row, :2], first.items[name])


@pytest.mark.parametrize("setting", ["regularization", "bias_regularization", "init_scale"])
def test_strengths_are_above_zero(setting):
    with pytest.raises(SettingsError, match=f"{setting} is 0; give a number above 0"):
        RatingMF(**{setting: 0})


@pytest.mark.skipif(not DATA.exists(), reason="the shared data are not here")
def test_movielens_is_predicted_to_less_than_096():
    from scipy.sparse import csr_array

    train, test = (np.loadtxt(DATA / f"ua.{part}", usecols=(0, 1, 2), dtype=np.int64) for part in ("base", "test"))
    matrix = csr_array((train[:, 2].astype(np.float32), (train[:, 0], train[:, 1])), shape=(944, 1683))
    model = RatingMF().fit(Interactions.from_scipy(matrix))
    gaps = model.predict([str(user) for user in test[:, 0]], [str(item) for item in test[:, 1]]) - test[:, 2]
    assert len(gaps) == 9430
    assert np.sqrt((gaps**2).mean()) < 0.945  # 0.9354 measured; the issue asks for 0.96
