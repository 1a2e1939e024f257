"""What a Pipeline asks of whatever turns texts into rows of its table, and what it hears back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from semap.arrays import Counts64, Offsets, TokenIds

__all__ = ["Piece", "Rows", "Tokenizing"]


class Piece(NamedTuple):
    """One token of a text: as a reader sees it, its number for the tokenizer (-1: it has none), its row (-1: none)."""

    token: str
    token_id: int
    row: int


@dataclass(frozen=True)
class Rows:
    """The rows of a batch of texts: text b has rows[offsets[b]:offsets[b + 1]].

    rows: int32 (T,); offsets: int64 (B + 1,); sizes: int64 (B,), how many tokens each text had, before those without a row
    were left out; n_cut: how many texts were cut to `max_length`; n_lost: how many have tokens, but none with a row.
    """

    rows: TokenIds
    offsets: Offsets
    sizes: Counts64
    n_cut: int
    n_lost: int

    @property
    def n_tokens(self) -> int:
        """How many tokens all texts had."""
        return int(self.sizes.sum())


class Tokenizing(Protocol):
    """Texts in, rows of one table out."""

    def rows_of(self, texts: Sequence[str], max_length: int | None, threads: int) -> Rows:
        """Return the rows of texts, each cut after `max_length` tokens; tokens without a row are left out."""
        ...

    def pieces_of(self, text: str, max_length: int | None) -> list[Piece]:
        """Return the tokens of one text, those without a row too."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return all that is needed to make it again, for JSON."""
        ...
