"""What gensim saved is what we read: of every generation, in one file and in several, with n-grams and counts."""

import pickle
import shutil
import time
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from semap.errors import BadFile, FileMissing, SemapWarning
from semap.formats import gensim as form
from semap.formats import word2vec_text
from semap.formats.filerows import FileRows
from semap.formats.load import load, stream
from semap.ngrams.ngrams import NGrams
from semap.vocab.tokens import Tokens

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "formats" / "gensim"
REAL = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats/gensim) is not there")
SENTENCES = [
    ["human", "interface", "computer"], ["survey", "user", "computer", "system"], ["eps", "user", "interface", "system"],
    ["système", "human", "système", "eps"], ["日本語", "user", "système"], ["trees", "graph", "trees"],
    ["graph", "minors", "日本語"],
]  # fmt: skip
SETTINGS = {"vector_size": 7, "min_count": 1, "seed": 3, "workers": 1, "epochs": 2}
UNSEEN = ["systems", "日本", "naïveté", "graphs", "xy"]


@pytest.fixture(scope="module")
def gensim():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim")


@pytest.fixture(scope="module")
def word2vec(gensim):
    return gensim.models.Word2Vec(SENTENCES, **SETTINGS)


@pytest.fixture(scope="module")
def fasttext(gensim):
    return gensim.models.FastText(SENTENCES, bucket=900, min_n=2, max_n=4, **SETTINGS)


def same(table, vectors):
    """Whether a table is what gensim's KeyedVectors hold."""
    assert table.tokens == vectors.index_to_key
    np.testing.assert_array_equal(table.vectors, vectors.vectors)
    counts = vectors.expandos.get("count")
    assert (table.counts is None) == (counts is None)
    assert counts is None or table.counts.tolist() == list(counts)


@pytest.mark.parametrize("protocol", range(6))
def test_models_of_every_protocol_are_read(tmp_path, word2vec, protocol):
    word2vec.save(str(tmp_path / "a"), pickle_protocol=protocol)
    table = load(tmp_path / "a")
    same(table, word2vec.wv)
    assert table.metadata["format"] == "gensim"
    np.testing.assert_array_equal(table.output_vectors, word2vec.syn1neg)


@pytest.mark.parametrize("sep_limit", [1, 10**9], ids=["beside", "inside"])
@pytest.mark.parametrize("whole", [True, False], ids=["model", "vectors"])
@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_models_are_read_from_one_file_and_from_several(tmp_path, request, kind, whole, sep_limit):
    model = request.getfixturevalue(kind)
    (model if whole else model.wv).save(str(tmp_path / "a"), sep_limit=sep_limit)
    assert (len(list(tmp_path.iterdir())) > 1) == (sep_limit == 1)
    table = load(tmp_path / "a")
    same(table, model.wv)
    assert (table.output_vectors is not None) == whole
    assert table.composes == (kind == "fasttext")
    if table.composes:
        expected = np.array([model.wv[word] for word in UNSEEN])
        np.testing.assert_allclose(table.lookup(UNSEEN), expected, rtol=0, atol=1e-7)
        assert "systems" not in table
    elif sep_limit == 1:
        assert isinstance(table.stored[0].values.base, np.memmap), "the rows are those of the file, not a copy"


def test_the_first_words_alone_are_read(tmp_path, fasttext):
    fasttext.save(str(tmp_path / "a"), sep_limit=1)
    first = load(tmp_path / "a", limit=3)
    assert first.tokens == fasttext.wv.index_to_key[:3]
    np.testing.assert_array_equal(first.vectors, fasttext.wv.vectors[:3])
    np.testing.assert_array_equal(first.output_vectors, fasttext.syn1neg[:3])
    assert first.counts.tolist() == list(fasttext.wv.expandos["count"][:3])


def test_rows_stay_in_their_file_for_converting(tmp_path, fasttext, word2vec):
    for model in (fasttext, word2vec):
        for sep_limit in (1, 10**9):
            model.save(str(tmp_path / "a"), sep_limit=sep_limit)
            table = stream(tmp_path / "a", words=5)
            assert isinstance(table.stored[0], FileRows)
            np.testing.assert_array_equal(table.vectors, model.wv.vectors[:5])
            np.testing.assert_array_equal(table.rows([3, 1]), model.wv.vectors[[3, 1]])
            assert table.composes == (model is fasttext)


