"""BPR: what users have comes before what they have not."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from semap.errors import SemapWarning, SettingsError, TrainingDiverged
from semap.recommend import deal
from semap.recommend.bpr import BPR


@pytest.fixture
def crowd(make):
    """500 users and 200 items in 4 groups, nine of ten interactions inside a user's own group: enough for blocks."""
    rng = np.random.default_rng(6)
    users, items = [f"user{n}" for n in rng.permutation(500)], [f"item{n}" for n in rng.permutation(200)]
    pairs = set()
    for user in range(500):
        for _ in range(20):
            group = user % 4 if rng.random() < 0.9 else int(rng.integers(4))
            pairs.add((users[user], items[int(rng.integers(50)) * 4 + group]))
    return make(sorted(pairs), users, items)


@pytest.fixture
def in_blocks(monkeypatch):
    """Small data are dealt into blocks and worked on by several threads, too."""
    monkeypatch.setattr(deal, "_INTERACTIONS", 100)
    monkeypatch.setattr("semap.recommend.sweep._QUICK", 0.0)


def bits(model):
    return model.users.vectors.tobytes() + model.items.vectors.tobytes() + model.biases[1].tobytes()


def auc(model, data):
    """The share of pairs of an item that a user has and one that they have not, in which the first scores above the other."""
    scores = model.scores(data.users.tokens)
    has = np.zeros(scores.shape, bool)
    has[data.user_ids, data.item_ids] = True
    return np.mean([(row[mine][:, None] > row[~mine]).mean() for row, mine in zip(scores, has, strict=True)])


@pytest.mark.usefixtures("in_blocks")
def test_threads_do_not_matter_where_blocks_are_shared_out(crowd):
    learner = BPR(dim=20, epochs=3, seed=5)
    first = learner.fit(crowd)
    assert all(bits(dataclasses.replace(learner, threads=threads).fit(crowd)) == bits(first) for threads in (1, 2, 3, 8))


@pytest.mark.usefixtures("in_blocks")
def test_two_epochs_and_two_more_are_four(crowd, tmp_path):
    half, whole = BPR(dim=8, epochs=2), BPR(dim=8, epochs=4).fit(crowd)
    half.fit(crowd).save(tmp_path)
    rest = half.fit(crowd, init=type(whole).load(tmp_path))
    assert bits(rest) == bits(whole)
    assert rest.losses == whole.losses


@pytest.mark.parametrize("item_biases", [True, False])
def test_blocks_learn_as_well_as_one(crowd, item_biases, monkeypatch):
    learner = BPR(dim=8, epochs=15, learning_rate=0.05, item_biases=item_biases)
    whole = auc(learner.fit(crowd), crowd)
    monkeypatch.setattr(deal, "_INTERACTIONS", 100)
    assert whole > 0.85  # items of the own group that were not chosen are of the same kind
    assert abs(auc(learner.fit(crowd), crowd) - whole) < 0.01


@pytest.mark.usefixtures("in_blocks")
def test_every_item_that_a_user_has_not_is_as_likely_to_be_drawn(make):
    # One user with 4 of 64 items, in 2 groups. Steps this small only count: a bias moves by rate / 2 for each draw.
    users, items = ["b", "a"], [f"item{n}" for n in range(63, -1, -1)]
    pairs = [("a", items[n]) for n in (3, 10, 40, 63)] * 100
    rate, epochs = 1e-6, 60
    model = BPR(dim=1, epochs=epochs, learning_rate=rate, regularization=0, init_scale=1e-6).fit(make(pairs, users, items))
    drawn = np.delete(-model.biases[1] / (rate / 2), [3, 10, 40, 63])
    assert drawn.sum() == pytest.approx(400 * epochs, rel=0.01)
    assert np.abs(drawn - 400).max() < 5 * np.sqrt(400 + 27**2)  # an epoch deals 0 to 4 of the pairs into an item's group


def test_items_are_dealt_anew_for_every_epoch_so_that_any_two_meet(crowd, monkeypatch):
    monkeypatch.setattr(deal, "_INTERACTIONS", 2000)
    pools = []
    monkeypatch.setattr(deal.bpr, "train", lambda pairs, pool, *rest: pools.append(pool.copy()))
    BPR(dim=4, epochs=40, threads=1).fit(crowd)
    met = np.zeros((200, 200), bool)
    for pool in pools:
        assert 40 <= len(pool) <= 50  # 200 items in 4 or 5 groups
        met[np.ix_(pool, pool)] = True
    assert met.all()


