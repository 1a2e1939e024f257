"""Pipelines in files and folders: our own, Model2Vec's, sentence-transformers'."""

from __future__ import annotations

import json
import pickle
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import BadFile, CannotWrite, FileMissing, SemapWarning, SettingsError
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.text.splitter import Splitter

TEXTS = [
    "Dog bites man.", "The quick brown fox jumps over the lazy dog", "", "   ", "\U0001f642\U0001f642 hello \U0001f44b",
    "zzqqxxyyww \U0001f71c", "日本語 テキスト", "Crème brûlée — naïve café", "\x00 nul \x7f", "don't U.S.A. 3.14%",
]  # fmt: skip
LONG = ["a " * 3000, "word" * 2000, " " * 5000 + "tail", "internationalisation " * 900]


@pytest.fixture
def pipe(model2vec_folder):
    return semap.Pipeline.load(model2vec_folder)


def quietly(encode, texts):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        return encode(texts)


def texts_of_wikipedia(folder):
    import lzma

    path = folder.parents[1] / "corpora/enwiki_10mb.txt.xz"
    if not path.is_file():
        return []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [next(file) for _ in range(1500)]


def test_vectors_are_those_of_the_model2vec_package(pipe, model2vec_folder):
    peer = pytest.importorskip("model2vec").StaticModel.from_pretrained(model2vec_folder)
    texts = TEXTS + LONG + texts_of_wikipedia(model2vec_folder)
    np.testing.assert_allclose(quietly(pipe.encode, texts), peer.encode(texts), atol=1e-6)
    assert pipe.max_length == peer.max_length == 512


def test_none_encodes_whole_texts_as_the_package_does(pipe, model2vec_folder):
    peer = pytest.importorskip("model2vec").StaticModel.from_pretrained(model2vec_folder)
    with pytest.warns(SemapWarning, match="of 4 texts 4 were cut to max_length=512 tokens"):
        cut = pipe.encode(LONG)
    pipe.max_length = None
    np.testing.assert_allclose(quietly(pipe.encode, LONG), peer.encode(LONG, max_length=None), atol=1e-6)
    assert np.abs(cut[2]).max() == 0  # its only word stands behind the cut


def test_model2vec_opens_what_we_write(pipe, tmp_path):
    model2vec = pytest.importorskip("model2vec")
    pipe.save(tmp_path / "folder", to="model2vec")
    peer = model2vec.StaticModel.from_pretrained(tmp_path / "folder")
    assert (peer.normalize, peer.max_length) == (True, 512)
    np.testing.assert_allclose(peer.encode(TEXTS), quietly(pipe.encode, TEXTS), atol=1e-6)


def test_sentence_transformers_opens_what_we_write_and_we_read_it_as_it_does(pipe, tmp_path):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    pipe.save(tmp_path / "folder", to="sentence-transformers")
    peer = sentence_transformers.SentenceTransformer(str(tmp_path / "folder"), device="cpu")
    again = semap.Pipeline.load(tmp_path / "folder")
    np.testing.assert_allclose(again.encode(TEXTS), peer.encode(TEXTS), atol=1e-6)
    known = [text for text in TEXTS if text.isascii() and text.strip() and "zz" not in text]
    np.testing.assert_allclose(pipe.encode(known), peer.encode(known), atol=1e-6)
    assert again.max_length == 512


def test_words_with_weights_and_components_become_a_folder_with_the_same_vectors(table, tmp_path):
    model2vec = pytest.importorskip("model2vec")
    texts = ["The dog bites a MAN", "Cafe\u0301 STRASSE straße", "unicorn", ""]
    pipe = semap.Pipeline.from_table(table, sif_a=0.1, components=[[1, 0, 0]], scale=2.0)
    pipe.save(tmp_path / "folder", to="model2vec")
    peer = model2vec.StaticModel.from_pretrained(tmp_path / "folder")
    np.testing.assert_allclose(peer.encode(texts), quietly(pipe.encode, texts), atol=1e-6)
    with pytest.warns(SemapWarning, match="counts unknown tokens as zeros"):
        pipe.save(tmp_path / "other", to="sentence-transformers")


