"""Analogies: counted by hand, and equal to gensim's."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

import semap.evaluate
from semap.errors import BadFile, EmptyGold, FileMissing, SemapWarning, SettingsError
from semap.index import slabs
from semap.index.questions import analogy
from semap.table.table import Table

GOOGLE = Path(__file__).parents[2] / "../shared/data/eval/analogy/questions-words.txt"

# axes: royalty, gender, number
TOKENS = ["kings", "woman", "queen", "man", "king", "queens"]
VECTORS = [[0.9, -0.8, 0.7], [0.1, 0.8, 0.1], [0.9, 0.8, 0.1], [0.1, -0.8, 0.1], [0.9, -0.8, 0.1], [0.9, 0.8, 0.7]]
GOLD = """: family
man king woman queen
man king woman kings
man king woman emperor
: gram8-plural

king kings queen queens
""".splitlines()


@pytest.fixture
def table():
    return Table(TOKENS, VECTORS)


def figures(score):
    return score.correct, score.answered, score.asked


def test_questions_are_counted_by_section_and_kind(table):
    scores = semap.evaluate.analogies(table, GOLD)
    assert [(section.name, *figures(section)) for section in scores.sections] == [
        ("family", 1, 2, 3),
        ("gram8-plural", 1, 1, 1),
    ]
    assert figures(scores.semantic) == (1, 2, 3)
    assert figures(scores.syntactic) == (1, 1, 1)
    assert figures(scores.total) == (2, 3, 4)
    assert (scores.accuracy, scores.coverage) == (2 / 3, 3 / 4)
    assert scores.unknown_words == 1


def test_unknown_words_can_count_as_wrong(table):
    scores = semap.evaluate.analogies(table, GOLD, oov="wrong")
    assert scores.accuracy == 2 / 4
    assert scores.semantic.accuracy == 1 / 3


def test_only_the_most_frequent_rows_take_part(table):
    cut = semap.evaluate.analogies(table, GOLD, top=5)
    assert figures(cut.total) == (1, 2, 4)
    assert cut.top == 5
    counted = Table(TOKENS, VECTORS, counts=[1, 50, 40, 60, 70, 2])
    assert figures(semap.evaluate.analogies(counted, GOLD, top=4).total) == (1, 1, 4)
    assert figures(semap.evaluate.analogies(counted, GOLD, top=99).total) == (2, 3, 4)


def test_multiplied_cosines_answer_too(table):
    scores = semap.evaluate.analogies(table, GOLD, method="mul")
    assert scores.semantic.correct == 1
    assert scores.syntactic.correct == 0  # by hand: woman 1.117, queens 1.114
    assert "3CosMul" in str(scores)


def test_gold_words_take_the_form_of_the_tables_text(table):
    capital = ["Man KING woman Queen"]
    assert semap.evaluate.analogies(table, capital).total.answered == 0
    assert semap.evaluate.analogies(table, capital, lowercase=True).total.correct == 1
    lowered = Table(TOKENS, VECTORS, metadata={"text": {"split": "words", "lowercase": True, "normalize": "NFC"}})
    assert semap.evaluate.analogies(lowered, capital).total.correct == 1
    assert semap.evaluate.analogies(lowered, capital, lowercase=False).total.answered == 0


def test_bad_lines_are_counted_and_said_once(table):
    with pytest.warns(SemapWarning, match=r"2 of 4 lines .* first is line 1: 'man king'") as caught:
        scores = semap.evaluate.analogies(table, ["man king", "man king woman queen", "a b c d e", ""])
    assert len(caught) == 1
    assert scores.bad_lines == 2
    assert scores.sections[0].name == "(no section)"


def test_a_file_reads_like_its_lines(table, tmp_path):
    path = tmp_path / "gold.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(GOLD).encode())
    expected = semap.evaluate.analogies(table, GOLD)
    assert semap.evaluate.analogies(table, path) == expected
    assert semap.evaluate.analogies(table, str(path)) == expected
    assert semap.evaluate.analogies(table, iter(GOLD)) == expected


def test_gold_without_a_question_is_an_error(table, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    for gold in (empty, [": family"], ["car automobile 3.92"], ["\x00\x01"]):
        with pytest.raises(EmptyGold):
            semap.evaluate.analogies(table, gold)
    with pytest.raises(FileMissing, match=r"none\.txt"):
        semap.evaluate.analogies(table, tmp_path / "none.txt")
    with pytest.raises(BadFile):
        semap.evaluate.analogies(table, tmp_path)


def test_bad_settings_are_named(table):
    for bad in ({"top": 0}, {"top": 2.5}, {"method": "sum"}, {"oov": "zero"}, {"threads": -1}):
        with pytest.raises(SettingsError, match=str(next(iter(bad.values())))):
            semap.evaluate.analogies(table, GOLD, **bad)


def test_the_result_prints_as_a_table_and_as_json(table):
    scores = semap.evaluate.analogies(table, [*GOLD, ": empty"])
    lines = str(scores).splitlines()
    assert lines[0].split() == ["section", "correct", "answered", "asked", "accuracy", "coverage"]
    assert lines[1].split() == ["family", "1", "2", "3", "50.0%", "66.7%"]
    assert lines[3].split() == ["empty", "0", "0", "0", "-", "-"]
    assert len({len(line) for line in lines[:8]}) == 1
    data = json.loads(scores.to_json())
    assert data["total"]["accuracy"] == pytest.approx(2 / 3)
    assert data["sections"][2]["accuracy"] is None


def test_nothing_answered_is_no_accuracy(table):
    scores = semap.evaluate.analogies(table, ["w x y z"])
    assert math.isnan(scores.accuracy)
    assert scores.coverage == 0
    assert semap.evaluate.analogies(table, ["w x y z"], oov="wrong").accuracy == 0


def made_table(lines, n_rows=2000, dim=24):
    """Vectors in which a pair of a section differs by the section's direction and by noise; rows in a mixed order."""
    rng = np.random.default_rng(5)
    vectors = {}
    direction = rng.standard_normal(dim)
    for line in lines:
        words = line.split()
        if line.startswith(":"):
            direction = rng.standard_normal(dim)
        else:
            for one, other in (words[:2], words[2:]):
                base = vectors.setdefault(one, rng.standard_normal(dim))
                vectors.setdefault(other, base + direction + 0.7 * rng.standard_normal(dim))
    for filler in range(n_rows - len(vectors)):
        vectors[f"filler{filler}"] = rng.standard_normal(dim)
    tokens = [str(token) for token in rng.permutation(list(vectors))]
    return Table(tokens, np.array([vectors[token] for token in tokens]) * rng.uniform(0.2, 5, (len(tokens), 1)))


