"""finalfusion files are read and written as the tools of finalfusion do, dense and quantised, with and without n-grams."""

import contextlib
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadFile, SemapWarning, SettingsError
from semap.formats import finalfusion as form
from semap.formats import word2vec_binary
from semap.formats.load import load
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "formats" / "finalfusion"
REAL = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats/finalfusion) is not there")
WORDS = ["Berlin", "naïve", "a b", "日本"]
ROWS = np.random.default_rng(4).standard_normal((4, 5)).astype(np.float32)
UNSEEN = ["Berliner", "naïveté", "日", "x"]


def file_of(*chunks, kinds=None, version=0, magic=b"FiFu"):
    """A file as finalfusion-rust lays it out; a chunk is its kind and a function that gets the place of its bytes."""
    kinds = [kind for kind, _ in chunks] if kinds is None else kinds
    content = magic + struct.pack(f"<II{len(kinds)}I", version, len(kinds), *kinds)
    for kind, body in chunks:
        made = body(len(content) + 12) if callable(body) else body
        content += struct.pack("<IQ", kind, len(made)) + made
    return content


def strings(words, tails=None):
    each = [struct.pack("<I", len(word.encode())) + word.encode() for word in words]
    return b"".join(each if tails is None else [a + struct.pack("<Q", b) for a, b in zip(each, tails, strict=True)])


def padded(place, head, numbers):
    """A head, then 1 to 4 zero bytes up to a multiple of 4, then numbers."""
    gap = 4 - (place + len(head)) % 4
    return head + bytes(gap) + numbers


def simple(words):
    return 1, struct.pack("<Q", len(words)) + strings(words)


def hashed(kind, words, min_n, max_n, buckets):
    return kind, struct.pack("<QIII", len(words), min_n, max_n, buckets) + strings(words)


def matrix(rows):
    return 2, lambda place: padded(place, struct.pack("<QII", *rows.shape, 10), rows.astype("<f4").tobytes())


def norms(numbers):
    return 6, lambda place: padded(place, struct.pack("<QI", len(numbers), 10), np.asarray(numbers, "<f4").tobytes())


def read(tmp_path, content):
    (tmp_path / "a.fifu").write_bytes(content)
    return form.read(tmp_path / "a.fifu")


def test_words_and_rows_are_read_as_they_stand(tmp_path):
    table = read(tmp_path, file_of(simple(WORDS), matrix(ROWS)))
    assert table.tokens == WORDS
    np.testing.assert_array_equal(table.vectors, ROWS)
    assert table.metadata["format"] == "finalfusion"
    assert not table.composes


def test_rows_times_norms_are_the_vectors_before(tmp_path):
    table = read(tmp_path, file_of(simple(WORDS), matrix(ROWS), norms([2, 0.5, 1, 3])))
    np.testing.assert_array_equal(table.vectors, ROWS * np.float32([[2], [0.5], [1], [3]]))


def test_a_limit_takes_the_first_words(tmp_path):
    (tmp_path / "a").write_bytes(file_of(hashed(7, WORDS, 3, 4, 6), matrix(np.ones((10, 5))), norms([1, 2, 3, 4])))
    for table in (form.read(tmp_path / "a", limit=2), form.stream(tmp_path / "a", limit=2)):
        assert table.tokens == WORDS[:2]
        np.testing.assert_array_equal(table.vectors, [[1] * 5, [2] * 5])
        np.testing.assert_allclose(table["unseen"], np.ones(5), rtol=1e-6)


