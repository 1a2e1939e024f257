"""Learning tokenizers from texts."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadText, EmptyCorpus, FileMissing, SemapWarning, SettingsError
from semap.progress import Silent
from semap.text.chunks import Chunk
from semap.tokenize.counting import count_words, lines_of
from semap.tokenize.cutting import cutting_of
from semap.tokenize.recipe import Recipe
from semap.tokenize.tokenizer import Tokenizer

tokenizers = pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

KINDS = ["bpe", "wordpiece", "unigram", "word"]
SMALL = ["low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest widest"]


def novels(n_characters: int = 300_000) -> list[str]:
    text = (files("semap") / "data" / "novels.txt").read_text(encoding="utf-8")
    return text[:n_characters].split("\n")


def test_merges_are_those_of_the_paper_by_hand() -> None:
    # Sennrich et al. 2016: e+s (9 times), es+t, then l+o, lo+w ... here with the space as a part of the word.
    trained = Tokenizer.train(SMALL, kind="bpe", vocab_size=257 + 3, special_tokens=["<pad>"])
    assert trained.pipeline["model"]["merges"] == [["e", "s"], ["es", "t"], ["l", "o"]]
    assert trained.encode("lowest").tokens == ("lo", "w", "est")


def test_wordpiece_keeps_the_marks_inside_words() -> None:
    trained = Tokenizer.train(SMALL, kind="wordpiece", vocab_size=18)
    assert list(trained.tokens)[:2] == ["[PAD]", "[UNK]"]
    assert {"##s", "##t", "##es", "##est", "l", "n", "w"} <= set(trained.tokens)
    assert trained.encode("lowest").tokens[-1] == "##est"
    assert trained.encode("xyz").ids.tolist() == [trained.unknown_id]


def test_words_are_the_most_frequent_ties_in_the_order_of_their_letters() -> None:
    trained = Tokenizer.train(["b b b a a c c d"], kind="word", vocab_size=4, min_count=2, special_tokens=["[UNK]"])
    assert list(trained.tokens) == ["[UNK]", "b", "a", "c"]
    assert trained.encode("d a").ids.tolist() == [0, 2]


def test_unigram_prefers_what_comes_often() -> None:
    trained = Tokenizer.train([*SMALL, *["the widest low"] * 20], kind="unigram", vocab_size=24, min_count=1)
    assert trained.vocab_size <= 24
    assert trained.encode("the low").tokens == ("▁the", "▁low")
    assert trained.decode(trained.encode("the low tide").ids) == "the low tide"
    scores = dict(map(tuple, trained.pipeline["model"]["vocab"][2:]))
    assert all(score < 0 for score in scores.values())
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_merges_equal_those_of_the_library() -> None:
    lines = novels()
    ours = Tokenizer.train(lines, kind="bpe", vocab_size=3000).pipeline["model"]
    library = tokenizers.Tokenizer(tokenizers.models.BPE())
    library.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=3000, min_frequency=2, show_progress=False, special_tokens=["<pad>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    library.train_from_iterator(iter(lines), trainer)
    theirs = json.loads(library.to_str())["model"]
    assert ours["merges"] == theirs["merges"]
    assert ours["vocab"] == theirs["vocab"]


def test_unigram_explains_held_out_text_better_than_its_letters_do() -> None:
    lines = novels(120_000)
    learned, held_out = lines[::2], lines[1::2]
    trained = Tokenizer.train(learned, kind="unigram", vocab_size=1500)
    likelihood = dict(map(tuple, trained.pipeline["model"]["vocab"]))
    tokens = [token for each in trained.encode_batch(held_out, threads=1) for token in each.tokens]
    known = [likelihood[token] for token in tokens if token in likelihood]
    letters = Counter(letter for token in tokens for letter in token)
    total = sum(letters.values())
    # A model of letters alone, with its parameters from the held-out text itself, must explain it worse.
    assert len(known) > 0.99 * len(tokens)
    assert sum(known) > 0.8 * sum(n * math.log(n / total) for n in letters.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_in_another_process_and_for_any_threads(kind: Any) -> None:
    code = (
        "import sys; from semap.tokenize.tokenizer import Tokenizer; from importlib.resources import files;"
        "lines = (files('semap') / 'data' / 'novels.txt').read_text(encoding='utf-8')[:60000].split('\\n');"
        f"print(Tokenizer.train(lines, kind={kind!r}, vocab_size=600, threads=2).fingerprint())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env={"PYTHONHASHSEED": "7"})
    here = Tokenizer.train(novels(60_000), kind=kind, vocab_size=600, threads=1)
    assert done.stdout.strip() == here.fingerprint(), done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_any_source_that_read_text_takes_gives_the_same(kind: Any, tmp_path: Path) -> None:
    lines = novels(20_000)
    expected = Tokenizer.train(lines, kind=kind, vocab_size=400).to_json()
    plain, packed = tmp_path / "a.txt", tmp_path / "b.txt.gz"
    plain.write_bytes("\r\n".join(lines).encode())
    packed.write_bytes(gzip.compress("\n".join(lines).encode()))
    for source in (plain, str(plain), [plain], packed, str(tmp_path / "a*")):
        assert Tokenizer.train(source, kind=kind, vocab_size=400).to_json() == expected


def library_counts(recipe: Recipe, texts: list[str]) -> Counter[str]:
    library = tokenizers.Tokenizer.from_str(json.dumps(recipe.pipeline()))
    found: Counter[str] = Counter()
    for text in texts:
        normalized = text if library.normalizer is None else library.normalizer.normalize_str(text)
        found.update(word for word, _ in library.pre_tokenizer.pre_tokenize_str(normalized))
    return found


@settings(max_examples=60)
@given(
    st.lists(st.text(alphabet=" \t\x0b\u00a0abéΣ\u0301'.,<中🎉\x1c", max_size=12), min_size=1, max_size=8),
    st.sampled_from(KINDS),
    st.booleans(),
)
def test_words_are_counted_as_the_library_splits_whole_texts(texts: list[str], kind: Any, lowercase: bool) -> None:
    recipe = Recipe.of(kind, 1000, 1, lowercase, "auto", None)
    library = tokenizers.Tokenizer.from_str(json.dumps(recipe.pipeline()))
    expected = library_counts(recipe, texts)
    if not expected:
        with pytest.raises(EmptyCorpus):
            count_words(texts, library, cutting_of(recipe.pipeline()), Silent())
        return
    assert count_words(texts, library, cutting_of(recipe.pipeline()), Silent()) == expected


def test_lines_are_whole_whatever_the_chunks() -> None:
    content = "ab é\n\nlast 🎉 one\r\nx".encode()
    for size in range(1, len(content) + 1):
        chunks = [Chunk(content[at : at + size], "f", at, at == 0) for at in range(0, len(content), size)]
        found = [line for lines, _ in lines_of(iter([*chunks, Chunk(b"next", "g", 0, True)])) for line in lines]
        assert found == ["ab é".encode(), b"", "last 🎉 one".encode(), b"x", b"next"]


def test_memory_does_not_grow_with_the_corpus() -> None:
    code = (
        "import resource, sys; from semap.tokenize.tokenizer import Tokenizer; from itertools import repeat, islice, chain;"
        "line = 'the quick brown fox, the lazy dog' * 30;"
        "Tokenizer.train(islice(repeat(line), 10_000), vocab_size=300);"
        "first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "Tokenizer.train(islice(repeat(line), 80_000), vocab_size=300);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert int(done.stdout) < 20_000, done.stderr  # KiB more, for 72 MB more text


def test_lower_case_and_normal_form_are_part_of_the_tokenizer() -> None:
    trained = Tokenizer.train(["CAFE\u0301 cafe\u0301 Café"] * 2, kind="word", lowercase=True, special_tokens=["[UNK]"])
    assert list(trained.tokens) == ["[UNK]", "café"]
    assert trained.encode("CAFE\u0301").tokens == ("café",)
    assert Tokenizer.train(["a b a b"], kind="bpe", vocab_size=260).pipeline["normalizer"] is None


@pytest.mark.parametrize(
    ("kind", "size", "numbers"),
    [
        ("bpe", 256, "vocab_size is 256, .* take 257"),
        ("wordpiece", 7, "vocab_size is 7, the 11 letters"),
        ("unigram", 5, "vocab_size is 5"),
        ("word", 2, "vocab_size is 2"),
    ],
)
def test_a_vocabulary_smaller_than_its_alphabet_is_refused_with_both_numbers(kind: Any, size: int, numbers: str) -> None:
    with pytest.raises(SettingsError, match=numbers):
        Tokenizer.train(SMALL, kind=kind, vocab_size=size)


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_is_an_empty_corpus(kind: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(EmptyCorpus, match="holds no word"):
        Tokenizer.train(tmp_path / "empty.txt", kind=kind)
    with pytest.raises(EmptyCorpus):
        Tokenizer.train([], kind=kind)


@pytest.mark.parametrize("kind", ["wordpiece", "unigram", "word"])
def test_too_high_a_min_count_leaves_nothing_and_says_how_high_it_may_be(kind: Any) -> None:
    with pytest.raises(EmptyCorpus, match=r"comes (2|3) times; give min_count=\1"):
        Tokenizer.train(["a a a" if kind == "word" else "aaa"], kind=kind, min_count=9)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"kind": "sentencepiece"}, "kind"),
        ({"vocab_size": 0}, "vocab_size"),
        ({"vocab_size": 2.5}, "vocab_size"),
        ({"min_count": 0}, "min_count"),
        ({"normalize": "nfc"}, "normalize"),
        ({"special_tokens": "<s>"}, "special_tokens"),
        ({"special_tokens": ["a", "a"]}, "special_tokens"),
        ({"threads": -1}, "threads"),
    ],
)
def test_a_setting_that_is_none_is_refused(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Tokenizer.train(SMALL, **arguments)


def test_lists_of_tokens_binary_files_and_missing_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00")
    with pytest.raises(SettingsError, match="not from lists of tokens"):
        Tokenizer.train([["a", "b"]])
    with pytest.raises(BadText, match="NumPy array"):
        Tokenizer.train(tmp_path / "a.npy")
    with pytest.raises(FileMissing):
        Tokenizer.train(tmp_path / "b.txt")


def test_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("café café\nthé\n".encode("latin-1"))
    with pytest.warns(SemapWarning, match="3 times bytes that are not UTF-8"):
        trained = Tokenizer.train(tmp_path / "latin.txt", kind="word", special_tokens=["[UNK]"])
    assert trained.vocab_size > 1
