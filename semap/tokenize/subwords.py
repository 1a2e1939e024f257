"""What a corpus and a table remember of the tokenizer that made their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["SubWords"]


@dataclass(frozen=True)
class SubWords:
    """The whole tokenizer.json, so that what was learned from sub-words can be used without another file, and its fingerprint."""

    fingerprint: str
    json: str

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> SubWords:
        """Return what to remember of a tokenizer."""
        return cls(tokenizer.fingerprint(), tokenizer.to_json())

    @staticmethod
    def are_in(settings: object) -> bool:
        """Whether the metadata "text" of a table or corpus are those of sub-words, not of a Splitter."""
        return isinstance(settings, Mapping) and "tokenizer" in settings

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> SubWords:
        """Return those of `to_json`. Raises SettingsError for anything else."""
        inner = settings.get("tokenizer")
        if not isinstance(inner, Mapping) or not all(isinstance(inner.get(name), str) for name in ("fingerprint", "json")):
            raise SettingsError("text settings of sub-words have a tokenizer with its fingerprint and json; these have not")
        return cls(inner["fingerprint"], inner["json"])

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a dict for JSON: {"tokenizer": {"fingerprint": ..., "json": ...}}."""
        return {"tokenizer": {"fingerprint": self.fingerprint, "json": self.json}}

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer itself. Raises MissingExtra, BadFile."""
        from semap.tokenize.tokenizer import Tokenizer

        return Tokenizer.from_json(self.json)