def test_the_loss_is_the_mean_of_what_is_lowered(halves):
    model = BPR(dim=3, epochs=1, learning_rate=1e-7, init_scale=0.5).fit(halves)
    users, items = (table.vectors.astype(np.float64) for table in (model.users, model.items))
    scores = users @ items.T
    losses = []
    for user, item in zip(halves.user_ids, halves.item_ids, strict=True):
        others = np.setdiff1d(np.arange(8), halves.item_ids[halves.user_ids == user])
        losses.append(np.log1p(np.exp(scores[user, others] - scores[user, item])))
    low, high = np.min(losses), np.max(losses)
    assert low < model.losses[0] < high
    assert model.losses[0] == pytest.approx(np.mean(losses), abs=4 * np.std(losses) / np.sqrt(len(losses)))


def test_biases_follow_how_many_have_an_item(make):
    users, items = [f"u{n}" for n in range(20)], ["rare", "often", "never"]
    pairs = [(user, "often") for user in users[:18]] + [(user, "rare") for user in users[17:]]
    rare, often, never = BPR(dim=1, epochs=40, learning_rate=0.1).fit(make(pairs, users, items)).biases[1]
    assert often > rare > never


def test_without_biases_there_are_none(halves):
    assert BPR(dim=2, epochs=1, item_biases=False).fit(halves).biases is None


def test_values_are_not_looked_at(halves):
    plain = dataclasses.replace(halves, values=None)
    assert bits(BPR(dim=2, epochs=2).fit(halves)) == bits(BPR(dim=2, epochs=2).fit(plain))


def test_someone_without_interactions_gets_what_most_have(make):
    users, items = ["new", "b", "a", "c"], ["z", "y", "x"]
    model = BPR(dim=2, epochs=30).fit(make([("a", "y"), ("b", "y"), ("c", "y"), ("c", "z")], users, items))
    assert not model.users["new"].any()
    assert [item for item, _ in model.recommend("new")] == ["y", "z", "x"]


def test_users_with_every_item_are_counted_and_left_as_they_were(make):
    users, items = ["c", "b", "a"], ["z", "y", "x"]
    data = make([("a", "x"), ("a", "y"), ("a", "z"), ("b", "y")], users, items)
    with pytest.warns(SemapWarning, match="1 of 3 users have each of the 3 items"):
        model = BPR(dim=4, epochs=3).fit(data)
    with pytest.warns(SemapWarning):
        longer = BPR(dim=4, epochs=9).fit(data)
    np.testing.assert_array_equal(model.users["a"], longer.users["a"])
    assert (model.users["b"] != longer.users["b"]).any()


def test_where_nobody_lacks_an_item_nothing_is_learned_and_the_loss_is_zero(make):
    with pytest.warns(SemapWarning, match="1 of 1 users"):
        model = BPR(dim=4, epochs=2).fit(make([("a", "x")], ["a"], ["x"]))
    assert model.losses == [0, 0]
    assert model.recommend("a") == []


def test_an_item_that_stands_twice_is_not_two(make):
    data = make([("a", "x"), ("a", "x"), ("a", "z")], ["a"], ["z", "y", "x"])
    assert BPR(dim=2, epochs=30).fit(data).recommend("a", exclude_seen=False)[-1][0] == "y"


def test_a_rate_that_is_too_high_is_told(halves):
    with pytest.raises(TrainingDiverged, match="lower learning_rate"):
        BPR(dim=4, epochs=60, learning_rate=1e5, regularization=1.0).fit(halves)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"learning_rate": 0}, "learning_rate is 0; give a number above 0"),
        ({"regularization": -1}, "regularization is -1"),
        ({"init_scale": 0}, "init_scale is 0; give a number above 0"),
        ({"item_biases": 2}, "item_biases is 2; give True or False"),
        ({"dim": 0}, "dim is 0"),
        ({"epochs": 1.5}, "epochs is 1.5"),
    ],
)
def test_bad_settings_are_told(settings, told):
    with pytest.raises(SettingsError, match=told):
        BPR(**settings)


def test_it_has_no_equations_for_a_new_user(halves):
    model = BPR(dim=2, epochs=1).fit(halves)
    with pytest.raises(SettingsError, match="BPR has no equations"):
        model.recommend_for(["z"])


def test_saved_and_opened_it_goes_on_with_its_biases(halves, tmp_path):
    model = BPR(dim=2, epochs=2).fit(halves)
    model.save(tmp_path)
    again = type(model).load(tmp_path)
    assert json.dumps(again.losses) == json.dumps(model.losses)
    np.testing.assert_array_equal(again.biases[1], model.biases[1])
