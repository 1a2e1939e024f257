"""fastText models, spelled out byte by byte as fastText 0.9.2 writes them, are read; damage is refused; see also _peer."""

import struct
from dataclasses import dataclass, field

import numpy as np
import pytest

from semap.errors import BadFile, SemapWarning, SettingsError, UnknownToken
from semap.formats import fasttext
from semap.formats.load import load
from semap.formats.save import save

MAGIC = 793712314
SETTINGS = {"dim": 2, "ws": 5, "epoch": 5, "minCount": 1, "neg": 5, "wordNgrams": 1, "loss": 2, "model": 2,
            "bucket": 7, "minn": 3, "maxn": 6, "lrUpdateRate": 100}  # fmt: skip

WORDS = [(b"cat", 9), (b"</s>", 8), (b"d\xc3\xa9j\xc3\xa0", 5)]
ROWS = np.random.default_rng(3).normal(size=(3 + 7, 2)).astype(np.float32)


def coded(matrix):
    """A matrix as quantised with parts of one number: row k has the code k, centroid k of a part is its number in row k."""
    n_rows, dim = matrix.shape
    centroids = np.zeros((dim, 256), "<f4")
    centroids[:, :n_rows] = matrix.T
    codes = np.repeat(np.arange(n_rows, dtype=np.uint8), dim)
    head = struct.pack("<B2qi", 0, n_rows, dim, n_rows * dim)
    return head + codes.tobytes() + struct.pack("<4i", dim, dim, 1, 1) + centroids.tobytes()


def fnv(text):
    """fastText's hash of an n-gram: FNV-1a on signed chars."""
    state = 2166136261
    for byte in text.encode():
        state = ((state ^ ((byte - 256 if byte > 127 else byte) % 2**32)) * 16777619) % 2**32
    return state


def n_grams(word, least=3, most=6):
    """The n-grams of a word by where they begin, then by length; the end of a text has none."""
    return [] if word == "</s>" else pieces(f"<{word}>", least, most)


def pieces(marked, least=3, most=6):
    """The n-grams of a word between its marks, which alone are none."""
    found = [marked[i : i + n] for i in range(len(marked)) for n in range(least, most + 1) if i + n <= len(marked)]
    return [each for each in found if each not in "<>"]


@dataclass
class Spelled:
    """One model. `words`: (bytes, count) pairs; `rows`: the input matrix; `output`: the output matrix."""

    words: list
    rows: np.ndarray
    labels: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    version: int | None = 12
    kept: list | None = None
    output: np.ndarray | None = None
    counted: tuple | None = None
    quantized: bool = False

    def content(self):
        """The bytes of the file."""
        settings = {**SETTINGS, "dim": self.rows.shape[1], **self.settings}
        head = b"" if self.version is None else struct.pack("<2i", MAGIC, self.version)
        head += struct.pack("<12id", *settings.values(), 1e-4)
        n_words, n_labels = self.counted or (len(self.words), len(self.labels))
        head += struct.pack("<3iq", n_words + n_labels, n_words, n_labels, 99)
        if self.version is not None:
            head += struct.pack("<q", -1 if self.kept is None else len(self.kept))
        for kind, entries in enumerate((self.words, self.labels)):
            head += b"".join(word + b"\0" + struct.pack("<qB", count, kind) for word, count in entries)
        head += b"".join(struct.pack("<2i", *pair) for pair in self.kept or [])
        flag = b"" if self.version is None else b"\0"
        quantized, rows = (b"\1", coded(self.rows)) if self.quantized else (flag, dense(self.rows))
        n_out = len(self.labels) if settings["model"] == 3 else len(self.words)
        output = np.zeros((n_out, self.rows.shape[1]), "<f4") if self.output is None else self.output
        return head + quantized + rows + flag + dense(output)


def dense(matrix):
    """A matrix as it stands in a file."""
    return struct.pack("<2q", *matrix.shape) + np.asarray(matrix, "<f4").tobytes()


def mean(word, row=None, rows=ROWS, n_words=3):
    """What getWordVector makes of a word, in float64."""
    used = ([] if row is None else [rows[row]]) + [rows[n_words + fnv(piece) % (len(rows) - n_words)] for piece in n_grams(word)]
    return np.mean(used, axis=0, dtype=np.float64)


