"""The settings that turn text into tokens, and their plain definition: a text in, its tokens out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from semap.errors import BadText, SettingsError
from semap.text.given import readable
from semap.text.letters import CONTINUES, code_point_classes

__all__ = ["Errors", "Normalize", "Split", "Splitter"]

Split = Literal["words", "whitespace"]
Normalize = Literal["NFC", "NFKC", "NFD", "NFKD"]
Errors = Literal["replace", "strict"]


@dataclass(frozen=True)
class Splitter:
    """How text becomes tokens; calling it splits one text.

    split: "words" takes runs of letters, numbers and the marks that follow them (see `semap.text.letters`). Everything
        else separates, also the apostrophe, since most of them are quotation marks or cut off an "s", and the
        underscore, since plain text writes _emphasis_ with it; text whose tokens are already separated by blanks
        ("new_york don't") wants "whitespace", which splits where `str.split()` does.
    lowercase, normalize: applied to each token after splitting: normalised, lower-cased, and normalised again, because
        a lower-cased character may compose with the mark after it. None normalises nothing.
    errors: bytes that are not UTF-8 become U+FFFD as in `bytes.decode` ("replace") or are refused ("strict").

    Raises SettingsError for a value that is not one of these.
    """

    split: Split = "words"
    lowercase: bool = True
    normalize: Normalize | None = "NFC"
    errors: Errors = "replace"

    def __post_init__(self) -> None:
        _one_of("split", self.split, get_args(Split))
        _one_of("lowercase", self.lowercase, (True, False))
        _one_of("normalize", self.normalize, (*get_args(Normalize), None))
        _one_of("errors", self.errors, get_args(Errors))

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of `text`; raises BadText for a lone surrogate when `errors` is "strict"."""
        return self.forms(self.pieces(text))

    def pieces(self, text: str) -> list[str]:
        """Return the tokens of `text` as they stand in it, before `forms`; raises as calling does."""
        text = self._encodable(text)
        if self.split == "whitespace":
            return text.split()
        return _word_pattern().findall(text.replace("_", " "))

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """Return each token, none of which may hold a line feed, in the form that counts: normalised and lower-cased."""
        # One call for all of them: neither normalisation nor lower-casing looks past a line feed.
        joined = "\n".join(tokens)
        if self.normalize is not None:
            joined = unicodedata.normalize(self.normalize, joined)
        if self.lowercase:
            joined = joined.lower()
            if self.normalize is not None:
                joined = unicodedata.normalize(self.normalize, joined)
        return joined.split("\n") if tokens else []

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a dict for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> Splitter:
        """Return the Splitter of `to_json`; raises SettingsError for a name that is not a setting."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(settings) - known):
            raise SettingsError(f"text settings have {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return cls(**settings)

    def _encodable(self, text: str) -> str:
        found = readable(text)
        if found is not text and self.errors == "strict":
            place = next(place for place, character in enumerate(text) if "\ud800" <= character <= "\udfff")
            raise BadText(
                f"the text has a lone surrogate, {text[place]!r}, at character {place:,}; "
                'give errors="replace" to read it as U+FFFD'
            )
        return found


@cache
def _word_pattern() -> re.Pattern[str]:
    continuing = np.flatnonzero(code_point_classes("words") == CONTINUES)
    runs = np.split(continuing, np.flatnonzero(np.diff(continuing) != 1) + 1)
    marks = "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs)
    return re.compile(rf"\w[\w{marks}]*")  # \w is letters, numbers and the underscore, which was taken out before


def _one_of(name: str, value: object, allowed: Sequence[object]) -> None:
    if not any(value is choice or (value == choice and type(value) is type(choice)) for choice in allowed):
        raise SettingsError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")
