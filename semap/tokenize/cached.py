"""Texts in, their ids out: the same as from the `tokenizers` library, which is asked only once for each word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from semap.arrays import Offsets, TokenIds
from semap.parallel.crew import thread_count

if TYPE_CHECKING:
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["CachedWords"]


class CachedWords:
    """The ids of texts for one tokenizer, without special tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def ids_of(self, text: str) -> TokenIds:
        """Return the ids of one text: int32 (n,)."""
        return self.ids_of_batch([text], 1)[0]

    def ids_of_batch(self, texts: Sequence[str], threads: int = 0) -> tuple[TokenIds, Offsets]:
        """Return the ids of all texts, int32 (T,), and where each text begins and the last ends, int64 (B + 1,)."""
        found = self._tokenizer.library_ids(texts, thread_count(threads))
        offsets = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(ids) for ids in found], out=offsets[1:])
        flat = [token_id for ids in found for token_id in ids]
        return np.array(flat, np.int32), offsets
