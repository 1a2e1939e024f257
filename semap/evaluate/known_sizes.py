"""The sizes that well-known models chose, and the bytes that each takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["KNOWN_SIZES", "KnownSize", "table_bytes"]

_NUMBER_BYTES = {"float32": 4, "float16": 2, "int8": 1}
_SCALE_BYTES = 4  # of every int8 row


def table_bytes(n_tokens: int, dim: int, dtype: str) -> int:
    """Return how many bytes the rows of a table take; an int8 row has a float32 scale beside it."""
    return n_tokens * (dim * _NUMBER_BYTES[dtype] + (_SCALE_BYTES if dtype == "int8" else 0))


@dataclass(frozen=True)
class KnownSize:
    """Vectors of `least` to `most` numbers, or of one size; `note`: where the number is from."""

    name: str
    least: int
    most: int
    note: str

    def as_dict(self, n_tokens: int) -> dict[str, Any]:
        """Return everything for JSON, with the bytes of `n_tokens` rows at both ends."""
        return {
            "name": self.name,
            "dims": [self.least, self.most],
            "note": self.note,
            "bytes": {dtype: [table_bytes(n_tokens, dim, dtype) for dim in (self.least, self.most)] for dtype in _NUMBER_BYTES},
        }


KNOWN_SIZES = (
    KnownSize("word2vec and its kin", 50, 300, "GloVe 50 to 300; the Google News vectors 300"),
    KnownSize("BERT (base)", 768, 768, "Devlin et al. 2019, section 3"),
    KnownSize("GPT-3 (largest)", 12_288, 12_288, "Brown et al. 2020, table 2.1"),
    KnownSize("Claude 3 (about)", 8_192, 8_192, "an estimate; no number was published"),
    KnownSize("recommendations", 32, 256, "vectors of users and items"),
)
