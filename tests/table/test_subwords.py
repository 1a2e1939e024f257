"""A table with rows of n-grams composes the vectors of other tokens, keeps them in its file, and says what it cannot do."""

import numpy as np
import pytest

import semap
from semap.errors import BadFile, SemapWarning, SettingsError, ShapeError, UnknownToken
from semap.formats.load import load
from semap.ngrams.ngrams import NGrams
from semap.storage.container import open_container, write
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

NGRAMS = NGrams(3, 3, 50)  # "<ab" "ab>": two buckets for a word of two letters


def buckets_of(word, ngrams=NGRAMS):
    tokens = Tokens.pack([word])
    return ngrams.buckets_of(tokens.data, tokens.offsets)[0]


@pytest.fixture
def rows():
    return np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture
def table(rows):
    return Table(["known", "ab"], np.eye(2, 4), counts=[5, 3], subwords=SubwordRows(NGRAMS, StoredRows(rows)))


def test_a_token_of_the_table_has_its_own_row_and_another_the_mean_of_its_ngrams(table, rows):
    assert table.composes
    assert table["ab"].tolist() == [0, 1, 0, 0]
    first, second = buckets_of("xy")
    assert np.allclose(table["xy"], (rows[first] + rows[second]) / 2, atol=1e-7)
    assert "xy" not in table
    assert table.ids(["xy", "ab"]).tolist() == [-1, 1]
    with pytest.raises(UnknownToken, match="'xy' is not among the 2 tokens"):
        table.id("xy")


def test_lookup_mixes_both_in_the_order_asked_for(table):
    found = table.lookup(["xy", "known", "zzz", "ab", "xy"])
    assert np.array_equal(found, np.stack([table[token] for token in ["xy", "known", "zzz", "ab", "xy"]]))


def test_any_number_of_threads_composes_the_same_bits(rows):
    subwords = SubwordRows(NGrams(1, 5, 50), StoredRows(rows))
    tokens = Tokens.pack([f"word{number}" for number in range(500)])
    first = subwords.compose(tokens, threads=1)[0]
    assert all(np.array_equal(subwords.compose(tokens, threads=threads)[0], first) for threads in (2, 3, 5))


def test_buckets_without_a_row_count_as_zeros_or_not_at_all(rows):
    first, second = sorted(buckets_of("xy").tolist())
    only = {"rows": StoredRows(rows[first : first + 1]), "buckets": np.array([first], np.int32)}
    for absent, divisor in (("zero", 2), ("skip", 1)):
        vectors, n_rows = SubwordRows(NGRAMS, absent=absent, **only).compose(Tokens.pack(["xy"]))
        assert np.allclose(vectors[0], rows[first] / divisor, atol=1e-7)
        assert n_rows.tolist() == [divisor]
    none = SubwordRows(NGRAMS, StoredRows(rows[:0]), np.empty(0, np.int32), "skip")
    assert none.compose(Tokens.pack(["xy"]))[1].tolist() == [0]
    assert second != first


def test_finalfusion_makes_them_unit(rows):
    vectors, _ = SubwordRows(NGRAMS, StoredRows(rows), unit=True).compose(Tokens.pack(["xy"]))
    total = rows[buckets_of("xy")].sum(axis=0)
    assert np.allclose(vectors[0], total / np.linalg.norm(total), atol=1e-6)


def test_a_token_without_any_ngram_is_unknown_rather_than_zeros(table):
    with pytest.raises(UnknownToken, match=r"'' is not among the 2 tokens .* no n-gram"):
        table[""]
    with pytest.raises(UnknownToken, match="</s>"):
        table.lookup(["ab", "</s>"])


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("some", [False, True], ids=["all buckets", "some buckets"])
def test_the_file_keeps_them(table, rows, tmp_path, dtype, some):
    if some:
        kept = np.sort(np.unique(np.concatenate([buckets_of("xy"), buckets_of("word")])))
        subwords = SubwordRows(NGRAMS, StoredRows(rows[kept]), kept)
        table = Table(table.tokens, table.vectors, subwords=subwords)
    stored = table.quantize(dtype)
    stored.save(tmp_path / "t.semap")
    again = load(tmp_path / "t.semap")
    assert again.composes
    assert again.subwords.rows.dtype == again.dtype == dtype
    assert np.array_equal(again.lookup(["xy", "word", "ab"]), stored.lookup(["xy", "word", "ab"]))
    assert np.allclose(again["xy"], table["xy"], atol=0.02)
    assert (tmp_path / "t.semap").read_bytes() == _saved_again(again, tmp_path)
    assert load(tmp_path / "t.semap", limit=1)["xy"].tolist() == again["xy"].tolist()