def written(tmp_path, *given, **settings):
    path = tmp_path / "model.bin"
    path.write_bytes(Spelled(*given, **settings).content())
    return path


@pytest.mark.parametrize("version", [None, 11, 12])
def test_words_are_the_mean_of_their_row_and_their_n_grams_and_so_are_words_that_are_not_there(tmp_path, version):
    table = load(written(tmp_path, WORDS, ROWS, version=version))
    assert table.tokens == ["cat", "</s>", "déjà"]
    assert table.counts.tolist() == [9, 8, 5]
    end = ROWS[1] if version else np.mean([ROWS[1], *(ROWS[3 + fnv(piece) % 7] for piece in pieces("<</s>>"))], axis=0)
    expected = [mean("cat", 0), end, mean("déjà", 2)]
    np.testing.assert_allclose(table.vectors, expected, atol=1e-6)
    np.testing.assert_allclose(table.lookup(["déjà", "cot", "cat"]), [mean("déjà", 2), mean("cot"), mean("cat", 0)], atol=1e-6)
    assert table.composes
    assert "cot" not in table


def test_the_end_of_a_text_has_no_n_grams_and_a_word_without_any_has_no_vector(tmp_path):
    table = load(written(tmp_path, WORDS, ROWS))
    np.testing.assert_array_equal(table["</s>"], ROWS[1])
    with pytest.raises(UnknownToken, match="no n-gram"):
        load(written(tmp_path, [(b"cat", 9)], ROWS[:8]))["</s>"]
    with pytest.raises(UnknownToken, match="no n-gram"):
        table[""]


def test_the_matrix_may_begin_at_any_byte(tmp_path):
    for n_letters in range(1, 9):
        path = written(tmp_path, [(b"q" * n_letters, 9)], ROWS[:8])
        np.testing.assert_allclose(load(path).vectors[0], mean("q" * n_letters, 0, ROWS[:8], 1), atol=1e-6)


def test_of_a_word_that_stands_twice_the_last_row_is_kept_as_fasttext_finds_it(tmp_path):
    path = written(tmp_path, [(b"cat", 9), (b"dog", 4), (b"cat", 3), (b"cat", 2)], ROWS)  # 4 words, 6 buckets
    with pytest.raises(BadFile, match=r"10 rows; there are 4 words and 7 buckets of n-grams, 11 rows"):
        load(path)
    path = written(tmp_path, [(b"cat", 9), (b"dog", 4), (b"cat", 3), (b"cat", 2)], ROWS, settings={"bucket": 6})
    with pytest.warns(SemapWarning, match=r"left out 2 of 4 words, which stand again later \(the first: 'cat'\)"):
        table = load(path)
    assert table.tokens == ["dog", "cat"]
    assert table.counts.tolist() == [4, 2]
    np.testing.assert_allclose(table.vectors, [mean("dog", 1, n_words=4), mean("cat", 3, n_words=4)], atol=1e-6)


def test_broken_and_empty_words_keep_their_bytes_and_are_reported(tmp_path):
    path = written(tmp_path, [(b"d\xc3", 9), (b"", 2), (b"ok", 1)], ROWS)
    with pytest.warns(SemapWarning, match=r"1 tokens are empty, the first in row 1; 1 tokens are not UTF-8"):
        table = load(path)
    assert table.tokens == ["d\udcc3", "", "ok"]


def test_limit_opens_the_first_words_and_all_n_grams(tmp_path):
    table = load(written(tmp_path, WORDS, ROWS), limit=1)
    assert table.tokens == ["cat"]
    np.testing.assert_allclose(table.lookup(["cat", "déjà"]), [mean("cat", 0), mean("déjà")], atol=1e-6)


def test_a_model_without_n_grams_composes_nothing(tmp_path):
    table = load(written(tmp_path, WORDS, ROWS, settings={"maxn": 0}))  # buckets stay, as for pairs of words
    np.testing.assert_array_equal(table.vectors, ROWS[:3])
    assert not table.composes
    with pytest.raises(UnknownToken):
        table["cot"]


