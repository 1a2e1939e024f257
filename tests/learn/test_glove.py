"""GloVe: the whole training against its plain twin and against the formulas of the original, blocks, bad input."""

from __future__ import annotations

import dataclasses
import tempfile

import numpy as np
import pytest

import semap
from semap.counts.cooccurrence import count_cells
from semap.errors import CheckpointError, EmptyCorpus, SemapWarning, SettingsError, TrainingDiverged, TrainingInterrupted
from semap.kernels.native import glove as native
from semap.kernels.reference import glove as reference
from semap.kernels.reference.draws import stream_key
from semap.learn import dealt as dealing
from semap.learn.glove import GloVe
from semap.learn.start import starting_rows

LEARNER = GloVe(dim=9, window=4, x_max=8.0, epochs=4, threads=2)


@pytest.fixture
def small(make_corpus):
    """300 words, 20 different."""
    rng = np.random.default_rng(8)
    return make_corpus([[f"w{int(20 * r**2)}" for r in rng.random(30)] for _ in range(10)])


@pytest.fixture
def many_groups(monkeypatch):
    """Small data dealt as if they were large."""
    monkeypatch.setattr(dealing, "_BYTES", 1500)
    monkeypatch.setattr(dealing, "_CELLS", 8)


def cells_of(corpus, learner):
    return count_cells(
        corpus, window=learner.window, symmetric=learner.symmetric, distance_weighting=learner.distance_weighting,
        memory=10**9, threads=1, progress=False,
    )  # fmt: skip


@pytest.mark.parametrize("vectors", ["sum", "words"])
def test_a_training_agrees_with_its_plain_twin(topics, many_groups, vectors, monkeypatch):
    learner = dataclasses.replace(LEARNER, vectors=vectors)
    table = learner.fit(topics)
    assert table.metadata["training"]["groups"] > 3
    monkeypatch.setattr(native, "train", reference.train)
    monkeypatch.setattr(native, "deal", reference.deal)
    plain = learner.fit(topics)
    np.testing.assert_allclose(table.vectors, plain.vectors, atol=1e-5)
    np.testing.assert_allclose(table.metadata["training"]["losses"], plain.metadata["training"]["losses"], rtol=1e-5)


def as_the_original(corpus, learner):
    """glove.c's steps in float64, vectors and biases apart, the cells one by one in the order of a training of one block."""
    cells, n_words, dim = cells_of(corpus, learner), len(corpus.vocab), learner.dim
    rows = np.repeat(np.arange(n_words), np.diff(cells.indptr))
    first = starting_rows(2 * n_words, dim + 1, learner.seed).astype(np.float64)
    w, c, b, d = first[:n_words, :dim], first[n_words:, :dim], first[:n_words, dim].copy(), first[n_words:, dim].copy()
    squares_w, squares_c, squares_b, squares_d = (np.ones_like(part) for part in (w, c, b, d))
    side = dealing.Side.of(np.diff(cells.indptr), 1)
    by_row = sorted(range(len(cells)), key=lambda cell: side.places[rows[cell]])  # a group has its words in the order of rows
    losses = []
    for epoch in range(learner.epochs):
        total = 0.0
        for place in reference.order(len(cells), stream_key(learner.seed, epoch, 1)):
            i, j, x = rows[by_row[place]], cells.columns[by_row[place]], cells.sums[by_row[place]] / cells.unit
            diff = w[i] @ c[j] + b[i] + d[j] - np.log(x)
            slope = (diff if x > learner.x_max else (x / learner.x_max) ** learner.alpha * diff) * learner.learning_rate
            total += 0.5 * slope / learner.learning_rate * diff
            step_w, step_c = slope * c[j], slope * w[i]
            w[i] -= step_w / np.sqrt(squares_w[i])
            c[j] -= step_c / np.sqrt(squares_c[j])
            squares_w[i] += step_w**2
            squares_c[j] += step_c**2
            b[i] -= slope / np.sqrt(squares_b[i])
            d[j] -= slope / np.sqrt(squares_d[j])
            squares_b[i] += slope**2
            squares_d[j] += slope**2
        losses.append(total / len(cells))
    return w + c, losses


@pytest.mark.parametrize("symmetric", [True, False])
def test_a_training_takes_the_steps_of_the_original(small, symmetric):
    learner = dataclasses.replace(LEARNER, symmetric=symmetric)
    table = learner.fit(small)
    assert table.metadata["training"]["groups"] == 1
    vectors, losses = as_the_original(small, learner)
    np.testing.assert_allclose(table.vectors, vectors, atol=1e-5)
    np.testing.assert_allclose(table.metadata["training"]["losses"], losses, rtol=1e-5)


