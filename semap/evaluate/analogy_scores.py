"""How many analogy questions were answered right, by section."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["AnalogyScores", "SectionScore"]


@dataclass(frozen=True)
class SectionScore:
    """One section: of `asked` questions `answered` had all four words, and `correct` of these were right.

    accuracy: correct / answered, or with `oov="wrong"` correct / asked; NaN where that is a division by zero.
    """

    name: str
    correct: int
    answered: int
    asked: int
    accuracy: float

    @property
    def coverage(self) -> float:
        """answered / asked."""
        return self.answered / self.asked if self.asked else math.nan

    @classmethod
    def count(cls, name: str, correct: int, answered: int, asked: int, oov: str) -> SectionScore:
        """Return the score of these counts."""
        n_scored = asked if oov == "wrong" else answered
        return cls(name, correct, answered, asked, correct / n_scored if n_scored else math.nan)

    @classmethod
    def sum(cls, name: str, sections: Sequence[SectionScore], oov: str) -> SectionScore:
        """Return all questions of several sections as one."""
        correct, answered, asked = (
            sum(getattr(section, part) for section in sections) for part in ("correct", "answered", "asked")
        )
        return cls.count(name, correct, answered, asked, oov)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, None for NaN."""
        return {
            "name": self.name,
            "correct": self.correct,
            "answered": self.answered,
            "asked": self.asked,
            "accuracy": None if math.isnan(self.accuracy) else self.accuracy,
            "coverage": None if math.isnan(self.coverage) else self.coverage,
        }


@dataclass(frozen=True)
class AnalogyScores:
    """The sections in the order of the file, and their sums; sections whose name begins with "gram" are syntactic.

    top: how many of the most frequent rows took part, all for None; method, oov: as they were asked for;
    bad_lines: lines that are no question; unknown_words: different words that have no row, or none among `top`.
    """

    sections: tuple[SectionScore, ...]
    semantic: SectionScore
    syntactic: SectionScore
    total: SectionScore
    method: str
    top: int | None
    oov: str
    bad_lines: int
    unknown_words: int

    @property
    def accuracy(self) -> float:
        """The accuracy of all questions together."""
        return self.total.accuracy

    @property
    def coverage(self) -> float:
        """The share of all questions whose four words have rows."""
        return self.total.coverage

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "method": self.method,
            "top": self.top,
            "oov": self.oov,
            "total": self.total.as_dict(),
            "semantic": self.semantic.as_dict(),
            "syntactic": self.syntactic.as_dict(),
            "sections": [section.as_dict() for section in self.sections],
            "bad_lines": self.bad_lines,
            "unknown_words": self.unknown_words,
        }

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def __str__(self) -> str:
        rows = [*self.sections, self.semantic, self.syntactic, self.total]
        width = max(len("section"), *(len(row.name) for row in rows))
        header = f"{'section':<{width}}  correct  answered   asked  accuracy  coverage"
        lines = [_line(row, width) for row in rows]
        lines.insert(len(self.sections), "-" * len(header))
        searched = "all rows" if self.top is None else f"the {self.top:,} most frequent rows"
        method = {"add": "3CosAdd", "mul": "3CosMul"}[self.method]
        unscored = "count as wrong" if self.oov == "wrong" else "are not scored"
        about = f"{method} over {searched}; questions with one of {self.unknown_words:,} unknown words {unscored}"
        bad = [f"{self.bad_lines:,} lines are no questions"] if self.bad_lines else []
        return "\n".join([header, *lines, about, *bad])


def _line(row: SectionScore, width: int) -> str:
    accuracy = "-" if math.isnan(row.accuracy) else f"{row.accuracy:.1%}"
    coverage = "-" if math.isnan(row.coverage) else f"{row.coverage:.1%}"
    return f"{row.name:<{width}}  {row.correct:7,}  {row.answered:8,}  {row.asked:6,}  {accuracy:>8}  {coverage:>8}"
