"""Learners: what is learned, that threads change no bit, and what the settings refuse."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from semap.errors import SemapWarning, SettingsError, TrainingDiverged
from semap.index.distances import cosine
from semap.learn.cbow import CBOW
from semap.learn.skipgram import SkipGram

VARIANTS = {
    "skipgram": SkipGram(dim=24, epochs=4, threads=1, lanes=4, block=64),
    "skipgram-softmax": SkipGram(dim=24, epochs=2, threads=1, objective="softmax", lanes=4, block=64),
    "skipgram-hierarchical": SkipGram(dim=24, epochs=4, threads=1, objective="hierarchical", lanes=4, block=64),
    "cbow": CBOW(dim=24, epochs=4, threads=1, lanes=4, block=64),
    "cbow-hierarchical": CBOW(dim=24, epochs=4, threads=1, objective="hierarchical", lanes=4, block=64),
    "cbow-word2vec": CBOW(dim=24, epochs=4, threads=1, compat="word2vec", learning_rate=0.05, lanes=4, block=64),
}
ALL = pytest.mark.parametrize("name", VARIANTS)


def replaced(learner, **changes):
    import dataclasses

    return dataclasses.replace(learner, **changes)


def bits(table):
    return table.vectors.tobytes() + (b"" if table.output_vectors is None else table.output_vectors.tobytes())


@ALL
def test_more_threads_than_lanes_warns_and_changes_nothing(topics, name):
    learner = replaced(VARIANTS[name], epochs=1)
    with pytest.warns(SemapWarning, match="6 threads but 4 lanes"):
        many = replaced(learner, threads=6).fit(topics)
    assert bits(many) == bits(learner.fit(topics))


@ALL
def test_words_of_one_topic_come_to_lie_together_and_the_loss_falls(topics, name):
    table = replaced(VARIANTS[name], epochs=8, sample=0).fit(topics)
    losses = table.metadata["training"]["losses"]
    assert losses[-1] < losses[0]
    same = np.mean([cosine(table["w2_1"], table[f"w2_{i}"]) for i in range(2, 9)])
    other = np.mean([cosine(table["w2_1"], table[f"w{t}_{i}"]) for t in (0, 1, 3) for i in range(2, 9)])
    assert same > other + 0.1


def test_softmax_and_negative_sampling_find_the_same_neighbours(topics):
    exact = SkipGram(dim=16, epochs=6, objective="softmax", sample=0, threads=1).fit(topics)
    sampled = SkipGram(dim=16, epochs=12, sample=0, threads=2, lanes=2, block=64).fit(topics)
    for table in (exact, sampled):
        unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
        scores = unit @ unit.T
        np.fill_diagonal(scores, -9)
        topic = np.array([token[:2] for token in table.tokens])
        assert (topic[scores.argmax(axis=1)] == topic).mean() > 0.9


def purity(vectors, tokens):
    """The share of words whose nearest word is of their own topic."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = unit @ unit.T
    np.fill_diagonal(scores, -9)
    topic = np.array([token[:2] for token in tokens])
    return (topic[scores.argmax(axis=1)] == topic).mean()


@pytest.mark.parametrize("learner", [SkipGram, CBOW])
def test_the_tree_finds_the_neighbours_that_gensim_finds(topics, learner):
    models = pytest.importorskip("gensim.models")
    table = learner(dim=16, epochs=12, objective="hierarchical", sample=0, learning_rate=0.1, lanes=2, block=64).fit(topics)
    words = [[topics.vocab.tokens[int(token_id)] for token_id in text] for text in topics.texts()]
    theirs = models.Word2Vec(
        words,
        vector_size=16,
        epochs=12,
        hs=1,
        negative=0,
        sample=0,
        min_count=1,
        workers=1,
        alpha=0.1,
        sg=int(learner is SkipGram),
    ).wv
    ours, peer = purity(table.vectors, table.tokens), purity(theirs.vectors, theirs.index_to_key)
    assert peer > 0.6
    assert ours > peer - 0.03


