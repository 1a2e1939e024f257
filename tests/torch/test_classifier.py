"""TextClassifier: what it learns, that equal settings give equal bits, early stopping, and what it refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='needs pip install "semap[torch]"')

import semap  # noqa: E402
from semap.errors import BadText, EmptyCorpus, SemapWarning, SettingsError, ShapeError, TrainingDiverged  # noqa: E402
from semap.text.splitter import Splitter  # noqa: E402
from semap.torch import TextClassifier  # noqa: E402

QUICK = {"epochs": 3, "dropout": 0.1, "threads": 1, "ngram_dim": 4}
BOTH = [
    {**QUICK, "architecture": "average", "dim": 12, "learning_rate": 0.03},
    {**QUICK, "architecture": "transformer", "dim": 12, "heads": 3, "layers": 1, "learning_rate": 0.01},
]
architectures = pytest.mark.parametrize("settings", BOTH, ids=["average", "transformer"])


def weights(model):
    return b"".join(each.numpy().tobytes() for each in model._network.state_dict().values())


@architectures
def test_kinds_of_words_are_learned(settings, train, held):
    model = TextClassifier(**settings | {"epochs": 24}).fit(*train)
    assert model.labels == ["sea", "town", "wood"]
    assert model.score(*held) > 0.9
    probabilities = model.predict_proba(held[0])
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert model.predict(held[0]) == [model.labels[column] for column in probabilities.argmax(1)]
    assert model.facts["losses"][-1] < model.facts["losses"][0] / 2


def test_whole_numbers_are_labels_and_come_back_as_they_are(train):
    texts, labels = train
    numbers = np.array([{"sea": 40, "wood": -3, "town": 7}[label] for label in labels])
    model = TextClassifier(**BOTH[0] | {"epochs": 12}).fit(texts, numbers)
    assert model.labels == [-3, 7, 40]
    assert model.predict(["sea1 sea2 sea3"]) == [40]
    assert model.score(texts, numbers) > 0.9


@architectures
def test_pretrained_rows_beat_random_ones_on_few_texts(settings, kinds):
    """Training meets 30 words of each kind, the test the other 30: only the table knows them, and it names no kind."""
    from .conftest import made_texts  # type: ignore[import-not-found]

    few, asked = made_texts(18, 5, words=range(30)), made_texts(150, 6, words=range(30, 60))
    scores = {}
    for name, table in (("random", None), ("pretrained", kinds)):
        given = settings | {"epochs": 40, "word_ngrams": 1, "pretrained": table, "dim": 8, "heads": 2, "batch_size": 6}
        with pytest.warns(SemapWarning, match="no known word") if table is None else _nothing():
            scores[name] = TextClassifier(**given).fit(*few).score(*asked)
    assert scores["pretrained"] > 0.9
    assert scores["random"] < 0.6


def test_frozen_rows_come_out_with_the_bits_they_had_and_trained_ones_do_not(kinds, train):
    given = BOTH[0] | {"dim": None, "pretrained": kinds}
    frozen = TextClassifier(**given, frozen=True).fit(*train).table
    assert frozen.vectors.tobytes() == kinds.vectors.tobytes()
    trained = TextClassifier(**given).fit(*train).table
    assert list(trained.tokens) == list(kinds.tokens)
    assert trained["nothing"].tolist() == kinds["nothing"].tolist()  # no text holds it, so its row stays
    assert trained["sea3"].tolist() != kinds["sea3"].tolist()


def test_the_table_has_the_words_by_count_and_their_counts():
    texts = ["b b c", "b c a", "C"]
    table = TextClassifier(**BOTH[0]).fit(texts, ["x", "y", "y"]).table
    assert list(table.tokens) == ["b", "c", "a"]
    assert table.counts.tolist() == [3, 3, 1]
    assert table.dim == 12
    assert table.metadata["text"] == Splitter().to_json()
    assert table.metadata["settings"]["architecture"] == "average"


def test_words_that_the_table_lacks_get_rows_behind_its_own(kinds):
    with_new = TextClassifier(**BOTH[0] | {"dim": None, "pretrained": kinds}).fit(["sea1 harbour", "wood1 tree"], [1, 2]).table
    assert list(with_new.tokens) == [*kinds.tokens, "harbour", "tree"]


def test_the_average_is_the_formula_of_the_paper():
    """Scores by hand: the mean of the words' rows, the mean of the n-grams' rows, one matrix, a softmax."""
    texts = ["red fish", "blue fish swim", "red red bird"]
    model = TextClassifier(**BOTH[0]).fit(texts, ["a", "b", "a"])
    state = {name: each.numpy().astype(np.float64) for name, each in model._network.state_dict().items()}
    numbered = model._features.number(["red fish swim"])
    words = [list(model.table.tokens).index(word) for word in ("red", "fish", "swim")]
    pair = numbered.grams.ids  # "^ red", "red fish", "fish swim", "swim $"
    assert len(pair) == 4
    text = np.concatenate([state["words.weight"][words].mean(0), state["grams"][pair].mean(0)])
    scores = state["output.weight"] @ text + state["output.bias"]
    expected = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(model.predict_proba(["red fish swim"])[0], expected, atol=1e-6)


def test_padding_changes_nothing_in_a_transformer(train):
    model = TextClassifier(**BOTH[1]).fit(*train)
    asked = ["sea3", "wood4 town5 sea6 sea7 sea8 wood9 town1 town2", "town3 wood4"]
    alone = np.concatenate([model.predict_proba([text]) for text in asked])
    np.testing.assert_allclose(model.predict_proba(asked), alone, atol=1e-5)


@pytest.mark.parametrize(("positions", "differ"), [(None, False), ("sinusoidal", True), ("learned", True)])
def test_a_transformer_sees_the_order_through_positions_only(positions, differ, train):
    model = TextClassifier(**BOTH[1] | {"word_ngrams": 1, "positions": positions}).fit(*train)
    one, other = model.predict_proba(["sea3 wood4 town5 wood9", "wood9 town5 wood4 sea3"])
    assert (np.abs(one - other).max() > 1e-4).item() is differ


@architectures
def test_equal_seeds_give_equal_bits_and_torchs_own_state_is_left_alone(settings, train):
    torch.manual_seed(8)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    models = []
    for seed in (4, 4, 5):
        models.append(TextClassifier(**settings, seed=seed).fit(*train, validation=0.2))
        torch.rand(3)  # must not matter
        torch.manual_seed(8)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert weights(models[0]) == weights(models[1]) != weights(models[2])


def test_the_best_epoch_is_kept_and_training_stops_after_patience(train):
    texts, labels = train
    rng = np.random.default_rng(2)
    shuffled = list(rng.permutation(labels))  # nothing to learn for the validation: it gets worse soon
    settings = BOTH[0] | {"epochs": 40, "patience": 3, "learning_rate": 0.1}
    model = TextClassifier(**settings).fit(texts, labels, validation=(texts[:60], shuffled[:60]))
    facts = model.facts
    accuracies = facts["validation_accuracies"]
    assert len(accuracies) == facts["best_epoch"] + 3 < 40
    assert accuracies[facts["best_epoch"] - 1] == max(accuracies)
    assert model.score(texts[:60], shuffled[:60]) == pytest.approx(max(accuracies))


def test_a_share_is_held_back_for_validation(train):
    model = TextClassifier(**BOTH[0] | {"epochs": 12}).fit(*train, validation=0.2)
    assert model.facts["texts"] == 72
    assert max(model.facts["validation_accuracies"]) > 0.8


@pytest.mark.parametrize("seed", range(6))
def test_a_class_with_one_text_is_never_held_back(seed, train):
    texts, labels = [*train[0], "cloud1 cloud2"], [*train[1], "sky"]
    model = TextClassifier(**BOTH[0] | {"epochs": 1}, seed=seed).fit(texts, labels, validation=0.5)
    assert model.labels == ["sea", "sky", "town", "wood"]
    assert model.facts["texts"] == 91 - 46


def test_progress_is_told_of_every_text(train):
    class Told:
        seen = ()

        def start(self, task, total, unit):
            self.total, self.unit = total, unit

        def update(self, done, **figures):
            self.seen = (*self.seen, (done, figures["loss"]))

        def finish(self):
            self.finished = True

    told = Told()
    TextClassifier(**BOTH[0]).fit(*train, progress=told)
    assert (told.total, told.unit, told.finished) == (270, "texts", True)
    assert told.seen[-1][0] == 270
    assert told.seen[-1][1] < told.seen[0][1]


def test_building_does_no_work_and_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TextClassifier().dim = 3


def test_texts_and_labels_of_different_numbers(train):
    with pytest.raises(ShapeError, match=r"90 texts and 89 labels"):
        TextClassifier().fit(train[0], train[1][1:])
    with pytest.raises(ShapeError, match=r"2 texts and 1 labels"):
        TextClassifier().fit(*train, validation=(["sea1", "sea2"], ["sea"]))


def test_one_class_only():
    with pytest.raises(SettingsError, match="only the class 'x'"):
        TextClassifier().fit(["a", "b"], ["x", "x"])


def test_no_texts_and_texts_without_words():
    with pytest.raises(EmptyCorpus, match="no text to train on"):
        TextClassifier().fit([], [])
    with pytest.raises(EmptyCorpus, match="none of the 2 texts"):
        TextClassifier().fit(["", "?!"], ["x", "y"])
    with pytest.warns(SemapWarning, match="1 of 3 texts to train on hold no known word"):
        model = TextClassifier(**BOTH[0]).fit(["a b", "", "c d"], ["x", "y", "y"])
    with pytest.warns(SemapWarning, match="2 of 3 texts hold no known word"):
        assert model.predict_proba(["", "a", "zzz"]).shape == (3, 2)
    assert model.predict_proba([]).shape == (0, 2)
    assert model.predict([]) == []
    with pytest.raises(EmptyCorpus):
        model.score([], [])


@architectures
def test_an_empty_text_has_finite_probabilities(settings, train):
    model = TextClassifier(**settings).fit(*train)
    with pytest.warns(SemapWarning, match="1 of 2"):
        assert np.isfinite(model.predict_proba(["", "sea1"])).all()


def test_unknown_words_are_counted(train):
    model = TextClassifier(**BOTH[0]).fit(*train)
    assert model.unknown_words([f"{train[0][0].split()[0]} whale sea999", "whale"]) == (3, 4)


def test_a_label_that_training_did_not_know(train):
    model = TextClassifier(**BOTH[0]).fit(*train)
    with pytest.raises(SettingsError, match=r"'lake' is none of the 3 classes .*'sea', 'town', 'wood'.*2 of 3"):
        model.score(["sea1", "sea2", "sea3"], ["sea", "lake", "lake"])
    with pytest.raises(SettingsError, match="'lake' is none"):
        TextClassifier().fit(*train, validation=(["sea1"], ["lake"]))


def test_texts_that_are_no_text(train):
    with pytest.raises(BadText, match=r"text 1 is float 'nan'"):
        TextClassifier().fit(["a", float("nan")], ["x", "y"])
    with pytest.raises(SettingsError, match="list of texts"):
        TextClassifier().fit("a text", ["x"] * 6)
    with pytest.raises(SettingsError, match="list of texts"):
        TextClassifier(**BOTH[0]).fit(*train).predict("a text")


@pytest.mark.parametrize("labels", [["x", 1], [1.5, 2.5], [None, "x"]])
def test_labels_are_all_str_or_all_whole_numbers(labels):
    with pytest.raises(SettingsError, match="labels are"):
        TextClassifier().fit(["a", "b"], labels)


@pytest.mark.parametrize("device", ["abacus", "cuda:77"])
def test_a_device_that_does_not_exist(device, train):
    with pytest.raises(SettingsError, match=f"device is '{device}'"):
        TextClassifier(device=device).fit(*train)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "cnn"}, "'cnn'"),
        ({"epochs": 0}, "epochs is 0"),
        ({"dropout": 1}, "dropout is 1"),
        ({"dropout": "much"}, "dropout is 'much'"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"positions": "rotary"}, "rotary"),
        ({"char_ngrams": 3}, "char_ngrams is 3"),
        ({"char_ngrams": (4, 3)}, "longest of char_ngrams is 3"),
        ({"threads": -1}, "threads is -1"),
        ({"frozen": True}, "frozen rows need a table"),
        ({"pretrained": "english"}, "give a Table"),
        ({"splitter": "words"}, "give a Splitter"),
        ({"architecture": "transformer", "dim": 10, "heads": 3}, "3 heads cannot share 10"),
    ],
)
def test_settings_out_of_range_are_said(settings, message):
    with pytest.raises(SettingsError, match=message):
        TextClassifier(**settings)


def test_an_average_of_another_dim_than_the_tables_is_refused_with_both(kinds):
    with pytest.raises(ShapeError, match=r"dim is 5, the rows of the table have 8"):
        TextClassifier(dim=5, pretrained=kinds)
    assert TextClassifier(architecture="transformer", dim=12, pretrained=kinds).row_dim == 8


@pytest.mark.parametrize("validation", [0, 1.0, -0.1, "all", ("a", "b", "c"), True])
def test_validation_is_a_share_or_texts_with_labels(validation, train):
    with pytest.raises(SettingsError, match="validation is"):
        TextClassifier().fit(*train, validation=validation)


def test_a_share_that_holds_no_text(train):
    with pytest.raises(SettingsError, match=r"0.001 of 90 texts is 0 texts"):
        TextClassifier().fit(*train, validation=0.001)


def test_texts_longer_than_the_positions_are_cut_and_counted():
    texts, labels = ["a b c d e", "b", "c d"], ["x", "y", "y"]
    with pytest.warns(SemapWarning, match=r"1 of 3 texts to train on were cut after max_length=3 words"):
        model = TextClassifier(**BOTH[1], max_length=3).fit(texts, labels)
    with pytest.warns(SemapWarning, match="2 of 2 texts were cut"):
        model.predict(["a b c d", "b c d e a"])


def test_a_learning_rate_that_is_far_too_high_is_said(train):
    with pytest.raises(TrainingDiverged, match="learning_rate"):
        TextClassifier(**BOTH[1] | {"learning_rate": 1e30}).fit(*train)


def test_a_table_brings_its_own_way_of_splitting():
    table = semap.Table(["New_York", "Rome"], [[1, 0], [0, 1]], metadata={"text": Splitter("whitespace", False).to_json()})
    model = TextClassifier(**BOTH[0] | {"dim": None, "pretrained": table, "frozen": True}).fit(["New_York", "Rome"], [1, 2])
    assert model.unknown_words(["New_York rome"]) == (1, 2)


def _nothing():
    from contextlib import nullcontext

    return nullcontext()