def test_the_most_frequent_words_are_kept_of_a_model_in_another_order(tmp_path, gensim):
    model = gensim.models.Word2Vec(SENTENCES, sorted_vocab=0, **SETTINGS)
    model.save(str(tmp_path / "a"))
    table = stream(tmp_path / "a", words=2)
    assert sorted(table.counts.tolist()) == sorted(model.wv.expandos["count"])[-2:]
    np.testing.assert_array_equal(table.vectors, [model.wv[word] for word in table.tokens])


def test_models_without_ngrams_are_read(tmp_path, gensim):
    model = gensim.models.FastText(SENTENCES, min_n=3, max_n=2, **SETTINGS)
    model.save(str(tmp_path / "a"))
    table = load(tmp_path / "a")
    same(table, model.wv)
    assert not table.composes


def test_the_words_of_doc2vec_are_read_and_its_documents_said(tmp_path, gensim):
    tagged = [gensim.models.doc2vec.TaggedDocument(words, [place]) for place, words in enumerate(SENTENCES)]
    model = gensim.models.Doc2Vec(tagged, **SETTINGS)
    model.save(str(tmp_path / "a"))
    with pytest.warns(SemapWarning, match="left out: the vectors of its documents"):
        same(load(tmp_path / "a"), model.wv)


def test_the_inner_nodes_of_a_tree_are_left_out_and_said(tmp_path, gensim):
    model = gensim.models.Word2Vec(SENTENCES, hs=1, negative=0, **SETTINGS)
    model.save(str(tmp_path / "a"))
    with pytest.warns(SemapWarning, match="left out: the inner nodes of its Huffman tree"):
        table = load(tmp_path / "a")
    same(table, model.wv)
    assert table.output_vectors is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_vectors_of_any_precision_are_read(tmp_path, gensim, dtype):
    vectors = gensim.models.KeyedVectors(3, dtype=dtype)
    vectors.add_vectors(["b", "é", 7], np.arange(9).reshape(3, 3) / 3)
    vectors.save(str(tmp_path / "a"))
    table = load(tmp_path / "a")
    assert table.tokens == ["b", "é", "7"]
    assert table.dtype == ("float16" if dtype == np.float16 else "float32")
    np.testing.assert_array_equal(table.vectors, vectors.vectors.astype(np.float32))
    assert table.counts is None


def test_counts_that_gensim_made_up_are_left_out(tmp_path, gensim):
    (tmp_path / "text").write_text("40 1\n" + "".join(f"w{number} {number}\n" for number in range(40)))
    vectors = gensim.models.KeyedVectors.load_word2vec_format(str(tmp_path / "text"))
    vectors.save(str(tmp_path / "a"))
    with pytest.warns(SemapWarning, match="counts, which gensim made up"):
        assert load(tmp_path / "a").counts is None


def test_broken_words_keep_their_bytes_and_are_said(tmp_path, gensim):
    vectors = gensim.models.KeyedVectors(2)
    vectors.add_vectors(["a", b"\xe3\x81".decode("utf-8", "surrogateescape"), "\ud800", ""], np.ones((4, 2)))
    vectors.save(str(tmp_path / "a"))
    with pytest.warns(SemapWarning, match="1 tokens are empty.*2 tokens are not UTF-8"):
        table = load(tmp_path / "a")
    assert [table.tokens.bytes_of(row) for row in range(4)] == [b"a", b"\xe3\x81", b"\xed\xa0\x80", b""]


def test_words_that_stand_twice_are_read_once(tmp_path, gensim):
    vectors = gensim.models.KeyedVectors(2)
    vectors.add_vectors(["b", "a", "c"], np.arange(6).reshape(3, 2))
    vectors.index_to_key[2] = "b"
    vectors.save(str(tmp_path / "a"))
    with pytest.warns(SemapWarning, match="left out 1 of 3 rows"):
        table = load(tmp_path / "a")
    assert table.tokens == ["b", "a"]
    assert table["b"].tolist() == [0, 1]


