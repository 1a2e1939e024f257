"""Where each word stands in, how often every word stands near it out; written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["count_rows", "merge_rows", "sort_places"]


def sort_places(marked: AnyArray, begin: int, end: int, starts: AnyArray, places: AnyArray) -> None:
    """Sort the places begin .. end - 1 by their word: those of word w are places[starts[w] : starts[w + 1]], rising.

    marked: word ids, int32, with a -1 at every border. starts: int64 (V + 1,), places: int32, one for each word; both are filled.
    """
    own = marked[begin:end]
    words = np.flatnonzero(own >= 0)
    places[:] = begin + words[np.argsort(own[words], kind="stable")]
    starts[0] = 0
    np.cumsum(np.bincount(own[words], minlength=len(starts) - 1), out=starts[1:])


def count_rows(
    marked: AnyArray, starts: AnyArray, places: AnyArray, first: int, last: int, units: AnyArray, symmetric: int,
    desk: tuple[AnyArray, AnyArray], out: tuple[AnyArray, AnyArray, AnyArray],
) -> int:  # fmt: skip
    """Write the cells of the words first .. last - 1, and return how many there are.

    A word that stands d places before (where `symmetric`, or after) one of word w's own adds units[d], int64, to the cell (w,
    that word); a border ends the window. desk: int64 (V,) of zeros and uint64 of zeros, one bit for each word and then one
    for each of these numbers; both are zeros again at the end. out: the number of cells of each row, int64; the column of
    each cell, int32, rising in a row; its sum, int64.
    """
    lengths, columns, sums = out
    total, n_cells = desk[0], 0
    for word in range(first, last):
        for place in places[starts[word] : starts[word + 1]]:
            for step in (-1, 1) if symmetric else (-1,):
                for d in range(1, len(units)):
                    other = marked[place + step * d]
                    if other < 0:
                        break
                    total[other] += units[d]
        n_cells = _emit(word - first, total, n_cells, lengths, columns, sums)
    return n_cells


def merge_rows(
    starts: AnyArray, all_columns: AnyArray, all_sums: AnyArray, desk: tuple[AnyArray, AnyArray],
    out: tuple[AnyArray, AnyArray, AnyArray],
) -> int:  # fmt: skip
    """Add up the cells of several parts, and return how many are left; desk and out as in `count_rows`.

    starts: int64 (parts, rows + 1): the cells of row r in part p are starts[p, r] .. starts[p, r + 1] - 1.
    """
    lengths, columns, sums = out
    total, n_cells = desk[0], 0
    for row in range(starts.shape[1] - 1):
        for part in range(len(starts)):
            for cell in range(starts[part, row], starts[part, row + 1]):
                total[all_columns[cell]] += all_sums[cell]
        n_cells = _emit(row, total, n_cells, lengths, columns, sums)
    return n_cells


def _emit(row: int, total: AnyArray, n_cells: int, lengths: AnyArray, columns: AnyArray, sums: AnyArray) -> int:
    """Write what is not 0 behind the cells before it, and take it away."""
    found = np.flatnonzero(total)
    stop = n_cells + len(found)
    columns[n_cells:stop], sums[n_cells:stop] = found, total[found]
    lengths[row] = len(found)
    total[:] = 0
    return stop