@pytest.mark.parametrize(("kind", "buckets", "ngrams"), [
    (3, 4, NGrams(2, 3, 16, hash="finalfusion")),
    (7, 13, NGrams(2, 3, 13)),
])  # fmt: skip
def test_other_words_are_composed_of_their_buckets(tmp_path, kind, buckets, ngrams):
    rows = np.random.default_rng(5).standard_normal((4 + ngrams.buckets, 5)).astype(np.float32)
    (tmp_path / "bare").mkdir()
    unit = read(tmp_path / "bare", file_of(hashed(kind, WORDS, 2, 3, buckets), matrix(rows)))
    whole = read(tmp_path, file_of(hashed(kind, WORDS, 2, 3, buckets), matrix(rows), norms([1] * 4)))
    packed = Tokens.pack(UNSEEN)
    found, starts = ngrams.buckets_of(packed.data, packed.offsets)
    for place, word in enumerate(UNSEEN):
        mean = rows[4 + found[starts[place] : starts[place + 1]]].astype(float).mean(axis=0)
        np.testing.assert_allclose(whole[word], mean, rtol=0, atol=1e-6)
        np.testing.assert_allclose(unit[word], mean / np.linalg.norm(mean), rtol=0, atol=1e-6)
        assert word not in whole


def test_ngrams_are_found_by_their_letters(tmp_path):
    letters, places = ["<Be", "Ber", "e日", "er>", "<x>"], [2, 0, 1, 2, 1]
    chunk = 8, struct.pack("<QQII", 4, 5, 3, 3) + strings(WORDS) + strings(letters, places)
    rows = np.arange(35, dtype=np.float32).reshape(7, 5)
    table = read(tmp_path, file_of(chunk, matrix(rows), norms([1] * 4)))
    np.testing.assert_allclose(table["Berliner"], (rows[6] + rows[4] + rows[6]) / 3)
    np.testing.assert_allclose(table["x"], rows[5])
    with pytest.raises(KeyError, match="no n-gram that this table has a row for"):
        table["zzz"]


def quantised(projection, with_norms, rows=4, centroids=3, n_parts=2, part=2):
    """A QuantizedArray chunk, and the rows it stands for."""
    random = np.random.default_rng(6)
    dim = n_parts * part
    books = random.standard_normal((n_parts, centroids, part)).astype("<f4")
    codes = random.integers(0, centroids, (rows, n_parts)).astype(np.uint8)
    lengths = random.random(rows).astype("<f4")
    turned = random.standard_normal((dim, dim)).astype("<f4")
    head = struct.pack("<IIIIIQII", projection, with_norms, n_parts, dim, centroids, rows, 1, 10)
    tail = (turned.tobytes() if projection else b"") + books.tobytes() + (lengths.tobytes() if with_norms else b"")
    expected = np.array([np.concatenate([books[p, codes[row, p]] for p in range(n_parts)]) for row in range(rows)])
    expected = expected @ turned.T if projection else expected
    expected = expected * lengths[:, None] if with_norms else expected
    return (4, lambda place: padded(place, head, tail + codes.tobytes())), expected


@pytest.mark.parametrize("projection", [0, 1], ids=["plain", "projected"])
@pytest.mark.parametrize("with_norms", [0, 1], ids=["bare", "norms"])
def test_quantised_rows_are_put_together_of_centroids(tmp_path, projection, with_norms):
    chunk, expected = quantised(projection, with_norms)
    table = read(tmp_path, file_of(simple(WORDS), chunk))
    np.testing.assert_allclose(table.vectors, expected, rtol=0, atol=1e-6)
    chunk, expected = quantised(projection, with_norms, rows=4 + 16)
    table = read(tmp_path, file_of(hashed(3, WORDS, 3, 3, 4), chunk, norms([2] * 4)))
    np.testing.assert_allclose(table.vectors, 2 * expected[:4], rtol=0, atol=1e-6)
    packed = Tokens.pack(["Bern"])
    found, _ = NGrams(3, 3, 16, hash="finalfusion").buckets_of(packed.data, packed.offsets)
    np.testing.assert_allclose(table["Bern"], expected[4 + found].mean(axis=0), rtol=0, atol=1e-6)


def test_metadata_is_kept(tmp_path):
    toml = b'dims = 5\n[common]\nloss = "ns"\nwhen = 2020-01-01\nrate = nan\nlist = [1, true]\n'
    table = read(tmp_path, file_of((5, toml), simple(WORDS), matrix(ROWS)))
    common = {"loss": "ns", "when": "2020-01-01", "rate": "nan", "list": [1, True]}
    assert table.metadata["finalfusion"] == {"dims": 5, "common": common}
    table.save(tmp_path / "b.semap")


