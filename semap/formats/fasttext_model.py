"""The bytes of a fastText `.bin` in, its settings, its words and the places of its matrices out; no row is read.

Little-endian, without padding (fastText 0.9.2, src/fasttext.cc and dictionary.cc): magic and version; thirteen settings; the
dictionary; the input matrix, a row a word and then a row a bucket of n-grams; the output matrix. Files of fastText's first
months (2016) have no magic, no version, no pruned buckets and no flags of quantised matrices; otherwise they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64, TokenIds
from semap.errors import BadFile
from semap.formats.cursor import Cursor
from semap.formats.fasttext_matrix import Matrix, read_matrix
from semap.formats.foreign import as_bytes, pack_tokens
from semap.vocab.tokens import Tokens

__all__ = ["LOSSES", "MAGIC", "MODELS", "SETTINGS", "Model", "looks_like", "read_model"]

MAGIC = b"\xba\x16\x4f\x2f"  # 793712314
SETTINGS = ("dim", "window", "epochs", "min_count", "negatives", "word_ngrams", "loss", "model",
            "buckets", "min_n", "max_n", "learning_rate_update", "sample")  # fmt: skip
MODELS = {1: "cbow", 2: "skipgram", 3: "supervised"}
LOSSES = {1: "hierarchical softmax", 2: "negative sampling", 3: "softmax", 4: "one against all"}
_VERSIONS = (11, 12)
_LEAST_ENTRY = 10  # bytes of an entry with an empty word
_ENTRIES_AT_ONCE = 1 << 20  # so that Ctrl-C is answered in between
# What makes a file without a magic number one of fastText; longer n-grams of a damaged long word would fill memory.
_MOST = {"dim": 1 << 20, "window": 1 << 24, "max_n": 255}


@dataclass(frozen=True)
class Model:
    """What a file holds. `version`: 0 where it has none; `settings`: by the names SETTINGS, as they stand in the file.

    `tokens` and `counts`: those of words, then those of labels. `input`, `output`: the matrices, unread. `buckets`: None where
    each bucket has a row, in their order after those of words; of a pruned model the buckets that are left, rising, and
    `bucket_rows` their rows after those of words.
    """

    version: int
    settings: dict[str, Any]
    n_words: int
    n_labels: int
    n_tokens: int
    tokens: Tokens
    counts: Counts64
    buckets: TokenIds | None
    bucket_rows: TokenIds | None
    input: Matrix
    output: Matrix

    @property
    def supervised(self) -> bool:
        """Whether it was trained to tell labels."""
        return MODELS[self.settings["model"]] == "supervised"


def looks_like(content: Any) -> bool:
    """Whether content begins with fastText's magic number, or with settings that make sense."""
    if bytes(content[:4]) == MAGIC:
        return True
    if len(content) < 80:
        return False
    numbers = dict(zip(SETTINGS, np.frombuffer(content, "<i4", 12).tolist(), strict=False))
    return (
        all(0 <= number < _MOST.get(name, 2**31) for name, number in numbers.items())
        and numbers["loss"] in LOSSES
        and numbers["model"] in MODELS
        and min(numbers["dim"], numbers["window"], numbers["epochs"]) > 0
    )


def read_model(path: str | PathLike[str], content: Any) -> Model:
    """Return what a file holds. Raises BadFile, which names the byte, what was expected there and what was found."""
    cells = as_bytes(content)
    cursor = Cursor(path, cells)
    version = _version(cursor)
    settings = dict(zip(SETTINGS, cursor.take("12i d", "the settings"), strict=True))
    _check_settings(cursor, settings, version)
    n_entries, n_words, n_labels, n_tokens = cursor.take("3i q", "the sizes of the dictionary")
    (n_pruned,) = cursor.take("q", "the number of pruned buckets") if version else (-1,)
    tokens, counts = _entries(cursor, n_entries, n_words, n_labels)
    buckets, bucket_rows = _pruned(cursor, n_pruned, settings["buckets"])
    n_buckets = settings["buckets"] if buckets is None else len(buckets)
    quantized = bool(version) and cursor.flag("whether the input matrix is quantised")
    if buckets is not None and not quantized:
        raise BadFile(path, "a pruned model must be quantised, this one is not; fastText refuses it too", offset=cursor.at)
    rows = (n_words, f"{n_words:,} words"), (n_buckets, f"{n_buckets:,} buckets of n-grams")
    inner = read_matrix(cursor, "input", rows, settings["dim"], quantized)
    quantized_output = bool(version) and cursor.flag("whether the output matrix is quantised") and quantized
    told = (n_labels, f"{n_labels:,} labels") if settings["model"] == 3 else (n_words, f"{n_words:,} words")
    outer = read_matrix(cursor, "output", (told,), settings["dim"], quantized_output)
    cursor.finish("the output matrix")
    return Model(version, settings, n_words, n_labels, n_tokens, tokens, counts, buckets, bucket_rows, inner, outer)


def _version(cursor: Cursor) -> int:
    if bytes(cursor.cells[:4]) != MAGIC:
        return 0
    _, version = cursor.take("2i", "magic number and version")
    if version not in _VERSIONS:
        raise BadFile(cursor.path, f"a fastText model of version {version}; known are 11 and 12", offset=4)
    return int(version)