@pytest.fixture(scope="module")
def google():
    if not GOOGLE.exists():
        pytest.skip("the Google analogies are not at ../shared/data")
    lines = GOOGLE.read_text().lower().splitlines()
    return [line for number, line in enumerate(lines) if line.startswith(":") or number % 29 == 0]


@pytest.mark.parametrize("as_wrong", [False, True])
def test_accuracy_equals_gensims(google, tmp_path, as_wrong):
    from gensim.models import KeyedVectors

    table = made_table(google)
    vectors = KeyedVectors(table.dim)
    vectors.add_vectors(list(table.tokens), table.vectors)
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(google))
    accuracy, sections = vectors.evaluate_word_analogies(
        str(path), restrict_vocab=1500, dummy4unknown=as_wrong, case_insensitive=False
    )
    scores = semap.evaluate.analogies(table, path, top=1500, oov="wrong" if as_wrong else "skip")
    assert 0.1 < accuracy < 0.9
    assert scores.accuracy == pytest.approx(accuracy)
    assert 0.1 < scores.coverage < 0.9
    by_name = {section["section"]: len(section["correct"]) for section in sections}
    assert all(section.correct == by_name[section.name] for section in scores.sections)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_answers_are_those_of_single_questions_for_any_number_of_threads(google, monkeypatch, method):
    monkeypatch.setattr(slabs, "_QUICK", 0)
    table = made_table(google, n_rows=1500)
    some = google[1:40]
    answered = 0
    for line in some:
        if not line.startswith(":"):
            a, b, c, d = line.split()
            answered += analogy(table, a, b, c, k=1, method=method)[0][0] == d
    results = [semap.evaluate.analogies(table, some, method=method, threads=threads) for threads in (1, 2, 5)]
    assert results[0].total.correct == answered
    assert results[0] == results[1] == results[2]
