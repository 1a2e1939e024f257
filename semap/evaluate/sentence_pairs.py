"""Pairs of sentences with people's scores in, how well the cosines of their vectors agree with them out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from semap.arrays import DoubleVector, FloatMatrix
from semap.errors import SettingsError
from semap.evaluate.gold import Gold, GoldLines
from semap.evaluate.word_pairs import average_ranks, correlation

__all__ = ["Encoder", "SentenceScores", "sentences"]

_STSB = (5, 6, 4)  # columns of the two sentences and of the score where there are seven and more
_THREE = (0, 1, 2)


class Encoder(Protocol):
    """Whatever has one vector for a text: a Pipeline, a ContextualEncoder."""

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one vector a text, float32 (B, D)."""
        ...


@dataclass(frozen=True)
class SentenceScores:
    """Correlations between the cosines of sentence pairs and the scores of people; NaN where one side does not vary.

    known: pairs whose sentences both have a vector that is not zero, out of `asked`; the cosine of the others counts as 0.
    bad_lines: lines that are not two sentences and a number.
    """

    pearson: float
    spearman: float
    known: int
    asked: int
    bad_lines: int

    @property
    def coverage(self) -> float:
        """The share of the pairs whose sentences both have a vector."""
        return self.known / self.asked

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON, None for NaN."""
        facts = {**asdict(self), "coverage": self.coverage}
        return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in facts.items()}

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict())

    def __str__(self) -> str:
        return (
            f"pearson   {self.pearson:.3f}\nspearman  {self.spearman:.3f}\n"
            f"pairs     {self.known:,} of {self.asked:,} known, coverage {self.coverage:.1%}"
        )


def sentences(encoder: Encoder, gold: Gold) -> SentenceScores:
    """Correlate the cosines of sentence pairs with the similarities that people gave them.

    gold: a path or lines, separated by tabs: two sentences and a number, or the seven columns of the STS benchmark (Cer et
        al. 2017), whose fifth is the score and whose sixth and seventh are the sentences.
    Raises SettingsError (no encoder), FileMissing, EmptyGold (no line is a pair), and what encoding does; warns, with the count,
    of other lines.
    """
    given: Any = encoder
    if isinstance(given, str) or not hasattr(given, "encode"):
        raise SettingsError(f"{encoder!r:.60} makes no vectors of texts; give a Pipeline, as from Pipeline.from_table(table)")
    lines = GoldLines(gold)
    first, second, scores = _parse(lines)
    cosines, known = _cosines(encoder.encode(first), encoder.encode(second))
    return SentenceScores(
        pearson=correlation(cosines, scores),
        spearman=correlation(average_ranks(cosines), average_ranks(scores)),
        known=int(known.sum()),
        asked=len(scores),
        bad_lines=lines.n_bad,
    )


def _cosines(first: FloatMatrix, second: FloatMatrix) -> tuple[DoubleVector, Any]:
    """Cosines float64 (B,), 0 where a vector is, and where none is."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    known = lengths > 0
    return (a * b).sum(axis=1) / np.where(known, lengths, 1), known


def _parse(lines: GoldLines) -> tuple[list[str], list[str], DoubleVector]:
    found: list[tuple[str, str, float]] = []
    for number, line in enumerate(lines.lines):
        if not line.strip():
            continue
        columns = line.rstrip("\r").split("\t")
        a, b, score = _STSB if len(columns) >= 7 else _THREE
        try:
            value = float(columns[score])
        except (ValueError, IndexError):
            value = math.nan
        if math.isfinite(value):
            found.append((columns[a], columns[b], value))
        else:
            lines.bad(number)
    lines.finish(len(found), "two sentences and a number")
    return [a for a, _, _ in found], [b for _, b, _ in found], np.array([score for _, _, score in found])