def _check_settings(cursor: Cursor, settings: dict[str, Any], version: int) -> None:
    """Raise BadFile where a setting makes no sense; n-grams that the model does not use become none."""
    if settings["dim"] < 1:
        raise BadFile(cursor.path, f"vectors of {settings['dim']:,} dimensions; expected 1 or more", offset=8 if version else 0)
    for name, known in (("loss", LOSSES), ("model", MODELS)):
        if settings[name] not in known:
            reason = f"{name} is {settings[name]}; known are {', '.join(f'{code} ({told})' for code, told in known.items())}"
            raise BadFile(cursor.path, reason, offset=cursor.at)
    if version == 11 and settings["model"] == 3:
        settings["max_n"] = 0  # supervised models knew no n-grams of characters then, whatever was set
    least, most, buckets = settings["min_n"], settings["max_n"], settings["buckets"]
    if buckets < 0 or most > _MOST["max_n"] or most < 0 or least < 0:
        reason = f"{buckets:,} buckets for n-grams of {least} to {most} characters make no sense"
        raise BadFile(cursor.path, reason, offset=cursor.at)
    if 0 < most < least:
        reason = f"n-grams of {least} to {most} characters: the range is upside down"
        raise BadFile(cursor.path, reason, offset=cursor.at)
    if most and not buckets:
        raise BadFile(cursor.path, f"n-grams of {least} to {most} characters, but 0 buckets for them", offset=cursor.at)


def _entries(cursor: Cursor, n_entries: int, n_words: int, n_labels: int) -> tuple[Tokens, Counts64]:
    """The words and labels of the dictionary and how often each stood in the text."""
    from semap.kernels.native.fasttext import index_entries

    path, at = cursor.path, cursor.at
    if n_words < 0 or n_labels < 0 or n_words + n_labels != n_entries:
        told = f"a dictionary of {n_entries:,} entries: {n_words:,} words and {n_labels:,} labels"
        raise BadFile(path, f"{told}, which is not their sum", offset=at)
    if n_words == 0:
        raise BadFile(path, "a dictionary without words", offset=at)
    cursor.room(n_entries * _LEAST_ENTRY, f"a dictionary of {n_entries:,} entries")
    begins, ends = np.empty(n_entries, np.int64), np.empty(n_entries, np.int64)
    counts, kinds = np.empty(n_entries, np.int64), np.empty(n_entries, np.uint8)
    for first in range(0, n_entries, _ENTRIES_AT_ONCE):
        last = min(first + _ENTRIES_AT_ONCE, n_entries)
        row, at = index_entries(cursor.cells, at, first, last, begins, ends, counts, kinds)
        if row < last:
            raise BadFile(path, f"entry {row:,} of {n_entries:,} of the dictionary is cut short", offset=at)
    cursor.at = at
    expected = np.repeat(np.array([0, 1], np.uint8), [n_words, n_labels])
    odd = np.flatnonzero((kinds != expected) | (counts < 0))
    if len(odd):
        row = int(odd[0])
        told = f"a count of {counts[row]:,} and the kind {kinds[row]}, expected one from 0 and the kind {expected[row]}"
        reason = f"entry {row:,} of the dictionary has {told} (0: a word, 1: a label; words stand first)"
        raise BadFile(path, reason, offset=int(ends[row]) + 1)
    return pack_tokens(cursor.cells, begins, ends), counts


def _pruned(cursor: Cursor, n_pruned: int, n_buckets: int) -> tuple[TokenIds | None, TokenIds | None]:
    """The buckets that a pruned model kept, rising, and the row of each; None, None where no bucket was dropped."""
    if n_pruned < 0:
        return None, None
    cursor.room(8 * n_pruned, f"{n_pruned:,} pairs of buckets and rows")
    at = cursor.at
    pairs = cursor.array("<i4", 2 * n_pruned, "the pairs of buckets and rows").reshape(-1, 2)
    order = np.argsort(pairs[:, 0], kind="stable")
    buckets, rows = _column(pairs, 0, order), _column(pairs, 1, order)
    if n_pruned and (buckets[0] < 0 or buckets[-1] >= n_buckets or rows.min() < 0 or rows.max() >= n_pruned):
        expected = f"buckets below {n_buckets:,} and rows below {n_pruned:,}"
        found = f"buckets {buckets[0]:,} to {buckets[-1]:,} and rows {rows.min():,} to {rows.max():,}"
        raise BadFile(cursor.path, f"a pruned model must name {expected}, found {found}", offset=at)
    if np.any(buckets[1:] == buckets[:-1]):
        twin = buckets[:-1][buckets[1:] == buckets[:-1]][0]
        raise BadFile(cursor.path, f"a pruned model names bucket {twin:,} twice", offset=at)
    return buckets, rows


def _column(pairs: AnyArray, number: int, order: AnyArray) -> TokenIds:
    column: TokenIds = np.ascontiguousarray(pairs[order, number], np.int32)
    return column
