"""The settings of a tokenizer to train in, its pipeline as in a tokenizer.json out, the model still empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from semap.errors import SettingsError
from semap.settings import whole
from semap.text.splitter import Normalize

__all__ = ["Kind", "Recipe"]

Kind = Literal["bpe", "wordpiece", "unigram", "word"]

_UNKNOWN = {"wordpiece": "[UNK]", "unigram": "<unk>", "word": "[UNK]"}
_SPECIAL = {"bpe": ("<pad>",), "wordpiece": ("[PAD]", "[UNK]"), "unigram": ("<pad>", "<unk>"), "word": ("[PAD]", "[UNK]")}
_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
_SPACES = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
_CUTTERS: dict[str, Any] = {
    "bpe": _BYTES,
    "wordpiece": {"type": "BertPreTokenizer"},
    "unigram": _SPACES,
    "word": {"type": "Whitespace"},
}
_DECODERS: dict[str, Any] = {
    "bpe": _BYTES,
    "wordpiece": {"type": "WordPiece", "prefix": "##", "cleanup": False},
    "unigram": _SPACES,
}
_EMPTY: dict[str, Any] = {
    "bpe": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": {}, "merges": []},
    "wordpiece": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": {"[UNK]": 0}},
    "unigram": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]], "byte_fallback": False},
    "word": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0}},
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What a tokenizer is to be, checked. `special_tokens`: the first ids, the unknown token among them where one is needed."""

    kind: Kind
    vocab_size: int
    min_count: int
    lowercase: bool
    normalize: Normalize | None
    special_tokens: tuple[str, ...]

    @classmethod
    def of(
        cls, kind: Kind, vocab_size: int, min_count: int, lowercase: bool, normalize: Normalize | Literal["auto"] | None,
        special_tokens: Sequence[str] | None,
    ) -> Recipe:  # fmt: skip
        """Return the recipe of the arguments of `Tokenizer.train`. Raises SettingsError."""
        if kind not in get_args(Kind):
            raise SettingsError(f"kind is {kind!r}; choose one of {', '.join(map(repr, get_args(Kind)))}")
        vocab_size, min_count = whole("vocab_size", vocab_size, 1), whole("min_count", min_count, 1)
        if normalize == "auto":
            normalize = None if kind == "bpe" else "NFC"
        if normalize not in (*get_args(Normalize), None):
            raise SettingsError(
                f"normalize is {normalize!r}; choose one of {', '.join(map(repr, get_args(Normalize)))}, None, 'auto'"
            )
        return cls(kind, vocab_size, min_count, bool(lowercase), normalize, _checked(special_tokens, kind))

    @property
    def unknown(self) -> str | None:
        """The token for what cannot be spelled."""
        return _UNKNOWN.get(self.kind)

    def pipeline(self, model: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the whole pipeline; without a model it has an empty one, which is enough to split texts."""
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [] if model is None else [_added(row, token) for row, token in enumerate(self.special_tokens)],
            "normalizer": self._normalizer(),
            "pre_tokenizer": _CUTTERS[self.kind],
            "post_processor": None,
            "decoder": _DECODERS.get(self.kind),
            "model": {**_EMPTY[self.kind], **(model or {})},
        }

    def _normalizer(self) -> dict[str, Any] | None:
        form: list[dict[str, Any]] = [{"type": self.normalize}] if self.normalize else []
        # As in `Splitter.forms`: a lower-cased character may compose with the mark after it.
        steps = [*form, {"type": "Lowercase"}, *form] if self.lowercase else form
        return {"type": "Sequence", "normalizers": steps} if len(steps) > 1 else (steps[0] if steps else None)


def _checked(special_tokens: Sequence[str] | None, kind: Kind) -> tuple[str, ...]:
    if special_tokens is None:
        return _SPECIAL[kind]
    if isinstance(special_tokens, str):
        raise SettingsError(f"special_tokens is the str {special_tokens!r}; give a list of tokens")
    tokens = tuple(special_tokens)
    if not all(isinstance(token, str) and token for token in tokens) or len(set(tokens)) != len(tokens):
        raise SettingsError(f"special_tokens are {tokens!r}; give different str that are not empty")
    unknown = _UNKNOWN.get(kind)
    return tokens if unknown is None or unknown in tokens else (*tokens, unknown)


def _added(row: int, token: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": row, "content": token, **flags, "special": True}
