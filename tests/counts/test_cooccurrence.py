"""How often words stand near each other: what is counted is compared with fractions added up by hand."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.corpus.blocks import Span
from semap.corpus.corpus import Corpus
from semap.counts import cooccurrence as module
from semap.counts.cooccurrence import cooccurrence, count_cells
from semap.counts.spool import Spool
from semap.errors import CannotWrite, EmptyCorpus, SettingsError
from semap.vocab.vocab import Vocab

TEXTS = [["the", "cat", "saw", "the", "dog"], ["dog"], ["a", "cat", "cat"]]


def corpus_of(texts):
    """Ids by falling count, ties against the alphabet: no id is the place where its word stands first."""
    words = sorted({word for text in texts for word in text}, reverse=True)
    counts = [sum(text.count(word) for text in texts) for word in words]
    order = sorted(range(len(words)), key=lambda at: -counts[at])
    row = {words[at]: token_id for token_id, at in enumerate(order)}
    ids = np.array([row[word] for text in texts for word in text], np.int32)
    offsets = np.cumsum([0, *map(len, texts)])
    return Corpus(ids, offsets, Vocab([words[at] for at in order], [counts[at] for at in order]))


def by_hand(texts, window, symmetric=True, weighted=True):
    """Every pair of places in turn, as fractions."""
    cells = defaultdict(Fraction)
    for text in texts:
        for left, right in combinations(range(len(text)), 2):
            if right - left <= window:
                weight = Fraction(1, right - left) if weighted else Fraction(1)
                cells[text[right], text[left]] += weight
                if symmetric:
                    cells[text[left], text[right]] += weight
    return dict(cells)


def cells_of(counts, corpus):
    """Counts by words."""
    tokens = list(corpus.vocab.tokens)
    rows = np.repeat(np.arange(len(counts)), np.diff(counts.indptr))
    return {(tokens[r], tokens[c]): x for r, c, x in zip(rows, counts.indices, counts.data.tolist(), strict=True)}


def test_a_small_text_counted_on_paper():
    corpus = corpus_of(TEXTS)
    found = cells_of(cooccurrence(corpus, window=2), corpus)
    assert found["cat", "the"] == found["the", "cat"] == 1 + 1 / 2  # "the cat", "cat saw the"
    assert found["cat", "cat"] == 2  # from each of the two
    assert ("the", "a") not in found
    assert ("the", "the") not in found  # three words apart
    assert found == {pair: float(x) for pair, x in by_hand(TEXTS, 2).items()}


words = st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=30), min_size=1, max_size=12)


@given(words, st.integers(1, 18), st.booleans(), st.booleans())
def test_every_cell_is_the_fraction_rounded_once(texts, window, symmetric, weighted):
    corpus = corpus_of(texts)
    counts = cooccurrence(corpus, window=window, symmetric=symmetric, distance_weighting=weighted, threads=2)
    assert cells_of(counts, corpus) == {pair: float(x) for pair, x in by_hand(texts, window, symmetric, weighted).items()}
    assert all((np.diff(counts.indices[a:b]) > 0).all() for a, b in zip(counts.indptr[:-1], counts.indptr[1:], strict=True))


@given(words, st.integers(19, 60))
def test_wide_windows_are_good_to_seven_digits(texts, window):
    corpus = corpus_of(texts)
    expected = by_hand(texts, window)
    found = cells_of(cooccurrence(corpus, window=window), corpus)
    assert found.keys() == expected.keys()
    for pair, x in expected.items():
        assert found[pair] == pytest.approx(float(x), rel=1e-7)


def test_a_window_wider_than_any_text_is_as_wide_as_the_longest(monkeypatch):
    monkeypatch.setattr(module, "_LONG", 3)
    corpus = corpus_of(TEXTS)
    assert cells_of(cooccurrence(corpus, window=2**31 - 1), corpus) == {p: float(x) for p, x in by_hand(TEXTS, 99).items()}


@pytest.fixture(scope="module")
def zipf():
    """9,000 words in 60 texts of 1 to 300 words, 200 different."""
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, 300, 60)
    return corpus_of([[f"w{int(200 * r**3)}" for r in rng.random(length)] for length in lengths])


def parts(counts):
    return counts.data.tobytes(), counts.indices.tobytes(), counts.indptr.tobytes()


@pytest.mark.parametrize("window", [1, 7, 40])
def test_neither_threads_nor_memory_change_a_bit(zipf, window, monkeypatch):
    whole = parts(cooccurrence(zipf, window=window, threads=1))
    assert parts(cooccurrence(zipf, window=window, threads=5)) == whole
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 300)
    assert parts(cooccurrence(zipf, window=window, threads=2)) == whole
    monkeypatch.setattr(module, "_LEAST_SEGMENT", 500)
    for memory in (1, 20_000, 100_000):
        assert parts(cooccurrence(zipf, window=window, threads=3, memory=memory)) == whole


@pytest.fixture
def own_temp(tmp_path, monkeypatch):
    """A folder for temporary files that shows what was left there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def counted(corpus, memory, progress=False):
    return count_cells(
        corpus, window=5, symmetric=True, distance_weighting=True, memory=memory, threads=2, progress=progress
    )  # fmt: skip


