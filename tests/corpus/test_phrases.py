"""Phrases: worked by hand, equal to gensim's on a novel, and joined into corpora whose vocabulary and facts are right."""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.corpus import joining, neighbours
from semap.corpus.corpus import Corpus
from semap.corpus.phrase_model import PhraseModel
from semap.corpus.phrases import Phrases
from semap.corpus.read import read_text
from semap.errors import BadFile, EmptyCorpus, SettingsError, ShapeError
from semap.text.splitter import Splitter

ENGLISH = ("a", "an", "the", "for", "of", "with", "without", "at", "from", "to", "in", "on", "by", "and", "or")
# By falling count: "sees" 6, "new", "york" 4, "the" 3, "old" 2: ids are not the places in a text.
SMALL = [
    ["sees", "new", "york"], ["new", "york", "sees", "the"], ["sees", "the", "old", "new", "york"], ["york", "sees", "new"],
    ["sees", "old", "the", "sees"],
]  # fmt: skip


@pytest.fixture(scope="module")
def novel():
    """The texts of a quarter of the novels that semap ships, as lists of words."""
    text = (files("semap") / "data" / "novels.txt").read_text(encoding="utf-8")[:450_000]
    return [words for line in text.splitlines() if (words := Splitter()(line))]


@pytest.fixture(scope="module")
def book(novel):
    return read_text(novel, min_count=1)


def texts_of(corpus):
    """The tokens of each text."""
    return [[corpus.vocab.tokens[int(token_id)] for token_id in text] for text in corpus.texts()]


def test_a_score_worked_by_hand():
    """new york comes 3 times, new 4 and york 4; 5 words and the pairs sees new, new york, york sees, sees the, the old, old new,
    sees old, old the, the sees: 9. With min_count=1: (3 - 1) / (4 * 4) * 14 = 1.75. Next: sees the, (2 - 1) / (6 * 3) * 14.
    """
    model = Phrases(min_count=1, threshold=0.5).fit(read_text(SMALL, min_count=1))
    assert model.phrases == {"new_york": 1.75, "sees_the": 1 / 18 * 14, "sees_new": 1 / 24 * 14, "york_sees": 1 / 24 * 14}
    assert list(model.phrases) == ["new_york", "sees_the", "sees_new", "york_sees"]  # by falling score, then their bytes
    assert model.counts.tolist() == [3, 2, 2, 2]
    assert model.facts["pairs"] == 9
    assert "new_york" not in Phrases(min_count=1, threshold=1.75).fit(read_text(SMALL, min_count=1)).phrases  # not above it


def test_normalised_mutual_information_worked_by_hand():
    """19 tokens: p(new york) = 3/19, p(new) = p(york) = 4/19."""
    model = Phrases(min_count=3, threshold=0.3, scoring="npmi").fit(read_text(SMALL, min_count=1))
    expected = math.log((3 / 19) / (4 / 19) ** 2) / -math.log(3 / 19)
    assert model.phrases == {"new_york": pytest.approx(expected, rel=1e-12)}


def test_words_that_only_come_together_score_1():
    model = Phrases(min_count=2, threshold=0.9, scoring="npmi").fit(read_text([["a", "b", "c"], ["d", "a", "b"]], min_count=1))
    assert model.phrases == {"a_b": 1.0}


