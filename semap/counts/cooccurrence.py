"""Texts in, how often every word stands near every other one out."""

from __future__ import annotations

import math

import numpy as np

from semap.arrays import AnyArray, Counts64, TokenIds
from semap.corpus.blocks import Blocks
from semap.counts.cells import Cells, CellsSpool
from semap.counts.counts import Counts
from semap.errors import EmptyCorpus, SettingsError
from semap.parallel.crew import thread_count
from semap.parallel.ordered import in_order
from semap.progress import Progress, progress_for
from semap.settings import flag, whole

__all__ = ["MEMORY", "cooccurrence", "count_cells"]

MEMORY = 2_000_000_000
_CELLS_AT_ONCE = 1 << 20  # room for the rows that a thread counts in one piece
_STEPS_AT_ONCE = 1 << 24  # places in windows, of such a piece: about 30 ms
_LEAST_SEGMENT, _MOST_SEGMENT = 1 << 16, 1 << 30  # words; places in a segment are int32
_BYTES_A_WORD = 8  # of a segment: its id and its place
_EXACT = 1 << 24  # the largest unit in which the weights 1 / d are whole numbers without a loss
_LONG = 1 << 14  # words: a longer window is cut to the longest text, since a number is kept for each distance


def cooccurrence(
    corpus: Blocks,
    *,
    window: int = 10,
    symmetric: bool = True,
    distance_weighting: bool = True,
    memory: int = MEMORY,
    threads: int = 0,
    progress: bool | Progress = False,
) -> Counts:
    """Return float64 Counts (V, V): the cell (i, j) adds up 1 / d over the times that word j stands d words from word i.

    window: the largest d; windows end where a text ends. symmetric: on both sides of word i; False looks only to its left, as
    in Pennington, Socher, Manning 2014, section 4.2 (the original `cooccur -symmetric 0` writes that matrix with rows and columns
    exchanged). distance_weighting: False adds 1 instead of 1 / d. A word that stands twice in a window meets itself. As in
    the original tool, words that are not in the vocabulary leave no gap.
    memory: bytes for counting; what is more goes to temporary files and is merged, to the same sums. threads: 0 for every
    CPU, never changes the result. Sums are those of whole numbers: exact for windows up to 18, within 1e-7 above.
    Raises SettingsError, EmptyCorpus, and CannotWrite where the folder for temporary files is full.
    """
    cells = count_cells(
        corpus, window=window, symmetric=symmetric, distance_weighting=distance_weighting, memory=memory, threads=threads,
        progress=progress,
    )  # fmt: skip
    n_words = len(corpus.vocab)
    return Counts(cells.sums / cells.unit, cells.columns, cells.indptr, (n_words, n_words))


