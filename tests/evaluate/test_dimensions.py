"""Sizes compared: what is left out, what is measured, where more stops paying, and how it is shown."""

import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

import semap
from semap.corpus.corpus import Corpus
from semap.errors import EmptyCorpus, EmptyGold, FileMissing, SettingsError
from semap.evaluate.known_sizes import KNOWN_SIZES, table_bytes
from semap.evaluate.left_out import leave_out
from semap.evaluate.size_report import DimensionsReport, SizeResult
from semap.vocab.vocab import Vocab

N_WORDS = 60
QUICK = semap.SkipGram(epochs=3, sample=0, window=2)


def ring_corpus(n_texts=200, length=20):
    """Texts that walk around a ring of words, one word at a time."""
    starts = np.random.default_rng(3).integers(0, N_WORDS, n_texts)
    ids = ((starts[:, None] + np.arange(length)) % N_WORDS).astype(np.int32).reshape(-1)
    counts = np.bincount(ids, minlength=N_WORDS)
    return Corpus(ids, np.arange(0, len(ids) + 1, length), Vocab([f"w{word * 3}" for word in range(N_WORDS)], counts))


def words_of(corpus):
    return [corpus.vocab.tokens[int(token_id)] for token_id in corpus.ids]


@pytest.fixture(scope="module")
def report():
    return semap.evaluate.dimensions(ring_corpus(), dims=(12, 2, 4, 2), learner=QUICK)


def result(dim, held_out, seen, **more):
    facts = {"accuracy": None, "spearman": None, "seconds": dim / 10, "bytes": dim * 400, **more}
    return SizeResult(dim=dim, held_out_loss=held_out, seen_loss=seen, **facts)


def made_up(*results):
    return DimensionsReport(results, {"learner": "SkipGram", "epochs": 9}, 100, 9_000, 1_000, 3)


def test_the_last_tenth_of_the_texts_is_left_out():
    corpus = ring_corpus(n_texts=51, length=23)
    parts = leave_out(corpus, 0.1)
    assert (parts.seen.n_texts, parts.unseen.n_texts, parts.n_new) == (46, 5, 0)
    assert words_of(parts.seen) + words_of(parts.unseen) == words_of(corpus)
    assert parts.unseen.offsets.tolist() == [0, 23, 46, 69, 92, 115]
    assert parts.unseen.vocab is parts.seen.vocab
    assert parts.seen.vocab.n_tokens == 46 * 23
    assert (np.diff(parts.seen.vocab.counts) <= 0).all()


def test_a_single_text_is_cut_in_two():
    corpus = ring_corpus(n_texts=1, length=2_000)
    parts = leave_out(corpus, 0.25)
    assert (parts.seen.n_tokens, parts.unseen.n_tokens) == (1_500, 500)
    assert words_of(parts.seen) + words_of(parts.unseen) == words_of(corpus)


def test_words_that_only_the_end_has_are_left_out_and_counted():
    ids = np.concatenate([np.tile([4, 1, 2], 300), [0, 4, 3, 3, 1], np.tile([2, 1], 60)]).astype(np.int32)
    corpus = Corpus(ids, np.array([0, 900, 902, 905, len(ids)]), Vocab(["a", "b", "c", "d", "e"], np.bincount(ids)))
    parts = leave_out(corpus, 125 / len(ids))
    assert parts.n_new == 3
    assert list(parts.seen.vocab.tokens) == ["b", "c", "e"]
    assert words_of(parts.unseen)[:3] == ["e", "b", "c"]
    assert parts.unseen.offsets.tolist() == [0, 1, 2, 122]


