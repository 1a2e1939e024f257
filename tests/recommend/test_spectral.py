"""SpectralCF: the singular vectors of the normalised matrix, found without a library for sparse ones."""

from __future__ import annotations

import numpy as np
import pytest

from semap.errors import SettingsError
from semap.evaluate import ranking
from semap.interactions.splits import strong_generalisation
from semap.recommend.spectral import SpectralCF


def normalised(data):
    """D_u^-1/2 R D_i^-1/2 as a dense matrix, and the square roots of D_i."""
    matrix = np.zeros((data.n_users, data.n_items))
    matrix[data.user_ids, data.item_ids] = data.weights()
    of_users, of_items = np.sqrt(matrix.sum(1)), np.sqrt(matrix.sum(0))
    scale = np.maximum(of_users, 1e-9)[:, None] * np.maximum(of_items, 1e-9)
    return matrix / scale, of_items


@pytest.mark.parametrize("dim", [1, 4, 70])
def test_scores_are_those_of_the_truncated_svd(blobs, dim):
    matrix, of_items = normalised(blobs)
    u, s, v = np.linalg.svd(matrix)
    expected = (u[:, :dim] * s[:dim]) @ v[:dim] * of_items
    model = SpectralCF(dim=dim, epochs=20).fit(blobs)
    np.testing.assert_allclose(model.scores(blobs.users.tokens), expected, atol=2e-3)


def test_with_more_dimensions_than_items_the_matrix_comes_back_whole(halves):
    matrix, of_items = normalised(halves)
    model = SpectralCF(dim=30).fit(halves)
    np.testing.assert_allclose(model.scores(halves.users.tokens), matrix * of_items, atol=1e-4)
    assert model.items.dim == 30
    assert not model.items.vectors[:, 8:].any()


def test_a_new_user_with_the_same_history_gets_the_same_scores(blobs):
    model = SpectralCF(dim=6).fit(blobs)
    user = blobs.users.tokens[42]
    mine = blobs.user_ids == 42
    history = [blobs.items.tokens[int(i)] for i in blobs.item_ids[mine]]
    new = dict(model.recommend_for(history, k=80, values=blobs.values[mine]))
    old = dict(model.recommend(user, k=80))
    assert set(new) == set(old)
    np.testing.assert_allclose([new[item] for item in old], list(old.values()), atol=1e-5)
    item = next(iter(old))
    assert sum(share for _, share in model.explain(user, item)) == pytest.approx(old[item], abs=1e-5)


def test_an_item_that_nobody_had_says_nothing_of_a_new_user(make):
    users, items = ["c", "b", "a"], ["w", "z", "y", "x"]
    model = SpectralCF(dim=2).fit(make([("a", "x"), ("a", "y"), ("b", "y"), ("c", "z")], users, items))
    assert model.recommend_for(["w", "x"], values=[1, 1], exclude_seen=False)[0][0] in "xy"
    for history, values in ((["w"], None), (["x"], [0])):
        assert [score for _, score in model.recommend_for(history, k=4, values=values, exclude_seen=False)] == [0, 0, 0, 0]


def test_users_whom_training_left_out_are_answered_although_some_items_were_only_theirs(blobs):
    split = strong_generalisation(blobs, 0.9, 0.2, seed=3)  # a tenth of the users is left, so some items are gone
    assert (split.train.items.counts == 0).any()
    model = SpectralCF(dim=4).fit(split.train)
    assert 0 < ranking(model, split.train, split.test, 5, history=split.history, baselines=False)["SpectralCF"].ndcg <= 1


def test_there_is_nothing_to_go_on_from(halves):
    model = SpectralCF(dim=2).fit(halves)
    assert sorted(model.settings) == ["dim", "epochs", "learner", "seed"]
    with pytest.raises(SettingsError, match="works in one step"):
        SpectralCF(dim=2).fit(halves, init=model)
