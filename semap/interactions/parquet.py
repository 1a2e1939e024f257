"""A parquet file in, the names of its columns and its rows out; the one file that knows pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from semap.errors import BadFile, MissingExtra

__all__ = ["is_parquet", "parquet_rows"]

_MAGIC = b"PAR1"


def is_parquet(path: str) -> bool:
    """Return whether a file begins as parquet does."""
    if not Path(path).is_file():
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False  # the reader of text says why


def parquet_rows(path: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Return the names of the columns, and the rows, read some thousand at a time. Raises MissingExtra, BadFile."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as failure:
        raise MissingExtra("pyarrow", "arrow") from failure

    def rows(file: Any) -> Iterator[tuple[Any, ...]]:
        """Turn columns into rows."""
        try:
            for batch in file.iter_batches():
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        except (pyarrow.ArrowException, OSError) as failure:
            raise BadFile(path, f"is damaged parquet: {failure}") from failure
        finally:
            file.close()

    try:
        opened = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as failure:
        raise BadFile(path, f"is no whole parquet file: {failure}") from failure
    return list(opened.schema_arrow.names), rows(opened)
