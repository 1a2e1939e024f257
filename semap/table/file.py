"""A table in, a `.semap` file out, and back: mapped, so that opening reads next to nothing.

Arrays of the file, in this order: `vectors` (V, D) float32, float16 or int8; `scales` float32 (V,), for int8; `tokens`
uint8, `token_offsets` int64 (V+1,), `token_lookup` int32 (V,), ids sorted by (CRC-32 of the token, id); `counts` int64
(V,), where known; `output_vectors` and `output_scales`, where kept; where other tokens can be composed, the rows of their
n-grams: `subword_vectors` (S, D), `subword_scales`, and `subword_buckets` int32 (S,), the bucket of each row, where not every
bucket has one. Metadata: `kind`: "table"; `table`: its own; `subwords`: how tokens fall into buckets.
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatVector
from semap.errors import BadFile, SettingsError, ShapeError
from semap.storage.container import Container, StreamedArray, open_container, write
from semap.table.deferred import stored_pieces
from semap.table.rows import STORED_DTYPES, Rows, StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["arrays_of", "facts_of", "open_table", "save_table", "table_in", "table_of"]


def save_table(table: Table, path: str | PathLike[str]) -> None:
    """Write a table to a file; equal tables give equal bytes. Raises CannotWrite, SettingsError (metadata)."""
    write(path, arrays_of(table), {"kind": "table", **facts_of(table)})


def facts_of(table: Table) -> dict[str, Any]:
    """Return what the metadata of a file says of a table: `table`, its own, and `subwords`, where it composes."""
    if table.subwords is None:
        return {"table": table.metadata}
    return {"table": table.metadata, "subwords": table.subwords.to_stored().settings()}


def arrays_of(table: Table) -> dict[str, AnyArray | StreamedArray]:
    """Return the arrays of a table by the names they have in a file, in their order there; rows elsewhere are streamed."""
    stored, output = table.stored
    arrays = _arrays_of_rows(stored, "vectors", "scales")
    arrays["tokens"] = table.tokens.data
    arrays["token_offsets"] = table.tokens.offsets
    arrays["token_lookup"] = table.tokens.lookup
    if table.counts is not None:
        arrays["counts"] = table.counts
    if output is not None:
        arrays |= _arrays_of_rows(output, "output_vectors", "output_scales")
    if table.subwords is not None:
        subwords = table.subwords.to_stored()
        arrays |= _arrays_of_rows(subwords.rows, "subword_vectors", "subword_scales")
        if subwords.buckets is not None:
            arrays["subword_buckets"] = subwords.buckets
    return arrays


def _arrays_of_rows(rows: Rows, name: str, scales_name: str) -> dict[str, AnyArray | StreamedArray]:
    if isinstance(rows, StoredRows):
        return {name: rows.values} if rows.scales is None else {name: rows.values, scales_name: rows.scales}
    scales: list[FloatVector] = []

    def values() -> Iterator[AnyArray]:
        """The rows as they are stored; their scales are kept, since they stand after all rows."""
        scales.clear()
        for piece in stored_pieces(rows):
            if piece.scales is not None:
                scales.append(piece.scales)
            yield piece.values

    arrays: dict[str, AnyArray | StreamedArray] = {name: StreamedArray(np.dtype(rows.dtype), rows.shape, values)}
    if rows.dtype == "int8":
        arrays[scales_name] = StreamedArray(np.dtype(np.float32), rows.shape[:1], lambda: iter(scales))
    return arrays


def open_table(path: str | PathLike[str]) -> Table:
    """Open a file that `save_table` wrote. Raises FileMissing, BadFile or NewerVersion."""
    return table_of(open_container(path))


def table_of(container: Container) -> Table:
    """Return the table in an open file. Raises BadFile where its arrays do not make a table."""
    if container.metadata.get("kind") != "table":
        found = container.metadata.get("kind")
        raise BadFile(container.path, f"it does not hold a table, but {found!r}; open it with what wrote it")
    return table_in(container)


def table_in(container: Container) -> Table:
    """Return the table among the arrays of an open file, whatever else it holds. Raises BadFile."""
    metadata = container.metadata.get("table")
    if not isinstance(metadata, dict):
        raise BadFile(container.path, "the table's metadata is missing")
    stored = _rows(container, "vectors", "scales")
    n_rows, dim = stored.shape
    output = _rows(container, "output_vectors", "output_scales") if "output_vectors" in container.arrays else None
    if output is not None and (output.values.shape, output.dtype) != (stored.values.shape, stored.dtype):
        told = f"output_vectors {output.dtype} {output.shape} do not fit vectors {stored.dtype} {stored.shape}"
        raise BadFile(container.path, told)
    try:
        tokens = Tokens(
            _array(container, "tokens", np.uint8),
            _array(container, "token_offsets", np.int64, (n_rows + 1,)),
            _array(container, "token_lookup", np.int32, (n_rows,)),
        )
    except ShapeError as failure:
        raise BadFile(container.path, str(failure)) from failure
    counts = _array(container, "counts", np.int64, (n_rows,)) if "counts" in container.arrays else None
    subwords = _subwords(container, dim) if "subword_vectors" in container.arrays else None
    return Table.of_stored(tokens, stored, counts=counts, metadata=metadata, output=output, subwords=subwords)


def _subwords(container: Container, dim: int) -> SubwordRows:
    rows = _rows(container, "subword_vectors", "subword_scales")
    if rows.shape[1] != dim:
        raise BadFile(container.path, f"subword_vectors have {rows.shape[1]:,} columns, vectors have {dim:,}")
    settings = container.metadata.get("subwords")
    if not isinstance(settings, dict):
        raise BadFile(container.path, f"its metadata must say how tokens fall into buckets ('subwords'), found {settings!r:.40}")
    buckets = None
    if "subword_buckets" in container.arrays:
        buckets = _array(container, "subword_buckets", np.int32, (rows.shape[0],))
    try:
        return SubwordRows.of(settings, rows, buckets)
    except (SettingsError, ShapeError) as failure:
        raise BadFile(container.path, f"its sub-words do not fit: {failure}") from failure


def _rows(container: Container, name: str, scales_name: str) -> StoredRows:
    values = container.arrays.get(name)
    if values is None or values.ndim != 2 or values.shape[1] == 0 or str(values.dtype) not in STORED_DTYPES:
        found = "nothing" if values is None else f"{values.dtype} of the shape {values.shape}"
        raise BadFile(container.path, f"{name} must be (V, D) {', '.join(STORED_DTYPES)}, found {found}")
    if values.dtype != np.int8:
        return StoredRows(values)
    return StoredRows(values, _array(container, scales_name, np.float32, (len(values),)))


def _array(container: Container, name: str, dtype: Any, shape: tuple[int, ...] | None = None) -> AnyArray:
    array = container.arrays.get(name)
    fits = array is not None and array.dtype == dtype and (array.ndim == 1 if shape is None else array.shape == shape)
    if array is None or not fits:
        found = "nothing" if array is None else f"{array.dtype} of the shape {array.shape}"
        raise BadFile(container.path, f"{name} must be {np.dtype(dtype)} of the shape {shape or '(n,)'}, found {found}")
    return array
