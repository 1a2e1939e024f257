"""ImplicitALS: the objective of the paper, its settings and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from semap.errors import SettingsError, ShapeError, TrainingDiverged
from semap.recommend.als import ImplicitALS


def objective(model, data, a0, strength, exponent):
    """The paper's objective, spelled out over the whole matrix of users and items."""
    users, items = model.users.vectors.astype(np.float64), model.items.vectors.astype(np.float64)
    scores, values = users @ items.T, np.zeros((data.n_users, data.n_items))
    np.add.at(values, (data.user_ids, data.item_ids), data.weights())
    seen = values > 0
    lengths_of_users = (seen.sum(1) + a0 * data.n_items) ** exponent @ (users**2).sum(1)
    lengths_of_items = (seen.sum(0) + a0 * data.n_users) ** exponent @ (items**2).sum(1)
    fit = (values * (1 - scores) ** 2).sum() + a0 * (scores**2).sum()
    return fit + strength * (lengths_of_users + lengths_of_items)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("dim", [3, 16, 33])
def test_the_loss_is_the_objective_of_the_paper(blobs, exponent, dim):
    settings = {"unobserved_weight": 0.2, "regularization": 0.05, "regularization_exponent": exponent}
    model = ImplicitALS(dim=dim, epochs=2, block_size=16, **settings).fit(blobs)
    assert model.losses[-1] == pytest.approx(objective(model, blobs, 0.2, 0.05, exponent), rel=1e-5)


def test_no_small_change_of_the_items_lowers_the_objective(halves):
    model = ImplicitALS(dim=2, epochs=1, unobserved_weight=0.3, regularization=0.1).fit(halves)
    least = objective(model, halves, 0.3, 0.1, 1.0)

    class Moved:
        users = model.users

    for row in range(8):
        for column in range(2):
            for step in (-1e-2, 1e-2):
                vectors = model.items.vectors.copy()
                vectors[row, column] += step
                Moved.items = type("Items", (), {"vectors": vectors})
                assert objective(Moved, halves, 0.3, 0.1, 1.0) > least


@pytest.mark.parametrize("exponent", [1.0, 0.3])
def test_at_the_end_neither_users_nor_items_have_a_slope(halves, exponent):
    """Items are solved for last, users half an epoch before: both are at rest only where both are solved for as they should."""
    settings = {"unobserved_weight": 0.3, "regularization": 0.1, "regularization_exponent": exponent}
    model = ImplicitALS(dim=2, epochs=300, **settings).fit(halves)
    parts = {"users": model.users.vectors.astype(np.float64), "items": model.items.vectors.astype(np.float64)}

    def at(side, place, step):
        moved = {name: rows.copy() for name, rows in parts.items()}
        moved[side][place] += step
        sides = {name: type("Side", (), {"vectors": rows}) for name, rows in moved.items()}
        return objective(type("Moved", (), sides), halves, 0.3, 0.1, exponent)

    for side, rows in parts.items():
        slopes = [(at(side, place, 1e-4) - at(side, place, -1e-4)) / 2e-4 for place in np.ndindex(rows.shape)]
        assert np.abs(slopes).max() < 2e-3


def test_without_regularization_and_with_dimensions_to_spare_every_one_is_met(halves):
    model = ImplicitALS(dim=20, epochs=30, unobserved_weight=0.001, regularization=0.0).fit(halves)
    scores = model.scores(halves.users.tokens)
    assert scores[halves.user_ids, halves.item_ids].min() > 0.9
    assert np.isfinite(scores).all()


def test_a_larger_value_pulls_harder(make):
    pairs = [("a", "x"), ("a", "y"), ("b", "y")]
    weak = ImplicitALS(dim=4).fit(make(pairs, ["b", "a"], ["y", "x"], [1, 1, 1]))
    strong = ImplicitALS(dim=4).fit(make(pairs, ["b", "a"], ["y", "x"], [9, 1, 1]))
    assert strong.scores(["a"])[0, 1] > weak.scores(["a"])[0, 1]


def test_values_below_zero_are_refused(make):
    with pytest.raises(ShapeError, match="1 of 2 values are below 0, the least is -3; leave them out"):
        ImplicitALS().fit(make([("a", "x"), ("a", "y")], ["a"], ["y", "x"], [2, -3]))


def test_numbers_too_large_for_float32_are_told(make):
    huge = make([("a", "x"), ("a", "y"), ("b", "y")], ["b", "a"], ["y", "x"], [3e38, 3e38, 3e38])
    with pytest.raises(TrainingDiverged, match="after epoch 1; raise regularization"), np.errstate(all="ignore"):
        ImplicitALS().fit(huge)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("dim", 0, "dim is 0; give a whole number from 1"),
        ("dim", 2.5, "dim is 2.5"),
        ("epochs", True, "epochs is True"),
        ("threads", -1, "threads is -1; give a whole number from 0"),
        ("block_size", 24, "block_size is 24; give a multiple of 16"),
        ("unobserved_weight", -0.1, "unobserved_weight is -0.1; give a number from 0"),
        ("regularization", float("nan"), "regularization is nan"),
        ("init_scale", 0, "init_scale is 0; give a number above 0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_once(setting, value, message):
    with pytest.raises(SettingsError, match=message):
        ImplicitALS(**{setting: value})


def test_the_metadata_hold_every_setting_but_the_threads(halves):
    model = ImplicitALS(dim=np.int64(5), threads=2).fit(halves)
    assert model.settings["learner"] == "ImplicitALS"
    assert model.settings["dim"] == 5
    assert "threads" not in model.settings
    assert model.items.metadata["side"] == "items"
    assert model.items.counts.tolist() == halves.items.counts.tolist()
