"""A misspelled token in, the ids of the tokens spelled most like it out."""

from __future__ import annotations

import numpy as np

from semap.arrays import Bytes, Counts64, Offsets

__all__ = ["nearest_spellings"]

_LONGEST = 64  # bytes; a longer token is not a misspelled word


def nearest_spellings(sought: Bytes, data: Bytes, offsets: Offsets, n: int) -> Counts64:
    """Return up to `n` ids of tokens within a few edits of `sought`, nearest first, then by id, without `sought`.

    An edit is a byte put in, left out, replaced or swapped with its neighbour (optimal string alignment); at most
    1 for up to three bytes, 2 for up to eight, 3 beyond. `sought`: uint8; `data`, `offsets`: packed tokens.
    """
    length = len(sought)
    if not 0 < length <= _LONGEST or len(offsets) < 2 or n <= 0:
        return np.empty(0, np.int64)
    edits = 1 if length <= 3 else 2 if length <= 8 else 3
    lengths = np.diff(offsets)
    ids: Counts64 = np.flatnonzero((np.abs(lengths - length) <= edits) & (lengths > 0))
    # An edit changes at most two of the letters that a word has, so most words fall here without being compared.
    letters = np.left_shift(np.uint32(1), data & np.uint8(31), dtype=np.uint32)
    filled = np.flatnonzero(lengths)
    sets = np.zeros(len(lengths), np.uint32)
    if len(filled):
        sets[filled] = np.bitwise_or.reduceat(letters, offsets[filled])
    own = np.bitwise_or.reduce(np.left_shift(np.uint32(1), sought & np.uint8(31), dtype=np.uint32))
    ids = ids[np.bitwise_count(sets[ids] ^ own) <= 2 * edits]
    if len(ids):
        distances = _edits(sought, data, offsets[ids], lengths[ids])
        near = (distances <= edits) & (distances > 0)
        ids = ids[near][np.argsort(distances[near], kind="stable")]
    return ids[:n]


def _edits(sought: Bytes, data: Bytes, begins: Counts64, lengths: Counts64) -> Counts64:
    """The edits between `sought` and every candidate: the usual table, a column at a time, all candidates at once."""
    n_rows, longest = len(sought) + 1, int(lengths.max())
    columns = [np.repeat(np.arange(n_rows, dtype=np.int16)[:, None], len(begins), axis=1)]
    result = np.zeros(len(begins), np.int64)
    before = np.zeros(len(begins), np.uint8)
    for position in range(longest):
        letter = data[np.minimum(begins + position, len(data) - 1)]
        last, column = columns[-1], np.empty((n_rows, len(begins)), np.int16)
        column[0] = position + 1
        for row in range(1, n_rows):
            replaced = last[row - 1] + (letter != sought[row - 1])
            column[row] = np.minimum(np.minimum(last[row], column[row - 1]) + 1, replaced)
            if row > 1 and position > 0:
                swapped = (letter == sought[row - 2]) & (before == sought[row - 1])
                swap = np.where(swapped, columns[-2][row - 2] + 1, n_rows + longest)
                column[row] = np.minimum(column[row], swap)
        columns = [last, column]
        before = letter
        done = lengths == position + 1
        result[done] = column[-1][done]
    return result