def test_n_grams_of_one_character_leave_the_marks_out(tmp_path):
    table = load(written(tmp_path, WORDS, ROWS, settings={"minn": 0, "maxn": 2}))
    expected = np.mean([ROWS[3 + fnv(each) % 7] for each in ["<d", "d", "do", "o", "og", "g", "g>"]], axis=0)
    np.testing.assert_allclose(table["dog"], expected, atol=1e-6)


def test_of_a_pruned_model_n_grams_that_were_dropped_do_not_count(tmp_path):
    kept = {fnv("<ca") % 7: 1, fnv("cat") % 7: 0}
    table = load(written(tmp_path, WORDS, ROWS[:5], kept=list(kept.items()), quantized=True))

    def expected(word, *own):
        """The mean over the buckets that were kept."""
        places = [kept[fnv(piece) % 7] for piece in n_grams(word) if fnv(piece) % 7 in kept]
        return np.mean([*own, *(ROWS[3 + place] for place in places)], axis=0)

    np.testing.assert_allclose(table.vectors, [expected("cat", ROWS[0]), ROWS[1], expected("déjà", ROWS[2])], atol=1e-6)
    np.testing.assert_allclose(table["cats"], expected("cats"), atol=1e-6)
    assert table.subwords.to_stored().buckets.tolist() == sorted(kept)


def test_a_model_pruned_of_all_n_grams_has_vectors_for_its_words_only(tmp_path):
    table = load(written(tmp_path, WORDS, ROWS[:3], kept=[], quantized=True))
    np.testing.assert_array_equal(table.vectors, ROWS[:3])
    with pytest.raises(UnknownToken, match="no n-gram"):
        table["cats"]


def supervised(tmp_path, **settings):
    output = np.array([[1, 2], [3, 4]], np.float32)
    settings = {"settings": {"model": 3, "loss": 3}, "labels": [(b"__label__a", 4), (b"__label__b", 3)], **settings}
    return written(tmp_path, WORDS, ROWS, output=output, **settings)


def test_a_supervised_model_is_refused_with_the_way_to_its_words_and_its_labels(tmp_path):
    path = supervised(tmp_path)
    told = r"tell 2 labels.*part='words' opens the table of its 3 words, part='labels'.*model.bin OUT --part words"
    with pytest.raises(BadFile, match=told):
        load(path)
    words, labels = load(path, part="words"), load(path, part="labels")
    np.testing.assert_allclose(words["déjà"], mean("déjà", 2), atol=1e-6)
    assert labels.tokens == ["__label__a", "__label__b"]
    assert labels.counts.tolist() == [4, 3]
    np.testing.assert_array_equal(labels.vectors, [[1, 2], [3, 4]])
    assert words.composes
    assert not labels.composes
    assert words.metadata["source"]["labels"] == 2
    assert words.metadata["source"]["model"] == "supervised"


def test_part_goes_with_fasttext_files_only(tmp_path):
    (tmp_path / "a.vec").write_text("1 1\ncat 2\n")
    with pytest.raises(SettingsError, match="part go with fastText files"):
        load(tmp_path / "a.vec", part="words")


def test_supervised_models_of_version_11_have_no_n_grams_of_characters(tmp_path):
    words = fasttext.read(supervised(tmp_path, version=11), part="words")
    assert not words.composes
    np.testing.assert_array_equal(words.vectors, ROWS[:3])


def test_labels_are_refused_where_there_are_none_or_where_rows_are_not_theirs(tmp_path):
    with pytest.raises(BadFile, match="a skipgram model, which has no labels"):
        fasttext.read(written(tmp_path, WORDS, ROWS), part="labels")
    with pytest.raises(BadFile, match="no label has a vector"):
        fasttext.read(supervised(tmp_path, settings={"model": 3, "loss": 1}), part="labels")
    with pytest.raises(SettingsError, match="part is 'rows'"):
        fasttext.read(supervised(tmp_path), part="rows")


