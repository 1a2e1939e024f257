import gzip
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.corpus.corpus import Corpus
from semap.corpus.read import read_text
from semap.errors import BadFile, BadText, EmptyCorpus, FileMissing, SemapWarning, SettingsError
from semap.text.splitter import Splitter
from semap.vocab.vocab import Vocab

DATA = Path(__file__).parents[2] / "../shared/data/corpora"
NOVELS = DATA / "novels_public_domain.txt"


def decoded(corpus: Corpus) -> list[list[str]]:
    tokens = list(corpus.vocab.tokens)
    return [[tokens[token_id] for token_id in text] for text in corpus.texts()]


def expected_tokens(texts: list[list[str]], min_count: int, max_size: int | None) -> list[tuple[str, int]]:
    counts = Counter(token for text in texts for token in text)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))
    return [item for item in ranked if item[1] >= min_count][:max_size]


letters = st.sampled_from("aAbZ9_'- \u0301\u0323\u0130ΣσςKÅﬁ½ё日\u3000\r\t\x00\ufeff\u1100\u1161\ud800\ufffd")  # noqa: RUF001
texts = st.lists(st.text(letters | st.characters(), max_size=30), min_size=1, max_size=12)
splitters = st.builds(
    Splitter,
    split=st.sampled_from(["words", "whitespace"]),
    lowercase=st.booleans(),
    normalize=st.sampled_from([None, "NFC", "NFKC", "NFD", "NFKD"]),
)


@settings(max_examples=300, deadline=None)
@given(texts, splitters, st.integers(1, 3), st.none() | st.integers(1, 5), st.integers(1, 3))
def test_a_corpus_holds_what_the_splitter_says(
    given_texts: list[str], splitter: Splitter, min_count: int, max_size: int | None, threads: int
) -> None:
    split = [splitter(text) for text in given_texts]
    expected = expected_tokens(split, min_count, max_size)
    settings_ = {"split": splitter.split, "lowercase": splitter.lowercase, "normalize": splitter.normalize}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        if not expected:
            with pytest.raises(EmptyCorpus):
                read_text(given_texts, min_count=min_count, max_size=max_size, threads=threads, **settings_)
            return
        corpus = read_text(given_texts, min_count=min_count, max_size=max_size, threads=threads, **settings_)
    assert list(zip(corpus.vocab.tokens, corpus.vocab.counts.tolist(), strict=True)) == expected
    kept = [[token for token in text if token in dict(expected)] for text in split]
    assert decoded(corpus) == [text for text in kept if text]
    n_read = sum(map(len, split))
    assert corpus.facts["tokens_read"] == n_read == corpus.n_tokens + corpus.facts["tokens_left_out"]
    assert corpus.facts["texts_read"] == sum(map(bool, split)) == corpus.n_texts + corpus.facts["texts_left_out"]
    assert corpus.facts["types_read"] == len({token for text in split for token in text})


