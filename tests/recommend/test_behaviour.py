"""What every learner of users and items promises."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise

import numpy as np
import pytest

from semap.errors import EmptyCorpus, SettingsError
from semap.recommend.als import ImplicitALS
from semap.recommend.model import Recommender
from semap.recommend.rating import RatingMF
from semap.recommend.spectral import SpectralCF

LEARNERS = {
    "ImplicitALS": ImplicitALS(dim=10, epochs=3),
    "ImplicitALS in blocks": ImplicitALS(dim=40, epochs=3, block_size=16, regularization=0.03),
    "RatingMF": RatingMF(dim=5, epochs=3),
    "SpectralCF": SpectralCF(dim=3),
}
GOES_ON = ("ImplicitALS", "ImplicitALS in blocks", "RatingMF")


@pytest.fixture(params=LEARNERS)
def name(request):
    return request.param


@pytest.fixture
def learner(name):
    return LEARNERS[name]


def bits(model):
    biases = b"" if model.biases is None else b"".join(part.tobytes() for part in model.biases)
    return model.users.vectors.tobytes() + model.items.vectors.tobytes() + biases + json.dumps(model.losses).encode()


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(learner, blobs):
    once = bits(learner.fit(blobs))
    assert once == bits(learner.fit(blobs))
    assert once != bits(dataclasses.replace(learner, seed=learner.seed + 1).fit(blobs))


def test_threads_do_not_matter(learner, blobs, monkeypatch):
    monkeypatch.setattr("semap.recommend.sweep._QUICK", 0.0)  # also for data this small
    assert len({bits(dataclasses.replace(learner, threads=threads).fit(blobs)) for threads in (1, 2, 3, 7)}) == 1


def test_the_loss_falls(learner, blobs):
    losses = dataclasses.replace(learner, epochs=6).fit(blobs).losses
    if not losses:
        pytest.skip("this learner works in one step and has no loss")
    assert len(losses) == 6
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(losses))
    assert losses[-1] < losses[0]


def test_saved_and_opened_it_is_the_same(learner, blobs, tmp_path):
    model = learner.fit(blobs)
    model.save(tmp_path / "model")
    again = Recommender.load(tmp_path / "model")
    assert bits(again) == bits(model)
    assert (again.settings, again.mean) == (model.settings, model.mean)
    user = blobs.users.tokens[3]
    assert again.recommend(user, 5) == model.recommend(user, 5)


def test_it_goes_on_to_the_bits_of_an_unbroken_run(name, learner, blobs, tmp_path):
    if name not in GOES_ON:
        pytest.skip("this learner works in one step")
    first = dataclasses.replace(learner, epochs=1).fit(blobs)
    first.save(tmp_path)
    rest = dataclasses.replace(learner, epochs=2).fit(blobs, init=Recommender.load(tmp_path))
    assert bits(rest) == bits(learner.fit(blobs))


def test_a_model_of_another_kind_is_no_start(name, learner, blobs):
    if name not in GOES_ON:
        pytest.skip("this learner works in one step")
    with pytest.raises(SettingsError, match=f"dim {learner.dim}, this is .* with dim 7"):
        dataclasses.replace(learner, dim=7).fit(blobs, init=learner.fit(blobs))


def test_nothing_to_learn_from_is_an_error(learner, make):
    with pytest.raises(EmptyCorpus, match="2 users, 1 items and 0 interactions"):
        learner.fit(make([], ["b", "a"], ["x"], []))


@pytest.mark.parametrize(
    ("pairs", "users", "items"),
    [
        ([("a", "x")], ["a"], ["x"]),
        ([("a", "x"), ("a", "z")], ["a"], ["y", "x", "z"]),
        ([("b", "x"), ("a", "x")], ["c", "b", "a"], ["x"]),
    ],
    ids=["one pair", "one user", "one item"],
)
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


def test_something_else_is_refused(learner):
    with pytest.raises(SettingsError, match=r"not list; semap\.read_interactions"):
        learner.fit([("a", "x")])


def test_it_says_how_far_it_is(learner, blobs):
    class Listener:
        def __init__(self):
            self.told, self.figures, self.ended = [], {}, 0

        def start(self, task, total, unit):
            self.told.append((task, total, unit))

        def update(self, done, **figures):
            self.told.append(done)
            self.figures = figures

        def finish(self):
            self.ended += 1

    listener = Listener()
    model = learner.fit(blobs, progress=listener)
    assert listener.told[0][0] == type(learner).__name__
    assert listener.told[-1] == listener.told[0][1]
    assert listener.ended == 1
    if model.losses:
        assert listener.figures == {"loss": model.losses[-1]}