DAMAGED = {
    "a version that nobody wrote": ({"version": 13}, "version 13; known are 11 and 12"),
    "an n-gram range upside down": ({"settings": {"minn": 6, "maxn": 3}}, "6 to 3 characters: the range is upside down"),
    "n-grams of any length": ({"settings": {"maxn": 256}}, "n-grams of 3 to 256 characters make no sense"),
    "n-grams without buckets": ({"settings": {"bucket": 0}}, "0 buckets"),
    "buckets below zero": ({"settings": {"bucket": -7}}, "-7 buckets"),
    "other buckets than rows": ({"settings": {"bucket": 8}}, "10 rows; there are 3 words and 8 buckets of n-grams, 11 rows"),
    "another dim than columns": ({"settings": {"dim": 3}}, "2 columns; vectors have 3 dimensions"),
    "a dim of zero": ({"settings": {"dim": 0}}, "0 dimensions"),
    "a loss that nobody knows": ({"settings": {"loss": 5}}, "loss is 5"),
    "a model that nobody knows": ({"settings": {"model": 0}}, "model is 0"),
    "more words than it has": ({"counted": (2**31 - 1, 0)}, "take 21,474,836,470 bytes"),
    "a sum that is not one": ({"counted": (-1, 4)}, "not their sum"),
    "no words": ({"counted": (0, 3)}, "without words"),
    "a pruned model that is dense": ({"kept": [(2, 0)], "quantized": False}, "must be quantised"),
    "a bucket that is not there": ({"kept": [(9, 0)]}, "buckets below 7 and rows below 1, found buckets 9 to 9"),
    "a bucket twice": ({"kept": [(4, 0), (4, 1)]}, "names bucket 4 twice"),
    "more pruned buckets than bytes": ({}, "take 800,000,000,000 bytes"),
    "a word of the kind of a label": ({"labels": [(b"x", 1)], "counted": (4, 0)}, "the kind 1, expected"),
    "a count below zero": ({}, "count of -9"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_what_does_not_fit_is_refused_with_both_numbers(tmp_path, what):
    settings, told = DAMAGED[what]
    content = Spelled(WORDS, ROWS, **settings).content()
    if what.startswith("more pruned"):
        content = content[:84] + struct.pack("<q", 10**11) + content[92:]
    if what.startswith("a count"):
        content = content.replace(b"cat\0" + struct.pack("<q", 9), b"cat\0" + struct.pack("<q", -9))
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(BadFile, match=told):
        fasttext.read(tmp_path / "model.bin")


CODED = Spelled(WORDS, ROWS, quantized=True).content()
QUANTISER = struct.pack("<4i", 2, 2, 1, 1)
BROKEN_CODES = {
    "fewer codes": (struct.pack("<2qi", 10, 2, 20), struct.pack("<2qi", 10, 2, 19), "quantiser"),
    "codes below zero": (struct.pack("<2qi", 10, 2, 20), struct.pack("<2qi", 10, 2, -1), "quantiser"),
    "parts of another size": (QUANTISER, struct.pack("<4i", 2, 1, 2, 2), "has 20 codes; 10 rows of 1 parts need 10"),
    "parts that do not add up": (QUANTISER, struct.pack("<4i", 2, 2, 1, 2), "parts of 1, the last of 2; rows have 2"),
    "parts of nothing": (QUANTISER, struct.pack("<4i", 2, 2, 0, 1), "in 2 parts of 0"),
    "a flag that is none": (b"\1\0" + struct.pack("<2q", 10, 2), b"\3\0" + struct.pack("<2q", 10, 2), "expected 0 or 1"),
}


@pytest.mark.parametrize("what", BROKEN_CODES)
def test_quantised_rows_that_do_not_fit_are_refused_with_both_numbers(tmp_path, what):
    found, changed, told = BROKEN_CODES[what]
    assert CODED.count(found) == 1
    (tmp_path / "model.bin").write_bytes(CODED.replace(found, changed))
    with pytest.raises(BadFile, match=told):
        fasttext.read(tmp_path / "model.bin")


def test_shapes_whose_product_overflows_are_refused_before_anything_is_reserved(tmp_path):
    content = Spelled(WORDS, ROWS).content()
    shape = struct.pack("<2q", 10, 2)
    for given in ((2**40, 2), (10, 2**62), (-1, 2), (2**63 - 1, 2**63 - 1)):
        (tmp_path / "model.bin").write_bytes(content.replace(shape, struct.pack("<2q", *given)))
        with pytest.raises(BadFile, match="input matrix has"):
            fasttext.read(tmp_path / "model.bin")
    huge = Spelled(WORDS, ROWS, settings={"dim": 2**30, "bucket": 2**31 - 4}).content()
    (tmp_path / "model.bin").write_bytes(huge.replace(shape, struct.pack("<2q", 2**31 - 1, 2**30)))
    with pytest.raises(BadFile, match="take 9,223,372,032,559,808,512 bytes"):
        fasttext.read(tmp_path / "model.bin")


def test_a_file_cut_anywhere_is_refused_and_so_is_one_that_was_added_to(tmp_path):
    content = Spelled(WORDS, ROWS).content()
    path = tmp_path / "model.bin"
    for given in (content, CODED[:-1]):
        for size in (*range(8, 400), *range(400, len(given), 61)):
            path.write_bytes(given[: min(size, len(given) - 1)])
            with pytest.raises(BadFile):
                fasttext.read(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(BadFile, match="1 bytes follow the output matrix"):
        fasttext.read(path)


def test_a_row_that_is_not_finite_is_refused_when_it_is_asked_for(tmp_path):
    rows = ROWS.copy()
    rows[2, 1] = np.nan
    rows[3:, 0] = np.inf
    table = load(written(tmp_path, WORDS, rows))
    np.testing.assert_array_equal(table["</s>"], rows[1])
    with pytest.raises(BadFile, match=r"row 2 \('déjà'\) holds NaN"):
        table["déjà"]
    with pytest.raises(BadFile, match="'cot' is composed of holds NaN"):
        table["cot"]


def test_text_is_not_taken_for_a_model_of_2016(tmp_path):
    for text in (b"3 2\n" * 40, b"cat 0.5 0.25\n" * 20, b"\x00" * 200, b"\x01" * 200):
        assert not fasttext.looks_like(text)
    assert fasttext.looks_like(Spelled(WORDS, ROWS, version=None).content())
    assert fasttext.looks_like(struct.pack("<i", MAGIC))


def test_the_output_matrix_of_negative_sampling_comes_back_through_a_table_and_its_file(tmp_path):
    output = np.arange(6, dtype=np.float32).reshape(3, 2) - 2
    first = load(written(tmp_path, WORDS, ROWS, output=output))
    np.testing.assert_array_equal(first.output_vectors, output)
    np.testing.assert_array_equal(load(tmp_path / "model.bin", limit=2).output_vectors, output[:2])
    first.save(tmp_path / "a.semap")
    save(load(tmp_path / "a.semap"), tmp_path / "again.bin", to="fasttext")
    again = load(tmp_path / "again.bin")
    np.testing.assert_array_equal(again.output_vectors, output)
    np.testing.assert_allclose(again.vectors, first.vectors, atol=1e-6)


def test_the_output_rows_of_words_and_labels_that_stand_twice_are_their_last(tmp_path):
    words = [(b"dog", 9), (b"cat", 8), (b"dog", 7)]
    output = np.arange(6, dtype=np.float32).reshape(3, 2)
    with pytest.warns(SemapWarning, match="left out 1 of 3 words"):
        table = load(written(tmp_path, words, ROWS, output=output))
    assert table.tokens == ["cat", "dog"]
    np.testing.assert_array_equal(table.output_vectors, output[1:])
    labels = [(b"__label__a", 4), (b"__label__b", 3), (b"__label__a", 2)]
    path = written(tmp_path, WORDS, ROWS, output=output, labels=labels, settings={"model": 3, "loss": 3})
    with pytest.warns(SemapWarning, match="left out 1 of 3 labels"):
        table = load(path, part="labels")
    assert table.tokens == ["__label__b", "__label__a"]
    np.testing.assert_array_equal(table.vectors, output[1:])


@pytest.mark.parametrize(("loss", "name"), [(1, "hierarchical softmax"), (3, "softmax"), (4, "one against all")])
def test_the_output_matrix_of_another_objective_is_left_out_and_said(tmp_path, loss, name):
    path = written(tmp_path, WORDS, ROWS, output=np.ones((3, 2), np.float32), settings={"loss": loss})
    with pytest.warns(SemapWarning, match=f"left out: its output matrix, which is that of {name}$"):
        assert load(path).output_vectors is None
    assert load(written(tmp_path, WORDS, ROWS)).output_vectors is None  # zeros
