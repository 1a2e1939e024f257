"""SkipGram and CBOW with sub-words: the table composes words it has never seen, and everything else holds as without them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import semap
from semap.corpus.corpus import Corpus
from semap.errors import SemapWarning, SettingsError, TrainingDiverged
from semap.learn.cbow import CBOW
from semap.learn.composition import composition_of
from semap.learn.heldout import held_out_loss
from semap.learn.shape import choose_shape
from semap.learn.skipgram import SkipGram
from semap.learn.start import starting_rows
from semap.learn.warmstart import WarmStart
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.table import Table
from semap.vocab.vocab import Vocab

SMALL = {"dim": 12, "epochs": 1, "threads": 1, "subwords": (3, 5), "buckets": 5000, "seed": 4, "sample": 0.0}
LEARNERS = pytest.mark.parametrize(
    "learner",
    [
        SkipGram(**SMALL), SkipGram(**SMALL, compat="fasttext"), SkipGram(**SMALL, objective="hierarchical"),
        SkipGram(**SMALL, objective="softmax"), CBOW(**SMALL), CBOW(**SMALL, compat="fasttext"),
        SkipGram(**{**SMALL, "buckets": 300}, compact=True),
    ],
    ids=["skipgram", "skipgram-fasttext", "hierarchical", "softmax", "cbow", "cbow-fasttext", "compact"],
)  # fmt: skip


def bits(table):
    stored = table.subwords.to_stored()
    return table.vectors.tobytes() + stored.rows.decode().tobytes() + stored.buckets.tobytes()


def replaced(learner, **changes):
    return dataclasses.replace(learner, **changes)


@LEARNERS
def test_a_table_composes_words_it_has_never_seen(topics, learner):
    table = learner.fit(topics)
    assert table.composes
    assert "w9_7" not in table
    assert np.isfinite(table["w9_7"]).all()
    assert table["w9_7"].any()
    stored = table.subwords.to_stored()
    buckets, starts = learner.ngrams.buckets_of(*_packed(["w9_7"]))
    row_of = {int(bucket): row for bucket, row in zip(stored.buckets, stored.rows.decode(), strict=True)}
    expected = sum(row_of.get(int(bucket), np.zeros(12)) for bucket in buckets) / starts[-1]
    np.testing.assert_allclose(table["w9_7"], expected, rtol=1e-5, atol=1e-7)


def _packed(tokens):
    packed = semap.Table(tokens, np.zeros((len(tokens), 1))).tokens
    return packed.data, packed.offsets


@LEARNERS
def test_the_table_holds_only_buckets_that_the_vocabulary_uses(topics, learner):
    stored = learner.fit(topics).subwords.to_stored()
    used, _ = learner.ngrams.buckets_of(topics.vocab.tokens.data, topics.vocab.tokens.offsets)
    assert stored.buckets.tolist() == sorted(set(used.tolist()))
    assert stored.rows.shape == (len(stored.buckets), 12)


@LEARNERS
def test_training_lowers_the_loss_and_is_the_same_on_any_number_of_threads(topics, learner):
    learner = replaced(learner, epochs=3, lanes=4, block=64)
    if learner.objective == "softmax":
        learner = replaced(learner, epochs=2)
    tables = [replaced(learner, threads=threads).fit(topics) for threads in (1, 3)]
    assert bits(tables[0]) == bits(tables[1])
    losses = tables[0].metadata["training"]["losses"]
    assert losses[-1] < losses[0]


@LEARNERS
def test_a_table_is_saved_and_opened_with_its_n_grams(topics, learner, tmp_path):
    table = learner.fit(topics)
    table.save(tmp_path / "table.semap")
    again = semap.load(tmp_path / "table.semap")
    assert bits(again) == bits(table)
    np.testing.assert_array_equal(again["w9_7"], table["w9_7"])
    settings = again.metadata["settings"]
    assert (tuple(settings["subwords"]), settings["compact"]) == ((3, 5), learner.compact)


def test_settings_without_sub_words_say_nothing_of_them(topics):
    settings = SkipGram(dim=4, epochs=1, threads=1).fit(topics).metadata["settings"]
    assert not {"subwords", "buckets", "compact", "hashes"} & set(settings)


def test_rows_start_from_the_seed_and_their_number_alone(topics):
    """A rate too small to move anything: rows of n-grams are those of V + bucket, and a word is the mean of its rows."""
    table = SkipGram(**SMALL, learning_rate=1e-30).fit(topics)
    n_words, stored = len(table), table.subwords.to_stored()
    start = starting_rows(n_words + 5000, 12, seed=4)
    np.testing.assert_array_equal(stored.rows.decode(), start[n_words + stored.buckets])
    word = table.tokens[17]
    buckets, _ = NGrams(3, 5, 5000).buckets_of(*_packed([word]))
    np.testing.assert_allclose(table[word], start[[17, *(n_words + buckets)]].mean(axis=0), rtol=1e-5, atol=1e-8)


def test_a_composition_lists_the_word_first_and_puts_frequent_n_grams_together():
    vocab = Vocab(["ab", "abc", "xyz"], [9, 5, 1])
    made = composition_of(NGrams(3, 3, 1_000_003), vocab)
    assert np.diff(made.grams.starts).tolist() == [3, 4, 4]  # <ab ab> | <ab abc bc> | <xy xyz yz>
    assert made.grams.rows[made.grams.starts[:-1]].tolist() == [0, 1, 2]
    first, second, third = (set(made.grams.rows[a + 1 : b].tolist()) for a, b in zip(*_spans(made), strict=True))
    assert first & second == {3}  # "<ab", of 14 tokens, is the first row after the words
    assert not third & (first | second)
    assert made.n_rows == 3 + 7
    assert made.mean_rows == pytest.approx((9 * 3 + 5 * 4 + 1 * 4) / 15)
    assert made.most_parts(2) == 8
    assert made.most_parts(9) == 11


def test_n_grams_are_ordered_by_the_tokens_that_have_them_and_not_by_the_words():
    made = composition_of(NGrams(3, 3, 1_000_003), Vocab(["ab", "xy", "xyz"], [9, 2, 1]))  # "<xy" is in two words, of 3 tokens
    frequent, *rare = (set(made.grams.rows[a + 1 : b].tolist()) for a, b in zip(*_spans(made), strict=True))
    assert frequent == {3, 4}
    assert rare[0] & rare[1] == {5}


def _spans(made):
    return made.grams.starts[:-1], made.grams.starts[1:]


@pytest.fixture(scope="module")
def inflected():
    """Texts of one stem each with all its endings, and words that keep it company; "brantal" and the like never come."""
    rng = np.random.default_rng(8)
    stems, endings = ["brant", "solk", "pirm", "vestu", "golda", "nupri"], ["en", "is", "ota", "ume", "ir"]
    texts = []
    for _ in range(700):
        stem = int(rng.integers(len(stems)))
        words = [stems[stem] + endings[k] for k in rng.integers(0, 5, 6)]
        words += [f"{'abcdef'[stem]}{'qwzxj'[k]}{'uioea'[k]}" for k in rng.integers(0, 5, 6)]
        texts.append([words[k] for k in rng.permutation(12)])
    return stems, semap.read_text(texts, min_count=1)


@pytest.mark.parametrize(
    "learner",
    [
        SkipGram(dim=24, epochs=6, threads=1, subwords=(3, 6)),
        SkipGram(dim=24, epochs=6, threads=1, subwords=(3, 6), compact=True),
        SkipGram(dim=24, epochs=6, threads=1, subwords=(3, 6), compat="fasttext"),
        CBOW(dim=24, epochs=8, threads=1, subwords=(3, 6)),
    ],
    ids=["skipgram", "compact", "fasttext", "cbow"],
)
def test_a_word_left_out_of_training_lies_near_its_inflections(inflected, learner):
    stems, corpus = inflected
    table = learner.fit(corpus)
    for stem in stems:
        unseen = stem + "al"
        assert unseen not in table
        cosines = {other: semap.cosine(table[unseen], table[other + "ota"]) for other in stems}
        assert max(cosines, key=cosines.get) == stem
        assert cosines[stem] > 0.5 + max(value for other, value in cosines.items() if other != stem)


@LEARNERS
def test_an_interrupted_training_goes_on_to_the_same_bits(topics, learner, tmp_path):
    class Stop:
        """Presses Ctrl-C once, after the second report."""

        left = 2

        def start(self, *told): ...
        def finish(self): ...
        def update(self, *told, **more):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt

    learner = replaced(learner, epochs=2)
    with pytest.raises(semap.errors.TrainingInterrupted):
        learner.fit(topics, progress=Stop(), checkpoint=tmp_path, every=1e-9)
    assert bits(learner.fit(topics, checkpoint=tmp_path, resume=True)) == bits(learner.fit(topics))


def test_a_checkpoint_of_other_n_grams_is_refused(topics, tmp_path):
    SkipGram(**SMALL).fit(topics, checkpoint=tmp_path, every=1e-9)
    with pytest.raises(semap.errors.CheckpointError, match="buckets"):
        SkipGram(**{**SMALL, "buckets": 6000}).fit(topics, checkpoint=tmp_path, resume=True)


STILL = {**SMALL, "learning_rate": 1e-30, "keep_output": True}


@pytest.fixture(scope="module")
def first(topics):
    return SkipGram(**SMALL, keep_output=True).fit(topics)


def test_going_on_rows_of_the_same_n_grams_go_on(first, make_corpus):
    again = SkipGram(**STILL).fit(make_corpus([["w3_7", "w3_9", "new", "w3_7"] * 4]), init=first)
    for token in ("w3_7", "w3_9", "w0_1", "w9_7", "w3_"):
        np.testing.assert_allclose(again[token], first[token], rtol=1e-4, atol=1e-6)
    assert set(first.subwords.to_stored().buckets) < set(again.subwords.to_stored().buckets)


def test_going_on_n_grams_that_the_table_lacks_start_from_the_seed(first, make_corpus):
    more = make_corpus([["w3_7", "zebra", "w3_9"] * 4])
    again = SkipGram(**STILL).fit(more, init=first).subwords.to_stored()
    new = ~np.isin(again.buckets, first.subwords.to_stored().buckets)
    assert new.sum() > 5
    start = starting_rows(len(more.vocab) + 5000, 12, seed=4)[len(more.vocab) + again.buckets[new]]
    np.testing.assert_array_equal(again.rows.decode()[new], start)


def test_a_checkpoint_knows_the_n_gram_rows_that_were_gone_on_from(first, topics):
    stored = first.subwords.to_stored()
    moved = stored.with_rows(StoredRows(stored.rows.decode() * 2))
    vectors, outputs = first.vectors, first.output_vectors
    other = Table(first.tokens, vectors, counts=first.counts, output_vectors=outputs, subwords=moved)
    digests = {WarmStart(SkipGram(**SMALL), topics.vocab, table).digest() for table in (first, other)}
    assert len(digests) == 2


def test_vectors_of_a_table_without_n_grams_are_the_start_of_its_words(topics):
    whole = SkipGram(dim=12, epochs=1, threads=1, keep_output=True).fit(topics)
    again = SkipGram(**STILL).fit(topics, init=whole)
    np.testing.assert_allclose(again.vectors, whole.vectors, rtol=1e-4, atol=1e-6)


def test_n_gram_rows_that_are_not_gone_on_from_are_said(first, topics):
    with pytest.warns(SemapWarning, match="n-gram rows are not"):
        again = SkipGram(dim=12, epochs=1, threads=1, learning_rate=1e-30).fit(topics, init=first)
    np.testing.assert_array_equal(again.vectors, first.vectors)
    with pytest.warns(SemapWarning, match="n-gram rows are not"):
        other = SkipGram(**{**STILL, "buckets": 777}).fit(topics, init=first)
    np.testing.assert_allclose(other.vectors, first.vectors, rtol=1e-4, atol=1e-6)


def test_a_compact_table_goes_on_from_its_own_kind_alone(first, topics):
    compact = SkipGram(**{**STILL, "buckets": 300}, compact=True)
    table = compact.fit(topics)
    np.testing.assert_array_equal(compact.fit(topics, init=table).vectors, table.vectors)
    with pytest.raises(SettingsError, match="compact=True has no rows of whole words"), pytest.warns(SemapWarning):
        compact.fit(topics, init=first)


def test_the_end_of_text_mark_has_no_row_where_no_word_has_one_and_that_is_said(make_corpus):
    corpus = make_corpus([["</s>", "ab", "cd"], ["cd", "</s>", "ab"]] * 5)
    with pytest.warns(SemapWarning, match=r"1 of 3 words, first '</s>', have no n-gram.*compact=False") as told:
        table = SkipGram(**{**SMALL, "buckets": 300}, compact=True).fit(corpus)
    assert told[0].filename == __file__
    assert not table["</s>"].any()
    assert SkipGram(**SMALL).fit(corpus)["</s>"].any()


def test_words_are_composed_on_the_threads_of_the_learner(topics, monkeypatch):
    asked = []
    monkeypatch.setattr("semap.table.subwords.thread_count", lambda threads: asked.append(threads) or 1)
    SkipGram(**SMALL).fit(topics)
    assert asked == [1]


def test_blocks_of_a_long_text_draw_twice_as_many_noise_words_as_without_n_grams():
    shapes = [
        choose_shape(17_000_000, 70_000, 1024, "auto", "auto", "auto", one.largest_pool)
        for one in (SkipGram(**SMALL), SkipGram())
    ]
    assert [shape.pool for shape in shapes] == [512, 256]


def test_a_rate_that_explodes_is_said(topics):
    with pytest.raises(TrainingDiverged, match="learning_rate"), np.errstate(all="ignore"):
        SkipGram(**{**SMALL, "learning_rate": 1e30, "epochs": 3}).fit(topics)


def test_the_loss_on_new_text_is_that_of_the_composed_vectors(topics):
    learner = SkipGram(**{**SMALL, "epochs": 4}, keep_output=True)
    table = learner.fit(topics)
    loss = held_out_loss(learner, table, topics, threads=1)
    assert loss == held_out_loss(replaced(learner, subwords=None, buckets="auto"), table, topics, threads=1)
    assert loss < 6 * np.log(2)


@pytest.mark.parametrize("n_tokens", [1, 2, 7, 60])
def test_texts_of_a_few_words_are_trained(n_tokens):
    ids = (np.arange(n_tokens) % 3).astype(np.int32)
    corpus = Corpus(ids, np.array([0, n_tokens]), Vocab(["aa", "b", "\u00e9t\u00e9"], [20, 20, 20]))
    learner = SkipGram(dim=5, epochs=2, threads=1, subwords=(1, 4), buckets=7, sample=0)
    if n_tokens == 1:
        with pytest.warns(SemapWarning, match="no pair of words"):
            table = learner.fit(corpus)
    else:
        table = learner.fit(corpus)
    assert np.isfinite(table.vectors).all()
    assert isinstance(table, Table)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subwords": (6, 3)}, "upside down"),
        ({"subwords": (0, 3)}, "min_n is 0"),
        ({"subwords": (3.0, 6)}, r"min_n is 3\.0"),
        ({"subwords": (3, 6.5)}, r"max_n is 6\.5"),
        ({"subwords": (-3, 6)}, "min_n is -3"),
        ({"subwords": True}, "subwords is True; give the shortest and the longest n-gram"),
        ({"subwords": 3}, "subwords is 3"),
        ({"subwords": (3,)}, r"subwords is \(3,\)"),
        ({"subwords": "3,6"}, "subwords is '3,6'"),
        ({"subwords": (3, 6), "buckets": 0}, "buckets is 0"),
        ({"subwords": (3, 6), "buckets": 2**31 + 1}, "buckets is 2147483649"),
        ({"subwords": (3, 6), "buckets": 1e6}, r"buckets is 1000000\.0"),
        ({"subwords": (3, 6), "hashes": 2}, "hashes is 2, but compact is False.*set compact=True"),
        ({"subwords": (3, 6), "compact": True, "hashes": 5}, "hashes is 5"),
        ({"subwords": (3, 6), "compact": "yes"}, "compact is 'yes'"),
        ({"buckets": 10}, "buckets is 10, but subwords is None"),
        ({"compact": True}, "compact is True, but subwords is None"),
        ({"compat": "fasttext"}, "subwords is None"),
        ({"subwords": (3, 6), "compat": "floret"}, "compat is 'floret'"),
    ],
)
@pytest.mark.parametrize("learner", [SkipGram, CBOW])
def test_settings_out_of_range_are_refused_when_the_learner_is_made(learner, settings, message):
    with pytest.raises(SettingsError, match=message):
        learner(**settings)


def test_a_list_and_numbers_of_numpy_are_taken_and_kept_as_python_s_own():
    learner = SkipGram(subwords=[np.int64(3), np.uint8(6)], buckets=np.int64(99))
    assert learner == SkipGram(subwords=(3, 6), buckets=99)
    assert [type(number) for number in (*learner.subwords, learner.buckets)] == [int, int, int]
