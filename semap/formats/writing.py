"""Tokens and pieces of rows in, the parts that several writers have in common out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

import numpy as np

from semap.arrays import FloatMatrix
from semap.formats.idlist import ids_path
from semap.storage.atomic import atomic_file
from semap.table.subwords import SubwordRows
from semap.table.table import Table

__all__ = ["MOST_BUCKETS", "bucket_rows", "written_ids"]

MOST_BUCKETS = 1 << 28  # of n-grams known by their letters there are far more: a row for each would be 86 GB of zeros

_TOKENS_AT_ONCE = 1 << 16
_NUMBERS_AT_ONCE = 1 << 20


@contextmanager
def written_ids(table: Table, path: str | PathLike[str]) -> Iterator[None]:
    """Write the tokens, one a line, to `ids_path(path)`, which takes its place once the block has ended well."""
    with atomic_file(ids_path(path)) as file:
        for first in range(0, len(table), _TOKENS_AT_ONCE):
            lines = table.tokens[first : first + _TOKENS_AT_ONCE]
            file.write("\n".join([*lines, ""]).encode("utf-8", "surrogateescape"))
        yield


def bucket_rows(subwords: SubwordRows | None) -> Iterator[FloatMatrix]:
    """Yield the rows of all buckets in their order, some at a time; zeros stand for those that have none."""
    if subwords is None:
        return
    if subwords.buckets is None:
        yield from (rows for _, rows in subwords.rows.pieces())
        return
    step = max(1, _NUMBERS_AT_ONCE // subwords.dim)
    for begin in range(0, subwords.ngrams.buckets, step):
        end = min(begin + step, subwords.ngrams.buckets)
        first, stop = np.searchsorted(subwords.buckets, [begin, end]).tolist()
        rows = np.zeros((end - begin, subwords.dim), np.float32)
        rows[subwords.buckets[first:stop] - begin] = subwords.rows.decode(slice(first, stop))
        yield rows