def count_cells(
    corpus: Blocks, *, window: int, symmetric: bool, distance_weighting: bool, memory: int, threads: int,
    progress: bool | Progress,
) -> Cells:  # fmt: skip
    """Return the cells of `cooccurrence`, in temporary files where they outgrow half of `memory`."""
    if not hasattr(corpus, "read") or not hasattr(corpus, "n_tokens"):
        raise SettingsError(f"co-occurrence is counted in a Corpus, not {type(corpus).__name__}; semap.read_text(...) makes one")
    if corpus.n_tokens == 0:
        raise EmptyCorpus("the corpus holds no token, so nothing stands near anything; give texts, or lower min_count")
    memory = whole("memory", memory, 1, 2**62)
    reach, weighted = _reach(whole("window", window, 1), corpus), flag("distance_weighting", distance_weighting)
    units, unit = _units(reach, weighted, corpus.n_tokens)
    counting = _Counting(corpus, units, flag("symmetric", symmetric), thread_count(threads))
    shown = progress_for(progress)
    shown.start("counting", corpus.n_tokens, "words")
    try:
        segment = min(max(_LEAST_SEGMENT, memory // (4 * _BYTES_A_WORD)), _MOST_SEGMENT)
        starts = range(0, corpus.n_tokens, segment)
        room = memory // 2 if len(starts) == 1 else memory // 4 // len(starts)  # parts are there beside what they are merged to
        parts = [counting.segment(start, min(start + segment, corpus.n_tokens), room, shown).cells(unit) for start in starts]
        return parts[0] if len(parts) == 1 else counting.merged(parts, memory // 2)
    finally:
        shown.finish()


class _Counting:
    """One run of `count_cells`."""

    def __init__(self, corpus: Blocks, units: Counts64, symmetric: bool, threads: int) -> None:
        self._corpus, self._units, self._symmetric, self._threads = corpus, units, symmetric, threads
        self._n_words = len(corpus.vocab)
        n_groups = -(-self._n_words // 64)
        self._desks = [
            (np.zeros(self._n_words, np.int64), np.zeros(n_groups + -(-n_groups // 64), np.uint64)) for _ in range(threads)
        ]
        room = max(_CELLS_AT_ONCE, self._n_words)
        self._rooms = [(np.empty(room, np.int32), np.empty(room, np.int64)) for _ in range(threads)]

    def segment(self, start: int, stop: int, room: int, shown: Progress) -> CellsSpool:
        """Count around the words at the positions start .. stop - 1."""
        from semap.kernels.native import cooccurrence as kernels

        marked, begin, end = self._marked(start, stop)
        starts = np.empty(self._n_words + 1, np.int64)
        places = np.empty(stop - start, np.int32)
        kernels.sort_places(marked, begin, end, starts, places)
        steps = np.diff(starts) * (len(self._units) - 1) * (1 + self._symmetric)
        most = np.minimum(steps, self._n_words)
        bounds = _bounds(most, steps)

        def count(thread: int, piece: int) -> tuple[Counts64, TokenIds, Counts64]:
            """The cells of some rows."""
            first, last = bounds[piece], bounds[piece + 1]
            out = (np.empty(last - first, np.int64), *self._rooms[thread])
            n = kernels.count_rows(
                marked, starts, places, first, last, self._units, int(self._symmetric), self._desks[thread], out
            )
            return out[0], out[1][:n].copy(), out[2][:n].copy()

        spool = CellsSpool(self._n_words, room, int(most.sum()))
        for piece, found in enumerate(in_order(len(bounds) - 1, self._threads, count)):
            spool.append(*found)
            shown.update(start + int(starts[bounds[piece + 1]]))
        return spool

    def merged(self, parts: list[Cells], room: int) -> Cells:
        """The sums of several matrices."""
        from semap.kernels.native import cooccurrence as kernels

        lengths = np.sum([np.diff(part.indptr) for part in parts], axis=0)
        most = np.minimum(lengths, self._n_words)
        bounds = _bounds(most, lengths)

        def merge(thread: int, piece: int) -> tuple[Counts64, TokenIds, Counts64]:
            """The cells of some rows."""
            first, last = bounds[piece], bounds[piece + 1]
            slices = [slice(part.indptr[first], part.indptr[last]) for part in parts]
            sizes = np.cumsum([0, *(each.stop - each.start for each in slices)])
            starts = np.stack([
                part.indptr[first : last + 1] - part.indptr[first] + size for part, size in zip(parts, sizes[:-1], strict=True)
            ])  # fmt: skip
            columns = np.concatenate([part.columns[each] for part, each in zip(parts, slices, strict=True)])
            sums = np.concatenate([part.sums[each] for part, each in zip(parts, slices, strict=True)])
            out = (np.empty(last - first, np.int64), *self._rooms[thread])
            n = kernels.merge_rows(starts, columns, sums, self._desks[thread], out)
            return out[0], out[1][:n].copy(), out[2][:n].copy()

        spool = CellsSpool(self._n_words, room, int(most.sum()))
        for found in in_order(len(bounds) - 1, self._threads, merge):
            spool.append(*found)
        return spool.cells(parts[0].unit)

    def _marked(self, start: int, stop: int) -> tuple[TokenIds, int, int]:
        """The ids around the positions start .. stop - 1 with a -1 at every border, and where those positions begin and end."""
        reach = len(self._units) - 1
        low, high = max(0, start - reach), min(self._corpus.n_tokens, stop + reach)
        span = self._corpus.read(0, low, high)
        borders = span.offsets[np.searchsorted(span.offsets, low, "right") : np.searchsorted(span.offsets, high, "left")]
        ids = span.ids[low - span.first : high - span.first]
        marked = np.full(len(ids) + len(borders) + 2, -1, np.int32)
        marked[1:-1] = np.insert(ids, borders - low, -1) if len(borders) else ids
        begin, end = (int(at - low + 1 + np.searchsorted(borders, at, "right")) for at in (start, stop))
        return marked, begin, end


def _bounds(cells: Counts64, steps: Counts64) -> list[int]:
    """Bounds of pieces of rows, each with room for its cells and few enough steps; a row too large is a piece of its own."""
    bounds, n_cells, n_steps = [0], 0, 0
    for row, (more_cells, more_steps) in enumerate(zip(cells.tolist(), steps.tolist(), strict=True)):
        n_cells, n_steps = n_cells + more_cells, n_steps + more_steps
        if (n_cells > _CELLS_AT_ONCE or n_steps > _STEPS_AT_ONCE) and row > bounds[-1]:
            bounds.append(row)
            n_cells, n_steps = more_cells, more_steps
    return [*bounds, len(cells)]


def _units(reach: int, weighted: bool, n_tokens: int) -> tuple[Counts64, int]:
    """The weight of each distance 0 .. reach as a whole number of 1 / unit, and the unit.

    Their least common multiple, where that is small; else a power of two by which no sum of this corpus outgrows 62 bits.
    """
    units = np.ones(reach + 1, np.int64)
    if not weighted:
        return units, 1
    unit = 1
    for distance in range(1, reach + 1):
        unit = math.lcm(unit, distance)
        if unit > _EXACT:
            most = 2 * n_tokens * (1 + math.ceil(math.log(reach)))
            unit = 1 << max(0, min(28, 62 - most.bit_length()))
            break
    units[1:] = np.rint(unit / np.arange(1, reach + 1))
    return np.maximum(units, 1), unit


def _reach(window: int, corpus: Blocks) -> int:
    """`window`, or the length of the longest text where that is a long window and sticks out of every text."""
    if window <= _LONG:
        return window
    offsets: AnyArray = corpus.read(0, 0, corpus.n_tokens).offsets
    return min(window, max(_LONG, int(np.diff(offsets).max(initial=0))))
