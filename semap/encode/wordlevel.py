"""The words of a table and how they are split in, a tokenizer.json that finds the same words out."""

from __future__ import annotations

import json
from typing import Any

from semap.text.splitter import Splitter
from semap.vocab.tokens import Tokens

__all__ = ["word_level_json"]

_WORD = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d]*"


def word_level_json(tokens: Tokens, splitter: Splitter) -> str:
    """Return the text of a tokenizer.json whose ids are the rows of `tokens`, and the id after the last the unknown word.

    The library normalises before it splits, `Splitter` after it, and each has the Unicode tables of its own version: rare
    characters may be told apart otherwise.
    """
    unknown = "[UNK]"
    while unknown in tokens:
        unknown = f"[{unknown}]"
    names: list[str] = [splitter.normalize] if splitter.normalize else []
    names += ["Lowercase", *names] if splitter.lowercase else []
    before: dict[str, Any] = {"type": "WhitespaceSplit"}
    if splitter.split == "words":
        before = {"type": "Split", "pattern": {"Regex": _WORD}, "behavior": "Removed", "invert": True}
    vocab = {token: row for row, token in enumerate(tokens)}
    content: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": name} for name in names]} if names else None,
        "pre_tokenizer": before,
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {**vocab, unknown: len(vocab)}, "unk_token": unknown},
    }
    return json.dumps(content, ensure_ascii=False)
