"""Loading, encoding, padding and decoding."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import BadFile, BadText, CannotWrite, FileMissing, MissingExtra, SemapWarning, SettingsError, ShapeError
from semap.tokenize.tokenizer import Tokenizer

pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##known", "##s", "the", "é", "sea"]


def pipeline() -> dict[str, Any]:
    """A WordPiece tokenizer whose ids begin at 20, with [CLS] and [SEP] around every text."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    special = [{"id": 20 + row, "content": token, "special": True, **flags} for row, token in enumerate(WORDS[:4])]
    around = [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    ]
    ids = {token: {"id": token, "ids": [20 + WORDS.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")}
    return {
        "version": "1.0", "added_tokens": special, "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None,
                    "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "post_processor": {"type": "TemplateProcessing", "single": around, "pair": around, "special_tokens": ids},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": {token: 20 + row for row, token in enumerate(WORDS)}},
    }  # fmt: skip


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.from_json(json.dumps(pipeline()))


@pytest.fixture(scope="module")
def byte_level() -> Tokenizer:
    return Tokenizer.train(["the sea, the ship and the sea 🎉 é é"] * 3, kind="bpe", vocab_size=290)


def test_a_text_becomes_tokens_ids_and_places_in_characters(tokenizer: Tokenizer) -> None:
    found = tokenizer.encode("É, Unknowns 🎉sea")
    assert found.tokens == ("é", "[UNK]", "un", "##known", "##s", "[UNK]")
    assert found.ids.tolist() == [28, 21, 24, 25, 26, 21]
    assert found.offsets.tolist() == [[0, 1], [1, 2], [3, 5], [5, 10], [10, 11], [12, 16]]
    assert (found.ids.dtype, found.offsets.dtype, found.special.dtype) == (np.int32, np.int32, np.bool_)
    assert not found.special.any()
    assert len(found) == 6


def test_special_tokens_come_when_asked_for_and_survive_a_cut(tokenizer: Tokenizer) -> None:
    found = tokenizer.encode("the unknowns", special_tokens=True, max_length=4)
    assert found.tokens == ("[CLS]", "the", "un", "[SEP]")
    assert found.special.tolist() == [True, False, False, True]
    assert found.n_cut == 2
    assert tokenizer.encode("the unknowns", max_length=3).tokens == ("the", "un", "##known")


def test_truncation_and_padding_of_the_file_are_left_out(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("the sea the sea")) == 4
    assert json.loads(tokenizer.to_json())["truncation"] is None


def test_cut_texts_are_counted_in_one_warning(tokenizer: Tokenizer) -> None:
    with pytest.warns(SemapWarning, match="2 of 3 texts were cut to 2 tokens, the longest has 4") as seen:
        batch = tokenizer.encode_batch(["the sea the", "sea", "the sea the sea"], max_length=2)
    assert len(seen) == 1
    assert [each.n_cut for each in batch] == [1, 0, 2]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_batch_is_each_text_on_its_own(tokenizer: Tokenizer, threads: int) -> None:
    texts = ["", "the sea", "unknown é"]
    batch = tokenizer.encode_batch(iter(texts), threads=threads)
    assert [each.tokens for each in batch] == [tokenizer.encode(text).tokens for text in texts]
    ids, offsets = tokenizer.ids(texts, threads=threads)
    assert ids.tolist() == [27, 29, 24, 25, 28]
    assert offsets.tolist() == [0, 0, 2, 5]


def test_padding_fills_up_to_the_longest(tokenizer: Tokenizer) -> None:
    ids, mask = tokenizer.pad(tokenizer.encode_batch(["sea", "", "the sea the"]))
    assert ids.tolist() == [[29, 20, 20], [20, 20, 20], [27, 29, 27]]
    assert mask.tolist() == [[True, False, False], [False] * 3, [True] * 3]
    assert ids.dtype == np.int32
    assert tokenizer.pad([])[0].shape == (0, 0)
    assert tokenizer.pad(tokenizer.encode_batch(["sea", "the sea"]), 7)[0].tolist() == [[29, 7], [27, 29]]


def test_padding_without_a_token_for_it_is_refused() -> None:
    trained = Tokenizer.train(["a b a b"], kind="word", special_tokens=["[UNK]"])
    assert trained.padding_id is None
    with pytest.raises(SettingsError, match="none of the 3 tokens is for padding"):
        trained.pad(trained.encode_batch(["a"]))


def test_the_vocabulary_has_a_place_for_every_id(tokenizer: Tokenizer) -> None:
    assert tokenizer.vocab_size == len(tokenizer) == 30
    assert list(tokenizer.tokens)[20:] == WORDS
    assert tokenizer.tokens[3] == ""
    assert (tokenizer.unknown_id, tokenizer.padding_id, tokenizer.kind) == (21, 20, "wordpiece")
    assert repr(tokenizer) == "Tokenizer(wordpiece, 30 tokens)"


def test_what_is_saved_is_opened_again_by_us_and_by_the_library(tokenizer: Tokenizer, tmp_path: Path) -> None:
    import tokenizers

    path = tmp_path / "tok.json"
    tokenizer.save(path)
    again = semap.Tokenizer.load(path)
    assert again.to_json() == tokenizer.to_json()
    assert again.fingerprint() == tokenizer.fingerprint()
    assert len(again.fingerprint()) == 16
    assert tokenizers.Tokenizer.from_file(str(path)).encode("the sea", add_special_tokens=False).ids == [27, 29]


def test_another_tokenizer_has_another_fingerprint(tokenizer: Tokenizer, byte_level: Tokenizer) -> None:
    assert tokenizer.fingerprint() != byte_level.fingerprint()


def test_ids_become_text_again(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([24, 25, 26, 29]) == "unknowns sea"
    assert tokenizer.decode(np.array([27], np.int64)) == "the"
    assert tokenizer.decode([]) == ""


@pytest.mark.parametrize(("ids", "shown"), [([27, 30], "id 30"), ([-1], "id -1")])
def test_an_id_outside_is_named_with_the_range(tokenizer: Tokenizer, ids: list[int], shown: str) -> None:
    with pytest.raises(ShapeError, match=f"{shown} was given, the tokenizer has ids 0 to 29"):
        tokenizer.decode(ids)


@pytest.mark.parametrize("ids", [[1.5], [[27]], ["the"]])
def test_what_is_no_id_is_refused(tokenizer: Tokenizer, ids: Any) -> None:
    with pytest.raises(ShapeError, match="ids are whole numbers"):
        tokenizer.decode(ids)


@given(st.text())
def test_byte_level_bpe_gives_any_unicode_text_back(byte_level: Tokenizer, text: str) -> None:
    assert byte_level.decode(byte_level.encode(text).ids) == text
    ids, _ = byte_level.ids([text])
    assert byte_level.decode(ids) == text


@given(st.text(alphabet="seaé 🎉中\u0301", min_size=1))
def test_places_of_bytes_are_those_of_their_whole_characters(byte_level: Tokenizer, text: str) -> None:
    found = byte_level.encode(text)
    covered = np.zeros(len(text), np.bool_)
    for token_id, (start, end) in zip(found.ids.tolist(), found.offsets.tolist(), strict=True):
        assert 0 <= start < end <= len(text)
        covered[start:end] = True
        part = byte_level.decode([token_id])
        assert "\ufffd" in part or part == text[start:end]  # a part of a character is no text of its own
    assert covered.all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no tokenizer.json"),
        (b"{", "EOF"),
        (b"{}", "Model missing"),
        (b'{"model": 3}', "no tokenizer.json"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[1, 2]", "no tokenizer.json"),
    ],
)
def test_a_broken_file_is_named_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=reason) as failure:
        Tokenizer.load(path)
    assert failure.value.path == str(path)


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"nothing\.json"):
        Tokenizer.load(tmp_path / "nothing.json")
    with pytest.raises(BadFile, match="cannot be read"):
        Tokenizer.load(tmp_path)


