"""How well cosines agree with the similarities that people gave."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

__all__ = ["SimilarityScores"]


@dataclass(frozen=True)
class SimilarityScores:
    """Correlations between the cosines of word pairs and the scores of people.

    spearman: of the ranks, equal values taking the mean of their ranks; pearson: of the values; both NaN where one side
    does not vary. used: pairs that were scored, out of `asked`; known: pairs with rows for both words; composed: other pairs
    whose words both have a vector, composed of their n-grams where they have no row; with `oov="skip"`, known and composed
    pairs are used. known_spearman: of the known pairs alone. unknown_words: those without a vector; skipped_lines: comments
    and a header; bad_lines: others that are not two words and a number.
    """

    spearman: float
    pearson: float
    used: int
    known: int
    composed: int
    known_spearman: float
    asked: int
    oov: str
    unknown_words: tuple[str, ...]
    skipped_lines: int
    bad_lines: int

    @property
    def coverage(self) -> float:
        """The share of the pairs whose words both have rows."""
        return self.known / self.asked

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON, None for NaN."""
        return {
            "spearman": None if math.isnan(self.spearman) else self.spearman,
            "pearson": None if math.isnan(self.pearson) else self.pearson,
            "used": self.used,
            "known": self.known,
            "composed": self.composed,
            "known_spearman": None if math.isnan(self.known_spearman) else self.known_spearman,
            "asked": self.asked,
            "coverage": self.coverage,
            "oov": self.oov,
            "unknown_words": list(self.unknown_words),
            "skipped_lines": self.skipped_lines,
            "bad_lines": self.bad_lines,
        }

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def __str__(self) -> str:
        lines = [
            f"spearman  {_number(self.spearman)}",
            f"pearson   {_number(self.pearson)}",
            f"pairs     {self.used:,} of {self.asked:,} used, coverage {self.coverage:.1%}",
        ]
        if self.composed:
            told = f"pairs with words composed of n-grams; spearman of the others {_number(self.known_spearman)}"
            lines.append(f"composed  {self.composed:,} {told}")
        if self.unknown_words:
            some = ", ".join(self.unknown_words[:8]) + (", ..." if len(self.unknown_words) > 8 else "")
            scored = "their pairs count as 0" if self.oov == "zero" else "their pairs are not scored"
            lines.append(f"unknown   {len(self.unknown_words):,} words, {scored}: {some}")
        if self.bad_lines:
            lines.append(f"bad       {self.bad_lines:,} lines are not two words and a number")
        return "\n".join(lines)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
