"""The model: recommendations, new users, reasons, files and what it says when it cannot."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from semap.errors import BadFile, CannotWrite, FileMissing, SemapWarning, SettingsError, ShapeError, UnknownToken
from semap.index.questions import similar
from semap.interactions.interactions import Interactions
from semap.recommend.als import ImplicitALS
from semap.recommend.model import Recommender
from semap.table.table import Table


@pytest.fixture
def model(halves):
    return ImplicitALS(dim=4, epochs=20, unobserved_weight=0.2, regularization=0.05).fit(halves)


def test_the_item_that_a_user_lacks_of_their_half_comes_first(model, halves):
    for user in halves.users.tokens:
        half = list("zyxw" if int(user[1]) % 2 == 0 else "vuts")
        seen = {halves.items.tokens[int(item_id)] for item_id in halves.history(user)}
        (missing,) = set(half) - seen
        ranked = model.recommend(user, k=3)
        assert ranked[0][0] == missing
        assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
        assert not seen & {item for item, _ in ranked}


def test_seen_items_come_back_when_asked_for(model, halves):
    user = halves.users.tokens[2]
    found = [item for item, _ in model.recommend(user, k=8, exclude_seen=False)]
    assert sorted(found) == sorted(halves.items.tokens)


def test_more_than_the_catalogue_is_what_there_is(model):
    assert len(model.recommend("u3", k=1_000)) == 5  # 8 items, 3 of them seen
    assert len(model.recommend_for(["z"], k=1_000)) == 7


@pytest.mark.parametrize("k", [0, -1, 2.0, True])
def test_k_must_be_a_whole_number_from_one(model, k):
    with pytest.raises(SettingsError, match="give a whole number from 1"):
        model.recommend("u3", k=k)


def test_an_unknown_user_is_told_what_to_do(model):
    with pytest.raises(UnknownToken, match=r"'u33' is not among the 10 tokens .*recommend_for\(history="):
        model.recommend("u33")
    with pytest.raises(UnknownToken, match="'q' is not among the 8 tokens"):
        model.explain("u3", "q")


def test_a_user_without_interactions_is_told_what_to_do(make):
    model = ImplicitALS(dim=2).fit(make([("b", "x"), ("b", "z")], ["c", "b"], ["z", "y", "x"]))
    with pytest.raises(SettingsError, match=r"user 'c' has no interactions.*recommend_for\(history="):
        model.recommend("c")
    assert not model.users["c"].any()


def test_a_new_user_gets_what_an_old_one_with_the_same_history_gets(model, halves):
    history = [halves.items.tokens[int(item_id)] for item_id in halves.history("u3")]
    (missing,) = set("vuts") - set(history)
    assert model.recommend_for(history, k=1)[0][0] == missing


@pytest.mark.parametrize("exponent", [1.0, 0.4])
def test_the_row_of_a_new_user_has_no_slope(halves, exponent):
    settings = {"unobserved_weight": 0.2, "regularization": 0.05, "regularization_exponent": exponent}
    model = ImplicitALS(dim=4, epochs=20, **settings).fit(halves)
    values, items = np.array([2.0, 5.0]), model.items.vectors.astype(np.float64)
    rows = items[[6, 1]]  # t and y

    def worth(w):
        fit = (values * (1 - rows @ w) ** 2).sum() + 0.2 * ((items @ w) ** 2).sum()
        return fit + 0.05 * (2 + 0.2 * 8) ** exponent * (w @ w)

    scores = dict(model.recommend_for(["t", "y"], k=8, values=values, exclude_seen=False))
    w = np.linalg.lstsq(items, np.array([scores[item] for item in halves.items.tokens]), rcond=None)[0]
    for axis in np.eye(4) * 1e-3:
        assert abs(worth(w + axis) - worth(w - axis)) / 2e-3 < 1e-3


def test_the_reasons_add_up_to_the_score(model, halves):
    user, item = "u3", "z"
    reasons = model.explain(user, item)
    seen = halves.user_ids == halves.users.id(user)
    history = [halves.items.tokens[int(item_id)] for item_id in halves.item_ids[seen]]
    assert sorted(name for name, _ in reasons) == sorted(history)
    assert [share for _, share in reasons] == sorted((share for _, share in reasons), reverse=True)
    new = model.recommend_for(history, k=8, values=halves.values[seen], exclude_seen=False)
    assert sum(share for _, share in reasons) == pytest.approx(dict(new)[item], abs=1e-5)


def test_the_stored_row_is_near_the_one_solved_for_anew(model):
    stored = dict(model.recommend("u3", k=8, exclude_seen=False))
    for item in "zyts":
        assert sum(share for _, share in model.explain("u3", item)) == pytest.approx(stored[item], abs=0.02)


def test_unknown_items_of_a_history_are_left_out_and_counted(model):
    with pytest.warns(SemapWarning, match="2 of 3 items are unknown and left out, first 'Q'"):
        found = model.recommend_for(["z", "Q", "R"], k=2)
    assert found == model.recommend_for(["z"], k=2)


@pytest.mark.parametrize(("history", "n"), [([], 0), (["Q", "R"], 2)])
def test_a_history_without_a_known_item_is_refused(model, history, n):
    with pytest.raises(SettingsError, match=f"of {n} items in the history the model knows 0"):
        model.recommend_for(history)


def test_a_history_that_is_one_string_is_refused(model):
    with pytest.raises(SettingsError, match="not the one string 'zy'"):
        model.recommend_for("zy")


def test_values_below_zero_are_refused_as_in_training(model):
    with pytest.raises(ShapeError, match="ImplicitALS takes values from 0, the least given is -2"):
        model.recommend_for(["z", "y"], values=[1, -2])


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan]])
def test_values_must_fit_the_history(model, values):
    with pytest.raises(ShapeError, match="2 items have values of the shape"):
        model.recommend_for(["z", "y"], values=values)


def test_scores_are_products_of_rows(model, halves):
    users = ["u3", "u8"]
    expected = np.einsum("ud,id->ui", model.users.lookup(users), model.items.vectors)
    np.testing.assert_allclose(model.scores(users), expected, rtol=1e-4, atol=1e-6)
    pairs = model.predict(["u8", "u3", "nobody"], ["y", "s", "y"])
    np.testing.assert_allclose(pairs, [expected[1, 1], expected[0, 7], 0], rtol=1e-4, atol=1e-6)
    with pytest.raises(ShapeError, match="1 users and 2 items"):
        model.predict(["u3"], ["z", "y"])


def test_items_can_be_asked_for_their_like(model):
    assert {item for item, _ in similar(model.items, "z", k=3)} == set("yxw")


def test_the_parts_must_be_of_one_model(model, halves):
    with pytest.raises(ShapeError, match="the table has 8 users, the interactions 10"):
        Recommender(model.items, model.items, halves)
    with pytest.raises(ShapeError, match=r"biases are \(8,\) and \(8,\)"):
        Recommender(model.users, model.items, halves, biases=(np.zeros(8, np.float32), np.zeros(8, np.float32)))


def test_the_tables_of_a_folder_are_tables(model, tmp_path):
    from semap.formats.load import load

    model.save(tmp_path / "movies")
    assert isinstance(load(tmp_path / "movies" / "items.semap"), Table)
    assert Interactions.open(tmp_path / "movies" / "history.semap").fingerprint() == model.history.fingerprint()
    model.save(tmp_path / "movies")  # over itself


def test_a_folder_of_two_models_is_refused(model, halves, tmp_path):
    model.save(tmp_path / "one")
    ImplicitALS(dim=4, seed=9).fit(halves).save(tmp_path / "other")
    for name in ("items.semap", "users.semap", "model.semap"):
        shutil.copytree(tmp_path / "one", tmp_path / name)
        shutil.copy(tmp_path / "other" / name, tmp_path / name / name)
        with pytest.raises(BadFile, match="not of one model"):
            Recommender.load(tmp_path / name)


def test_a_folder_of_nothing_or_of_something_else_is_refused(model, tmp_path):
    with pytest.raises(FileMissing, match="there is no folder of this name"):
        Recommender.load(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileMissing, match=r"model\.semap"):
        Recommender.load(tmp_path / "empty")
    model.save(tmp_path / "wrong")
    shutil.copy(tmp_path / "wrong" / "items.semap", tmp_path / "wrong" / "model.semap")
    with pytest.raises(BadFile, match="does not hold a recommender, but 'table'"):
        Recommender.load(tmp_path / "wrong")


@pytest.mark.parametrize("wrong", [None, 7, b"movies", ["movies"]])
def test_what_is_no_path_is_refused(model, wrong):
    for asked in (Recommender.load, model.save, Interactions.open, model.history.save):
        with pytest.raises(SettingsError, match=r"^a path is text or a Path, not (NoneType|int|bytes|list)"):
            asked(wrong)


def test_a_folder_that_cannot_be_made_is_told(model, tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(CannotWrite, match="cannot make the folder"):
        model.save(tmp_path / "file")


@pytest.mark.parametrize("wrong", [None, 7, b"u3", 2.5])
def test_names_of_another_kind_are_refused(model, wrong):
    for asked in (
        lambda: model.recommend(wrong), lambda: model.explain("u3", wrong), lambda: model.recommend_for([wrong]),
        lambda: model.recommend_for(wrong), lambda: model.scores(wrong), lambda: model.predict(wrong, wrong),
        lambda: model.predict([wrong], [wrong]), lambda: model.history.history(wrong),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match=r"not |is (NoneType|int|bytes|float)"):
            asked()


def test_values_and_starts_of_another_kind_are_refused(model, halves):
    with pytest.raises(ShapeError, match="values must be numbers"):
        model.recommend_for(["z"], values=["much"])
    with pytest.raises(SettingsError, match="init is Table; give a Recommender"):
        ImplicitALS(dim=4).fit(halves, init=model.items)
