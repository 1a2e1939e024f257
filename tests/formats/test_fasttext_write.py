"""fastText models that semap writes: fastText itself and gensim load them with the vectors of the table."""

import struct
import tracemalloc
import warnings

import numpy as np
import pytest

from semap.errors import SemapWarning, SettingsError
from semap.formats import fasttext_write
from semap.formats.load import load
from semap.formats.save import save
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

TOKENS = ["the", "</s>", "déjà", "über", "日本語", "a", "two words", "d\udcc3"]
STRANGE = ["unseenword", "überraschung", "日本", "naïve", "xy", "привет мир", "😀ok"]
RNG = np.random.default_rng(2)


def composing(dim=5, n_rows=40, buckets=97, **settings):
    """A table as semap trains it: some buckets have rows, the others count as rows of zeros."""
    chosen = None if n_rows == buckets else np.sort(RNG.choice(buckets, n_rows, replace=False)).astype(np.int32)
    ngrams = NGrams(2, 4, buckets, **settings)
    rows = SubwordRows(ngrams, StoredRows(RNG.normal(size=(n_rows, dim)).astype(np.float32)), chosen)
    vectors = RNG.normal(size=(len(TOKENS), dim)).astype(np.float32)
    return Table(TOKENS, vectors, counts=range(80, 0, -10), subwords=rows)


def composed(table):
    """The vectors of strange words, zeros where none of their n-grams has a row: fastText's model has a row of zeros there."""
    return table.subwords.compose(Tokens.pack(STRANGE))[0]


def as_fasttext(path):
    return pytest.importorskip("fasttext", reason="fasttext-wheel is not installed").load_model(str(path))


def as_gensim(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
        return models.load_facebook_vectors(str(path))


@pytest.mark.parametrize("peer", [as_fasttext, as_gensim])
@pytest.mark.parametrize("n_rows", [40, 97, 0])
def test_other_tools_load_what_is_written_with_the_same_vectors_in_and_out_of_its_words(tmp_path, peer, n_rows):
    table = composing(n_rows=n_rows)
    save(table, tmp_path / "out", to="fasttext")
    theirs = peer(tmp_path / "out")
    vector_of = theirs.get_word_vector if peer is as_fasttext else theirs.__getitem__
    words = [word for word in TOKENS if word.isprintable() and not (peer is as_gensim and word == "</s>")]
    np.testing.assert_allclose([vector_of(word) for word in words], table.lookup(words), rtol=0, atol=1e-6)
    np.testing.assert_allclose([vector_of(word) for word in STRANGE], composed(table), rtol=0, atol=1e-6)
    if peer is as_fasttext:
        assert theirs.get_words(include_freq=True, on_unicode_error="replace")[1].tolist() == list(range(80, 0, -10))


@pytest.mark.parametrize("peer", [as_fasttext, as_gensim])
def test_a_table_without_n_grams_becomes_a_model_without(tmp_path, peer):
    table = Table(TOKENS[:-1], RNG.normal(size=(7, 3)), counts=range(7, 0, -1))
    save(table, tmp_path / "out", to="fasttext")
    theirs = peer(tmp_path / "out")
    vector_of = theirs.get_word_vector if peer is as_fasttext else theirs.__getitem__
    np.testing.assert_allclose([vector_of(word) for word in TOKENS[:-1]], table.vectors, rtol=0, atol=1e-7)


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_what_is_written_comes_back(tmp_path, dtype):
    table = composing().quantize(dtype)
    save(table, tmp_path / "out", to="fasttext")
    again = load(tmp_path / "out")
    assert again.tokens == table.tokens
    np.testing.assert_array_equal(again.counts, table.counts)
    np.testing.assert_allclose(again.vectors, table.vectors, rtol=0, atol=1e-6)
    np.testing.assert_allclose(again.lookup(STRANGE), composed(table), rtol=0, atol=1e-6)
    assert again.metadata["source"]["model"] == "skipgram"


def test_what_was_read_is_written_with_the_same_settings_and_rows_and_again_with_the_same_bytes(tmp_path):
    metadata = {"source": {"model": "cbow", "window": 9, "sample": 0.5}}
    table = Table(TOKENS[:-1], np.zeros((7, 5)), counts=range(7), metadata=metadata)
    save(table, tmp_path / "first", to="fasttext")
    again = load(tmp_path / "first")
    told = again.metadata["source"]
    assert (told["model"], told["window"], told["sample"], told["loss"]) == ("cbow", 9, 0.5, "negative sampling")
    save(again, tmp_path / "second", to="fasttext")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_output_vectors_are_kept_where_they_are_those_of_negative_sampling(tmp_path):
    output = RNG.normal(size=(2, 3)).astype("<f4")
    metadata = {"settings": {"objective": "negative"}}
    table = Table(["cat", "dog"], np.ones((2, 3)), counts=[2, 1], output_vectors=output, metadata=metadata)
    save(table, tmp_path / "out", to="fasttext")
    assert (tmp_path / "out").read_bytes().endswith(struct.pack("<2q", 2, 3) + output.tobytes())
    nodes = Table(["cat", "dog"], np.ones((2, 3)), counts=[2, 1], output_vectors=output, metadata={"outputs": [0, 1]})
    with pytest.warns(SemapWarning, match="left out: output vectors, metadata"):
        save(nodes, tmp_path / "out", to="fasttext")
    assert (tmp_path / "out").read_bytes().endswith(bytes(24))


def test_what_a_model_cannot_hold_is_said(tmp_path):
    with pytest.warns(SemapWarning, match="no counts: each word has the count 1"):
        save(Table(["cat"], [[1.0]]), tmp_path / "out", to="fasttext")
    with pytest.warns(SemapWarning, match=r"left out: .*n-grams"):
        save(composing(hash="floret", hashes=2), tmp_path / "out", to="fasttext")
    table = composing()
    skipping = SubwordRows(table.subwords.ngrams, table.subwords.rows, table.subwords.buckets, absent="skip")
    with pytest.warns(SemapWarning, match="keep their direction, but not their length"):
        save(Table(TOKENS, table.vectors, counts=table.counts, subwords=skipping), tmp_path / "out", to="fasttext")
    with pytest.raises(SettingsError, match=r"token 'a\\x00b' in row 1 holds a zero byte"):
        save(Table(["b", "a\0b"], np.ones((2, 2))), tmp_path / "new", to="fasttext")
    assert not (tmp_path / "new").exists()


def test_rows_are_written_a_piece_at_a_time(tmp_path, monkeypatch):
    table = composing(dim=16, buckets=300_000)
    save(table, tmp_path / "whole", to="fasttext")
    monkeypatch.setattr("semap.formats.fasttext_write._NUMBERS_AT_ONCE", 1 << 9)
    monkeypatch.setattr("semap.formats.writing._NUMBERS_AT_ONCE", 1 << 12)
    tracemalloc.start()
    fasttext_write.write(table, tmp_path / "pieces")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000 < (tmp_path / "pieces").stat().st_size
    assert (tmp_path / "pieces").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("form", ["fasttext", "finalfusion"])
def test_n_grams_known_by_their_letters_alone_are_left_out_rather_than_written_as_billions_of_zeros(tmp_path, form):
    rows = SubwordRows(NGrams(3, 6, 2**31 - 1), StoredRows(np.ones((2, 3), np.float32)), np.array([5, 2**30], np.int32), "skip")
    table = Table(["cat"], np.ones((1, 3)), counts=[1], subwords=rows)
    with pytest.warns(SemapWarning, match="left out: .*the rows of n-grams"):
        save(table, tmp_path / "out", to=form)
    assert (tmp_path / "out").stat().st_size < 1000