def test_a_worked_example(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffThe cat.\r\n\r\nA the DOG the\u2028cat\n \na".encode())
    corpus = read_text(path, min_count=2)
    assert list(corpus.vocab.tokens) == ["the", "a", "cat"]
    assert corpus.vocab.counts.tolist() == [3, 2, 2]
    assert corpus.ids.tolist() == [0, 2, 1, 0, 0, 2, 1]
    assert corpus.offsets.tolist() == [0, 2, 6, 7]
    assert corpus.ids.dtype == np.int32
    assert corpus.offsets.dtype == np.int64
    assert corpus.splitter == Splitter()
    assert corpus.facts == {
        "min_count": 2, "max_size": None, "files_read": 1, "bytes_read": path.stat().st_size - 3, "replaced": 0,
        "tokens_read": 8, "texts_read": 3, "types_read": 4, "tokens_left_out": 1, "texts_left_out": 0,
    }  # fmt: skip


def test_ties_are_in_byte_order_beyond_16_bytes_too() -> None:
    words = ["b", "a", "é", "z" * 17 + "b", "z" * 17 + "a", "z" * 16, "z" * 8, "z" * 9, "日", "aa"]
    assert list(read_text([" ".join(words)], min_count=1).vocab.tokens) == sorted(words, key=str.encode)
    tokens = [["b\0", "b", "b\0\0", "", "a" * 20 + "\0", "a" * 20]]
    assert list(read_text(tokens, min_count=1).vocab.tokens) == sorted(tokens[0], key=str.encode)


def test_tokens_are_taken_as_they_are() -> None:
    corpus = read_text(iter([("New York", "É", "e\u0301\n"), [], iter(["É"])]), min_count=1)
    assert decoded(corpus) == [["New York", "É", "e\u0301\n"], ["É"]]
    assert corpus.splitter is None
    with pytest.warns(SemapWarning, match="3 times"):
        assert decoded(read_text([["a\ud800"]], min_count=1)) == [["a\ufffd\ufffd\ufffd"]]


@pytest.mark.parametrize("tokens", [[[1, 2]], [["a", None]], [["a"], [["b"]]], [[b"a"]]])
def test_tokens_that_are_no_str_are_refused(tokens: list[list[object]]) -> None:
    with pytest.raises(SettingsError, match="tokens are str"):
        read_text(tokens, min_count=1)


def test_a_vocabulary_that_is_given_is_used_and_the_unknown_is_counted() -> None:
    vocab = Vocab(["zebra", "cat", "é"], [9, 7, 1])
    corpus = read_text(["The CAT e\u0301", "dog", "É cat"], vocab=vocab)
    assert corpus.vocab is vocab
    assert [text.tolist() for text in corpus.texts()] == [[1, 2], [2, 1]]
    assert (corpus.facts["tokens_left_out"], corpus.facts["texts_left_out"]) == (2, 1)
    with pytest.raises(EmptyCorpus, match="2 tokens is among the 3"):
        read_text(["no more"], vocab=vocab)
    with pytest.raises(SettingsError, match="max_size"):
        read_text(["cat"], vocab=vocab, max_size=2)


def test_bytes_that_are_not_utf8_are_replaced_and_said_once(tmp_path: Path) -> None:
    path = tmp_path / "latin1.txt"
    path.write_bytes("caf\xe9 \xe9t\xe9 caf\xe9\n".encode("latin-1") * 50)
    with pytest.warns(SemapWarning, match=r"200 times .* first in .*latin1\.txt at byte 3;") as caught:
        corpus = read_text(path, split="whitespace")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert list(corpus.vocab.tokens) == ["caf\ufffd", "\ufffdt\ufffd"]
    assert corpus.facts["replaced"] == 200
    with pytest.raises(BadText, match=r"latin1\.txt at byte 3: .*0xe9"):
        read_text(path, errors="strict")


def test_rubbish_is_read_as_bytes_decode_reads_it(tmp_path: Path) -> None:
    rubbish = b"text " * 2_000 + np.random.default_rng(3).integers(0, 256, 200_000, dtype=np.uint8).tobytes()
    path = tmp_path / "rubbish"
    path.write_bytes(rubbish)
    for split in ("words", "whitespace"):
        with pytest.warns(SemapWarning, match="replaced"):
            corpus = read_text(path, min_count=1, split=split)
        lines = [Splitter(split=split)(line) for line in rubbish.decode("utf-8", "replace").split("\n")]
        assert decoded(corpus) == [line for line in lines if line]
        assert corpus.facts["replaced"] == rubbish.decode("utf-8", "replace").count("\ufffd") - rubbish.count(b"\xef\xbf\xbd")


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \t...\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(content)
    with pytest.raises(EmptyCorpus, match=r"empty\.txt holds no token"):
        read_text(path)


def test_nothing_left_after_min_count_says_what_to_give() -> None:
    with pytest.raises(EmptyCorpus, match=r"none of the 3 .* comes 5 times; .*'b', comes 2 times among 4; give min_count=2"):
        read_text(["b a b c"])


def test_files_that_are_left_out_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b a")
    (tmp_path / ".b.txt").write_text("b")
    with pytest.warns(SemapWarning, match="not read: 1 hidden file below"):
        assert read_text(tmp_path, min_count=1).n_tokens == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_count": 0},
        {"min_count": -1},
        {"min_count": 1.5},
        {"min_count": True},
        {"max_size": 0},
        {"threads": -1},
        {"split": "bytes"},
    ],
)
def test_settings_out_of_range_are_refused_before_anything_is_read(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        read_text("no such file", **wrong)


def test_a_generator_that_raises_is_not_silenced() -> None:
    def texts():
        yield "a b"
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        read_text(texts(), min_count=1)
    with pytest.raises(RuntimeError, match="mine"):
        read_text((text.split() for text in texts()), min_count=1)


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        read_text(tmp_path / "none.txt")
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"a b c " * 100_000)[:-100])
    with pytest.raises(BadFile, match=r"cut\.gz.*cut off"):
        read_text(path, min_count=1)


def test_a_word_of_a_megabyte_is_a_token(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a " + b"x" * 1_000_000 + b" a " + b"x" * 1_000_000)
    corpus = read_text(path, min_count=2)
    assert [len(token) for token in corpus.vocab.tokens] == [1, 1_000_000]
    assert corpus.ids.tolist() == [0, 1, 0, 1]


def test_progress_is_told_and_finished_even_after_an_error(tmp_path: Path) -> None:
    class Heard:
        def __init__(self) -> None:
            self.calls: list[tuple[object, ...]] = []

        def start(self, task: str, total: int, unit: str) -> None:
            self.calls.append(("start", total))

        def update(self, done: int, **figures: float) -> None:
            self.calls.append(("update", done))

        def finish(self) -> None:
            self.calls.append(("finish",))

    path = tmp_path / "a.txt"
    path.write_bytes(b"one two\n" * 100)
    heard = Heard()
    read_text(path, progress=heard)
    assert heard.calls == [("start", 800), ("update", 800), ("finish",)]
    path.write_bytes(b"\xff")
    with pytest.raises(BadText):
        read_text(path, errors="strict", progress=heard)
    assert heard.calls[-1] == ("finish",)


@pytest.mark.skipif(not NOVELS.exists(), reason="../shared/data is not here")
def test_real_text_is_read_the_same_by_any_number_of_threads() -> None:
    corpora = [read_text(NOVELS, threads=threads) for threads in (1, 2, 5)]
    assert len({corpus.fingerprint() for corpus in corpora}) == 1
    lines = [Splitter()(line) for line in NOVELS.read_text(encoding="utf-8").split("\n")]
    expected = expected_tokens(lines, 5, None)
    assert list(zip(corpora[0].vocab.tokens, corpora[0].vocab.counts.tolist(), strict=True)) == expected
    kept = dict(expected)
    assert decoded(corpora[0]) == [text for line in lines if (text := [token for token in line if token in kept])]


def test_importing_loads_no_compiler() -> None:
    code = "import sys, semap.corpus.read; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
