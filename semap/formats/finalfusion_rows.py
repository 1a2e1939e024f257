"""The storage and norms of a finalfusion file in, rows that are read where they lie out (in Rust: src/chunks/storage)."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, FloatMatrix, FloatVector
from semap.errors import BadFile
from semap.formats.cursor import Cursor
from semap.formats.fasttext_rows import PickedRows
from semap.formats.filerows import check_finite
from semap.formats.finalfusion_chunks import FLOAT32, KINDS, STORAGES, UINT8, Chunks, floats
from semap.storage.mapped import release
from semap.table.rows import Rows, StoredRows

__all__ = ["ngram_rows", "norms_in", "rows_in", "word_rows"]

_DENSE, _NORMS = 2, 6
_MOST_ROWS = 1 << 40


def rows_in(chunks: Chunks, n_rows: int) -> Rows:
    """Return all rows of the file, as they are stored: unit length, mostly. Raises BadFile where there are not `n_rows`."""
    chunk = chunks.one_of(STORAGES)
    cursor = chunks.at(chunk)
    rows = _dense(cursor) if chunk.kind == _DENSE else _quantised(cursor)
    cursor.finish(f"the {KINDS[chunk.kind]}")
    if rows.shape[0] != n_rows:
        told = f"the vocabulary takes {n_rows:,} rows (words and n-grams), the {KINDS[chunk.kind]} has {rows.shape[0]:,}"
        raise BadFile(chunks.path, told, offset=chunk.begin)
    return rows


def norms_in(chunks: Chunks, n_words: int) -> FloatVector | None:
    """Return the lengths that rows of words had before they were divided by them, float32 (V,), or None. Raises BadFile."""
    cursor = chunks.cursor(_NORMS)
    if cursor is None:
        return None
    n_norms, kind = cursor.take("Q I", "the head of NdNorms")
    _check_type(cursor, kind, FLOAT32)
    if n_norms != n_words:
        raise BadFile(cursor.path, f"there are {n_words:,} words and {n_norms:,} norms", offset=cursor.at)
    norms: FloatVector = floats(cursor, n_norms, "the norms")
    if not np.isfinite(norms).all():
        raise BadFile(cursor.path, f"norm {int(np.flatnonzero(~np.isfinite(norms))[0]):,} is not finite", offset=cursor.at)
    cursor.finish("the norms")
    return norms


def word_rows(chunks: Chunks, rows: Rows, norms: FloatVector | None, n_words: int) -> PickedRows:
    """Return the rows of words times their norms: what they were before finalfusion made them unit vectors."""

    def pick(numbers: AnyArray) -> FloatMatrix:
        """Copy some rows, and let their pages go."""
        taken = np.array(rows.decode(numbers), np.float32)
        if norms is not None:
            with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is checked
                taken *= norms[numbers, None]
        if isinstance(rows, StoredRows) and len(numbers):
            release(rows.values[numbers.min() : numbers.max() + 1])
        check_finite(chunks.path, taken, int(numbers[0]) if len(numbers) else 0)
        return taken

    return PickedRows.of(n_words, rows.shape[1], pick, chunks.cells)


def ngram_rows(chunks: Chunks, rows: Rows, n_words: int, places: AnyArray | None) -> Rows:
    """Return the rows behind those of the words, or `places` among them."""
    if isinstance(rows, StoredRows):
        behind = rows.values[n_words:]
        return StoredRows(behind if places is None else behind[places])
    n_rows = rows.shape[0] - n_words if places is None else len(places)

    def pick(numbers: AnyArray) -> FloatMatrix:
        """Decode some rows."""
        return rows.decode(n_words + (numbers if places is None else places[numbers]))

    return PickedRows.of(n_rows, rows.shape[1], pick, chunks.cells)


def _check_type(cursor: Cursor, found: int, expected: int) -> None:
    if found != expected:
        raise BadFile(cursor.path, f"numbers of type {found}, expected {expected}", offset=cursor.at - 4)


def _dense(cursor: Cursor) -> StoredRows:
    n_rows, dim, kind = cursor.take("Q I I", "the head of NdArray")
    _check_type(cursor, kind, FLOAT32)
    _check_shape(cursor, n_rows, dim)
    return StoredRows(floats(cursor, n_rows * dim, "the matrix").reshape(n_rows, dim))


def _check_shape(cursor: Cursor, n_rows: int, dim: int) -> None:
    if not 0 < n_rows < _MOST_ROWS or dim == 0:
        raise BadFile(cursor.path, f"a matrix of {n_rows:,} rows of {dim:,} numbers", offset=cursor.at)


def _quantised(cursor: Cursor) -> PickedRows:
    """Product quantisation (Jégou et al. 2011): a row is a byte for each part of it, the number of the part's centroid."""
    projected, has_norms, n_parts, dim, n_centroids, n_rows = cursor.take("I I I I I Q", "the head of QuantizedArray")
    _check_type(cursor, cursor.take("I", "the type of codes")[0], UINT8)
    _check_type(cursor, cursor.take("I", "the type of centroids")[0], FLOAT32)
    _check_shape(cursor, n_rows, dim)
    if n_parts == 0 or dim % n_parts or not 0 < n_centroids <= 256:
        told = f"{dim:,} numbers in {n_parts:,} parts of {n_centroids:,} centroids"
        raise BadFile(cursor.path, f"{told}: parts must be equal and centroids 1 to 256", offset=cursor.at)
    cursor.room(n_rows * n_parts + 4 * dim * n_centroids + 4 * dim * dim * bool(projected), "the quantised rows")
    first = floats(cursor, dim * dim if projected else 0, "the projection")
    centroids = cursor.array("<f4", dim * n_centroids, "the centroids").reshape(n_parts, n_centroids, dim // n_parts)
    norms = cursor.array("<f4", n_rows, "the norms of quantised rows") if has_norms else None
    codes = cursor.array("u1", n_rows * n_parts, "the codes").reshape(n_rows, n_parts)
    projection = first.reshape(dim, dim) if projected else None

    def pick(numbers: AnyArray) -> FloatMatrix:
        """Put the centroids of some rows together."""
        taken = codes[numbers]
        if taken.size and int(taken.max()) >= n_centroids:
            row = int(numbers[np.flatnonzero((taken >= n_centroids).any(axis=1))[0]])
            raise BadFile(cursor.path, f"row {row:,} names centroid {taken.max()}, there are {n_centroids:,}")
        rows = centroids[np.arange(n_parts), taken].reshape(len(taken), dim)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told where it is used
            rows = rows if projection is None else rows @ projection.T
            rows = rows if norms is None else rows * norms[numbers, None]
        return np.ascontiguousarray(rows, np.float32)

    return PickedRows.of(n_rows, dim, pick, codes)