OLD = {  # what gensim itself read from these files when it could: the first words, their counts, n-grams or none
    "w2v-lee-v0.12.0": (806, 100, ["four", "jihad"], [57, 13], None),
    "old_keyedvectors_320.dat": (12, 100, ["system", "trees"], [4, 3], None),
    "model-from-gensim-3.8.0.w2v": (3, 300, ["t", "e"], [2, 1], None),
    "ft_model_2.3.0": (1763, 10, ["the", "to"], [3523, 1674], (3, 6)),
    "lee_fasttext": (1762, 10, ["the", "to"], [3523, 1674], (3, 6)),
    "compatible-hash-true.model": (22, 5, ["the", "of"], [44, 23], (3, 6)),
}


@REAL
@pytest.mark.parametrize("name", OLD)
def test_files_of_every_generation_are_read(name):
    n_rows, dim, first, counts, lengths = OLD[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        table = load(DATA / name)
    assert (len(table), table.dim, table.tokens[:2], table.counts[:2].tolist()) == (n_rows, dim, first, counts)
    assert table.composes == (lengths is not None)
    if lengths is not None:
        assert (table.subwords.to_stored().ngrams.min_n, table.subwords.to_stored().ngrams.max_n) == lengths


@REAL
@pytest.mark.parametrize("name", ["w2v-lee-v0.12.0", "old_keyedvectors_320.dat", "model-from-gensim-3.8.0.w2v"])
def test_gensim_reads_the_same_from_old_files(gensim, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = gensim.models.KeyedVectors if name.startswith("old") else gensim.models.Word2Vec
        if name == "w2v-lee-v0.12.0":  # from before models had vectors of their own, which gensim 4 no longer reads
            state = pickle.loads(
                (DATA / name).read_bytes().replace(b"word2vec\nVocab\n", b"word2vec\nVocab\n"), encoding="latin1"
            )
            expected = state.__dict__["index2word"], state.__dict__["syn0"]
        else:
            found = kind.load(str(DATA / name))
            vectors = getattr(found, "wv", found)
            expected = vectors.index_to_key, vectors.vectors
        table = load(DATA / name)
    assert table.tokens == expected[0]
    np.testing.assert_array_equal(table.vectors, expected[1])


@REAL
def test_the_old_wrapper_of_fasttext_has_the_vectors_of_fasttext_itself():
    table = load(DATA / "lee_fasttext")
    facebook = word2vec_text.read(DATA / "lee_fasttext.vec")
    assert table.tokens == facebook.tokens
    np.testing.assert_allclose(table.vectors, facebook.vectors, rtol=0, atol=2e-5 * np.abs(facebook.vectors).max())


def rows_of_old_fasttext(content):
    """The rows of n-grams in a .bin of fastText before it had a magic number, read by its layout of then."""
    _, _, _, _, _, _, _, _, bucket, *_ = np.frombuffer(content, "<i4", 12).tolist()
    at = 56
    size, n_words = np.frombuffer(content, "<i4", 2, at).tolist()
    at += 20
    for _ in range(size):
        at = content.index(b"\0", at) + 10
    n_rows, dim = np.frombuffer(content, "<i8", 2, at).tolist()
    assert n_rows == n_words + bucket
    return np.frombuffer(content, "<f4", n_rows * dim, at + 16).reshape(n_rows, dim)[n_words:]


@REAL
def test_the_ngrams_of_the_old_wrapper_are_those_of_fasttext_itself():
    rows = rows_of_old_fasttext((DATA / "lee_fasttext.bin").read_bytes())
    table = load(DATA / "lee_fasttext")
    known = np.asarray(table.subwords.to_stored().buckets)
    unseen = ["rejections", "unwanted", "captaincy", "sometime", "reportings", "australian", "thinks", "fourths", "thxqw"]
    n_missing = 0
    for word in unseen:
        pieces = [f"<{word}>"[a : a + n] for n in range(3, 7) for a in range(len(word) + 3 - n)]
        packed = Tokens.pack(pieces)
        here = np.isin(table.subwords.to_stored().ngrams.buckets_of_strings(packed.data, packed.offsets), known)
        buckets = NGrams(3, 6, 1000).buckets_of_strings(packed.data, packed.offsets)
        np.testing.assert_allclose(table.lookup([word])[0], rows[buckets[here]].mean(axis=0), rtol=0, atol=1e-6)
        n_missing += np.sum(~here)
    assert n_missing > 0, "n-grams that stand in no word do not count, as in gensim's wrapper"
    assert not any(word in table for word in unseen)


@REAL
@pytest.mark.parametrize("name", ["compatible-hash-true.model", "ft_kv_3.6.0.model.gz"])
def test_rows_of_ngrams_explain_the_vectors_that_gensim_stored(tmp_path, name):
    # gensim 3 stores a word's own row, the rows of its n-grams and their mean: the mean proves the buckets.
    import gzip

    from semap.formats.gensim_record import Attributes
    from semap.formats.pickled import read_pickle

    content = (DATA / name).read_bytes()
    (tmp_path / "a").write_bytes(gzip.decompress(content) if name.endswith("gz") else content)
    table = load(tmp_path / "a")
    root = Attributes("a", read_pickle("a", (tmp_path / "a").read_bytes(), form.KNOWN), "a")
    own = (root.part("wv") or root).array("vectors_vocab", (len(table), table.dim))
    means, n_rows = table.subwords.compose(table.tokens)
    n_ngrams = np.diff(table.subwords.to_stored().ngrams.buckets_of(table.tokens.data, table.tokens.offsets)[1])
    assert n_rows.tolist() == n_ngrams.tolist(), "every n-gram of a word has a row"
    composed = (own + means * n_rows[:, None]) / (n_rows[:, None] + 1)
    np.testing.assert_allclose(composed, table.vectors, rtol=0, atol=1e-6)


def test_pickles_of_anything_else_are_told(tmp_path):
    (tmp_path / "a").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(BadFile, match="a Python pickle of Pairs, which holds no word vectors"):
        load(tmp_path / "a")


def _text(content):
    return b"X" + len(content).to_bytes(4, "little") + content


def _doubled(depth):
    """A list of two lists, each of which is the same list of two lists, and so on: written out it has 2^depth parts."""
    places = [number.to_bytes(4, "little") for number in range(1000, 1001 + depth)]
    return b"]r" + places[0] + b"".join(b"0](j" + n + b"j" + n + b"er" + m for n, m in pairwise(places))


ROW = pickle.dumps(np.ones((1, 4), np.float32), 2)[2:-1]
BOMBS = {
    "words": (_text(b"index_to_key") + b"](" + _text(b"a" * 50_000) + b"r\xe8\3\0\0" + b"j\xe8\3\0\0" * 30_000 + b"e",
              "words alone take"),
    "n-grams": (_text(b"ngrams") + b"}(" + _doubled(60) + b"K\0u", "ngrams of .* names list"),
    "deep n-grams": (_text(b"ngrams") + b"}(]" + b"\x85" * 100_000 + b"K\0u", "ngrams of .* names tuple"),
    "long n-grams": (_text(b"ngrams") + b"}(" + _text(b"a" * 65) + b"K\0u", "a text of 65 characters; expected texts of 1 to 64"),
    "counts": (b"0}r\xe8\3\0\0(" + b"NN" * 15_000
               + _text(b"index") + b"K\0" + _text(b"count") + b"K\1u"
               b"cgensim.models.keyedvectors\nVocab\n)\x81j\xe8\3\0\0br\xe9\3\0\x000"
               + _text(b"vocab") + b"}(" + b"Nj\xe9\3\0\0" * 15_000 + b"u", None),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_shared_in_a_model_is_not_written_out_again_and_again(tmp_path, name):
    attribute, says = BOMBS[name]
    head = b"" if name == "words" else _text(b"index_to_key") + b"](" + _text(b"a") + b"e"
    rows = b"".join(_text(key) + ROW for key in (b"vectors", b"vectors_ngrams"))
    settings = b"".join(_text(key) + b"K" + bytes([number]) for key, number in ((b"min_n", 3), (b"max_n", 6), (b"bucket", 1)))
    inside = head + rows + settings + (_text(b"shared") if attribute[:1] == b"0" else b"") + attribute.removeprefix(b"0")
    content = b"\x80\2cgensim.models.fasttext\nFastTextKeyedVectors\n)\x81}(" + inside + b"ub."
    (tmp_path / "a").write_bytes(content)
    begin = time.process_time()
    if says is None:
        assert load(tmp_path / "a").counts is None
    else:
        with pytest.raises(BadFile, match=says):
            load(tmp_path / "a")
    assert time.process_time() - begin < 5


def test_other_models_of_gensim_are_named(tmp_path, gensim):
    gensim.models.phrases.Phrases(SENTENCES, min_count=1).save(str(tmp_path / "a"))
    with pytest.raises(BadFile, match=r"asks for 'gensim\.models\.phrases\.(Phrases|original_scorer)'"):
        load(tmp_path / "a")


def test_a_model_that_hides_a_call_is_refused_and_nothing_is_run(tmp_path, gensim):
    class Hidden:
        def __reduce__(self):
            return __import__("os").system, (f"touch {tmp_path / 'ran'}",)

    vectors = gensim.models.KeyedVectors(2)
    vectors.add_vectors(["a"], np.ones((1, 2)))
    vectors.norms = Hidden()
    vectors.save(str(tmp_path / "a"))
    with pytest.raises(BadFile, match=r"asks for 'posix\.system'"):
        load(tmp_path / "a")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_not_beside_its_model_is_named(tmp_path, word2vec):
    word2vec.save(str(tmp_path / "a"), sep_limit=1)
    beside = tmp_path / "a.wv.vectors.npy"
    content = beside.read_bytes()
    beside.unlink()
    with pytest.raises(FileMissing, match=r"a\.wv\.vectors\.npy: no such file; .*keeps its vectors there"):
        load(tmp_path / "a")
    beside.write_bytes(content[:-8])
    with pytest.raises(BadFile, match=r"a\.wv\.vectors\.npy.*not a whole \.npy file"):
        load(tmp_path / "a")
    np.save(beside, np.ones((5, 7), np.float32))
    with pytest.raises(BadFile, match=r"a\.wv\.vectors\.npy: vectors has the shape \(5, 7\), expected \(12, any\)"):
        load(tmp_path / "a")
    np.save(beside, np.array([{}], object), allow_pickle=True)
    with pytest.raises(BadFile, match=r"not a whole \.npy file"):
        load(tmp_path / "a")


def test_a_model_that_was_renamed_alone_says_what_it_misses(tmp_path, word2vec):
    word2vec.save(str(tmp_path / "a"), sep_limit=1)
    shutil.move(tmp_path / "a", tmp_path / "b")
    with pytest.raises(FileMissing, match="under the name the model was saved with"):
        load(tmp_path / "b")


def test_vectors_that_are_not_finite_are_told(tmp_path, gensim):
    vectors = gensim.models.KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.array([[1, 2], [3, np.nan]]))
    vectors.save(str(tmp_path / "a"))
    with pytest.raises(BadFile, match="row 1 holds NaN"):
        load(tmp_path / "a")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda wv: setattr(wv, "bucket", 901), "901 buckets of n-grams, but 900 rows"),
        (lambda wv: setattr(wv, "min_n", 9), "the range is upside down"),
        (lambda wv: delattr(wv, "max_n"), "no max_n"),
        (lambda wv: setattr(wv, "vectors_vocab", wv.vectors_vocab[:, :3]), r"vectors_vocab has the shape \(12, 3\)"),
        (lambda wv: setattr(wv, "vectors_vocab", None), "has no vectors of words"),
        (lambda wv: wv.vectors_ngrams.__setitem__(slice(None), np.inf), "row 0 holds NaN, an infinite"),
        (lambda wv: wv.index_to_key.append("more"), r"expected \(13, 7\)"),
        (lambda wv: wv.index_to_key.clear(), "holds no words"),
        (lambda wv: setattr(wv, "index_to_key", [None] * 12), "neither text nor a number"),
    ],
)
def test_parts_that_disagree_are_told(tmp_path, fasttext, change, says):
    fasttext.wv.save(str(tmp_path / "a"))
    vectors = type(fasttext.wv).load(str(tmp_path / "a"))
    change(vectors)
    vectors.save(str(tmp_path / "b"))
    with pytest.raises(BadFile, match=says):
        load(tmp_path / "b")


def test_a_safetensors_file_whose_size_begins_as_a_pickle_does_is_none(tmp_path):
    from semap.formats.load import form_of

    content = (0x280).to_bytes(8, "little") + b"{" + b" " * 0x27E + b"}"
    (tmp_path / "a").write_bytes(content)
    assert form.looks_like(content)
    assert form_of(tmp_path / "a")[1].name == "safetensors"
