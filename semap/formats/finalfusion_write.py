"""A table in, a finalfusion file out: a vocabulary, unit vectors (NdArray) and their lengths (NdNorms)."""

from __future__ import annotations

import struct
from os import PathLike
from typing import BinaryIO

import numpy as np

from semap.arrays import Bytes, FloatVector
from semap.errors import SettingsError
from semap.formats.finalfusion_chunks import FLOAT32, MAGIC, padding
from semap.formats.foreign import broken_tokens, warn_of_loss
from semap.formats.writing import MOST_BUCKETS, bucket_rows
from semap.storage.atomic import atomic_file
from semap.table.subwords import SubwordRows
from semap.table.table import Table

__all__ = ["write"]

_NAME = "finalfusion"
_SIMPLE, _DENSE, _BUCKETS, _NORMS, _FASTTEXT = 1, 2, 3, 6, 7
_KINDS = {"finalfusion": _BUCKETS, "fasttext": _FASTTEXT}
_TOKENS_AT_ONCE = 1 << 16


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write the words and, where finalfusion hashes them as the table does, the n-grams, a piece at a time.

    Rows of words are divided by their lengths, which go into NdNorms; but not where the table says (`unit`) that it came from a
    file without norms. Buckets without a row become rows of zeros, which change no sum. Warns what the format cannot keep.
    Raises SettingsError (a token that is not UTF-8) and CannotWrite.
    """
    broken = broken_tokens(table.tokens)
    if broken:
        found = f"{len(broken):,} tokens are not UTF-8, the first in row {broken[0]:,}: {table.tokens[broken[0]]!r}"
        raise SettingsError(f"{found}; a finalfusion file cannot hold them: rename them or save as .semap")
    subwords = _writable(table)
    unit = subwords is not None and subwords.unit
    kind = _SIMPLE if subwords is None else _KINDS[subwords.ngrams.hash]
    kinds = [kind, _DENSE] if unit else [kind, _DENSE, _NORMS]
    with atomic_file(path) as file:
        file.write(struct.pack(f"<4sII{len(kinds)}I", MAGIC, 0, len(kinds), *kinds))
        _write_vocabulary(file, table, kind, subwords)
        norms = _write_rows(file, table, subwords, unit)
        if not unit:
            gap = padding(file.tell() + 24)
            file.write(struct.pack(f"<IQQI{gap}x", _NORMS, 12 + gap + 4 * len(norms), len(norms), FLOAT32))
            file.write(norms.data)
    stored, output = table.stored
    kept = None if subwords is not None else table.subwords
    said = Table.of_stored(table.tokens, stored, counts=table.counts, metadata=table.metadata, output=output, subwords=kept)
    warn_of_loss(said, path, _NAME)


def _writable(table: Table) -> SubwordRows | None:
    """The rows of n-grams, where finalfusion has a vocabulary for them."""
    found = None if table.subwords is None else table.subwords.to_stored()
    return found if found is not None and found.ngrams.hash in _KINDS and found.ngrams.buckets <= MOST_BUCKETS else None


def _write_vocabulary(file: BinaryIO, table: Table, kind: int, subwords: SubwordRows | None) -> None:
    settings = b""
    if subwords is not None:
        ngrams = subwords.ngrams
        buckets = ngrams.buckets.bit_length() - 1 if kind == _BUCKETS else ngrams.buckets
        settings = struct.pack("<III", ngrams.min_n, ngrams.max_n, buckets)
    size = 8 + len(settings) + 4 * len(table) + len(table.tokens.data)
    file.write(struct.pack("<IQQ", kind, size, len(table)) + settings)
    for first in range(0, len(table), _TOKENS_AT_ONCE):
        file.write(_prefixed(table, first, min(first + _TOKENS_AT_ONCE, len(table))).data)


def _prefixed(table: Table, first: int, stop: int) -> Bytes:
    """Tokens first .. stop, each behind its length."""
    offsets = table.tokens.offsets[first : stop + 1]
    data = table.tokens.data[offsets[0] : offsets[-1]]
    sizes = np.diff(offsets)
    out = np.empty(len(data) + 4 * len(sizes), np.uint8)
    heads = offsets[:-1] - offsets[0] + 4 * np.arange(len(sizes))
    places = heads[:, None] + np.arange(4)
    is_head = np.zeros(len(out), np.bool_)
    is_head[places] = True
    out[places] = sizes.astype("<u4").view(np.uint8).reshape(-1, 4)
    out[~is_head] = data
    return out


def _write_rows(file: BinaryIO, table: Table, subwords: SubwordRows | None, unit: bool) -> FloatVector:
    """Write the matrix of words and n-grams; returns the lengths that the rows of words had."""
    n_rows = len(table) + (0 if subwords is None else subwords.ngrams.buckets)
    gap = padding(file.tell() + 28)
    size = 16 + gap + 4 * n_rows * table.dim
    file.write(struct.pack(f"<IQQII{gap}x", _DENSE, size, n_rows, table.dim, FLOAT32))
    norms = np.empty(len(table), np.float32)
    for begin, rows in table.stored[0].pieces():
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        norms[begin : begin + len(rows)] = lengths
        divisors = np.where((lengths > 0) & (not unit), lengths, 1).astype(np.float32)
        file.write(np.ascontiguousarray(rows / divisors[:, None], "<f4").reshape(-1).view(np.uint8).data)
    for rows in bucket_rows(subwords):
        file.write(np.ascontiguousarray(rows, "<f4").reshape(-1).view(np.uint8).data)
    return norms.astype("<f4", copy=False)