def test_words_of_a_topic_come_to_lie_together(make_corpus):
    rng = np.random.default_rng(6)
    own = [np.where(rng.random(30) < 0.8, number % 6, rng.integers(0, 6, 30)) for number in range(400)]  # some words stray:
    corpus = make_corpus([[f"w{topic}_{rng.integers(25)}" for topic in text] for text in own])  # GloVe learns from no zeros
    table = GloVe(dim=12, window=5, x_max=10.0, epochs=25).fit(corpus)
    losses = table.metadata["training"]["losses"]
    assert losses[-1] < 0.2 * losses[0]
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    topic = np.array([token.split("_")[0] for token in table.tokens])
    same = topic[:, None] == topic[None, :]
    np.fill_diagonal(same, False)
    assert cosines[same].mean() > cosines[topic[:, None] != topic[None, :]].mean() + 0.3


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_no_bit_where_there_are_many_groups(topics, many_groups, threads):
    one = dataclasses.replace(LEARNER, threads=1).fit(topics)
    more = dataclasses.replace(LEARNER, threads=threads).fit(topics)
    assert one.metadata["training"]["groups"] > 8
    assert one.vectors.tobytes() == more.vectors.tobytes()
    assert one.metadata == more.metadata


def test_the_blocks_of_a_turn_share_no_row_and_hold_every_cell_once(topics, many_groups):
    cells = cells_of(topics, LEARNER)
    dealt = dealing.deal_cells(cells, 7, (100.0, 0.75), 10**9, 2)
    seen = set()
    for group in range(7):
        for other in range(7):
            block = dealt.block(group, other)
            for side, rows, number in ((dealt.words, block[:, 0], group), (dealt.contexts, block[:, 1], other)):
                assert ((rows >= side.bounds[number]) & (rows < side.bounds[number + 1])).all()
            seen |= {(int(dealt.words.words[row]), int(dealt.contexts.words[column])) for row, column, *_ in block}
    rows = np.repeat(np.arange(len(topics.vocab)), np.diff(cells.indptr))
    assert seen == set(zip(rows.tolist(), cells.columns.tolist(), strict=True))
    assert len(dealt.records) == len(cells)
    sizes = np.diff(dealt.starts[:, [0, -1]]).ravel()
    assert sizes.max() < 1.2 * sizes.mean()
    assert np.ptp(np.diff(dealt.words.bounds)) <= 1


def test_memory_changes_no_bit_and_leaves_no_file(topics, many_groups, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    table = LEARNER.fit(topics)
    small = dataclasses.replace(LEARNER, memory=1).fit(topics)
    assert small.vectors.tobytes() == table.vectors.tobytes()
    assert list(tmp_path.iterdir()) == []


class Stopper:
    """A progress that presses Ctrl-C at its n-th update of the training."""

    def __init__(self, updates, task="training"):
        self.updates, self.task = updates, task

    def start(self, task, total, unit):
        self.now = task

    def update(self, done, **figures):
        self.updates -= self.now == self.task
        if self.updates == 0:
            raise KeyboardInterrupt

    def finish(self):
        pass


@pytest.mark.parametrize("updates", [1, 5, 19, 40])
def test_a_cut_training_resumes_to_the_same_bits(topics, many_groups, tmp_path, updates):
    whole = LEARNER.fit(topics)
    with pytest.raises(TrainingInterrupted, match=r"and saved in .*--resume"):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(updates))
    again = dataclasses.replace(LEARNER, threads=1).fit(topics, checkpoint=tmp_path, resume=True)
    assert again.vectors.tobytes() == whole.vectors.tobytes()
    assert again.metadata == whole.metadata


def test_ctrl_c_while_counting_keeps_the_state_that_is_there(topics, many_groups, tmp_path):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(20))
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()
    with pytest.raises(TrainingInterrupted, match="while counting"):
        LEARNER.fit(topics, checkpoint=tmp_path, resume=True, progress=Stopper(1, "counting"))
    assert path.read_bytes() == before
    with pytest.raises(KeyboardInterrupt, match="while counting; nothing was saved"):
        LEARNER.fit(topics, progress=Stopper(1, "counting"))


def test_states_are_saved_as_often_as_asked(small, many_groups, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr("semap.learn.descent.save_checkpoint", lambda *given: saved.append(vars(given[3]).copy()))
    table = LEARNER.fit(small, checkpoint=tmp_path, every=1e-9)
    assert len(saved) == LEARNER.epochs * table.metadata["training"]["groups"]


def test_a_checkpoint_of_other_settings_another_learner_or_another_corpus_is_refused(topics, small, tmp_path):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(1))
    with pytest.raises(CheckpointError, match=r"x_max \(8.0, now 9.0\)"):
        dataclasses.replace(LEARNER, x_max=9.0).fit(topics, checkpoint=tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="corpus"):
        LEARNER.fit(small, checkpoint=tmp_path, resume=True)
    with pytest.raises(CheckpointError, match=r"learner \('GloVe', now 'SkipGram'\)"):
        semap.SkipGram(dim=9, epochs=1, lanes=1).fit(topics, checkpoint=tmp_path, resume=True)
    with pytest.warns(SemapWarning, match="will replace"):
        LEARNER.fit(topics, checkpoint=tmp_path)


