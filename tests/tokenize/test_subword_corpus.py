"""Corpora of sub-words, and the tables learned from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import BadText, SemapWarning, SettingsError
from semap.formats.save import save
from semap.tokenize.subwords import SubWords
from semap.tokenize.tokenizer import Tokenizer

pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

TEXTS = ["the sea the ship", "", "unseen 🎉", "the ships, the sea"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(TEXTS * 3, kind="bpe", vocab_size=275)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_corpus_says_what_the_tokenizer_says(tokenizer: Tokenizer, threads: int) -> None:
    corpus = semap.read_text(TEXTS, tokenizer=tokenizer, min_count=1, threads=threads)
    expected = [tokenizer.encode(text).tokens for text in TEXTS if text]
    assert [tuple(corpus.vocab.tokens[token_id] for token_id in text.tolist()) for text in corpus.texts()] == expected
    assert corpus.n_texts == 3
    assert (np.diff(corpus.vocab.counts) <= 0).all()
    assert corpus.facts["tokens_read"] == sum(map(len, expected))


def test_rare_tokens_are_left_out_and_counted(tokenizer: Tokenizer) -> None:
    whole = semap.read_text(TEXTS, tokenizer=tokenizer, min_count=1)
    corpus = semap.read_text(TEXTS, tokenizer=tokenizer, min_count=2)
    assert len(corpus.vocab) < len(whole.vocab)
    assert corpus.facts["tokens_left_out"] == whole.n_tokens - corpus.n_tokens > 0
    again = semap.read_text(TEXTS, tokenizer=tokenizer, vocab=corpus.vocab)
    assert again.ids.tolist() == corpus.ids.tolist()


def test_a_file_gives_the_corpus_of_its_lines(tokenizer: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    corpus = semap.read_text(path, tokenizer=tokenizer, min_count=1)
    assert corpus.fingerprint() == semap.read_text(TEXTS, tokenizer=tokenizer, min_count=1).fingerprint()
    assert corpus.facts["files_read"] == 1


def test_a_table_carries_its_tokenizer(tokenizer: Tokenizer, tmp_path: Path) -> None:
    corpus = semap.read_text(TEXTS * 20, tokenizer=tokenizer, min_count=1)
    corpus.save(tmp_path / "c.corpus")
    opened = semap.Corpus.open(tmp_path / "c.corpus")
    assert opened.splitter == corpus.splitter == SubWords.of(tokenizer)
    table = semap.SkipGram(dim=8, epochs=1, lanes=1).fit(opened)
    table.save(tmp_path / "t.semap")
    settings = semap.load(tmp_path / "t.semap").metadata["text"]
    assert SubWords.are_in(settings)
    assert settings["tokenizer"]["fingerprint"] == tokenizer.fingerprint()
    assert SubWords.from_json(settings).tokenizer().encode("the sea").tokens == tokenizer.encode("the sea").tokens
    assert set(table.tokens) <= set(tokenizer.tokens)


def test_text_that_cannot_be_split_by_a_tokenizer_is_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lowercase, normalize and tokenizer were given"):
        semap.read_text(["a b"], tokenizer=tokenizer, lowercase=False, normalize=None)
    with pytest.raises(SettingsError, match=r"tokenizer is 'tok.json'; give a semap.Tokenizer"):
        semap.read_text(["a b"], tokenizer="tok.json")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="split already"):
        semap.read_text([["the", "sea"]], tokenizer=tokenizer)
    path = tmp_path / "latin.txt"
    path.write_bytes(b"the sea\ncaf\xe9\n")
    with pytest.raises(BadText, match="1 that are not UTF-8"):
        semap.read_text(path, tokenizer=tokenizer, errors="strict")
    with pytest.warns(SemapWarning, match="1 times bytes"):
        semap.read_text(path, tokenizer=tokenizer, min_count=1)


@pytest.mark.parametrize("settings", [{"tokenizer": {}}, {"tokenizer": 3}, {"tokenizer": {"json": "{}"}}])
def test_broken_settings_of_sub_words_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="fingerprint and json"):
        SubWords.from_json(settings)


def test_a_format_without_metadata_says_that_the_tokenizer_is_lost(tokenizer: Tokenizer, tmp_path: Path) -> None:
    settings = SubWords.of(tokenizer).to_json()
    table = semap.Table(["the", "sea"], [[1.0], [2.0]], metadata={"text": settings})
    with pytest.warns(SemapWarning, match="left out: the tokenizer of its sub-words"):
        save(table, tmp_path / "t.vec")