def test_a_folder_that_does_not_exist_cannot_be_written_to(tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        tokenizer.save(tmp_path / "no" / "tok.json")


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["list"]])
def test_what_is_no_text_is_refused(tokenizer: Tokenizer, text: Any) -> None:
    with pytest.raises(BadText, match=r"the text is .*, not str"):
        tokenizer.encode(text)
    with pytest.raises(BadText, match=r"text 1 is .*, not str"):
        tokenizer.ids(["fine", text])


def test_one_text_in_the_place_of_a_batch_is_refused(tokenizer: Tokenizer) -> None:
    for ask in (tokenizer.encode_batch, tokenizer.ids):
        with pytest.raises(SettingsError, match=r"give \[text\]"):
            ask("the sea")


def test_a_lone_surrogate_is_read_as_everywhere_and_offsets_are_those_of_the_text_given(tokenizer: Tokenizer) -> None:
    given, read = "the \ud800 sea\udcff", "the \ufffd\ufffd\ufffd sea\ufffd\ufffd\ufffd"
    found, plain = tokenizer.encode(given), tokenizer.encode(read)
    assert found.tokens == plain.tokens
    assert tokenizer.ids([given])[0].tolist() == tokenizer.ids([read])[0].tolist() == found.ids.tolist()
    origin = [0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 9, 9]  # of each character of `read` in `given`
    for (start, end), (before, after) in zip(found.offsets.tolist(), plain.offsets.tolist(), strict=True):
        assert (start, end) == (origin[before], origin[after - 1] + 1)
    assert tokenizer.encode_batch([given])[0].offsets.tolist() == found.offsets.tolist()


@pytest.mark.parametrize("length", [0, -3, True, 2.5])
def test_a_length_that_is_none_is_refused(tokenizer: Tokenizer, length: Any) -> None:
    with pytest.raises(SettingsError, match="max_length"):
        tokenizer.encode("the", max_length=length)


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'semap\[encode\]'"):
        Tokenizer.from_json("{}")


def test_naming_the_class_loads_neither_the_library_nor_the_compiler() -> None:
    code = "import semap, sys; semap.Tokenizer; print([name for name in ('tokenizers', 'numba', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr
