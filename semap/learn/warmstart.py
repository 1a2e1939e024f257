"""A vocabulary and perhaps an older table in, the first rows of a model out, and what the older table knows besides."""

from __future__ import annotations

import warnings

import numpy as np

from semap.errors import SemapWarning, SettingsError
from semap.learn.checkpoint import digest_of
from semap.learn.learner import Learner
from semap.learn.model import Model
from semap.learn.start import fill_starting_rows
from semap.table.table import Table
from semap.vocab.vocab import Vocab

__all__ = ["WarmStart"]


class WarmStart:
    """Where the rows of a model come from: the seed, or a table for the tokens that it has."""

    def __init__(self, learner: Learner, vocab: Vocab, init: Table | None) -> None:
        if init is not None and not isinstance(init, Table):
            raise SettingsError(f"init is {type(init).__name__}; give a Table, as fit returns or semap.load opens")
        if init is not None and init.dim != learner.dim:
            raise SettingsError(f"dim is {learner.dim}, the table to go on from has {init.dim}; set dim={init.dim}")
        self.table = init
        self._learner, self._vocab = learner, vocab
        if init is not None and init.output_vectors is None:
            warnings.warn(
                "the table to go on from has no output vectors, so the second matrix starts at 0; "
                "train tables that are to be continued with keep_output=True",
                SemapWarning,
                stacklevel=4,
            )

    def model(self) -> Model:
        """Return the model before its first round."""
        model = Model.of_zeros(len(self._vocab), self._learner.dim)
        fill_starting_rows(model.input_rows, self._learner.seed)  # the output rows start at 0, as in word2vec.c
        if self.table is None:
            return model
        known = self.table.ids(self._vocab.tokens)
        here = np.flatnonzero(known >= 0)
        model.input_rows[here] = self.table.vectors[known[here]]
        if self.table.output_vectors is not None:
            model.output_rows[here] = self.table.output_vectors[known[here]]
        return model

    def digest(self) -> str:
        """What identifies the older table, for a checkpoint; "" where there is none."""
        if self.table is None:
            return ""
        output = self.table.output_vectors
        tokens = self.table.tokens
        return digest_of(tokens.data, tokens.offsets, self.table.vectors, *([] if output is None else [output]))

    def left_over(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows of the older table whose tokens the vocabulary lacks, in order, int64."""
        if self.table is None:
            return np.empty(0, np.int64)
        return np.flatnonzero(self._vocab.ids(self.table.tokens) < 0)
