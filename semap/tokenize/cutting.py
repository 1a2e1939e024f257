"""The pipeline of a tokenizer.json in, whether texts may be cut at blanks before it out.

Where they may, the ids of a text are those of its pieces, one after another, since neither the normaliser nor the
pre-tokenizer looks past a blank, and no model looks past what the pre-tokenizer cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["Cutting", "cutting_of"]


class Cutting(Enum):
    """NEVER: whole texts only. BLANKS: at blanks, which mean nothing else. PUNCTUATION: also around each ASCII punctuation
    mark, but whole texts where an added token stands, which may hold some ("[SEP]"). SPACES: before single spaces, which
    belong to the word after them (so a word is one piece at the start of a text, and with its space another one elsewhere).
    """

    NEVER = -1
    BLANKS = 0
    PUNCTUATION = 1
    SPACES = 2


# Normalisers that change a character on its own or together with the marks after it. NFKC and NFKD turn some characters into
# blanks and marks, which stay in the same piece.
_NORMALIZERS = ("Lowercase", "NFC", "NFD", "NFKC", "NFKD")
# NFC and NFKC make one character of "<" and the mark U+0338 after it; these leave every punctuation mark alone.
_MARK_NORMALIZERS = ("Lowercase", "NFD", "StripAccents", "BertNormalizer")
# These also drop characters, or put blanks around them: no matter where blanks mean nothing.
_BLANK_NORMALIZERS = (*_NORMALIZERS, "StripAccents", "BertNormalizer")
_BLANK_CUTTERS = ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")
# What may come after those, since it sees one word at a time.
_WITHIN_WORDS = (*_BLANK_CUTTERS, "Punctuation", "Digits", "ByteLevel")


def cutting_of(pipeline: Mapping[str, Any]) -> Cutting:
    """Return how texts may be cut. Whatever is not known to allow it does not."""
    normalizers, cutters = (
        _steps(pipeline.get("normalizer"), "normalizers"),
        _steps(pipeline.get("pre_tokenizer"), "pretokenizers"),
    )
    added = pipeline.get("added_tokens") or ()
    if (
        not cutters
        or pipeline["model"].get("dropout")
        or not all(
            token["content"].isascii() and token["content"].isprintable() and " " not in token["content"] for token in added
        )
    ):
        return Cutting.NEVER
    kinds = [step["type"] for step in cutters]
    if kinds[0] in _BLANK_CUTTERS:
        known = all(kind in _WITHIN_WORDS or _is_plain_metaspace(step) for kind, step in zip(kinds, cutters, strict=True))
        if not known or not _all_in(normalizers, _BLANK_NORMALIZERS):
            return Cutting.NEVER
        alone = kinds[0] == "BertPreTokenizer" and _all_in(normalizers, _MARK_NORMALIZERS)
        return Cutting.PUNCTUATION if alone and not any(token["normalized"] for token in added) else Cutting.BLANKS
    # A token that takes the blank after it leaves a word without its space.
    taking = any(token["rstrip"] for token in added)
    if len(cutters) == 1 and _cuts_before_spaces(cutters[0]) and _all_in(normalizers, _NORMALIZERS) and not taking:
        return Cutting.SPACES
    return Cutting.NEVER


def _steps(part: Any, name: str) -> list[Mapping[str, Any]]:
    """The steps of a normaliser or pre-tokenizer, sequences in sequences unfolded."""
    if part is None:
        return []
    if part["type"] != "Sequence":
        return [part]
    return [step for inner in part[name] for step in _steps(inner, name)]


def _all_in(steps: list[Mapping[str, Any]], known: tuple[str, ...]) -> bool:
    return all(step["type"] in known for step in steps)


def _cuts_before_spaces(step: Mapping[str, Any]) -> bool:
    return bool(step["type"] == "ByteLevel" and step.get("use_regex", True)) or (step["type"] == "Metaspace" and _splits(step))


def _is_plain_metaspace(step: Mapping[str, Any]) -> bool:
    """One that treats the first word of a text as all others."""
    return step["type"] == "Metaspace" and step.get("prepend_scheme") in ("always", "never")


def _splits(step: Mapping[str, Any]) -> bool:
    return bool(step.get("split", True))
