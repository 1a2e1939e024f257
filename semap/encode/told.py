"""What happened to the texts of one call in, one warning out."""

from __future__ import annotations

import warnings

from semap.encode.tokenizing import Rows
from semap.errors import SemapWarning

__all__ = ["Told"]


class Told:
    """What happened to the texts of one call, told in one warning."""

    def __init__(self) -> None:
        self.n_texts = self.n_cut = self.n_lost = self.n_known = self.n_tokens = 0

    def hear(self, rows: Rows) -> None:
        """Add what happened in one batch."""
        self.n_texts += len(rows.offsets) - 1
        self.n_cut += rows.n_cut
        self.n_lost += rows.n_lost
        self.n_known += len(rows.rows)
        self.n_tokens += rows.n_tokens

    def warn(self, max_length: int | None, stacklevel: int = 3) -> None:
        """Warn of texts that were cut, and of texts of which nothing is left; `stacklevel` is that of the caller's caller."""
        parts = []
        if self.n_cut:
            parts.append(f"{self.n_cut:,} were cut to max_length={max_length:,} tokens (None encodes whole texts)")
        if self.n_lost:
            parts.append(f"{self.n_lost:,} have no token that the table knows and get a vector of zeros")
        if parts:
            warnings.warn(f"of {self.n_texts:,} texts {' and '.join(parts)}", SemapWarning, stacklevel=stacklevel)
