"""A table in, a fastText model (`.bin`, version 12, dense) out, which fastText and gensim load with the same vectors."""

from __future__ import annotations

import struct
import warnings
from os import PathLike, fspath
from typing import Any, BinaryIO

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import SemapWarning, SettingsError
from semap.formats.fasttext_model import LOSSES, MAGIC, MODELS
from semap.formats.foreign import warn_of_loss
from semap.formats.writing import MOST_BUCKETS, bucket_rows
from semap.storage.atomic import atomic_file
from semap.table.subwords import SubwordRows
from semap.table.table import Table

__all__ = ["write"]

_NAME = "fastText"
_VERSION = 12
_TOKENS_AT_ONCE = 1 << 16
_NUMBERS_AT_ONCE = 1 << 20
_MOST = 2**31 - 1
_CODES = {**{name: code for code, name in MODELS.items()}, "SkipGram": 2, "CBOW": 1}
_OBJECTIVES = {**{name: code for code, name in LOSSES.items()}, "negative": 2, "hierarchical": 1}
# fastText's own values, where a table does not know them.
_DEFAULTS = {"window": 5, "epochs": 5, "min_count": 1, "negatives": 5, "learning_rate_update": 100}
_SAMPLE = 1e-4


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write a model, a piece at a time. Every vector is that of the table: a word's row is what its n-grams leave of it.

    fastText's mean is over a row of the word and one of each of its n-grams; buckets that the table has no row for are rows of
    zeros. Output vectors of negative sampling are kept, others become zeros. Words of a table without n-grams, or with n-grams
    that are not hashed as fastText does, get rows of their own only. One SemapWarning says what is left out or made up.
    Raises SettingsError (a token that holds a zero byte) and CannotWrite.
    """
    zeros = np.flatnonzero(table.tokens.data == 0)
    if len(zeros):
        row = int(np.searchsorted(table.tokens.offsets, zeros[0], side="right")) - 1
        raise SettingsError(f"token {table.tokens[row]!r} in row {row:,} holds a zero byte, which ends a word in a fastText file")
    subwords = _writable(table)
    settings = _settings(table)
    output = table.stored[1] if settings["loss"] == _OBJECTIVES["negative"] and "outputs" not in table.metadata else None
    n_buckets = 0 if subwords is None else subwords.ngrams.buckets
    with atomic_file(path) as file:
        file.write(_head(table, subwords, settings))
        _write_words(file, table)
        file.write(struct.pack("<B2q", 0, len(table) + n_buckets, table.dim))
        for begin, vectors in table.stored[0].pieces(_NUMBERS_AT_ONCE):
            _write_rows(file, _word_rows(table, subwords, begin, vectors))
        for rows in bucket_rows(subwords):
            _write_rows(file, rows)
        file.write(struct.pack("<B2q", 0, len(table), table.dim))
        if output is None:
            _write_zeros(file, len(table), table.dim)
        for _, rows in () if output is None else output.pieces(_NUMBERS_AT_ONCE):
            _write_rows(file, rows)
    _warn(table, path, subwords, kept_output=output is not None)


def _writable(table: Table) -> SubwordRows | None:
    """The rows of n-grams, where fastText hashes them as the table does, into as many buckets as a file has room for."""
    found = None if table.subwords is None else table.subwords.to_stored()
    return found if found is not None and found.ngrams.hash == "fasttext" and found.ngrams.buckets <= MOST_BUCKETS else None


def _settings(table: Table) -> dict[str, Any]:
    """What the table knows of its training, as fastText counts it."""
    facts = table.metadata
    known: dict[str, Any] = {}
    for name in ("source", "corpus", "settings"):
        known |= facts[name] if isinstance(facts.get(name), dict) else {}
    settings: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        found = known.get(name, default)
        settings[name] = found if isinstance(found, int) and 0 <= found <= _MOST else default
    settings["model"] = _CODES.get(str(known.get("learner", known.get("model"))), _CODES["skipgram"])
    settings["model"] = _CODES["skipgram"] if settings["model"] == _CODES["supervised"] else settings["model"]
    objective = _OBJECTIVES.get(str(known.get("objective", known.get("loss"))), _OBJECTIVES["negative"])
    settings["loss"] = objective if objective in (1, 2) else _OBJECTIVES["negative"]
    settings["sample"] = float(known["sample"]) if isinstance(known.get("sample"), int | float) else _SAMPLE
    return settings


def _head(table: Table, subwords: SubwordRows | None, settings: dict[str, Any]) -> bytes:
    """Everything before the words."""
    ngrams = (0, 0, 0) if subwords is None else (subwords.ngrams.buckets, subwords.ngrams.min_n, subwords.ngrams.max_n)
    first = (table.dim, settings["window"], settings["epochs"], settings["min_count"], settings["negatives"], 1)
    numbers = (*first, settings["loss"], settings["model"], *ngrams, settings["learning_rate_update"])
    n_tokens = len(table) if table.counts is None else int(table.counts.sum())
    sizes = struct.pack("<3i2q", len(table), len(table), 0, n_tokens, -1)
    return MAGIC + struct.pack("<13id", _VERSION, *numbers, settings["sample"]) + sizes


def _write_words(file: BinaryIO, table: Table) -> None:
    """Write the dictionary: each word, a zero byte, its count and the kind of a word."""
    counts = np.ones(len(table), np.int64) if table.counts is None else table.counts
    for first in range(0, len(table), _TOKENS_AT_ONCE):
        words = zip(table.tokens[first : first + _TOKENS_AT_ONCE], counts[first : first + _TOKENS_AT_ONCE].tolist(), strict=True)
        entries = [word.encode("utf-8", "surrogateescape") + struct.pack("<xqB", count, 0) for word, count in words]
        file.write(b"".join(entries))


def _word_rows(table: Table, subwords: SubwordRows | None, begin: int, vectors: FloatMatrix) -> AnyArray:
    """The rows of words `begin` and on, which with those of their n-grams have the mean `vectors`."""
    if subwords is None:
        return vectors
    offsets = table.tokens.offsets[begin : begin + len(vectors) + 1]
    data = table.tokens.data[offsets[0] : offsets[-1]]
    places, starts = subwords.places(data, offsets - offsets[0])
    sums = np.zeros(vectors.shape, np.float32)
    subwords.add_to(sums, places, starts)
    n_rows: AnyArray = (1 + np.diff(starts))[:, None]  # fastText counts each n-gram, also those without a row here
    return n_rows * vectors.astype(np.float64) - sums


def _write_rows(file: BinaryIO, rows: AnyArray) -> None:
    file.write(np.ascontiguousarray(rows, "<f4").reshape(-1).view(np.uint8).data)


def _write_zeros(file: BinaryIO, n_rows: int, dim: int) -> None:
    step = max(1, _NUMBERS_AT_ONCE // dim)
    zeros = np.zeros((min(step, n_rows), dim), np.float32)
    for begin in range(0, n_rows, step):
        _write_rows(file, zeros[: min(step, n_rows - begin)])


def _warn(table: Table, path: str | PathLike[str], subwords: SubwordRows | None, *, kept_output: bool) -> None:
    """Say what is left out, and what is not as it was."""
    stored, output = table.stored
    kept = {name: value for name, value in table.metadata.items() if name not in ("settings", "source")}
    outputs, rest = None if kept_output else output, None if subwords is not None else table.subwords
    left = Table.of_stored(table.tokens, stored, metadata=kept, output=outputs, subwords=rest)
    warn_of_loss(left, path, _NAME, counts=True)
    told = [] if table.counts is not None else ["the table has no counts: each word has the count 1"]
    if subwords is not None and (subwords.unit or subwords.absent == "skip"):
        told.append("vectors composed of n-grams keep their direction, but not their length: fastText divides by all n-grams")
    if told:
        warnings.warn(f"{fspath(path)}: {'; '.join(told)}", SemapWarning, stacklevel=4)