@pytest.mark.parametrize("connectors", [(), ENGLISH], ids=["none", "english"])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 10.0), ("default", 0.5), ("npmi", 0.4), ("npmi", -0.2)])
def test_scores_are_those_of_gensim(novel, book, scoring, threshold, connectors):
    phrases = pytest.importorskip("gensim.models.phrases")
    theirs = phrases.Phrases(
        novel, min_count=5, threshold=threshold, scoring=scoring, connector_words=frozenset(connectors)
    ).export_phrases()
    ours = Phrases(min_count=5, threshold=threshold, scoring=scoring, connectors=connectors).fit(book).phrases
    assert len(theirs) > 100
    assert set(ours) == set(theirs)
    if scoring == "default":
        assert ours == theirs  # to the bit
    else:
        for phrase, score in theirs.items():
            assert ours[phrase] == pytest.approx(score, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("connectors", [(), ENGLISH], ids=["none", "english"])
def test_texts_are_joined_as_gensim_joins_them_and_again(novel, book, connectors):
    phrases = pytest.importorskip("gensim.models.phrases")
    rest = {"min_count": 3, "threshold": 3.0}
    theirs = phrases.Phrases(novel, connector_words=frozenset(connectors), **rest)
    model = Phrases(connectors=connectors, **rest).fit(book)
    expected = [theirs[words] for words in novel]
    once = model.apply(book)
    assert texts_of(once) == expected == [model.join(words) for words in novel]
    second = phrases.Phrases(expected, connector_words=frozenset(connectors), **rest)
    twice = Phrases(connectors=connectors, **rest).fit(once).apply(once)
    theirs_twice = [second[words] for words in expected]
    ours_twice = texts_of(twice)
    # gensim counts "a_b c" and "a b_c" as one pair, so that a few scores near the threshold differ
    different = sum(one != other for one, other in zip(ours_twice, theirs_twice, strict=True))
    assert different <= len(novel) / 500
    assert any(token.count("_") >= 2 for text in ours_twice for token in text)


def test_a_corpus_is_joined_text_by_text_and_counted_anew():
    corpus = read_text(SMALL, min_count=1)
    model = Phrases(min_count=1, threshold=1.0).fit(corpus)
    assert list(model.phrases) == ["new_york"]
    joined = model.apply(corpus)
    assert texts_of(joined) == [
        ["sees", "new_york"], ["new_york", "sees", "the"], ["sees", "the", "old", "new_york"], ["york", "sees", "new"],
        ["sees", "old", "the", "sees"],
    ]  # fmt: skip
    assert list(joined.vocab.tokens) == ["sees", "new_york", "the", "old", "new", "york"]
    assert joined.vocab.counts.tolist() == [6, 3, 3, 2, 1, 1]
    assert joined.splitter == corpus.splitter
    assert joined.fingerprint() != corpus.fingerprint()
    facts = joined.facts
    assert facts["tokens_read"] == 19
    assert facts["min_count"] == 1
    assert (facts["tokens_left_out"], facts["texts_left_out"]) == (0, 0)
    assert facts["phrases"] == [{**model.settings, "found": 1, "tokens_joined": 3}]


def test_tokens_that_come_too_rarely_once_phrases_are_joined_are_left_out_and_counted():
    corpus = read_text([*SMALL, ["york"]], min_count=2)
    model = Phrases(min_count=1, threshold=1.0).fit(corpus)
    joined = model.apply(corpus)
    assert list(joined.vocab.tokens) == ["sees", "new_york", "the", "old", "york"]  # one "new" is left, which is below 2
    assert joined.facts["min_count"] == 2
    assert joined.facts["tokens_left_out"] == 1
    assert joined.n_texts == 6
    rare = model.apply(corpus, min_count=3)
    assert list(rare.vocab.tokens) == ["sees", "new_york", "the"]
    assert (rare.n_texts, rare.facts["texts_left_out"]) == (5, 1)
    assert model.apply(corpus, min_count=1, max_size=2).vocab.counts.tolist() == [6, 3]
    with pytest.raises(EmptyCorpus, match="comes 99 times once phrases are joined"):
        model.apply(corpus, min_count=99)


def test_a_phrase_that_is_a_token_already_is_the_same_token():
    corpus = read_text([["a", "b"], ["a", "b"], ["a", "b"], ["a_b", "c"]], min_count=1)
    joined = Phrases(min_count=1, threshold=0.1).fit(corpus).apply(corpus)
    assert list(joined.vocab.tokens) == ["a_b", "c"]
    assert joined.vocab.counts.tolist() == [4, 1]
    assert joined.ids.tolist() == [0, 0, 0, 0, 1]


def test_phrases_are_joined_in_another_corpus_with_other_ids():
    model = Phrases(min_count=1, threshold=1.0).fit(read_text(SMALL, min_count=1))
    other = read_text([["york", "york", "york", "in", "new", "york"], ["new", "jersey"]], min_count=1)
    assert texts_of(model.apply(other)) == [["york", "york", "york", "in", "new_york"], ["new", "jersey"]]
    none = read_text([["jersey", "york"]], min_count=1)
    assert texts_of(model.apply(none)) == [["jersey", "york"]]


def test_connectors_lie_inside_of_phrases_only():
    lines = [["bank", "of", "the", "state"]] * 6 + [["of", "bank"], ["state", "of"], ["x", "bank", "of"], ["of", "the", "x"]]
    corpus = read_text(lines, min_count=1)
    model = Phrases(min_count=2, threshold=0.01, connectors=["of", "the", "missing"]).fit(corpus)
    assert list(model.phrases) == ["bank_of_the_state"]
    assert model.join(["of", "bank", "of", "the", "state", "of", "bank", "of", "state"]) == [
        "of", "bank_of_the_state", "of", "bank", "of", "state",
    ]  # fmt: skip
    assert texts_of(model.apply(corpus)) == [["bank_of_the_state"]] * 6 + lines[6:]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_neither_pieces_nor_threads_change_a_bit(monkeypatch, novel, size):
    corpus = read_text(novel[:300], min_count=1)
    model = Phrases(min_count=2, threshold=1.0, connectors=ENGLISH).fit(corpus)
    joined = model.apply(corpus)
    monkeypatch.setattr(neighbours, "_PAIRS_AT_ONCE", 20 * size)
    monkeypatch.setattr(neighbours, "_POSITIONS_A_CALL", 10 * size)
    monkeypatch.setattr(neighbours, "_HEADS_AT_FIRST", size)
    monkeypatch.setattr(joining, "_POSITIONS_A_PIECE", size)
    monkeypatch.setattr(joining, "_LOOK_AHEAD", 3)
    for threads in (1, 2, 5):
        again = Phrases(min_count=2, threshold=1.0, connectors=ENGLISH, threads=threads).fit(corpus)
        for name in ("parts", "offsets", "scores", "counts"):
            assert getattr(again, name).tobytes() == getattr(model, name).tobytes()
        assert again.words == model.words
        other = again.apply(corpus, threads=threads)
        assert other.fingerprint() == joined.fingerprint()
        assert other.vocab.counts.tolist() == joined.vocab.counts.tolist()


TOKENS = st.sampled_from(["a", "b", "c", "of", "the"])


@given(st.lists(st.lists(TOKENS, min_size=1, max_size=30), min_size=1, max_size=5), st.lists(TOKENS, max_size=12))
@settings(max_examples=30)
def test_a_list_of_tokens_is_joined_as_a_corpus_is(texts, others):
    corpus = read_text(texts, min_count=1)
    model = Phrases(min_count=1, threshold=0.0, connectors=["of", "the"]).fit(corpus)
    assert texts_of(model.apply(corpus)) == [model.join(text) for text in texts]
    assert "_".join(model.join(others)) == "_".join(others)


def test_phrases_are_saved_and_opened(tmp_path, book, novel):
    model = Phrases(connectors=ENGLISH).fit(book)
    model.save(tmp_path / "p.phrases")
    again = PhraseModel.load(tmp_path / "p.phrases")
    assert again.phrases == model.phrases
    assert again.settings == model.settings
    assert Phrases(**{name: value for name, value in again.settings.items() if name != "learner"}) == Phrases(connectors=ENGLISH)
    assert again.facts == model.facts
    assert again.join(novel[0]) == model.join(novel[0])
    again.save(tmp_path / "again.phrases")
    assert (tmp_path / "again.phrases").read_bytes() == (tmp_path / "p.phrases").read_bytes()


def test_a_corpus_with_phrases_is_saved_and_opened(tmp_path, book):
    joined = Phrases().fit(book).apply(book, min_count=3)
    joined.save(tmp_path / "c")
    again = Corpus.open(tmp_path / "c")
    assert again.fingerprint() == joined.fingerprint()
    assert again.facts == joined.facts


def test_what_are_no_phrases_is_a_bad_file(tmp_path, book):
    book.save(tmp_path / "c")
    with pytest.raises(BadFile, match="no phrases but a corpus"):
        PhraseModel.load(tmp_path / "c")
    model = Phrases().fit(book)
    model.settings["delimiter"] = None
    del model.settings["connectors"]
    model.save(tmp_path / "p")
    with pytest.raises(BadFile, match="has no 'connectors'"):
        PhraseModel.load(tmp_path / "p")
    model.settings["connectors"] = ["of"]
    model.save(tmp_path / "p")
    with pytest.raises(BadFile, match="must be text"):
        PhraseModel.load(tmp_path / "p")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parts": [0, 2]}, "parts name words 0 to 2; there are 2"),
        ({"offsets": [0, 1]}, "from 0 to 2 in steps of two or more"),
        ({"offsets": [0, 1, 2]}, "1 scores need as many counts and one offset more; there are 1 and 3"),
        ({"counts": [3, 4]}, "there are 2 and 2"),
        ({"parts": [0.5, 1.0]}, "parts are whole numbers"),
        ({"parts": [0, 0, 1], "offsets": [0, 3]}, "phrase 0 has 'new' where its connectors do not allow it"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    from semap.vocab.tokens import Tokens

    fitting = {"parts": [0, 1], "offsets": [0, 2], "scores": [1.5], "counts": [3]} | changes
    with pytest.raises(ShapeError, match=message):
        PhraseModel(Tokens.pack(["new", "york"]), **fitting, settings={"connectors": [], "delimiter": "_"}, facts={})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_count": 0}, "min_count is 0"),
        ({"threshold": -1}, "threshold is -1"),
        ({"threshold": "high"}, "threshold is 'high'"),
        ({"scoring": "npmi"}, "threshold is 10.0; scores of scoring='npmi' go from -1 to 1"),
        ({"scoring": "npmi", "threshold": float("nan")}, "threshold is nan"),
        ({"scoring": "npmi", "threshold": True}, "threshold is True"),
        ({"scoring": "pmi"}, "scoring is 'pmi'; choose one of 'default', 'npmi'"),
        ({"connectors": "of the"}, "connectors are 'of the'; give a list of words"),
        ({"connectors": [3]}, "connectors are"),
        ({"connectors": None}, "connectors are None"),
        ({"delimiter": ""}, "delimiter is ''"),
        ({"delimiter": "\ud800"}, "cannot be written as UTF-8"),
        ({"connectors": ["of", "\udcc3"]}, "cannot be written as UTF-8"),
        ({"threads": -1}, "threads is -1"),
    ],
)
def test_settings_out_of_range_are_refused(changes, message):
    with pytest.raises(SettingsError, match=message):
        Phrases(**changes)


