"""fastText models give the vectors that fastText itself makes of them, in and out of its words."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from semap.errors import SemapWarning, UnknownToken
from semap.formats import fasttext
from semap.formats.load import load

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "formats"
STRANGE = ["unseenword", "überraschung", "日本語", "naïve", "x", "</s>", "привет мир", "a" * 300, "😀ok", "кот", "ok<>"]
PIECES = {"minn": 2, "maxn": 4, "bucket": 3000}
TRAINED = {
    "skip-gram": ("train_unsupervised", {"model": "skipgram", "minn": 2, "maxn": 5, "bucket": 5000}, {}),
    "words without n-grams": ("train_unsupervised", {"model": "cbow", "maxn": 0}, {}),
    "one against all": ("train_supervised", {"loss": "ova", "minn": 3, "maxn": 5, "bucket": 3000, "wordNgrams": 2}, {}),
    "pairs of words": ("train_supervised", {"wordNgrams": 2, "bucket": 3000}, {}),
    "quantised": ("train_supervised", PIECES, {"dsub": 3}),
    "quantised with norms": ("train_supervised", PIECES, {"qnorm": True}),
    "quantised, output too": ("train_supervised", PIECES, {"qnorm": True, "qout": True}),
    "pruned": ("train_supervised", PIECES, {"cutoff": 700}),
    "pruned and trained again": ("train_supervised", PIECES, {"cutoff": 600, "retrain": True, "qnorm": True}),
}  # fmt: skip


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """Lines with labels; enough of them that quantisers have something to learn from."""
    rng = np.random.default_rng(5)
    syllables = ["ka", "mo", "ßi", "ré", "лю", "to", "日", "un", "xy", "el"]
    words = ["".join(rng.choice(syllables, rng.integers(1, 5))) for _ in range(400)]
    lines = [f"__label__{number % 300} {' '.join(rng.choice(words, 12))}" for number in range(1500)]
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("what", TRAINED)
def test_vectors_are_those_of_fasttext_itself_in_and_out_of_its_words(what, text, tmp_path):
    peer = pytest.importorskip("fasttext", reason="fasttext-wheel is not installed")
    how, settings, quantizing = TRAINED[what]
    model = getattr(peer, how)(str(text), dim=10, epoch=2, minCount=2, thread=1, verbose=0, **settings)
    output = model.get_output_matrix()
    if quantizing:
        model.quantize(input=str(text), thread=1, **quantizing)
    path = str(tmp_path / "model.bin")
    model.save_model(path)
    model = peer.load_model(path)
    table = fasttext.read(path, part="words" if how == "train_supervised" else None)
    _check_against(model, table)
    if how == "train_supervised":
        labels = fasttext.read(path, part="labels")
        assert list(labels.tokens) == model.get_labels()
        if quantizing.get("qout"):
            assert np.abs(labels.vectors - output).mean() < 0.2 * np.abs(output).mean()
        elif not quantizing.get("retrain"):
            np.testing.assert_array_equal(labels.vectors, output)


def _check_against(model, table):
    words = list(table.tokens)
    whole = [word for word in words if word.isprintable()]  # the wheel cannot be asked for broken UTF-8
    expected = np.array([model.get_word_vector(word) for word in whole])
    np.testing.assert_allclose(table.lookup(whole), expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(table.vectors, table.lookup(words))
    n_composed = 0
    for word in STRANGE:
        expected = model.get_word_vector(word)
        try:
            found = table[word]
        except UnknownToken:
            assert not expected.any()
            continue
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
        n_composed += word not in table
    assert n_composed > 5 or not table.composes or table.metadata["source"]["pruned"]


REAL = ["finalfusion/fasttext.bin", "gensim/crime-and-punishment.bin", "gensim/lee_fasttext_new.bin", "gensim/toy-model.bin",
        "gensim/toy-model-pretrained.bin", "gensim/pang_lee_polarity_fasttext.bin"]  # fmt: skip
OLD = {"gensim/lee_fasttext.bin": 1762, "gensim/cp852_fasttext.bin": 171, "gensim/non_ascii_fasttext.bin": 171}


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats) is not there")
@pytest.mark.parametrize("name", REAL)
def test_real_files_give_the_vectors_of_fasttext_itself(name):
    peer = pytest.importorskip("fasttext", reason="fasttext-wheel is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        table = fasttext.read(DATA / name, part="words" if "pang" in name else None)
    model = peer.load_model(str(DATA / name))
    assert len(table) == len(model.get_words(on_unicode_error="replace"))
    _check_against(model, table)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats) is not there")
@pytest.mark.parametrize("name", OLD)
def test_files_of_2016_give_the_vectors_that_gensim_reads_from_them(name):
    gensim = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = load(DATA / name)
        peer = gensim.load_facebook_vectors(str(DATA / name), encoding="latin1" if "cp852" in name else "utf-8")
    assert len(table) == len(peer) == OLD[name]
    plain = np.flatnonzero([word.isascii() for word in table.tokens])  # of others gensim hashes what it made of their bytes
    rows = plain if "cp852" in name else slice(None)
    np.testing.assert_allclose(table.vectors[rows], peer.vectors[rows], rtol=0, atol=1e-6)
    for word in ("unseenword", "überraschung", "日本語"):
        np.testing.assert_allclose(table[word], peer[word], rtol=0, atol=1e-6)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats) is not there")
def test_a_file_of_2016_gives_what_its_own_fasttext_wrote_as_text():
    table, text = load(DATA / "gensim/lee_fasttext.bin"), load(DATA / "gensim/lee_fasttext.vec")
    assert table.tokens == text.tokens
    np.testing.assert_allclose(table.vectors, text.vectors, rtol=1e-4, atol=1e-5)  # five digits
