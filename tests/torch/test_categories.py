"""CategoryEmbeddings: what it learns, rows for the unknown, equal bits, every kind of rows, and what it refuses."""

from __future__ import annotations

import signal
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='needs pip install "semap[torch]"')

import semap  # noqa: E402
from semap.errors import (  # noqa: E402
    BadFile,
    CheckpointError,
    SemapWarning,
    SettingsError,
    ShapeError,
    TrainingDiverged,
    TrainingInterrupted,
)
from semap.torch import CategoryEmbeddings, CategoryModel  # noqa: E402

SHOPS = [f"shop{n}" for n in range(12)]
QUICK = {"epochs": 12, "hidden": (16,), "batch_size": 32, "learning_rate": 0.02, "threads": 1}


def made_rows(n_rows, seed):
    """Shops with even numbers are dear; goods 40 and 70 are cheap, 500 is dear; a discount lowers the price by 3 each."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n_rows):
        shop, goods, discount = int(rng.integers(12)), int(rng.choice([40, 70, 500])), float(rng.uniform(0, 2))
        price = 10 + 5 * (shop % 2 == 0) + 4 * (goods == 500) - 3 * discount + rng.normal(0, 0.1)
        rows.append({"shop": SHOPS[shop], "goods": goods, "discount": discount, "price": float(price)})
    return rows


@pytest.fixture(scope="module")
def rows():
    return made_rows(600, 5)


@pytest.fixture(scope="module")
def model(rows):
    return CategoryEmbeddings(**QUICK).fit(rows, target="price")


def weights(model):
    return b"".join(each.numpy().tobytes() for each in model._network.state_dict().values())


def test_a_number_is_predicted_from_categories_and_numbers(model):
    held = made_rows(200, 6)
    assert model.score(held, "price") > 0.95
    values = model.predict(held)
    assert values.dtype == np.float32
    errors = values - np.array([row["price"] for row in held])
    assert np.abs(errors).mean() < 0.8
    assert model.classes is None
    assert model.facts["losses"][-1] < model.facts["losses"][0] / 3


def test_each_column_of_categories_has_a_table_in_which_like_ones_are_near(model, rows):
    tables = model.tables
    assert sorted(tables) == ["goods", "shop"]  # the discount is a float, so a number
    shops = tables["shop"]
    assert shops.tokens[0] == "<unknown>"
    assert sorted(shops.tokens[1:]) == sorted(SHOPS)
    assert (shops.dim, tables["goods"].dim) == (6, 2)
    assert {name for name, _ in semap.similar(shops, "shop4", k=5)} == {f"shop{n}" for n in (0, 2, 6, 8, 10)}
    assert shops.counts[shops.id("shop7")] == sum(row["shop"] == "shop7" for row in rows)
    assert shops.counts[0] == 0


def test_classes_come_back_as_they_were_given(rows):
    for of in (str, bool, lambda dear: 7 if dear else -3):
        target = [of(row["price"] > 11) for row in rows]
        given = [{name: value for name, value in row.items() if name != "price"} for row in rows]
        model = CategoryEmbeddings(**QUICK).fit(given, target=target)
        assert model.classes == sorted({of(True), of(False)})
        assert model.score(given, target) > 0.9
        assert set(map(type, model.predict(given))) == {type(of(True))}
        probabilities = model.predict_proba(given)
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
        assert model.predict(given) == [model.classes[column] for column in probabilities.argmax(1)]


def test_an_unknown_category_is_between_the_known_ones_and_is_counted(model):
    known = {"goods": [40, 40], "discount": [1.0, 1.0]}
    dear, cheap = model.predict({"shop": ["shop2", "shop3"], **known})
    with pytest.warns(SemapWarning, match="1 unknown in 'shop'") as caught:
        new, again = model.predict({"shop": ["opened today", "shop3"], **known})
    assert len(caught) == 1
    assert cheap + 0.5 < new < dear - 0.5
    assert again == cheap


def test_the_unknown_row_is_trained_by_hiding(rows):
    trained, never = (CategoryEmbeddings(**QUICK, unknown_share=share).fit(rows, target="price") for share in (0.3, 0.0))
    start = CategoryEmbeddings(**QUICK | {"epochs": 1, "learning_rate": 1e-12}).fit(rows, target="price").tables["shop"]
    np.testing.assert_allclose(never.tables["shop"]["<unknown>"], start["<unknown>"], atol=1e-6)
    assert np.abs(trained.tables["shop"]["<unknown>"] - start["<unknown>"]).max() > 0.01


def test_rare_and_missing_categories_share_the_unknown_row():
    rows = {"shop": ["a", "a", "b", None, "a", float("nan")], "y": [1.0, 1.5, 4.0, 3.0, 1.0, 3.5]}
    table = CategoryEmbeddings(**QUICK, min_count=2).fit(rows, target="y").tables["shop"]
    assert list(table.tokens) == ["<unknown>", "a"]
    assert table.counts.tolist() == [3, 3]


def test_numbers_are_standardised_so_that_their_unit_does_not_matter(rows):
    scaled = [{**row, "discount": row["discount"] * 4096 - 8192} for row in rows]
    first, second = (CategoryEmbeddings(**QUICK).fit(given, target="price").predict(given) for given in (rows, scaled))
    np.testing.assert_allclose(first, second, atol=0.05)


def test_missing_numbers_are_the_mean_and_counted(rows):
    some = [{**row, "discount": None if number < 3 else row["discount"]} for number, row in enumerate(rows)]
    with pytest.warns(SemapWarning, match="of 600 rows to train on: 3 numbers missing in 'discount'"):
        model = CategoryEmbeddings(**QUICK).fit(some, target="price")
    mean = float(np.mean([row["discount"] for row in some[3:]]))
    with pytest.warns(SemapWarning, match="1 numbers missing"):
        lacking, with_mean = model.predict({"shop": ["shop1"] * 2, "goods": [70] * 2, "discount": [None, mean]})
    assert lacking == pytest.approx(with_mean, abs=1e-5)


def test_every_kind_of_rows_gives_the_same_bits(rows):
    class Frame:
        """What a data frame has in common with all others."""

        columns = ("shop", "goods", "discount", "price")

        def __getitem__(self, name):
            return np.array([row[name] for row in rows])

    fields = [("shop", "U8"), ("goods", "i4"), ("discount", "f8"), ("price", "f8")]
    array = np.array([tuple(row.values()) for row in rows], fields)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    learner = CategoryEmbeddings(**QUICK | {"epochs": 2})
    found = {weights(learner.fit(given, target="price")) for given in (rows, iter(rows), columns, array, Frame())}
    assert len(found) == 1


def test_dims_may_be_given_for_all_or_by_column(rows):
    few = QUICK | {"epochs": 1}
    assert {each.dim for each in CategoryEmbeddings(**few, dims=5).fit(rows, target="price").tables.values()} == {5}
    tables = CategoryEmbeddings(**few | {"hidden": ()}, dims={"goods": 7}).fit(rows, target="price").tables
    assert (tables["goods"].dim, tables["shop"].dim) == (7, 6)


def test_whole_numbers_are_categories_unless_they_are_called_numbers(rows):
    assert "goods" not in CategoryEmbeddings(**QUICK, numbers=["goods", "discount"]).fit(rows, target="price").tables
    table = CategoryEmbeddings(**QUICK).fit(rows, target="price").tables["goods"]
    assert sorted(table.tokens[1:]) == ["40", "500", "70"]


def test_ids_that_float64_cannot_tell_apart_are_different_categories():
    long = 2**60
    rows = {"id": [long, long + 1, np.int64(7), 7.0, "7"], "y": [1.0, 2.0, 3.0, 3.0, 3.0]}
    learner = CategoryEmbeddings(**QUICK | {"epochs": 1}, numbers=[])
    assert list(learner.fit(rows, target="y").tables["id"].tokens) == ["<unknown>", "7", str(long), str(long + 1)]


def test_the_same_seed_gives_the_same_bits_and_another_one_others(rows):
    learner = CategoryEmbeddings(**QUICK | {"epochs": 3})
    state = torch.random.get_rng_state()
    first, second = (weights(learner.fit(rows, target="price", validation=0.2)) for _ in range(2))
    assert first == second
    assert torch.equal(torch.random.get_rng_state(), state)  # torch's own generator has not moved
    assert weights(CategoryEmbeddings(**QUICK | {"epochs": 3, "seed": 2}).fit(rows, target="price", validation=0.2)) != first


@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_one_row_is_never_held_back(seed):
    target = ["rare", *(["dear", "cheap"] * 15)]
    given = [{"shop": "the only one"}] * 31
    learner = CategoryEmbeddings(**QUICK | {"epochs": 1, "seed": seed})
    model = learner.fit(given, target=target, validation=0.9)
    assert model.classes == ["cheap", "dear", "rare"]
    assert model.facts["rows"] == 31 - round(0.9 * 31)
    with pytest.raises(SettingsError, match="is 30 rows, 28 can be spared; both parts need some, and training one of each class"):
        learner.fit(given, target=target, validation=0.98)


def test_training_stops_early_and_keeps_the_best_epoch(rows):
    noise = np.random.default_rng(1).normal(size=120).tolist()
    given = [{"shop": row["shop"], "at": f"{n % 7}"} for n, row in enumerate(rows[:120])]
    learner = CategoryEmbeddings(**QUICK | {"epochs": 60}, patience=3, dropout=0)
    facts = learner.fit(given, target=noise, validation=0.3).facts
    losses = facts["validation_losses"]
    assert len(losses) == facts["best_epoch"] + 3 < 60
    assert losses[facts["best_epoch"] - 1] == min(losses)


def test_the_model_is_that_of_the_best_epoch(rows):
    noise = np.random.default_rng(1).normal(size=120)
    given = [{"shop": row["shop"], "at": f"{n % 7}"} for n, row in enumerate(rows[:120])]
    held = given[:40], noise[:40].tolist()
    learner = CategoryEmbeddings(**QUICK | {"epochs": 15}, patience=None, dropout=0)
    model = learner.fit(given[40:], target=noise[40:].tolist(), validation=held)
    losses = model.facts["validation_losses"]
    assert losses[-1] > 1.01 * min(losses)
    deviation = noise[40:].std()
    loss = np.square((model.predict(held[0]) - noise[:40]) / deviation).mean()
    assert loss == pytest.approx(min(losses), rel=1e-4)


def test_a_model_is_saved_and_opened_whole(model, rows, tmp_path):
    model.save(tmp_path / "m.semap")
    opened = CategoryModel.load(tmp_path / "m.semap", threads=1)
    assert opened.predict(rows).tobytes() == model.predict(rows).tobytes()
    assert opened.settings == model.settings
    assert opened.facts == model.facts
    for name, table in model.tables.items():
        assert opened.tables[name].vectors.tobytes() == table.vectors.tobytes()
        assert opened.tables[name].counts.tolist() == table.counts.tolist()
    opened.save(tmp_path / "n.semap")
    assert (tmp_path / "n.semap").read_bytes() == (tmp_path / "m.semap").read_bytes()


def test_a_file_of_something_else_or_a_damaged_one_is_refused(model, tmp_path):
    semap.Table(["a"], [[1.0]]).save(tmp_path / "table.semap")
    with pytest.raises(BadFile, match="does not hold category embeddings"):
        CategoryModel.load(tmp_path / "table.semap")
    model.save(tmp_path / "m.semap")
    data = bytearray((tmp_path / "m.semap").read_bytes())
    data[-40] ^= 1
    (tmp_path / "m.semap").write_bytes(data)
    with pytest.raises(BadFile, match="damaged"):
        CategoryModel.load(tmp_path / "m.semap")


@pytest.mark.parametrize("wrong", [None, 7, b"m.semap"])
def test_what_is_no_path_is_refused(model, wrong):
    for asked in (CategoryModel.load, model.save):
        with pytest.raises(SettingsError, match=r"^a path is text or a Path, not (NoneType|int|bytes)"):
            asked(wrong)


class StopAt:
    """Progress that presses Ctrl-C in the third epoch."""

    def start(self, task, total, unit):
        self.total = total

    def update(self, done, **figures):
        if done > self.total * 2.5 / 6:
            signal.raise_signal(signal.SIGINT)

    def finish(self):
        pass


def test_an_interrupted_training_goes_on_to_the_same_bits(rows, tmp_path):
    learner = CategoryEmbeddings(**QUICK | {"epochs": 6})
    whole = learner.fit(rows, target="price", validation=0.2)
    with pytest.raises(TrainingInterrupted, match="stopped in epoch 3 of 6"):
        learner.fit(rows, target="price", validation=0.2, checkpoint=tmp_path, progress=StopAt())
    resumed = learner.fit(rows, target="price", validation=0.2, checkpoint=tmp_path, resume=True)
    assert weights(resumed) == weights(whole)
    assert resumed.facts == whole.facts
    with pytest.raises(CheckpointError, match=r"made with other .*data"):
        learner.fit(rows[:-1], target="price", validation=0.2, checkpoint=tmp_path, resume=True)
    with pytest.raises(SettingsError, match="resume needs the folder"):
        learner.fit(rows, target="price", resume=True)


def test_one_row_is_known_by_heart_and_no_row_has_no_prediction():
    model = CategoryEmbeddings(**QUICK).fit([{"a": "x", "y": 5.0}], target="y")
    assert model.predict([{"a": "x"}]).tolist() == pytest.approx([5.0], abs=0.05)
    assert model.predict([]).shape == (0,)
    assert model.predict({"a": []}).shape == (0,)


@pytest.mark.parametrize(
    ("given", "target", "error", "told"),
    [
        ([], [], SettingsError, "no row to learn from"),
        ([], "y", SettingsError, "no row to learn from; give some"),
        ({"a": ["x", "y"]}, [["p"], ["q"]], SettingsError, "the target of row 0 is list"),
        ({"a": ["x", "y"], "n": [1.0, float("inf")]}, [1.0, 2.0], SettingsError, "row 1 of the column 'n' is inf"),
        ([{"a": "x"}], "y", SettingsError, "no column 'y' to predict; the columns are 'a'"),
        ([{"a": "x"}, {"b": "x"}], [1.0, 2.0], ShapeError, "row 1 has other columns than row 0: 'a', 'b'"),
        ([{"a": "x"}, "x"], [1.0, 2.0], SettingsError, "row 1 is str"),
        ({"a": ["x", "y"], "b": [1]}, [1.0, 2.0], ShapeError, "'a' 2, 'b' 1"),
        ({"a": "xy"}, [1.0, 2.0], SettingsError, "the column 'a' is str"),
        ({"a": ["x", "y"]}, [1.0], ShapeError, "2 rows and 1 targets"),
        ({"a": ["x", "y"]}, [1.0, None], SettingsError, "target of row 1 is missing"),
        ({"a": ["x", "y"]}, [1.0, float("inf")], SettingsError, "row 1 of the column 'target' is inf"),
        ({"a": ["x", "y"]}, ["p", 3], SettingsError, "classes are int and str"),
        ({"a": ["x", b"y"]}, [1.0, 2.0], SettingsError, "row 1 of the column 'a' is bytes"),
        ({"a": ["x", complex(1, 2)]}, [1.0, 2.0], SettingsError, "row 1 of the column 'a' is complex"),
        ({"a": [1.5, 2.5]}, [1.0, 2.0], SettingsError, "none of the columns 'a' holds categories"),
        ({"a": ["x"] * 30}, list(range(30)), SettingsError, '30 different whole numbers; say task="regression"'),
        (7, [1.0], SettingsError, "rows are int"),
        ({1: ["x"]}, [1.0], SettingsError, "name of a column is text, not int 1"),
    ],
)
def test_rows_and_targets_that_are_wrong_are_refused(given, target, error, told):
    with pytest.raises(error, match=told):
        CategoryEmbeddings(**QUICK).fit(given, target=target)


@pytest.mark.parametrize(
    "settings",
    [{"dims": 0}, {"dims": "large"}, {"dims": {"a": 0}}, {"task": "ranking"}, {"numbers": "price"}, {"numbers": 7},
     {"min_count": 0}, {"unknown_share": 1.0}, {"hidden": 64}, {"hidden": (0,)}, {"epochs": 0}, {"learning_rate": 0},
     {"batch_size": 0}, {"dropout": -0.1}, {"patience": 0}, {"seed": -1}, {"threads": -1}],
)  # fmt: skip
def test_settings_that_are_wrong_are_refused(settings):
    with pytest.raises(SettingsError, match=next(iter(settings))):
        CategoryEmbeddings(**settings)


def test_names_of_columns_that_are_not_there_are_refused(model, rows):
    with pytest.raises(SettingsError, match="dims names 'price'"):
        CategoryEmbeddings(dims={"price": 3}).fit(rows, target="price")
    with pytest.raises(SettingsError, match="numbers names 'weight'"):
        CategoryEmbeddings(numbers=["weight"]).fit(rows, target="price")
    with pytest.raises(SettingsError, match="row 0 of the column 'shop' is 'shop"):
        CategoryEmbeddings(numbers=["shop"]).fit(rows, target="price")
    with pytest.raises(SettingsError, match="a fraction, which names no category; add 'discount' to numbers"):
        CategoryEmbeddings(numbers=["goods"]).fit(rows, target="price")
    with pytest.raises(ShapeError, match="the column 'shop' of the training is not there; the rows have 'goods'"):
        model.predict([{"goods": 40}])
    with pytest.raises(SettingsError, match="a regression has no classes"):
        model.predict_proba(rows)
    with pytest.raises(SettingsError, match="device"):
        CategoryEmbeddings(device="nowhere").fit(rows, target="price")
    for share in (0, 1, 1.5, True, "a"):
        with pytest.raises(SettingsError, match=r"validation is|both parts"):
            CategoryEmbeddings().fit(rows, target="price", validation=share)


def test_a_rate_that_is_far_too_high_is_told(rows):
    with pytest.raises(TrainingDiverged, match="lower learning_rate"):
        CategoryEmbeddings(**QUICK | {"learning_rate": 1e30}).fit(rows, target="price")


def test_nothing_warns_where_nothing_is_wrong(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CategoryEmbeddings(**QUICK | {"epochs": 1}).fit(rows, target="price", validation=(rows[:50], "price"))
