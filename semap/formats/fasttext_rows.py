"""A fastText model and its words in, rows that are composed when they are asked for out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64, FloatMatrix, FloatVector
from semap.errors import BadFile
from semap.formats.fasttext_matrix import Coded, Dense
from semap.formats.fasttext_model import Model
from semap.formats.filerows import FileRows, check_finite
from semap.formats.foreign import first_tokens, pack_tokens
from semap.ngrams.ngrams import NGrams
from semap.storage.mapped import release
from semap.table.rows import Rows, StoredRows
from semap.table.subwords import SubwordRows
from semap.vocab.tokens import Tokens

__all__ = ["MappedSubwords", "PickedRows", "output_rows", "subwords_of", "was_trained", "word_rows"]

_NUMBERS_AT_ONCE = 1 << 22
_ROWS_TRIED = 64


@dataclass(frozen=True)
class PickedRows(FileRows):
    """FileRows of which `pick(numbers)` returns any, float32 (B, D), the caller's own: rows that lie apart come in one call.

    behind: what it reads, whose pages are given back after each piece of all rows, so that a file of any size can be converted.
    """

    pick: Callable[[AnyArray], FloatMatrix]
    behind: AnyArray

    @classmethod
    def of(cls, n_rows: int, dim: int, pick: Callable[[AnyArray], FloatMatrix], behind: AnyArray) -> PickedRows:
        """Return rows that `pick` knows how to read."""
        return cls(n_rows, dim, lambda first, last: pick(np.arange(first, last)), pick, behind)

    def pieces(self, n_numbers: int = _NUMBERS_AT_ONCE) -> Iterator[tuple[int, FloatMatrix]]:
        """Yield the number of a row and float32 rows from there on, all rows in order, about `n_numbers` numbers at a time."""
        for begin, piece in super().pieces(n_numbers):
            release(self.behind)
            yield begin, piece

    def decode(self, rows: Any = slice(None)) -> FloatMatrix:
        """Return rows as float32 (..., D). rows: one number, an array of numbers of any shape, or a slice."""
        if isinstance(rows, slice):
            return super().decode(rows)
        numbers = np.asarray(rows, np.int64)
        flat = numbers.reshape(-1)
        step = max(1, _NUMBERS_AT_ONCE // self.dim)
        if len(flat) <= step:
            return self.pick(flat).reshape(*numbers.shape, self.dim)
        decoded = np.empty((len(flat), self.dim), np.float32)
        for begin in range(0, len(flat), step):
            decoded[begin : begin + step] = self.pick(flat[begin : begin + step])
        return decoded.reshape(*numbers.shape, self.dim)


@dataclass(frozen=True)
class MappedSubwords:
    """The n-gram rows of a file. `inner` reads them where they lie; a vector that is not finite is a BadFile."""

    path: str | PathLike[str]
    inner: SubwordRows
    behind: AnyArray

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return self.inner.dim

    def compose(self, tokens: Tokens, *, threads: int = 0) -> tuple[FloatMatrix, Counts64]:
        """Return the vectors of tokens and of how many rows each is the mean. Raises BadFile."""
        vectors, counts = self.inner.compose(tokens, threads=threads)
        if not np.isfinite(vectors).all():
            row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
            reason = f"a row that {tokens[row][:40]!r} is composed of holds NaN or a number that is infinite or too large"
            raise BadFile(self.path, reason)
        return vectors, counts

    def to_stored(self) -> SubwordRows:
        """Return the same, whose rows are checked when they are read."""
        rows = self.inner.rows

        def read(numbers: AnyArray) -> FloatMatrix:
            """Copy some rows."""
            taken = np.array(rows.decode(numbers), np.float32)
            check_finite(self.path, taken, int(numbers[0]) if len(numbers) else 0)
            return taken

        return self.inner.with_rows(PickedRows.of(*rows.shape, read, self.behind))


def subwords_of(path: str | PathLike[str], model: Model) -> MappedSubwords | None:
    """Return the n-gram rows of a model, or None where it has none (supervised ones: the buckets may be for pairs of words)."""
    settings = model.settings
    if not settings["max_n"] or not settings["buckets"]:
        return None
    ngrams = NGrams(max(settings["min_n"], 1), settings["max_n"], settings["buckets"])
    absent: Any = "zero" if model.buckets is None else "skip"
    return MappedSubwords(path, SubwordRows(ngrams, _bucket_rows(model), model.buckets, absent), model.input.behind)


def _bucket_rows(model: Model) -> Rows:
    first, matrix, dim = model.n_words, model.input, model.settings["dim"]
    if isinstance(matrix, Dense):
        return StoredRows(matrix.values[first:])
    places = model.bucket_rows
    if places is None:
        return PickedRows.of(len(matrix.codes) - first, dim, lambda numbers: matrix.pick(first + numbers), matrix.behind)
    chosen = first + places.astype(np.int64)
    return PickedRows.of(len(places), dim, lambda numbers: matrix.pick(chosen[numbers]), matrix.behind)


def word_rows(path: str | PathLike[str], model: Model, tokens: Tokens, numbers: AnyArray | None, threads: int) -> FileRows:
    """Return the vectors of words as fastText's get_word_vector gives them: the mean of a word's row and those of its n-grams.

    tokens: the words of the rows; numbers: their numbers in the model, None where they are all its words. Sums are float32 in
    fastText's order, so they differ from its own in the last bit or two at most. Files of 2016 gave "</s>" n-grams, too.
    """
    found = subwords_of(path, model)
    inner = None if found is None else found.inner
    end, end_vector = _end_of_text(model, inner)

    def pick(rows: AnyArray) -> FloatMatrix:
        """Compose some rows."""
        sums = model.input.pick(rows if numbers is None else numbers[rows])
        if inner is not None:
            packed = pack_tokens(tokens.data, tokens.offsets[rows], tokens.offsets[rows + 1])
            places, starts = inner.places(packed.data, packed.offsets)
            inner.add_to(sums, places, starts, threads)
            sums *= (np.float32(1) / (1 + inner.counts(places, starts)).astype(np.float32))[:, None]
            sums[(rows if numbers is None else numbers[rows]) == end] = end_vector
        _check(path, sums, tokens, rows)
        return sums

    return PickedRows.of(len(tokens), model.settings["dim"], pick, model.input.behind)


def _end_of_text(model: Model, subwords: SubwordRows | None) -> tuple[int, FloatVector]:
    """The number of the word "</s>" and its vector, where it has n-grams as any other word: in files of 2016; else -1."""
    words = first_tokens(model.tokens, model.n_words)
    number = words.find("</s>") if model.version == 0 and subwords is not None else -1
    if subwords is None or number < 0:
        return -1, np.zeros(model.settings["dim"], np.float32)
    least, most, word = subwords.ngrams.min_n, subwords.ngrams.max_n, b"<</s>>"
    pieces = [word[at : at + n] for at in range(6) for n in range(least, most + 1) if at + n <= 6 and (n > 1 or 0 < at < 5)]
    packed = Tokens.pack_bytes(pieces)
    used = np.append(number, model.n_words + subwords.ngrams.buckets_of_strings(packed.data, packed.offsets).astype(np.int64))
    vector: FloatVector = model.input.pick(used).mean(axis=0, dtype=np.float32)
    return number, vector


def was_trained(model: Model) -> bool:
    """Whether the output matrix holds more than the zeros with which training begins; its first rows are the most frequent."""
    return bool(model.output.pick(np.arange(min(model.n_words, _ROWS_TRIED))).any())


def output_rows(path: str | PathLike[str], model: Model, tokens: Tokens, numbers: AnyArray | None) -> FileRows:
    """Return rows of the output matrix, of words or of labels: the weights with which a mean of word rows is compared.

    tokens: what they stand for; numbers: their rows, None where they are all rows.
    """
    matrix: Dense | Coded = model.output

    def pick(rows: AnyArray) -> FloatMatrix:
        """Copy some rows."""
        taken = matrix.pick(rows if numbers is None else numbers[rows])
        _check(path, taken, tokens, rows)
        return taken

    return PickedRows.of(len(tokens), model.settings["dim"], pick, matrix.behind)


def _check(path: str | PathLike[str], vectors: FloatMatrix, tokens: Tokens, rows: AnyArray) -> None:
    """Raise BadFile where a vector is not finite."""
    if not np.isfinite(vectors).all():
        row = int(rows[np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0]])
        reason = f"the vector of row {row:,} ({tokens[row][:40]!r}) holds NaN or a number that is infinite or too large"
        raise BadFile(path, reason)