@pytest.mark.parametrize("share", [0, 1, -0.5, "0.1", True, math.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(SettingsError, match="held_out is"):
        semap.evaluate.dimensions(ring_corpus(), held_out=share)


def test_a_text_that_is_too_short_is_told_with_the_numbers():
    with pytest.raises(EmptyCorpus, match="the text has 600 words, of which 60 are left out, 60 of them known"):
        semap.evaluate.dimensions(ring_corpus(n_texts=30), dims=(2,))


def test_every_size_is_trained_once_in_rising_order(report):
    assert [each.dim for each in report.results] == [2, 4, 12]
    assert [each.bytes for each in report.results] == [N_WORDS * dim * 4 for dim in (2, 4, 12)]
    assert all(each.seconds > 0 for each in report.results)
    assert (report.vocabulary, report.n_tokens, report.n_held_out, report.n_new) == (N_WORDS, 3_600, 400, 0)
    assert report.settings["epochs"] == 3
    assert "dim" not in report.settings


def test_the_loss_is_that_of_the_trained_table_and_does_not_depend_on_threads(report):
    again = semap.evaluate.dimensions(ring_corpus(), dims=[4], learner=QUICK, threads=1)
    assert again.results[0].held_out_loss == report.results[1].held_out_loss
    assert again.results[0].seen_loss == report.results[1].seen_loss
    assert all(0 < each.held_out_loss < 6 * math.log(2) for each in report.results)


def test_gold_files_add_their_scores(tmp_path):
    questions = [f"w{word * 3} w{word * 3 + 3} w{word * 3 + 6} w{word * 3 + 9}" for word in range(20)]
    (tmp_path / "pairs.txt").write_text(
        "".join(f"w{word * 3}\tw{word * 3 + 3 * (word % 7)}\t{7 - word % 7}\n" for word in range(40))
    )
    found = semap.evaluate.dimensions(
        ring_corpus(), dims=(3, 9), learner=semap.CBOW(epochs=4, sample=0), analogies=iter(questions),
        similarity=tmp_path / "pairs.txt",
    )  # fmt: skip
    assert list(found.measures) == ["held_out_loss", "accuracy", "spearman"]
    assert all(0 <= each.accuracy <= 1 and -1 <= each.spearman <= 1 for each in found.results)
    assert "analogies" in found.columns()


def test_gold_files_are_missed_before_the_training():
    with pytest.raises(FileMissing, match=r"no\.txt"):
        semap.evaluate.dimensions(ring_corpus(), similarity="no.txt", dims=(10**8,))
    with pytest.raises(EmptyGold):
        semap.evaluate.dimensions(ring_corpus(), similarity=["nothing"], dims=(2,), learner=replace(QUICK, epochs=1))


@pytest.mark.parametrize("dims", [(), (0, 4), (2.5,), "8", 8, None])
def test_sizes_that_are_none_are_refused(dims):
    with pytest.raises(SettingsError, match="dims is"):
        semap.evaluate.dimensions(ring_corpus(), dims=dims)


def test_a_learner_is_a_learner():
    with pytest.raises(SettingsError, match="learner is str"):
        semap.evaluate.dimensions(ring_corpus(), learner="skipgram")


def test_the_size_that_is_enough_has_95_percent_of_the_gain():
    scored = made_up(
        result(4, 3.0, 3.1, accuracy=0.1, spearman=0.5),
        result(16, 2.06, 2.1, accuracy=0.3, spearman=math.nan),
        result(64, 2.04, 1.9, accuracy=0.5, spearman=0.2),
        result(256, 2.0, 1.5, accuracy=0.499, spearman=0.5),
    )
    assert [scored.best(name) for name in scored.measures] == [256, 64, 4]
    assert [scored.enough(name) for name in scored.measures] == [64, 64, 4]  # 2.05 is 95 % of the way from 3 to 2
    assert "overfitting" not in str(scored)


def test_overfitting_is_said_where_it_was_measured():
    overfitted = made_up(result(4, 3.0, 3.1), result(16, 2.0, 2.0), result(64, 2.2, 1.5))
    assert "from 16 to 64 the loss on seen text falls by 25.0%, on text that was left out it rises by 10.0%" in str(overfitted)
    worse_on_both = made_up(result(4, 3.0, 3.1), result(16, 2.0, 2.0), result(64, 2.2, 2.1))
    assert "overfitting" not in str(worse_on_both)


def test_a_text_learned_by_heart_overfits_with_more_dimensions():
    # 40 words without any order: all that can be learned of a text is the text itself.
    ids = np.random.default_rng(8).integers(0, 40, 3_000).astype(np.int32)
    corpus = Corpus(ids, np.array([0, len(ids)]), Vocab([f"w{word * 3}" for word in range(40)], np.bincount(ids)))
    learner = semap.SkipGram(epochs=150, sample=0, window=2)
    small, large = semap.evaluate.dimensions(corpus, dims=(2, 64), learner=learner).results
    assert large.seen_loss < small.seen_loss
    assert large.held_out_loss > small.held_out_loss


def test_json_has_every_figure_and_null_for_what_is_no_number():
    document = json.loads(made_up(result(4, 3.0, 3.1, accuracy=math.nan, spearman=0.5)).to_json())
    assert document["results"] == [
        {"dim": 4, "held_out_loss": 3.0, "seen_loss": 3.1, "accuracy": None, "spearman": 0.5, "seconds": 0.4, "bytes": 1600}
    ]
    assert document["best"] == document["enough"] == {"held_out_loss": 4, "spearman": 4}
    assert document["settings"] == {"learner": "SkipGram", "epochs": 9}


def test_the_drawing_is_one_svg_that_needs_nothing_else():
    scored = made_up(result(8, 3.0, 3.1, accuracy=0.1), result(64, 2.0, 1.9, accuracy=0.45), result(256, 2.2, 1.5, accuracy=0.4))
    drawing = scored.svg()
    root = ElementTree.fromstring(drawing)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for shown in ("3.000", "2.200", "10.0%", "45.0%", "256", "25.6", "Analogies answered right"):
        assert shown in texts
    assert "Similarity (Spearman)" not in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 5  # two losses, analogies, seconds, megabytes
    assert "prefers-color-scheme: dark" in drawing
    assert drawing.count("http") == 1  # the name space; nothing is fetched
    width, height = float(root.get("width")), float(root.get("height"))
    for element in root.iter("{http://www.w3.org/2000/svg}circle"):
        assert 0 < float(element.get("cx")) < width
        assert 0 < float(element.get("cy")) < height


def test_one_size_and_no_loss_are_drawn_too():
    ElementTree.fromstring(made_up(result(8, math.nan, math.nan)).svg())
    assert "8" in str(made_up(result(8, math.nan, math.nan)))


def test_known_sizes_by_hand():
    sizes = {each.name: each.as_dict(50_000) for each in KNOWN_SIZES}
    assert sizes["GPT-3 (largest)"]["bytes"] == {
        "float32": [2_457_600_000] * 2,
        "float16": [1_228_800_000] * 2,
        "int8": [614_600_000] * 2,
    }
    assert sizes["word2vec and its kin"]["dims"] == [50, 300]
    assert sizes["word2vec and its kin"]["bytes"]["float32"] == [10_000_000, 60_000_000]
    assert table_bytes(2, 3, "int8") == 2 * (3 + 4)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_the_bytes_are_those_of_the_stored_rows(dtype):
    stored = semap.Table(["a", "b", "c"], np.ones((3, 7))).quantize(dtype).stored[0]
    assert table_bytes(3, 7, dtype) == stored.values.nbytes + (0 if stored.scales is None else stored.scales.nbytes)
