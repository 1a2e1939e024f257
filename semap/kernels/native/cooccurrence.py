"""Where each word stands in, how often every word stands near it out; the plain twin says what is computed.

A row is summed up in one array over all words, which stays in a core's cache, and bits say which of them are not 0: so its cells
come out in order without a sort. Sums are whole numbers, so that no order of adding changes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import AnyArray, Integer
from semap.kernels.native.bits import trailing_zeros
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.simd import prefetch

__all__ = ["count_rows", "merge_rows", "sort_places"]

_ONE = np.uint64(1)
_AHEAD = 8  # places: a window is asked for before it is read, since places are far apart


@kernel
def sort_places(marked: AnyArray, begin: int, end: int, starts: AnyArray, places: AnyArray) -> None:
    """Sort the places begin .. end - 1 by their word, by counting."""
    starts[:] = 0
    for place in range(begin, end):
        word: Integer = np.int64(marked[place])
        if word >= 0:
            starts[word + 1] += 1
    for word in range(1, starts.size):
        starts[word] += starts[word - 1]
    nexts = starts.copy()
    for place in range(begin, end):
        word = np.int64(marked[place])
        if word >= 0:
            places[nexts[word]] = place
            nexts[word] += 1


@kernel
def count_rows(
    marked: AnyArray, starts: AnyArray, places: AnyArray, first: int, last: int, units: AnyArray, symmetric: int,
    desk: tuple[AnyArray, AnyArray], out: tuple[AnyArray, AnyArray, AnyArray],
) -> int:  # fmt: skip
    """Write the cells of the words first .. last - 1, and return how many there are."""
    total, seen = desk
    n_cells, last_place = 0, places.size - 1
    for word in range(first, last):
        for at in range(starts[word], starts[word + 1]):
            prefetch(marked, np.int64(places[min(at + _AHEAD, last_place)]))
            place = np.int64(places[at])
            for d in range(1, units.size):
                other = np.int64(peek(marked, place - d))
                if other < 0:
                    break
                _add(total, seen, other, peek(units, d))
            if symmetric:
                for d in range(1, units.size):
                    other = np.int64(peek(marked, place + d))
                    if other < 0:
                        break
                    _add(total, seen, other, peek(units, d))
        n_cells = _emit(word - first, total, seen, n_cells, out)
    return n_cells


@kernel
def merge_rows(
    starts: AnyArray, all_columns: AnyArray, all_sums: AnyArray, desk: tuple[AnyArray, AnyArray],
    out: tuple[AnyArray, AnyArray, AnyArray],
) -> int:  # fmt: skip
    """Add up the cells of several parts, and return how many are left."""
    total, seen = desk
    n_cells = 0
    for row in range(starts.shape[1] - 1):
        for part in range(starts.shape[0]):
            for cell in range(starts[part, row], starts[part, row + 1]):
                _add(total, seen, np.int64(all_columns[cell]), all_sums[cell])
        n_cells = _emit(row, total, seen, n_cells, out)
    return n_cells


@inlined
def _add(total: Any, seen: Any, word: Any, amount: Any) -> None:
    """total[word] += amount > 0; what was 0 gets its bit, and the number of that bit one of its own behind all others."""
    before = peek(total, word)
    poke(total, word, before + amount)
    if before == 0:
        group = word >> 6
        seen[group] |= _ONE << np.uint64(word & 63)
        seen[((total.size + 63) >> 6) + (group >> 6)] |= _ONE << np.uint64(group & 63)


@inlined
def _emit(row: Any, total: Any, seen: Any, n_cells: Any, out: Any) -> Any:
    """Write what is not 0 behind the cells before it, and take it away."""
    lengths, columns, sums = out
    n_groups = (total.size + 63) >> 6
    begin = n_cells
    for upper in range(n_groups, seen.size):
        groups = seen[upper]
        seen[upper] = np.uint64(0)
        while groups != 0:
            group = ((upper - n_groups) << 6) + trailing_zeros(groups)
            groups &= groups - _ONE
            words = seen[group]
            seen[group] = np.uint64(0)
            while words != 0:
                word = (group << 6) + trailing_zeros(words)
                words &= words - _ONE
                columns[n_cells] = word
                sums[n_cells] = total[word]
                total[word] = 0
                n_cells += 1
    lengths[row] = n_cells - begin
    return n_cells