def test_the_first_loss_of_the_tree_is_the_length_of_a_path_in_bits(make_corpus):
    """Nodes start at 0: each step of a path has probability 1/2. 3 a, 2 b, 1 c: c and b have paths of two nodes, a of one."""
    corpus = make_corpus([["a", "b", "a", "c", "a", "b"]])
    settings = {"dim": 3, "epochs": 1, "window": 9, "fixed_window": True, "sample": 0, "threads": 1, "learning_rate": 1e-9}
    for learner in (SkipGram, CBOW):
        table = learner(objective="hierarchical", **settings).fit(corpus)
        mean_length = (3 * 1 + 2 * 2 + 1 * 2) / 6
        assert table.metadata["training"]["losses"][0] == pytest.approx(mean_length * np.log(2), abs=1e-6)


def test_output_vectors_of_nodes_say_so(topics):
    learner = SkipGram(dim=8, epochs=1, threads=1, objective="hierarchical", keep_output=True)
    table = learner.fit(topics)
    assert table.metadata["outputs"]["rows"] == "nodes"
    assert (table.output_vectors[-1] == 0).all()  # one node less than words
    assert "outputs" not in replaced(learner, objective="negative").fit(topics).metadata
    assert "outputs" not in replaced(learner, keep_output=False).fit(topics).metadata


def test_the_softmax_loss_of_one_centre_is_the_formula(make_corpus):
    """Two words, one pair each way: at rows of zero every P is 1/2, so the first loss is log 2."""
    corpus = make_corpus([["b", "a"]])
    table = SkipGram(dim=3, epochs=1, objective="softmax", window=1, sample=0, threads=1, learning_rate=1e-9).fit(corpus)
    assert table.metadata["training"]["losses"][0] == pytest.approx(np.log(2), abs=1e-6)


def test_metadata_says_what_was_used_and_nothing_of_time_or_place(topics):
    table = SkipGram(dim=8, epochs=1, threads=1).fit(topics)
    assert table.metadata["settings"]["learner"] == "SkipGram"
    assert table.metadata["settings"]["window"] == 5
    assert set(table.metadata["training"]) == {"lanes", "block", "pool", "losses"}
    assert isinstance(table.metadata["training"]["lanes"], int)
    assert table.metadata["corpus"]["tokens"] == topics.n_tokens
    assert "threads" not in str(table.metadata)
    np.testing.assert_array_equal(table.counts, topics.vocab.counts)


def test_output_vectors_are_kept_where_asked(topics):
    learner = SkipGram(dim=8, epochs=1, threads=1)
    assert learner.fit(topics).output_vectors is None
    kept = replaced(learner, keep_output=True).fit(topics)
    assert kept.output_vectors.shape == kept.vectors.shape
    assert np.abs(kept.output_vectors).max() > 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"window": -1}, "window is -1"),
        ({"epochs": 0}, "epochs is 0"),
        ({"negatives": 0}, "negatives is 0"),
        ({"threads": -2}, "threads is -2"),
        ({"seed": -1}, "seed is -1"),
        ({"sample": -1e-3}, "sample is"),
        ({"sample": float("nan")}, "sample is nan"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ({"lanes": 0}, "lanes is 0"),
        ({"block": 2.5}, "block is 2.5"),
        ({"dim": True}, "dim is True"),
        ({"dim": 100.0}, "dim is 100.0"),
        ({"dim": np.float64(100)}, r"dim is np.float64\(100.0\)"),
        ({"dim": np.bool_(True)}, "dim is np.True_"),
        ({"lanes": np.int64(0)}, r"lanes is np.int64\(0\)"),
        ({"dim": 2**31}, "dim is 2147483648; give a whole number from 1 to 2,147,483,647"),
        ({"learning_rate": True}, "learning_rate is True"),
        ({"sample": 10**400}, "sample is 10"),
        ({"sample": float("inf")}, "sample is inf"),
        ({"sample": np.float32("nan")}, "sample is np.float32"),
        ({"sample": 1j}, "sample is 1j"),
        ({"fixed_window": "no"}, "fixed_window is 'no'; give True or False"),
        ({"keep_output": 1}, "keep_output is 1"),
        ({"objective": "tree"}, "objective is 'tree'; SkipGram knows 'negative' or 'softmax' or 'hierarchical'"),
    ],
)
def test_settings_out_of_range_are_refused_when_the_learner_is_made(settings, message):
    with pytest.raises(SettingsError, match=message):
        SkipGram(**settings)