@REAL
def test_real_files_hold_the_vectors_of_their_word2vec_twins():
    expected = word2vec_binary.read(DATA / "similarity.bin")
    table, coded = form.read(DATA / "similarity.fifu"), form.read(DATA / "quantized.fifu")
    assert table.tokens == coded.tokens == expected.tokens
    np.testing.assert_allclose(table.vectors, expected.vectors, rtol=0, atol=1e-6)
    lengths = np.linalg.norm(coded.vectors, axis=1) * np.linalg.norm(expected.vectors, axis=1)
    assert ((coded.vectors * expected.vectors).sum(axis=1) / lengths).min() > 0.99


@pytest.mark.parametrize("content", [
    file_of((5, b"dims = 5"), simple(WORDS), matrix(ROWS), norms([1, 2, 3, 4])),
    file_of(hashed(3, WORDS, 2, 3, 3), matrix(np.ones((12, 5)))),
])  # fmt: skip
def test_no_cut_of_a_file_is_taken_for_a_whole_one(tmp_path, content):
    for size in range(len(content)):
        with pytest.raises(BadFile):
            read(tmp_path, content[:size])
    with pytest.raises(BadFile, match="1 bytes follow the last chunk"):
        read(tmp_path, content + b"x")


@pytest.mark.parametrize(("content", "says"), [
    (file_of(simple(WORDS), matrix(ROWS), version=1), "version 1 of the finalfusion format; known is 0"),
    (file_of(simple(WORDS), matrix(ROWS), kinds=[2, 1]), "chunk 1 should be of kind 2 .NdArray., found 1"),
    (file_of(simple(WORDS), matrix(ROWS), kinds=[1, 2, 2**32 - 1]), "the head of chunk 3"),
    (file_of(simple(WORDS), (77, b"")), "chunk 2 should be of kind 77 .unknown."),
    (file_of(simple(WORDS), simple(WORDS), matrix(ROWS)), "expected one chunk SimpleVocab or .*, found 2"),
    (file_of(simple(WORDS)), "expected one chunk NdArray or QuantizedArray, found 0"),
    (file_of(simple([]), matrix(ROWS)), "its vocabulary holds no words"),
    (file_of(simple(WORDS), matrix(ROWS[:3])), r"takes 4 rows \(words and n-grams\), the NdArray has 3"),
    (file_of(hashed(7, WORDS, 3, 6, 100), matrix(ROWS)), "takes 104 rows"),
    (file_of(hashed(7, WORDS, 6, 3, 2), matrix(np.ones((6, 2)))), "the range is upside down"),
    (file_of(hashed(7, WORDS, 3, 6, 0), matrix(ROWS)), "buckets is 0"),
    (file_of(hashed(3, WORDS, 3, 6, 31), matrix(ROWS)), r"2\^31 buckets"),
    (file_of((9, bytes(40)), matrix(ROWS)), "a floret vocabulary, which has n-grams and no words"),
    (file_of((1, struct.pack("<Q", 2**60)), matrix(ROWS)), "words, at least, take"),
    (file_of((1, struct.pack("<Q", 1) + b"\xff\xff\xff\x7f"), matrix(ROWS)), "number 0 of 1 words does not fit"),
    (file_of(simple(WORDS), (2, struct.pack("<QII", 2**60, 2**31, 10))), "a matrix of 1,152,921,504"),
    (file_of(simple(WORDS), (2, struct.pack("<QII", 2**39, 2**31, 10) + bytes(9))), "the matrix take"),
    (file_of(simple(WORDS), (2, struct.pack("<QII", 4, 0, 10) + bytes(4))), "a matrix of 4 rows of 0 numbers"),
    (file_of(simple(WORDS), (2, struct.pack("<QII", 4, 5, 11) + bytes(4))), "numbers of type 11, expected 10"),
    (file_of(simple(WORDS), matrix(ROWS), norms([1, 2, 3])), "there are 4 words and 3 norms"),
    (file_of(simple(WORDS), matrix(ROWS), norms([1, 2, 3, 4, 5])), "there are 4 words and 5 norms"),
    (file_of(simple(WORDS), matrix(ROWS), norms([1, np.nan, 3, 4])), "norm 1 is not finite"),
    (file_of(simple(WORDS), matrix(np.full((4, 5), np.inf))), "row 0 holds NaN, an infinite"),
    (file_of((5, b"= 3"), simple(WORDS), matrix(ROWS)), "its metadata is not TOML"),
    (file_of((5, b"\xff"), simple(WORDS), matrix(ROWS)), "its metadata is not TOML"),
    (file_of((5, b"a = " + b"[" * 9999), simple(WORDS), matrix(ROWS)), "its metadata is not TOML"),
    (file_of((5, bytes(2_000_000)), simple(WORDS), matrix(ROWS)), "262,144 are the most"),
    (file_of((5, b".".join([b"a"] * 40) + b" = 1"), simple(WORDS), matrix(ROWS)), "more than 32 deep"),
    (file_of((5, b".".join([b"a"] * 100_000) + b" = 1"), simple(WORDS), matrix(ROWS)), "a key has more than 256 parts"),
    (file_of(simple(WORDS), (4, struct.pack("<IIIIIQII", 0, 0, 3, 4, 3, 4, 1, 10) + bytes(99))), "4 numbers in 3 parts"),
    (file_of(simple(WORDS), (4, struct.pack("<IIIIIQII", 0, 0, 2, 4, 257, 4, 1, 10) + bytes(9))), "of 257 centroids"),
    (file_of(simple(WORDS), (4, struct.pack("<IIIIIQII", 1, 1, 1, 2**31, 3, 4, 1, 10) + bytes(9))), "quantised rows take"),
    (file_of((8, struct.pack("<QQII", 1, 1, 3, 3) + strings("a") + strings(["<a>"], [7])), matrix(ROWS)), "row 7, there are 1"),
    (file_of((8, struct.pack("<QQII", 1, 1, 3, 3) + strings("a") + strings(["<a>"], [2**64 - 1])), matrix(ROWS)), "has row"),
])  # fmt: skip
def test_damage_is_told(tmp_path, content, says):
    with pytest.raises(BadFile, match=says):
        read(tmp_path, content)


