"""Cached ids are those of the library, for any text and any pipeline."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.tokenize import cached as module
from semap.tokenize.cached import CachedWords
from semap.tokenize.cutting import Cutting, cutting_of
from semap.tokenize.tokenizer import Tokenizer

tokenizers = pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

MODEL2VEC = Path(__file__).parents[2] / ".." / "shared" / "data" / "formats" / "model2vec_int8" / "tokenizer.json"
BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
META = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
PAD = {"id": 0, "content": "[PAD]", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
# What goes wrong when a text is cut at the wrong place: blanks of all kinds, marks, what lower-cases or composes across.
ALPHABET = (
    " \t\n\r\x0b\x0c\x1c\x1f\x00\u0085\u00a0\u2003\u3000\u200b\u0301\u0338\u0308<=>.,'[]PADabste"
    "i\u03a3\u03c3I\u0130\u0131\u1e9eé中ｶ\ufdfa¨▁Ġ🎉\ufffd\u1100\u1161"
)
LETTERS = sorted(set("abcdefghijklmnopqrstuvwxyzABPDS.,'<>[]é\u03c3中▁Ġ"))


def wordpiece() -> dict[str, Any]:
    vocab = ["[PAD]", "[UNK]", *LETTERS, *("##" + letter for letter in LETTERS), "as", "##te", "the", "pad"]
    return {"type": "WordPiece", "vocab": {token: row for row, token in enumerate(vocab)}, "unk_token": "[UNK]",
            "continuing_subword_prefix": "##", "max_input_chars_per_word": 7}  # fmt: skip


def bpe() -> dict[str, Any]:
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    pairs = [("a", "s"), ("t", "e"), ("Ġ", "a"), ("Ġa", "s"), ("'", "s"), ("Ġ", "Ġ"), ("Ċ", "Ċ"), ("as", "te")]
    vocab = ["[PAD]", *alphabet, *("".join(pair) for pair in pairs)]
    return {"type": "BPE", "vocab": {token: row for row, token in enumerate(vocab)}, "merges": [list(pair) for pair in pairs],
            "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False}  # fmt: skip


def unigram() -> dict[str, Any]:
    pieces = [["[PAD]", 0.0], ["<unk>", 0.0], *([letter, -4.0] for letter in LETTERS), ["▁a", -2.5], ["▁", -3.0], ["as", -3.0]]
    return {"type": "Unigram", "unk_id": 1, "vocab": pieces, "byte_fallback": False}


def built(model: dict[str, Any], cutter: Any, normalizer: Any = None, **flags: bool) -> Tokenizer:
    pipeline = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [{**PAD, **flags}],
        "normalizer": normalizer, "pre_tokenizer": cutter, "post_processor": None, "decoder": None, "model": model,
    }  # fmt: skip
    return Tokenizer.from_json(json.dumps(pipeline))


def sequence(*steps: dict[str, Any], name: str = "pretokenizers") -> dict[str, Any]:
    return {"type": "Sequence", name: list(steps)}


def step(name: str, **more: Any) -> dict[str, Any]:
    return {"type": name, **more}


PIPELINES = {
    "bert": (Cutting.PUNCTUATION, lambda: built(wordpiece(), step("BertPreTokenizer"), BERT)),
    "bert-nfc": (Cutting.BLANKS, lambda: built(wordpiece(), step("BertPreTokenizer"), step("NFC"))),
    "bert-lower-normalized": (
        Cutting.BLANKS, lambda: built(wordpiece(), step("BertPreTokenizer"), step("Lowercase"), normalized=True),
    ),
    "whitespace": (
        Cutting.BLANKS,
        lambda: built(wordpiece(), step("Whitespace"), sequence(step("NFKD"), step("StripAccents"), name="normalizers")),
    ),
    "blanks-and-digits": (
        Cutting.BLANKS, lambda: built(wordpiece(), sequence(step("WhitespaceSplit"), step("Digits", individual_digits=True))),
    ),
    "blanks-and-metaspace": (Cutting.BLANKS, lambda: built(unigram(), sequence(step("WhitespaceSplit"), META))),
    "bytes": (Cutting.SPACES, lambda: built(bpe(), BYTES)),
    "bytes-nfkc": (Cutting.SPACES, lambda: built(bpe(), {**BYTES, "add_prefix_space": True}, step("NFKC"))),
    "bytes-lstrip": (Cutting.SPACES, lambda: built(bpe(), BYTES, lstrip=True)),
    "bytes-rstrip": (Cutting.NEVER, lambda: built(bpe(), BYTES, rstrip=True)),
    "bytes-without-words": (Cutting.NEVER, lambda: built(bpe(), {**BYTES, "use_regex": False})),
    "bytes-strip-accents": (Cutting.NEVER, lambda: built(bpe(), BYTES, step("StripAccents"))),
    "metaspace": (Cutting.SPACES, lambda: built(unigram(), META)),
    "metaspace-first-nfc": (Cutting.SPACES, lambda: built(unigram(), {**META, "prepend_scheme": "first"}, step("NFC"))),
    "metaspace-whole": (Cutting.NEVER, lambda: built(unigram(), {**META, "split": False})),
    "no-pre-tokenizer": (Cutting.NEVER, lambda: built(unigram(), None)),
}  # fmt: skip
texts = st.lists(
    st.one_of(
        st.text(alphabet=ALPHABET, max_size=12),
        st.lists(
            st.sampled_from(["the", "as", "a's", "[PAD]", " [PAD]", "x[PAD] ", "é", ",", "\u0301a", "", "aaaaaaaa"]), max_size=6
        ).map(" ".join),
        st.text(max_size=20),
    ),
    max_size=5,
)


@pytest.fixture(scope="module", params=PIPELINES)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    expected, make = PIPELINES[request.param]
    made: Tokenizer = make()
    assert cutting_of(made.pipeline) is expected
    return made


def library_of(tokenizer: Tokenizer) -> Any:
    return tokenizers.Tokenizer.from_str(tokenizer.to_json())


def check(tokenizer: Tokenizer, words: CachedWords, batch: list[str]) -> None:
    ids, offsets = words.ids_of_batch(batch, 1)
    library = library_of(tokenizer)
    assert offsets[0] == 0
    assert len(offsets) == len(batch) + 1
    assert (ids.dtype, offsets.dtype) == (np.int32, np.int64)
    for number, text in enumerate(batch):
        expected = library.encode(text, add_special_tokens=False).ids
        assert ids[offsets[number] : offsets[number + 1]].tolist() == expected, text


@settings(max_examples=80)
@given(batch=texts)
def test_the_ids_of_any_text_are_those_of_the_library(tokenizer: Tokenizer, batch: list[str]) -> None:
    check(tokenizer, CachedWords(tokenizer), batch)


TRICKY = [
    "as\u00a0 te", "as \u00a0te", "as\u00a0\u00a0te", " as", "as ", "as  te", "", " ", "\n", "as\nte", "as\r\nte", "a\x0bb",
    "a\x1cb", "<\u0338 =\u0338",
    "[PAD]", "as[PAD]te", "[pad]", "as [PAD] te", "[ PAD ]",
    "¨ a", "a \u0301 \u0301 b", "\u0391\u03a3 \u03a3 \u0391\u03a3.", "İ I", "中a中",
    "\u200bas", "aaaaaaaaaaaa a", "▁a ▁", "a▁ b", "\x00 a\x00b",
]  # fmt: skip


def test_blanks_marks_and_special_tokens_out_of_the_ordinary_change_nothing(tokenizer: Tokenizer) -> None:
    words = CachedWords(tokenizer)
    for _ in range(2):  # the second time from the cache
        check(tokenizer, words, TRICKY)
    check(tokenizer, words, TRICKY[::-1])


def test_one_text_is_a_batch_of_one(tokenizer: Tokenizer) -> None:
    words = CachedWords(tokenizer)
    assert words.ids_of("as the").tolist() == library_of(tokenizer).encode("as the").ids
    ids, offsets = words.ids_of_batch([], 1)
    assert (ids.shape, ids.dtype, offsets.tolist()) == ((0,), np.int32, [0])


def test_a_full_cache_begins_anew_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_PIECES", 3)
    monkeypatch.setattr(module, "_BYTES_AT_ONCE", 8)
    tokenizer = PIPELINES["bert"][1]()
    words = CachedWords(tokenizer)
    batch = ["the as", "pads te", "aba", "a" * 30, "the, as. the", ""] * 3
    check(tokenizer, words, batch)
    assert len(words._known._pieces) < 12  # of the 8 different ones no part has more than 6


def test_threads_that_share_a_cache_find_the_same() -> None:
    tokenizer = PIPELINES["bytes"][1]()
    words = CachedWords(tokenizer)
    generator = np.random.default_rng(3)
    batch = [" ".join("aste'"[letter] * (1 + letter) for letter in line) for line in generator.integers(0, 5, (300, 7))]
    expected = [library_of(tokenizer).encode(text).ids for text in batch]
    found: dict[int, Any] = {}
    crew = [threading.Thread(target=lambda n=n: found.update({n: words.ids_of_batch(batch, n)})) for n in (1, 2, 3)]
    for member in crew:
        member.start()
    for member in crew:
        member.join()
    for ids, offsets in found.values():
        assert [ids[a:b].tolist() for a, b in pairwise(offsets)] == expected


@pytest.mark.skipif(not MODEL2VEC.is_file(), reason="../shared/data/formats/model2vec_int8 is not there")
def test_real_paragraphs_have_the_ids_of_the_library() -> None:
    tokenizer = Tokenizer.load(MODEL2VEC)
    novels = (Path(module.__file__).parents[1] / "data" / "novels.txt").read_text(encoding="utf-8")
    check(tokenizer, CachedWords(tokenizer), [*novels[:200_000].split("\n"), "🎉 naïve [MASK] [MASK]ed café\u0301", "[mask]"])