def test_numbers_of_numpy_are_taken_and_kept_as_python_s_own(topics, tmp_path):
    given = {
        "dim": np.int64(8), "window": np.uint8(3), "epochs": np.int32(1), "seed": np.array(4), "threads": np.int16(1),
        "lanes": np.int64(2), "block": np.int64(64), "pool": np.uint16(20), "sample": np.float32(0.5), "ns_exponent": 1,
        "learning_rate": np.float64(0.05), "fixed_window": np.bool_(True), "keep_output": np.bool_(False),
    }  # fmt: skip
    learner = SkipGram(**given)
    plain = SkipGram(**{name: value if isinstance(value, int) else value.item() for name, value in given.items()})
    assert learner == plain
    for name in given:
        assert type(getattr(learner, name)) is type(getattr(plain, name)), name
        assert type(getattr(learner, name)).__module__ == "builtins"
    table = learner.fit(topics, checkpoint=tmp_path, every=np.float32(1e-9))
    assert bits(table) == bits(plain.fit(topics, checkpoint=tmp_path, resume=True))
    table.save(tmp_path / "table.semap")


@pytest.mark.parametrize("every", [0, -1, float("nan"), float("inf"), "often", True, None])
def test_minutes_that_are_none_are_refused(topics, every):
    with pytest.raises(SettingsError, match="every is"):
        SkipGram().fit(topics, every=every)


def test_cbow_refuses_softmax_and_unknown_compat():
    with pytest.raises(SettingsError, match="objective"):
        CBOW(objective="softmax")
    with pytest.raises(SettingsError, match="compat"):
        CBOW(compat="gensim")


def test_a_rate_that_explodes_is_said(topics):
    with pytest.raises(TrainingDiverged, match="learning_rate"), np.errstate(all="ignore"):
        SkipGram(dim=8, epochs=3, threads=1, learning_rate=1e30).fit(topics)


def test_unused_threads_are_not_warned_about_when_lanes_suffice(topics):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SkipGram(dim=8, epochs=1, threads=2, lanes=2, block=64).fit(topics)


@pytest.mark.parametrize("window", [100, 500])
def test_wide_windows_do_not_diverge(make_corpus, window):
    rng = np.random.default_rng(2)
    corpus = make_corpus([[f"w{word}" for word in (rng.random(6000) ** 2 * 300).astype(int)]])
    table = SkipGram(dim=12, epochs=1, window=window, sample=0, threads=1).fit(corpus)
    assert table.metadata["training"]["losses"][0] < 4.2


def test_a_rate_that_explodes_is_said_before_a_checkpoint_is_spoiled(topics, tmp_path):
    with pytest.raises(TrainingDiverged), np.errstate(all="ignore"):
        SkipGram(dim=8, epochs=50, threads=1, learning_rate=1e30).fit(topics, checkpoint=tmp_path, every=1e-9)
    for path in tmp_path.iterdir():
        from semap.storage.container import open_container

        assert np.isfinite(open_container(path).arrays["inputs"]).all()


@pytest.mark.parametrize("lanes", [8, 32])
@pytest.mark.parametrize(("objective", "learning_rate"), [("softmax", 0.3), ("hierarchical", 0.1)])
def test_many_lanes_learn_and_do_not_overshoot(topics, lanes, objective, learning_rate):
    """Every row, or the root, moves at every centre: stale sums would be many times too long. 8 rounds an epoch learn slower."""
    settings = {"dim": 8, "epochs": 4, "objective": objective, "learning_rate": learning_rate, "block": 32, "threads": 1}
    losses = SkipGram(lanes=lanes, **settings).fit(topics).metadata["training"]["losses"]
    assert max(losses) < np.log(150) + 0.05
    assert losses[-1] < losses[0]


def test_a_training_without_a_single_pair_is_said(make_corpus):
    with pytest.warns(SemapWarning, match="no pair of words"):
        SkipGram(dim=4, epochs=1, threads=1).fit(make_corpus([["alone"], ["one"]]))


def test_an_exponent_that_overflows_is_refused(topics):
    with pytest.raises(SettingsError, match="ns_exponent"):
        SkipGram(dim=4, ns_exponent=500).fit(topics)
