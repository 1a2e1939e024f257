from pathlib import Path

import numpy as np
import pytest

from semap.corpus.blocks import Blocks
from semap.corpus.corpus import Corpus
from semap.errors import BadFile, FileMissing, ShapeError
from semap.storage.container import write
from semap.text.splitter import Splitter
from semap.vocab.vocab import Vocab


def make(ids=(2, 0, 2, 1, 0), offsets=(0, 3, 5), tokens=("the", "cat", "é")) -> Corpus:
    vocab = Vocab(tokens, [9, 7, 2][: len(tokens)])
    return Corpus(np.array(ids, np.int32), np.array(offsets, np.int64), vocab, Splitter(lowercase=False), {"replaced": 4})


def test_texts_are_views_of_the_ids() -> None:
    corpus = make()
    assert (corpus.n_tokens, corpus.n_texts, len(corpus)) == (5, 2, 2)
    assert [text.tolist() for text in corpus.texts()] == [[2, 0, 2], [1, 0]]
    assert corpus[-1].base is not None
    with pytest.raises(IndexError):
        corpus[2]


def test_nothing_of_it_can_be_changed() -> None:
    corpus = make()
    with pytest.raises(ValueError, match="read-only"):
        corpus.ids[0] = 1
    with pytest.raises(AttributeError):
        corpus.ids = corpus.ids


def test_it_is_a_source_of_blocks_and_copies_nothing() -> None:
    corpus: Blocks = make()
    span = corpus.read(3, 1, 2)
    assert span.first == 0
    assert np.shares_memory(span.ids, corpus.read(0, 0, 5).ids)
    assert span.offsets.tolist() == [0, 3, 5]


def test_a_saved_corpus_opens_mapped_and_equal(tmp_path: Path) -> None:
    corpus = make()
    corpus.save(tmp_path / "a.corpus")
    opened = Corpus.open(tmp_path / "a.corpus")
    assert opened.ids.tolist() == corpus.ids.tolist()
    assert opened.offsets.tolist() == corpus.offsets.tolist()
    assert list(opened.vocab.tokens) == ["the", "cat", "é"]
    assert opened.vocab.counts.tolist() == [9, 7, 2]
    assert (opened.splitter, opened.facts) == (Splitter(lowercase=False), {"replaced": 4})
    assert opened.fingerprint() == corpus.fingerprint()
    assert not opened.ids.flags.owndata
    assert not opened.ids.flags.writeable


def test_a_corpus_of_given_tokens_has_no_splitter_in_its_file(tmp_path: Path) -> None:
    Corpus(np.zeros(1, np.int32), np.array([0, 1]), Vocab(["a"], [1])).save(tmp_path / "a")
    assert Corpus.open(tmp_path / "a").splitter is None


def test_equal_corpora_give_equal_files(tmp_path: Path) -> None:
    make().save(tmp_path / "a")
    make().save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "other", [{"ids": (2, 0, 2, 1, 1)}, {"offsets": (0, 2, 5)}, {"tokens": ("the", "cat", "e")}, {"tokens": ("thec", "at", "é")}]
)
def test_another_corpus_has_another_fingerprint(other: dict[str, tuple[object, ...]]) -> None:
    assert make(**other).fingerprint() != make().fingerprint()
    assert make().fingerprint() == make().fingerprint()


def test_arrays_of_other_kinds_are_taken() -> None:
    raw = bytearray(b"?" + np.array([2, 0, 2, 1, 0], np.int32).tobytes())
    unaligned = np.frombuffer(raw, np.int32, offset=1)
    for ids in (unaligned, np.array([2, 9, 0, 9, 2, 9, 1, 9, 0, 9])[::2], np.array([2, 0, 2, 1, 0], ">i4")):
        corpus = Corpus(ids, [0, 3, 5], Vocab(["a", "b", "c"], [1, 1, 1]))
        assert corpus.ids.flags.aligned
        assert corpus.ids.flags.c_contiguous
        assert corpus.fingerprint() == make(tokens=("a", "b", "c")).fingerprint()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ids": (2, 0, 3, 1, 0)}, "ids go from 0 to 3; the vocabulary has 3"),
        ({"ids": (2, 0, -1, 1, 0)}, "ids go from -1"),
        ({"offsets": (0, 3, 6)}, "from 0 to 5"),
        ({"offsets": (1, 3, 5)}, "they go 1 .. 5"),
        ({"offsets": ()}, "they go nothing"),
        ({"offsets": (0, 3, 3, 5)}, "text 1 goes from 3 to 3"),
        ({"offsets": (0, 4, 3, 5)}, "text 1 goes from 4 to 3"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(wrong: dict[str, tuple[int, ...]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        make(**wrong)


def test_ids_that_are_no_whole_numbers_or_too_large_are_refused() -> None:
    vocab = Vocab(["a"], [1])
    with pytest.raises(ShapeError, match="float64"):
        Corpus(np.zeros(1), np.array([0, 1]), vocab)
    with pytest.raises(ShapeError, match="4,294,967,296 do not fit int32"):
        Corpus(np.array([2**32]), np.array([0, 1]), vocab)


def test_files_that_are_no_corpus_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        Corpus.open(tmp_path / "none")
    write(tmp_path / "table", {"vectors": np.zeros((2, 2), np.float32)}, {"kind": "table"})
    with pytest.raises(BadFile, match="is no corpus but table"):
        Corpus.open(tmp_path / "table")
    write(tmp_path / "half", {"ids": np.zeros(2, np.int32)}, {"kind": "corpus", "text": None})
    with pytest.raises(BadFile, match="has no 'tokens'"):
        Corpus.open(tmp_path / "half")
    make().save(tmp_path / "cut")
    content = (tmp_path / "cut").read_bytes()
    (tmp_path / "cut").write_bytes(content[:-8])
    with pytest.raises(BadFile):
        Corpus.open(tmp_path / "cut")


def test_ids_that_a_damaged_file_made_too_large_are_found(tmp_path: Path) -> None:
    make().save(tmp_path / "a")
    content = (tmp_path / "a").read_bytes()
    ids = np.array([2, 0, 2, 1, 0], np.int32)
    damaged = content.replace(ids.tobytes(), (ids + 100).tobytes())
    assert damaged != content
    (tmp_path / "a").write_bytes(damaged)
    with pytest.raises(BadFile, match="ids go from 100 to 102"):
        Corpus.open(tmp_path / "a")