@pytest.mark.filterwarnings("ignore:this table stores no common component")
def test_our_own_file_keeps_every_setting_and_every_bit(table, tmp_path):
    learned = semap.Pipeline(
        Splitter(lowercase=False),
        table,
        positions="learned",
        position_rows=np.ones((5, 3)),
        scale=2.5,
        pooling="none",
        max_length=4,
    )
    learned.save(tmp_path / "a.semap")
    again = semap.Pipeline.load(tmp_path / "a.semap")
    assert again.embed(["dog Dog man"])[0].tobytes() == learned.embed(["dog Dog man"])[0].tobytes()
    assert (again.scale, again.pooling, again.max_length, again.positions) == (2.5, "none", 4, "learned")
    sif = semap.Pipeline.from_table(table, sif_a=0.25, normalize=True).fit(["the man", "dog bites"])
    sif.save(tmp_path / "b.semap")
    again = semap.Pipeline.load(tmp_path / "b.semap")
    assert again.encode(["the dog", "man"]).tobytes() == sif.encode(["the dog", "man"]).tobytes()
    sif.save(tmp_path / "c.semap")
    assert (tmp_path / "b.semap").read_bytes() == (tmp_path / "c.semap").read_bytes()


def test_a_pipeline_with_a_tokenizer_comes_back_whole(pipe, tmp_path):
    pipe.save(tmp_path / "m.semap")
    again = semap.Pipeline.load(tmp_path / "m.semap")
    texts = TEXTS + LONG
    assert quietly(again.encode, texts).tobytes() == quietly(pipe.encode, texts).tobytes()


def test_the_settings_that_a_folder_cannot_hold_are_refused(table, tmp_path):
    with pytest.raises(SettingsError, match="rows that are averaged"):
        semap.Pipeline.from_table(table, pooling="max").save(tmp_path / "folder", to="model2vec")
    with pytest.raises(SettingsError, match="not to 'onnx'"):
        semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "folder", to="onnx")
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="is a file; model2vec models are folders"):
        semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "file", to="model2vec")
    with pytest.raises(CannotWrite, match="cannot write to this folder"):
        semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "file" / "below", to="model2vec")


def test_a_folder_is_replaced_whole_or_stays(table, tmp_path, monkeypatch):
    first = semap.Pipeline.from_table(table, pooling="mean", normalize=True)
    first.save(tmp_path / "folder", to="model2vec")
    before = {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir() if path.is_file()}
    other = semap.Pipeline.from_table(semap.Table(["a", "b"], [[1.0], [2.0]]), pooling="mean")
    with monkeypatch.context() as broken:

        def full(*given):
            raise OSError(28, "No space left on device")

        broken.setattr("semap.formats.model2vec.pack_head", full)
        with pytest.raises(CannotWrite, match="No space left"):
            other.save(tmp_path / "folder", to="model2vec")
    assert {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir() if path.is_file()} == before
    assert not list((tmp_path / "folder").glob(".*"))
    other.save(tmp_path / "folder", to="model2vec")
    assert json.loads((tmp_path / "folder/config.json").read_text())["hidden_dim"] == 1


def test_tokens_that_a_package_counts_otherwise_are_told(pipe, tmp_path):
    known = [row for row, token in enumerate(pipe.table.tokens) if token != "dog"]
    fewer = semap.Table([pipe.table.tokens[row] for row in known], pipe.table.vectors[known])
    with pytest.warns(SemapWarning, match="1 tokens have no row and count as zeros in model2vec"):
        semap.Pipeline(pipe.tokenizer, fewer).save(tmp_path / "a", to="model2vec")
    with pytest.warns(SemapWarning, match="model2vec leaves unknown tokens out"):
        semap.Pipeline(pipe.tokenizer, pipe.table, keep_unknown=True).save(tmp_path / "b", to="model2vec")


def test_a_table_is_no_pipeline(table, tmp_path):
    table.save(tmp_path / "t.semap")
    with pytest.raises(BadFile, match=r"holds no pipeline, but 'table'; for a table: Pipeline.from_table"):
        semap.Pipeline.load(tmp_path / "t.semap")
    semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "p.semap")
    with pytest.raises(BadFile, match="does not hold a table, but 'pipeline'"):
        semap.load(tmp_path / "p.semap")


@pytest.fixture
def folder(tmp_path):
    """A good Model2Vec folder of three rows."""
    pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")
    table = semap.Table(["cat", "dog"], [[1, 2], [3, 4]])
    semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "good", to="model2vec")
    assert semap.Pipeline.load(tmp_path / "good").encode(["dog"]).tolist() == [[3, 4]]
    return tmp_path / "good"


def put(folder: Path, **arrays: np.ndarray) -> None:
    from safetensors.numpy import save_file

    save_file(arrays, folder / "model.safetensors")