def test_a_code_without_a_centroid_is_told(tmp_path):
    content = bytearray(file_of(simple(WORDS), quantised(0, 0)[0]))
    content[-3] = 9
    with pytest.raises(BadFile, match="row 2 names centroid 9, there are 3"):
        read(tmp_path, bytes(content))


def test_rows_of_ngrams_that_are_not_finite_are_told_where_they_are_used(tmp_path):
    rows = np.ones((4 + 8, 5), np.float32)
    rows[4:] = np.nan
    table = read(tmp_path, file_of(hashed(3, WORDS, 3, 3, 3), matrix(rows)))
    with pytest.raises(BadFile, match="'Bern' is composed of holds NaN"):
        table["Bern"]


SEED = file_of((5, b'a = "b"'), hashed(3, WORDS, 2, 3, 2), matrix(np.ones((8, 2))), norms([1, 2, 3, 4]))


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_damaged_files_end_in_a_table_or_a_bad_file(tmp_path_factory, data):
    content = bytearray(SEED)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from([0, 1, 2, 127, 128, 255]))
    path = tmp_path_factory.getbasetemp() / "mutated.fifu"
    path.write_bytes(content)
    with contextlib.suppress(BadFile), warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        table = form.read(path)
        assert np.isfinite(table.vectors).all()
        if table.composes:
            with contextlib.suppress(KeyError):
                table.lookup(UNSEEN)


