"""What learners of users and items promise beside what every learner does (tests/behaviour)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from semap.recommend.als import ImplicitALS
from semap.recommend.bpr import BPR
from semap.recommend.rating import RatingMF
from semap.recommend.spectral import SpectralCF

LEARNERS = {
    "ImplicitALS": ImplicitALS(dim=10, epochs=3),
    "ImplicitALS in blocks": ImplicitALS(dim=40, epochs=3, block_size=16, regularization=0.03),
    "BPR": BPR(dim=10, epochs=3, learning_rate=0.1),
    "RatingMF": RatingMF(dim=5, epochs=3),
    "SpectralCF": SpectralCF(dim=3),
}


@pytest.fixture(params=LEARNERS)
def name(request):
    return request.param


@pytest.fixture
def learner(name):
    return LEARNERS[name]


@pytest.mark.parametrize(
    ("pairs", "users", "items"),
    [
        ([("a", "x")], ["a"], ["x"]),
        ([("a", "x"), ("a", "z")], ["a"], ["y", "x", "z"]),
        ([("b", "x"), ("a", "x")], ["c", "b", "a"], ["x"]),
    ],
    ids=["one pair", "one user", "one item"],
)
@pytest.mark.filterwarnings("ignore:.* users have each of:semap.errors.SemapWarning")
def test_one_user_or_one_item_is_learned_from(learner, make, pairs, users, items):
    model = learner.fit(make(pairs, users, items, [1.0 + number for number in range(len(pairs))]))
    assert np.isfinite(model.users.vectors).all()
    assert np.isfinite(model.scores(users)).all()
    assert len(model.recommend("a", 5)) == len(items) - len({item for user, item in pairs if user == "a"})


def test_items_of_the_own_group_come_first(name, learner, blobs):
    if name == "RatingMF":
        pytest.skip("it learns how much was liked, not what was chosen")
    model = dataclasses.replace(learner, epochs=12).fit(blobs)
    items = list(blobs.items.tokens)
    inside = []
    for user in blobs.users.tokens[::7]:
        seen = [items[int(item_id)] for item_id in blobs.history(user)]
        group = np.bincount([items.index(item) % 4 for item in seen]).argmax()  # three of four lie in it
        found = [item for item, _ in model.recommend(user, 5)]
        assert not set(seen) & set(found)
        inside += [items.index(item) % 4 == group for item in found]
    assert np.mean(inside) > 0.7  # by chance 0.25


def test_a_sparse_matrix_serves_too(learner):
    from scipy.sparse import csr_array

    matrix = csr_array(np.array([[0, 2.0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 3]]))
    model = learner.fit(matrix)
    assert list(model.users.tokens) == ["0", "1", "2"]
    assert {item for item, _ in model.recommend("0")} == {"0", "3"}
