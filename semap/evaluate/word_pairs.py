"""A table and pairs of words with people's scores in, how well its cosines agree with them out."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np

from semap.arrays import DoubleVector, Flags, FloatMatrix, TokenIds
from semap.errors import SettingsError
from semap.evaluate.gold import Gold, GoldLines, forms_of_words, rows_of_words
from semap.evaluate.similarity_scores import SimilarityScores
from semap.index.distances import cosine
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["average_ranks", "correlation", "similarity"]

Oov = Literal["skip", "zero"]


def similarity(table: Table, gold: Gold, *, oov: Oov = "skip", lowercase: bool | None = None) -> SimilarityScores:
    """Correlate the cosines of word pairs with the similarities that people gave them.

    gold: a path or lines, each two words and a number, separated by tabs (then a word may hold blanks) or else by
        blanks; further columns are not read. Lines that begin with "#" and a first line without a number are skipped.
    Words that the table lacks are composed of their n-grams where it can; pairs with one are counted, see `SimilarityScores`.
    oov: a pair with an unknown word is not scored ("skip") or has the cosine 0 ("zero"). lowercase: of the gold words;
        None does what the table's own text had.
    Raises FileMissing, EmptyGold (no line is a pair) and SettingsError; warns, with the count, of other lines.
    """
    if oov not in get_args(Oov):
        raise SettingsError(f"oov is {oov!r}; choose one of {', '.join(map(repr, get_args(Oov)))}")
    lines = GoldLines(gold)
    words, scores, n_skipped = _parse(lines)
    rows = rows_of_words(table, words, lowercase)
    found, vectors = _vectors(table, words, rows, lowercase)
    known, has_vector = _both(rows >= 0), _both(found)
    cosines = np.zeros(len(known))
    if has_vector.any():
        first, second = vectors.reshape(len(known), 2, table.dim)[has_vector].transpose(1, 0, 2)
        cosines[has_vector] = cosine(first, second)
    used = has_vector if oov == "skip" else np.ones(len(known), np.bool_)
    unknown = {word for word, is_found in zip(words, found.tolist(), strict=True) if not is_found}
    return SimilarityScores(
        spearman=correlation(average_ranks(cosines[used]), average_ranks(scores[used])),
        pearson=correlation(cosines[used], scores[used]),
        used=int(used.sum()),
        known=int(known.sum()),
        composed=int((has_vector & ~known).sum()),
        known_spearman=correlation(average_ranks(cosines[known]), average_ranks(scores[known])),
        asked=len(known),
        oov=oov,
        unknown_words=tuple(sorted(unknown)),
        skipped_lines=n_skipped,
        bad_lines=lines.n_bad,
    )


def _vectors(table: Table, words: list[str], rows: TokenIds, lowercase: bool | None) -> tuple[Flags, FloatMatrix]:
    """Which words have a vector, of their own or composed, and the vectors, zeros for the others."""
    found, vectors = rows >= 0, np.zeros((len(words), table.dim), np.float32)
    vectors[found] = table.rows(rows[found])
    absent = np.flatnonzero(~found)
    if table.subwords is not None and len(absent):
        forms = forms_of_words(table, words, lowercase)
        composed, n_rows = table.subwords.compose(Tokens.pack([forms[place] for place in absent.tolist()]))
        vectors[absent], found[absent] = composed, n_rows > 0
    return found, vectors


def _both(flags: Flags) -> Flags:
    """Flags of words as flags of pairs."""
    return np.logical_and(flags[::2], flags[1::2])


def average_ranks(values: DoubleVector) -> DoubleVector:
    """Return the rank of each value from 1; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[places])


def correlation(x: DoubleVector, y: DoubleVector) -> float:
    """Return Pearson's correlation of x and y, NaN where one of them does not vary."""
    if len(x) == 0 or (x == x[0]).all() or (y == y[0]).all():
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip((x @ y) / (np.sqrt(x @ x) * np.sqrt(y @ y)), -1, 1))


def _parse(lines: GoldLines) -> tuple[list[str], DoubleVector, int]:
    """Two words a pair, the scores, and how many lines are comments or a header."""
    words: list[str] = []
    scores: list[float] = []
    n_skipped, first = 0, True
    for number, line in enumerate(lines.lines):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("\t")] if "\t" in line else line.split()
        score = _score(parts)
        if line.lstrip().startswith("#") or (first and score is None and len(parts) >= 3):
            n_skipped += 1
        elif score is None:
            lines.bad(number)
        else:
            words += parts[:2]
            scores.append(score)
        first = first and line.lstrip().startswith("#")
    lines.finish(len(scores), "two words and a number")
    return words, np.array(scores, np.float64), n_skipped


def _score(parts: list[str]) -> float | None:
    """The number in the third place of a line, None where the line is no pair."""
    if len(parts) < 3 or not parts[0] or not parts[1]:
        return None
    try:
        score = float(parts[2])
    except ValueError:
        return None
    return score if math.isfinite(score) else None