def same_but_for_a_bit(table, again):
    """Whether two tables hold the same: dividing by a length and multiplying again can change the last bit."""
    assert again.tokens == table.tokens
    np.testing.assert_allclose(again.vectors, table.vectors, rtol=3e-7, atol=0)


@pytest.mark.parametrize("n_words", [1, 2, 3, 4])
def test_what_is_written_is_read_again(tmp_path, n_words):
    rows = ROWS[:n_words].copy()
    rows[0] = 0
    table = Table(WORDS[:n_words], rows)
    form.write(table, tmp_path / "b")
    same_but_for_a_bit(table, form.read(tmp_path / "b"))
    same_but_for_a_bit(table, form.stream(tmp_path / "b"))


def subwords(name, n_buckets, *, sparse, **more):
    n_rows = n_buckets - 5 if sparse else n_buckets
    rows = np.random.default_rng(8).standard_normal((n_rows, 5)).astype(np.float32)
    buckets = np.sort(np.random.default_rng(9).permutation(n_buckets)[:n_rows]).astype(np.int32) if sparse else None
    return SubwordRows(NGrams(2, 4, n_buckets, hash=name), StoredRows(rows), buckets, **more)


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "dense"])
@pytest.mark.parametrize(("name", "n_buckets"), [("finalfusion", 32), ("fasttext", 23)])
def test_ngrams_are_written_and_read_again(tmp_path, name, n_buckets, sparse):
    table = Table(WORDS, ROWS, subwords=subwords(name, n_buckets, sparse=sparse))
    form.write(table, tmp_path / "b")
    again = form.read(tmp_path / "b")
    same_but_for_a_bit(table, again)
    np.testing.assert_allclose(again.lookup(UNSEEN), table.lookup(UNSEEN), rtol=0, atol=1e-6)
    form.write(again, tmp_path / "c")
    assert (tmp_path / "b").read_bytes()[:64] == (tmp_path / "c").read_bytes()[:64]


