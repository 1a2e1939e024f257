"""The path of a table in, the index that stands beside it out, where it is worth being asked."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

__all__ = ["EXACT_BELOW", "beside", "standing_beside"]

# Comparing every row of a table of this size takes a few milliseconds, about as long as opening an index and asking it once:
# below it nobody should wonder whether a neighbour was missed.
EXACT_BELOW = 200_000  # rows


def beside(table_path: str | PathLike[str]) -> Path:
    """Return where the index of a table belongs: `wiki.index` beside `wiki.semap`."""
    return Path(table_path).with_suffix(".index")


def standing_beside(table_path: str | PathLike[str], n_rows: int) -> Path | None:
    """Return the index beside a table, None where there is none or the table has fewer than EXACT_BELOW rows."""
    path = beside(table_path)
    return path if n_rows >= EXACT_BELOW and path.is_file() else None
