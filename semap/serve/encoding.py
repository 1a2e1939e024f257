"""Inputs of several requests in, the vectors of each out: all texts that wait are split, looked up and pooled together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from semap.arrays import Counts64, FloatMatrix
from semap.encode.pipeline import Pipeline
from semap.encode.subwords import SubWords
from semap.encode.tokenizing import Rows

if TYPE_CHECKING:
    from semap.encode.pool import Pool

__all__ = ["Encoder", "Inputs", "Vectors"]

Inputs = list[str] | list[list[int]]


class Vectors(NamedTuple):
    """Of n inputs: vectors float32 (n, D) of length 1, or zeros; sizes int64 (n,), how many tokens each has."""

    vectors: FloatMatrix
    sizes: Counts64


class Encoder:
    """A pipeline as the service uses it: inputs are read whole, vectors have the length 1, and nobody is warned of one text.

    Texts and lists of token ids give the same vectors where the ids are those of the texts. `n_ids`: token ids are below this.
    Raises SettingsError for a pipeline that makes no vector of a text.
    """

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        if pipeline.pooling == "none" or pipeline.positions is not None:
            pipeline.pool()  # says why it cannot
        self.pipeline = pipeline
        self._threads = threads
        tokenizing = pipeline.tokenizing
        self._row_of = tokenizing.row_of if isinstance(tokenizing, SubWords) else None
        self.n_ids = len(pipeline.table) if self._row_of is None else len(self._row_of)
        self._pool: Pool | None = None

    def encode_all(self, requests: Sequence[Inputs]) -> list[Vectors]:
        """Return the vectors of each request: the same, to the bit, as alone."""
        if self._pool is None:
            self._pool = self.pipeline.pool()
        found: list[Vectors | None] = [None] * len(requests)
        of_texts = [place for place, inputs in enumerate(requests) if isinstance(inputs[0], str)]
        of_ids = [place for place, inputs in enumerate(requests) if not isinstance(inputs[0], str)]
        rows_of: Callable[[list[Any]], Rows]
        for places, rows_of in ((of_texts, self._of_texts), (of_ids, self._of_ids)):
            if places:
                together: list[Any] = []
                for place in places:
                    together += requests[place]
                rows = rows_of(together)
                vectors = self._pool(rows, self._threads)
                stop = 0
                for place in places:
                    start, stop = stop, stop + len(requests[place])
                    found[place] = Vectors(vectors[start:stop], rows.sizes[start:stop])
        return [each for each in found if each is not None]

    def _of_texts(self, texts: list[Any]) -> Rows:
        return self.pipeline.tokenizing.rows_of(texts, None, self._threads)

    def _of_ids(self, lists: list[Any]) -> Rows:
        """Rows of token ids, each of them below `n_ids`; an id without a row is left out."""
        sizes = np.fromiter(map(len, lists), np.int64, len(lists))
        ids = np.fromiter(chain.from_iterable(lists), np.int32, int(sizes.sum()))
        rows = ids if self._row_of is None else self._row_of[ids]
        kept = rows >= 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], np.cumsum(sizes)])]
        return Rows(rows[kept], offsets, sizes, 0, 0)