def test_a_file_without_norms_is_written_without_them(tmp_path):
    content = file_of(hashed(3, WORDS, 2, 3, 3), matrix(np.arange(60.0).reshape(12, 5)))
    form.write(read(tmp_path, content), tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


def test_tables_in_other_precisions_are_written(tmp_path):
    table = Table(WORDS, ROWS).quantize("int8")
    form.write(table, tmp_path / "b")
    same_but_for_a_bit(table, form.read(tmp_path / "b"))


def test_what_is_lost_is_said(tmp_path):
    table = Table(WORDS, ROWS, counts=[4, 3, 2, 1], subwords=subwords("code-points", 32, sparse=True), metadata={"m": 1})
    with pytest.warns(SemapWarning, match=r"left out: counts, the rows of n-grams .*, metadata \(m\)"):
        form.write(table, tmp_path / "b")
    assert not form.read(tmp_path / "b").composes


def test_words_that_are_not_utf8_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="1 tokens are not UTF-8, the first in row 1"):
        form.write(Table(["a", "\udce3"], ROWS[:2]), tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_broken_words_of_a_file_are_kept_and_said(tmp_path):
    content = file_of((1, struct.pack("<QI", 1, 1) + b"\xe3"), matrix(ROWS[:1]))
    with pytest.warns(SemapWarning, match="1 tokens are not UTF-8"):
        assert read(tmp_path, content).tokens.bytes_of(0) == b"\xe3"


@REAL
def test_quantised_rows_are_those_that_finalfusion_reads(peer):
    theirs = peer.load_finalfusion(DATA / "quantized.fifu")
    table = form.read(DATA / "quantized.fifu")
    np.testing.assert_allclose(table.vectors, [theirs.embedding(word) for word in table.tokens], rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def peer():
    return pytest.importorskip("finalfusion", reason="finalfusion's Python package (0.7.1) is not installed")


def agree(table, theirs):
    """Whether the peer finds the same unit vectors, of words and of others."""
    assert theirs.vocab.words == list(table.tokens)
    for word in [*table.tokens, *(UNSEEN if table.composes else [])]:
        ours, found = table[word], theirs.embedding(word)
        np.testing.assert_allclose(ours / np.linalg.norm(ours), found / np.linalg.norm(found), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "n_buckets"), [(None, 0), ("finalfusion", 64), ("fasttext", 23)])
def test_finalfusion_reads_what_we_write(tmp_path, peer, name, n_buckets):
    found = None if name is None else subwords(name, n_buckets, sparse=True)
    table = Table(WORDS, ROWS, subwords=found)
    form.write(table, tmp_path / "b.fifu")
    theirs = peer.load_finalfusion(tmp_path / "b.fifu")
    agree(table, theirs)
    np.testing.assert_allclose(np.asarray(theirs.norms), np.linalg.norm(ROWS, axis=1), rtol=1e-6)


@pytest.mark.parametrize("kind", ["FastTextVocab", "FinalfusionBucketVocab", "ExplicitVocab", "SimpleVocab"])
@pytest.mark.parametrize("with_norms", [True, False], ids=["norms", "bare"])
def test_we_read_what_finalfusion_writes(tmp_path, peer, kind, with_norms):
    from finalfusion import metadata, norms, storage, subword, vocab

    indexers = {
        "FastTextVocab": lambda: subword.FastTextIndexer(23, 2, 4),
        "FinalfusionBucketVocab": lambda: subword.FinalfusionHashIndexer(5, 2, 4),
        "ExplicitVocab": lambda: subword.ExplicitIndexer(["<B", "er", "日>", "ï", "x>", "naï"], 2, 4),
    }
    made = vocab.SimpleVocab(WORDS) if kind == "SimpleVocab" else getattr(vocab, kind)(WORDS, indexers[kind]())
    rows = np.random.default_rng(1).standard_normal((made.upper_bound, 6)).astype(np.float32)
    rows[:4] /= np.linalg.norm(rows[:4], axis=1, keepdims=True)
    found = norms.Norms(np.float32([1, 2, 3, 4])) if with_norms else None
    facts = metadata.Metadata({"dims": 6})
    theirs = peer.Embeddings(storage=storage.NdArray(rows), vocab=made, norms=found, metadata=facts)
    theirs.write(tmp_path / "b.fifu")
    table = form.read(tmp_path / "b.fifu")
    assert table.metadata["finalfusion"] == {"dims": 6}
    agree(table, theirs)
    if with_norms:
        np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), [1, 2, 3, 4], rtol=1e-6)
    elif table.composes:
        np.testing.assert_allclose(table.lookup(UNSEEN), [theirs.embedding(word) for word in UNSEEN], rtol=0, atol=1e-6)


@pytest.mark.parametrize("with_norms", [True, False], ids=["norms", "bare"])
@pytest.mark.parametrize("kind", ["buckets", "letters", "quantised"])
def test_a_file_becomes_a_semap_table_that_composes_the_same(tmp_path, kind, with_norms):
    letters = 8, struct.pack("<QQII", 4, 3, 2, 3) + strings(WORDS) + strings(["Be", "er", "x>"], [1, 0, 1])
    rows = matrix(np.random.default_rng(3).standard_normal((4 + 2, 5)))
    chunks = {
        "buckets": (hashed(3, WORDS, 2, 3, 1), rows),
        "letters": (letters, rows),
        "quantised": (hashed(3, WORDS, 2, 3, 3), quantised(1, 1, rows=4 + 8)[0]),
    }[kind]
    table = read(tmp_path, file_of(*chunks, *([norms([1, 2, 3, 4])] if with_norms else [])))
    table.save(tmp_path / "b.semap")
    again = load(tmp_path / "b.semap")
    np.testing.assert_array_equal(again.vectors, table.vectors)
    np.testing.assert_array_equal(again.lookup(["Berber", "ex"]), table.lookup(["Berber", "ex"]))
    half = table.quantize("float16")
    np.testing.assert_allclose(half.lookup(["Berber"]), table.lookup(["Berber"]), rtol=0, atol=5e-3)