def test_what_outgrows_memory_goes_to_files_that_leave_nothing_behind(zipf, own_temp, monkeypatch):
    assert counted(zipf, 10**8).on_disk == 0
    monkeypatch.setattr(module, "_LEAST_SEGMENT", 500)
    cells = counted(zipf, 10_000)
    assert cells.on_disk == 12 * len(cells) > 10_000
    assert list(own_temp.iterdir()) == []


def test_more_memory_than_there_is_may_be_given(zipf):
    assert counted(zipf, 2**62).on_disk == 0


def test_a_disk_that_is_full_is_said_with_the_remedy(zipf, own_temp, monkeypatch):
    class Full:
        def write(self, content):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **given: Full())
    with pytest.raises(CannotWrite, match=r"bytes .*No space left on device.*TMPDIR"):
        counted(zipf, 1000)


class Stopper:
    def __init__(self):
        self.ended, self.done, self.total = False, [], 0

    def start(self, task, total, unit):
        self.total = total

    def update(self, done, **figures):
        self.done.append(done)

    def finish(self):
        self.ended = True


def test_ctrl_c_ends_it_and_leaves_nothing_behind(zipf, own_temp, monkeypatch):
    monkeypatch.setattr(module, "_LEAST_SEGMENT", 500)

    class Pressed(Stopper):
        def update(self, done, **figures):
            if done > 5000:
                raise KeyboardInterrupt

    shown = Pressed()
    with pytest.raises(KeyboardInterrupt):
        counted(zipf, 1000, shown)
    assert shown.ended
    assert list(own_temp.iterdir()) == []


def test_progress_counts_the_words(zipf, monkeypatch):
    monkeypatch.setattr(module, "_LEAST_SEGMENT", 500)
    shown = Stopper()
    counted(zipf, 1000, shown)
    assert shown.done == sorted(shown.done)
    assert shown.done[-1] == shown.total == zipf.n_tokens


class Streamed:
    """Blocks that hand out no more than the texts asked for, as walks do."""

    def __init__(self, corpus):
        self._corpus, self.n_tokens, self.vocab = corpus, corpus.n_tokens, corpus.vocab

    def read(self, epoch, start, stop):
        offsets = self._corpus.offsets
        first, last = np.searchsorted(offsets, start, "right") - 1, np.searchsorted(offsets, stop, "left")
        return Span(self._corpus.ids[offsets[first] : offsets[last]], offsets[first : last + 1], int(offsets[first]))


def test_blocks_that_are_made_while_they_are_read_are_counted_too(zipf, monkeypatch):
    monkeypatch.setattr(module, "_LEAST_SEGMENT", 700)
    assert parts(cooccurrence(Streamed(zipf), window=6, memory=1)) == parts(cooccurrence(zipf, window=6))


@settings(max_examples=50)
@given(st.integers(1, 10_000), st.integers(1, 2**40))
def test_no_sum_outgrows_its_integer(reach, n_tokens):
    units, unit = module._units(reach, True, n_tokens)
    assert unit >= 1
    assert (units > 0).all()
    assert 2 * n_tokens * sum(units[1:].tolist()) < 2**63


@pytest.mark.parametrize(
    ("given_", "says"),
    [({"window": 0}, "window is 0"), ({"window": 2.5}, r"window is 2.5"), ({"memory": 0}, "memory is 0"),
     ({"symmetric": 1}, "symmetric is 1"), ({"distance_weighting": "no"}, "distance_weighting is 'no'"),
     ({"threads": -1}, "threads is -1")],
)  # fmt: skip
def test_settings_are_checked(given_, says):
    with pytest.raises(SettingsError, match=says):
        cooccurrence(corpus_of(TEXTS), **given_)


def test_what_is_no_corpus_or_an_empty_one_is_said():
    with pytest.raises(SettingsError, match=r"not list; semap\.read_text"):
        cooccurrence(TEXTS)
    with pytest.raises(EmptyCorpus, match="no token"):
        cooccurrence(corpus_of([]))


def test_words_that_never_meet_have_rows_without_cells():
    corpus = corpus_of([["b"], ["a"], ["a"]])
    counts = cooccurrence(corpus)
    assert counts.shape == (2, 2)
    assert len(counts.data) == 0


def test_rows_are_counted_in_pieces_of_few_steps_and_few_cells():
    """A piece of frequent words has few cells and takes long: Ctrl-C must not wait for all of them."""
    steps, cells = module._STEPS_AT_ONCE, module._CELLS_AT_ONCE
    ones = np.ones(4, np.int64)
    assert module._bounds(ones, ones * (steps // 2 + 1)) == [0, 1, 2, 3, 4]
    assert module._bounds(ones * (cells // 2), ones) == [0, 2, 4]
    assert module._bounds(np.array([1, 2 * cells, 1]), np.ones(3, np.int64)) == [0, 1, 2, 3]


def test_a_spool_holds_all_of_its_room_in_memory_and_one_more_nowhere_but_on_disk():
    spool = Spool(np.int32, 16)
    spool.append(np.arange(4, dtype=np.int32))
    assert spool.on_disk == 0
    spool.append(np.array([4], np.int32))
    assert spool.on_disk == 20
    assert spool.array().tolist() == [0, 1, 2, 3, 4]