@pytest.mark.parametrize("rate", [1e30, 3e38, 1e200])
def test_a_training_that_diverges_says_what_to_lower(small, rate):
    with np.errstate(all="ignore"), pytest.raises(TrainingDiverged, match="lower learning_rate"):
        dataclasses.replace(LEARNER, learning_rate=rate).fit(small)


def test_groups_get_equally_many_cells():
    side = dealing.Side.of(np.array([1, 8, 3, 6, 5, 4, 7, 2]), 2)
    assert [sorted(side.words[side.bounds[g] : side.bounds[g + 1]].tolist()) for g in (0, 1)] == [[0, 1, 4, 5], [2, 3, 6, 7]]
    assert side.words[side.places].tolist() == list(range(8))


def test_a_word_that_is_only_a_context_is_not_alone(make_corpus):
    """With nothing to the left of "a" it has no cells as a word: a warning would be an error here."""
    corpus, learner = make_corpus([["a", "b"]] * 3), dataclasses.replace(LEARNER, symmetric=False)
    table = learner.fit(corpus)
    assert table.metadata["training"]["cells"] == 1
    with pytest.warns(SemapWarning, match="1 of 2 words have no word to their left .*vectors='words'"):
        words = dataclasses.replace(learner, vectors="words").fit(corpus)
    np.testing.assert_array_equal(words["a"], starting_rows(4, 10, LEARNER.seed)[words.id("a"), :9])


def test_words_that_stand_alone_are_counted_in_one_warning(make_corpus):
    corpus = make_corpus([["a", "b"], ["c"], ["c"], ["d"]])
    with pytest.warns(SemapWarning, match="2 of 4 words stand alone") as told:
        table = LEARNER.fit(corpus)
    assert len(told) == 1
    rows = starting_rows(2 * 4, 10, LEARNER.seed)
    token_id = table.id("c")
    np.testing.assert_allclose(table["c"], rows[token_id, :9] + rows[4 + token_id, :9], atol=1e-7)


def test_every_block_of_every_epoch_has_an_order_of_its_own(make_corpus, monkeypatch):
    from semap.kernels.native import glove

    keys, train = [], glove.train
    monkeypatch.setattr(glove, "train", lambda records, key, *more: keys.append(int(key)) or train(records, key, *more))
    numbers = np.random.default_rng(3).integers(0, 150, (400, 20))
    table = GloVe(dim=4, epochs=2, threads=1).fit(make_corpus([[f"w{number}" for number in text] for text in numbers]))
    groups = table.metadata["training"]["groups"]
    assert groups > 1
    assert len(set(keys[1:])) == len(keys[1:]) == 2 * groups**2  # the first call compiles


def test_texts_of_one_word_teach_nothing_and_say_so(make_corpus):
    with pytest.warns(SemapWarning, match="no pair of words was trained"):
        table = LEARNER.fit(make_corpus([["b"], ["a"], ["a"]]))
    assert table.metadata["training"]["losses"] == [0.0] * LEARNER.epochs
    assert np.isfinite(table.vectors).all()


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"x_max": 0}, "x_max is 0"), ({"alpha": -0.5}, "alpha is -0.5"), ({"learning_rate": 0.0}, "learning_rate is 0"),
     ({"vectors": "both"}, "'sum'.* or 'words'"), ({"dim": 0}, "dim is 0"), ({"memory": 0}, "memory is 0"),
     ({"symmetric": "yes"}, "symmetric is 'yes'"), ({"threads": 2000}, "threads is 2,000")],
)  # fmt: skip
def test_settings_are_checked_when_they_are_given(changes, says):
    with pytest.raises(SettingsError, match=says):
        GloVe(**changes)


def test_bad_arguments_of_fit_are_said(small, make_corpus):
    with pytest.raises(SettingsError, match="needs the folder"):
        LEARNER.fit(small, resume=True)
    with pytest.raises(SettingsError, match="every is 0"):
        LEARNER.fit(small, every=0)
    with pytest.raises(EmptyCorpus, match="no token"):
        LEARNER.fit(make_corpus([]))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((1, 1, 900), 1), ((200, 5_000, 900), 1), ((1_000, 200_000, 900), 16), ((70_000, 46_000_000, 896), 149),
     ((400_000, 10**9, 2432), 698), ((5, 25, 10**9), 1)],
)  # fmt: skip
def test_groups_fit_a_cache_and_their_blocks_are_worth_a_task(sizes, expected):
    n_words, n_cells, row_bytes = sizes
    found = dealing.group_count(n_words, n_cells, row_bytes)
    assert found == pytest.approx(expected, rel=0.1)
    assert 1 <= found <= n_words