def _saved_again(table, folder):
    table.save(folder / "again.semap")
    return (folder / "again.semap").read_bytes()


def test_a_file_whose_parts_do_not_fit_is_refused(table, tmp_path):
    table.save(tmp_path / "t.semap")
    container = open_container(tmp_path / "t.semap")
    wrong = [
        ({}, {**container.metadata, "subwords": {}}, "absent must be"),
        ({}, {name: value for name, value in container.metadata.items() if name != "subwords"}, "must say how tokens"),
        ({"subword_vectors": np.ones((50, 3), np.float32)}, container.metadata, "have 3 columns, vectors have 4"),
        ({"subword_vectors": np.ones((49, 4), np.float32)}, container.metadata, "50 buckets of n-grams and 49 rows"),
        ({"subword_buckets": np.arange(50, dtype=np.int32)[::-1].copy()}, container.metadata, "must rise"),
        ({"subword_buckets": np.arange(1, 51, dtype=np.int32)}, container.metadata, "lie in 0 .. 49"),
    ]
    for arrays, metadata, says in wrong:
        write(tmp_path / "bad.semap", {**container.arrays, **arrays}, metadata)
        with pytest.raises(BadFile, match=says):
            load(tmp_path / "bad.semap")


def test_rows_must_fit(rows):
    with pytest.raises(ShapeError, match="40 buckets of n-grams and 50 rows"):
        SubwordRows(NGrams(3, 3, 40), StoredRows(rows))
    with pytest.raises(ShapeError, match=r"50 rows of n-grams and bucket numbers of the shape \(3,\)"):
        SubwordRows(NGRAMS, StoredRows(rows), np.arange(3, dtype=np.int32))
    with pytest.raises(ShapeError, match="vectors have 3 dimensions, rows of sub-words 4"):
        Table(["a"], np.ones((1, 3)), subwords=SubwordRows(NGRAMS, StoredRows(rows)))


def test_settings_of_a_file_are_checked(rows):
    settings = SubwordRows(NGRAMS, StoredRows(rows)).settings()
    assert SubwordRows.of(settings, StoredRows(rows), None).ngrams == NGRAMS
    with pytest.raises(SettingsError, match="absent must be 'zero' or 'skip'"):
        SubwordRows.of({**settings, "absent": "maybe"}, StoredRows(rows), None)
    with pytest.raises(SettingsError, match="settings of n-grams are"):
        SubwordRows.of({**settings, "more": 1}, StoredRows(rows), None)


@pytest.mark.parametrize("absent", ["zero", "skip"])
def test_a_token_none_of_whose_ngrams_has_a_row_is_unknown_rather_than_zeros(table, rows, absent):
    kept = np.unique(buckets_of("xy"))
    assert not np.isin(buckets_of("zzz"), kept).any()
    subwords = SubwordRows(NGRAMS, StoredRows(rows[kept]), kept, absent)
    assert subwords.compose(Tokens.pack(["zzz", "xy"]))[1].tolist() == [0, 2]
    few = Table(table.tokens, table.vectors, subwords=subwords)
    with pytest.raises(UnknownToken, match=r"'zzz' is not among the 2 tokens .* no n-gram that this table has a row for"):
        few.lookup(["xy", "zzz"])


def test_a_shorter_table_says_that_it_composes_no_more(table):
    with pytest.warns(SemapWarning, match="rows of sub-words are left out"):
        assert not table.reduce(1).composes


def test_the_face_says_so(table):
    assert "subwords" in repr(table)
    assert not semap.Table(["a"], [[1.0]]).composes
    with pytest.raises(UnknownToken):
        semap.Table(["a"], [[1.0]])["b"]
