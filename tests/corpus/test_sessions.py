"""read_sessions: lines and pairs, delimiters, quotes, malformed rows, and the real files."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import BadFile, BadText, EmptyCorpus, FileMissing, SemapWarning, SettingsError

DATA = Path(__file__).parents[3] / "shared" / "data" / "recsys"


def sessions_of(corpus):
    tokens = list(corpus.vocab.tokens)
    return [[tokens[item] for item in text.tolist()] for text in corpus.texts()]


def test_a_line_is_a_session_and_items_are_taken_as_they_are(tmp_path):
    (tmp_path / "s.txt").write_text("B-12 a.7  Zoë\n\nB-12\n")
    corpus = semap.read_sessions(tmp_path / "s.txt")
    assert sessions_of(corpus) == [["B-12", "a.7", "Zoë"], ["B-12"]]
    assert corpus.vocab.tokens[0] == "B-12"
    assert corpus.vocab.counts.tolist() == [2, 1, 1]


def test_with_a_delimiter_items_may_hold_blanks_and_quoted_ones_the_delimiter():
    lines = ["whole milk,cream cheese ,yogurt", 'yogurt,"milk, 2%", "the ""best"" tea"', '5" pipe,nail'[3:]]
    assert sessions_of(semap.read_sessions(lines, delimiter=",")) == [
        ["whole milk", "cream cheese", "yogurt"],
        ["yogurt", "milk, 2%", 'the "best" tea'],
        ["pipe", "nail"],
    ]


def test_a_quote_inside_a_field_is_a_letter():
    assert sessions_of(semap.read_sessions(['pipe 5",nail'], delimiter=",")) == [['pipe 5"', "nail"]]


def test_a_delimiter_may_be_longer_than_one_character():
    assert sessions_of(semap.read_sessions(["7::a b", "8::c"], delimiter="::", layout="pairs")) == [["a b"], ["c"]]


def test_pairs_become_one_session_a_user_in_the_order_of_rows():
    rows = ["u9 c", "u2 a", "u9 a", "u2 b", "u9 b"]
    expected = [["c", "a", "b"], ["a", "b"]]
    assert sessions_of(semap.read_sessions(rows, layout="pairs")) == expected
    assert sessions_of(semap.read_sessions([row.split() for row in rows], layout="pairs")) == expected


@given(st.lists(st.tuples(st.sampled_from("uvwx"), st.sampled_from("abcdef")), min_size=1, max_size=40))
def test_pairs_give_what_a_dictionary_of_lists_gives(rows):
    expected = {}
    for user, item in rows:
        expected.setdefault(user, []).append(item)
    corpus = semap.read_sessions([f"{user}\t{item}" for user, item in rows], layout="pairs", delimiter="\t")
    assert sessions_of(corpus) == list(expected.values())


def test_rare_items_are_left_out_when_told_and_counted():
    corpus = semap.read_sessions(["a b", "a c", "d"], min_count=2)
    assert sessions_of(corpus) == [["a"], ["a"]]
    assert corpus.facts["tokens_left_out"] == 3
    assert corpus.facts["texts_left_out"] == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_do_not_change_a_bit(threads):
    lines = [f"{n * 7 % 50} {n * 11 % 50} {n % 13}" for n in range(500)]
    assert semap.read_sessions(lines, threads=threads).fingerprint() == semap.read_sessions(lines, threads=2).fingerprint()


@pytest.mark.parametrize(
    ("lines", "settings", "told"),
    [
        ("u1 a\nu1\n", {"layout": "pairs"}, "line 2: expected a user and an item, found 1 field"),
        ("u1 a\n\nu1 a 5 9\n", {"layout": "pairs"}, "line 3: expected a user and an item, found 4 fields"),
        ("a,b\nc,,d\n", {"delimiter": ","}, "line 2: field 2 of 3 is empty"),
        ("u1, \n", {"delimiter": ",", "layout": "pairs"}, "line 1: field 2 of 2 is empty"),
        ('a,b\n"c,d\n', {"delimiter": ","}, "line 2: its quotes do not fit"),
    ],
)
def test_a_malformed_row_names_its_line_or_is_skipped_and_counted(tmp_path, lines, settings, told):
    (tmp_path / "s.txt").write_text(lines + ("u5 z\n" if settings.get("delimiter") is None else "u5,z\n"))
    with pytest.raises(BadFile, match=told) as raised:
        semap.read_sessions(tmp_path / "s.txt", **settings)
    assert 'on_error="skip"' in str(raised.value)
    assert "s.txt" in str(raised.value)
    with pytest.warns(SemapWarning, match=f"1 malformed row was left out, the first {told[:6]}") as caught:
        corpus = semap.read_sessions(tmp_path / "s.txt", on_error="skip", **settings)
    assert len(caught) == 1
    assert corpus.facts["rows_skipped"] == 1
    assert "z" in corpus.vocab


def test_a_list_that_is_no_pair_names_its_row():
    with pytest.raises(SettingsError, match=r"row 1, .*found 3 fields"):
        semap.read_sessions([["u", "a"], ["u", "a", "b"]], layout="pairs")
    with pytest.raises(SettingsError, match="field 2 is int, not str"):
        semap.read_sessions([["u", 5]], layout="pairs")
    with pytest.warns(SemapWarning, match="1 malformed row was left out, the first row 0"):
        assert semap.read_sessions([["u"], ["u", "a"]], layout="pairs", on_error="skip").n_tokens == 1


@pytest.mark.parametrize(
    "settings", [{"layout": "rows"}, {"on_error": "warn"}, {"delimiter": ""}, {"delimiter": 7}, {"min_count": 0}]
)
def test_settings_that_are_wrong_are_refused(settings):
    with pytest.raises(SettingsError, match=next(iter(settings))):
        semap.read_sessions(["a b"], **settings)


def test_nothing_to_read_is_an_error_that_says_what_was_skipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a message shows the beginning of a long path only
    (tmp_path / "empty.txt").write_text("\n")
    for layout in ("lines", "pairs"):
        with pytest.raises(EmptyCorpus):
            semap.read_sessions(tmp_path / "empty.txt", layout=layout)
    with pytest.raises(EmptyCorpus, match="2 malformed rows were left out"):
        semap.read_sessions(["a", "b"], layout="pairs", on_error="skip")
    with pytest.raises(FileMissing, match=r"there is no file .*nowhere\.txt"):
        semap.read_sessions("nowhere.txt", layout="pairs")


def test_broken_bytes_are_counted_or_refused(tmp_path):
    (tmp_path / "s.csv").write_bytes(b"a,b\nc\xff,b\n")
    with pytest.warns(SemapWarning, match="1 times bytes that are not UTF-8"):
        corpus = semap.read_sessions(tmp_path / "s.csv", delimiter=",")
    assert "c\ufffd" in corpus.vocab
    with pytest.raises(BadText, match="line 2"):
        semap.read_sessions(tmp_path / "s.csv", delimiter=",", errors="strict")


def real(name):
    if not (DATA / name).is_file():
        pytest.skip(f"the shared data has no recsys/{name}")
    return DATA / name


def test_the_groceries_are_read_as_they_were_sold():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = semap.read_sessions(real("groceries.csv"), delimiter=",")
    assert corpus.n_texts == 9_835
    assert corpus.vocab.tokens[0] == "whole milk"
    assert "cream cheese" in corpus.vocab  # the file has a blank after it


def test_the_users_of_beauty_products_are_sessions():
    corpus = semap.read_sessions(real("amazon_beauty_seq.txt"), layout="pairs")
    assert (corpus.n_texts, corpus.n_tokens) == (40_226, 353_962)
    assert sessions_of(corpus)[0][:5] == ["1", "2", "3", "4", "5"]


class Frame:
    """What pandas and this reader share."""

    columns = ("user", "item")

    def __getitem__(self, name):
        return list(name)

    def itertuples(self, index, name):
        return iter([(7, "tea"), (7, 30), (9, "tea")])


def test_the_rows_of_a_data_frame_are_pairs():
    assert sessions_of(semap.read_sessions(Frame(), layout="pairs")) == [["tea", "30"], ["tea"]]


@pytest.mark.parametrize("source", [Frame(), {"user": ["a"]}, [{"user": "a"}]])
def test_columns_are_not_taken_for_sessions(source):
    with pytest.raises(SettingsError, match=r"holds columns, not texts|item 0 is a mapping"):
        semap.read_sessions(source)