def test_a_folder_that_is_not_there_or_lacks_a_file_is_said(folder, tmp_path):
    with pytest.raises(FileMissing, match="no such file"):
        semap.Pipeline.load(tmp_path / "nowhere")
    for name in ("tokenizer.json", "config.json", "model.safetensors"):
        broken = tmp_path / f"without {name}"
        shutil.copytree(folder, broken)
        (broken / name).unlink()
        with pytest.raises(FileMissing, match=f"there is no {name}"):
            semap.Pipeline.load(broken)


def test_a_pickle_is_never_opened(folder):
    harm = folder / "harm"

    class Trap:
        def __reduce__(self):
            return (Path.touch, (harm,))

    (folder / "model.safetensors").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(BadFile, match="is a pickle under the name of safetensors"):
        semap.Pipeline.load(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadFile, match="is a pickle, which can run code when opened"):
        semap.Pipeline.load(folder)
    assert not harm.exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"embeddings": np.zeros((4, 2), np.float32)}, "tokenizer.json has 3 tokens, model.safetensors 4 rows"),
        ({"embeddings": np.zeros(3, np.float32)}, r"must be numbers \(V, D\), found float32 of the shape \(3,\)"),
        ({"embeddings": np.zeros((3, 0), np.float32)}, r"must be numbers \(V, D\)"),
        ({"embeddings": np.full((3, 2), np.nan, np.float32)}, "NaN or infinite"),
        ({"rows": np.zeros((3, 2), np.float32)}, "expected the array 'embeddings' or 'embedding.weight', found rows"),
        ({"embeddings": np.zeros((2, 2), np.float32), "mapping": np.array([0, 1, 2])}, "mapping must name rows 0 to 1"),
        ({"embeddings": np.zeros((3, 2), np.float32), "weights": np.zeros(2, np.float32)}, r"weights must be \(3,\)"),
    ],
)
def test_rows_of_a_wrong_shape_are_refused(folder, arrays, message):
    pytest.importorskip("safetensors")
    put(folder, **arrays)
    with pytest.raises(BadFile, match=message):
        semap.Pipeline.load(folder)


@pytest.mark.parametrize("content", ["{", "[]", '{"normalize": 3}', '{"max_length": 0}'])
def test_a_config_that_makes_no_sense_is_refused(folder, content):
    (folder / "config.json").write_text(content)
    with pytest.raises(BadFile, match=r"config\.json"):
        semap.Pipeline.load(folder)


def test_modules_that_are_no_objects_are_refused(folder):
    pytest.importorskip("safetensors")
    put(folder, **{"embedding.weight": np.ones((3, 2), np.float32)})
    (folder / "modules.json").write_text("[1]")
    with pytest.raises(BadFile, match="expected a list of JSON objects"):
        semap.Pipeline.load(folder)


def test_a_broken_tokenizer_json_is_refused_by_name(folder):
    (folder / "tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(BadFile, match=r"tokenizer\.json"):
        semap.Pipeline.load(folder)


def test_a_clustered_vocabulary_is_unfolded(folder):
    pytest.importorskip("safetensors")
    rows = np.array([[10, 0], [0, 10]], np.int8)
    put(folder, embeddings=rows, mapping=np.array([1, 1, 0]), weights=np.array([0.5, 2, 1], np.float32))
    assert semap.Pipeline.load(folder).encode(["cat", "dog"]).tolist() == [[0, 5], [0, 20]]
    peer = pytest.importorskip("model2vec").StaticModel.from_pretrained(folder)
    assert peer.encode(["cat", "dog"]).tolist() == [[0, 5], [0, 20]]


def test_the_length_stays_512_where_a_folder_says_nothing(folder):
    config = json.loads((folder / "config.json").read_text())
    del config["max_length"]
    (folder / "config.json").write_text(json.dumps(config))
    assert semap.Pipeline.load(folder).max_length == 512


def test_a_pipeline_of_a_table_that_composes_comes_back_and_composes(tmp_path):
    rows = np.arange(20, dtype=np.float32).reshape(10, 2)
    subwords = SubwordRows(NGrams(min_n=2, max_n=3, buckets=10), StoredRows(rows))
    table = Table(["king", "sea"], [[1.0, 2.0], [3.0, 4.0]], subwords=subwords)
    semap.Pipeline.from_table(table, pooling="mean").save(tmp_path / "p.semap")
    again = semap.Pipeline.load(tmp_path / "p.semap").table
    assert again.composes
    np.testing.assert_array_equal(again["kings"], table["kings"])