def test_what_is_no_corpus_and_what_are_no_tokens_are_refused(book):
    model = Phrases().fit(book)
    with pytest.raises(SettingsError, match=r"apply takes a Corpus, not list; .* join"):
        model.apply([["new", "york"]])
    for wrong in ("new york", 3, None, ["new", 3], [["new", "york"]], [b"new"]):
        with pytest.raises(SettingsError, match="join takes the tokens of a text"):
            model.join(wrong)
    with pytest.raises(SettingsError, match="fit takes a Corpus, not list"):
        Phrases().fit([["new", "york"]])


def test_a_corpus_with_a_given_vocabulary_is_counted_itself():
    """Counts of a vocabulary may be those of another text."""
    whole = read_text(SMALL, min_count=1)
    part = read_text(SMALL[:3], vocab=whole.vocab)
    model = Phrases(min_count=1, threshold=0.0).fit(part)
    assert model.phrases["new_york"] == (3 - 1) / (3 * 3) * (5 + model.facts["pairs"])
    joined = model.apply(part)
    assert joined.vocab.counts.sum() == joined.n_tokens
    assert np.all(joined.vocab.counts > 0)


def test_what_is_left_out_in_joining_is_added_to_what_was_left_out_in_reading():
    texts = [["new", "york", "is", "large"], ["new", "york", "is", "old"], ["new", "york"], ["once"], ["rare", "large"]]
    corpus = read_text(texts, min_count=2)
    assert (corpus.facts["tokens_left_out"], corpus.facts["texts_left_out"]) == (3, 1)
    joined = Phrases(min_count=1, threshold=1).fit(corpus).apply(corpus, min_count=3)
    assert joined.vocab.tokens == ["new_york"]
    assert (joined.facts["tokens_left_out"], joined.facts["texts_left_out"]) == (3 + 4, 1 + 1)
