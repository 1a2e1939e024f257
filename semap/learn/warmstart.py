"""A vocabulary and perhaps an older table in, the first rows of a model out, and what the older table knows besides."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from semap.errors import SemapWarning, SettingsError
from semap.learn.checkpoint import digest_of
from semap.learn.composition import composition_of
from semap.learn.learner import Learner
from semap.learn.model import Model
from semap.learn.start import fill_starting_rows
from semap.learn.subwords import check_subwords, start_from
from semap.learn.tree import huffman_tree
from semap.table.table import Table
from semap.vocab.vocab import Vocab

__all__ = ["WarmStart", "output_rows_of"]


class WarmStart:
    """Where the rows of a model come from: the seed, or a table for the tokens that it has."""

    def __init__(self, learner: Learner, vocab: Vocab, init: Table | None) -> None:
        if init is not None and not isinstance(init, Table):
            raise SettingsError(f"init is {type(init).__name__}; give a Table, as fit returns or semap.load opens")
        if init is not None and init.dim != learner.dim:
            raise SettingsError(f"dim is {learner.dim}, the table to go on from has {init.dim}; set dim={init.dim}")
        self.table = init
        self._learner, self._vocab = learner, vocab
        self.composition = composition_of(learner.ngrams, vocab)
        if init is not None:
            check_subwords(learner.ngrams, init)
        self._unfit = "" if init is None else _unfit(learner, vocab, init)
        if self._unfit:
            warnings.warn(
                f"the table to go on from has {self._unfit}, so the second matrix starts at 0", SemapWarning, stacklevel=4
            )

    def model(self) -> Model:
        """Return the model before its first round."""
        rows, n_words = self.composition, len(self._vocab)
        model = Model.of_zeros(n_words, self._learner.dim, rows.n_rows)
        # the output rows start at 0, as in word2vec.c
        fill_starting_rows(model.input_rows, self._learner.seed, rows.numbers(n_words) if rows.ngrams else None)
        if self.table is None:
            return model
        known = self.table.ids(self._vocab.tokens)
        here = np.flatnonzero(known >= 0)
        if rows.ngrams is None:
            model.input_rows[here] = self.table.vectors[known[here]]
        else:
            start_from(model.input_rows, rows, self.table, here, known[here])
        if self.table.output_vectors is None or self._unfit:
            return model
        if self._learner.objective == "hierarchical":  # the nodes of the same tree
            model.output_rows[:] = self.table.output_vectors
        else:
            model.output_rows[here] = self.table.output_vectors[known[here]]
        return model

    def digest(self) -> str:
        """What identifies the older table, for a checkpoint; "" where there is none."""
        if self.table is None:
            return ""
        output = self.table.output_vectors
        tokens = self.table.tokens
        parts: list[np.ndarray[Any, Any]] = [] if output is None else [output]
        if self.table.subwords is not None:
            subwords = self.table.subwords.to_stored()
            parts += [subwords.rows.decode(), *([] if subwords.buckets is None else [subwords.buckets])]
        return digest_of(tokens.data, tokens.offsets, self.table.vectors, *parts)

    def left_over(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows of the older table whose tokens the vocabulary lacks, in order, int64."""
        if self.table is None:
            return np.empty(0, np.int64)
        return np.flatnonzero(self._vocab.ids(self.table.tokens) < 0)


def output_rows_of(learner: Learner, vocab: Vocab) -> dict[str, Any] | None:
    """What the rows of the second matrix stand for, for the metadata "outputs" of a table: nodes of which tree; None: words."""
    if learner.objective != "hierarchical":
        return None
    return {"rows": "nodes", "tree": digest_of(*huffman_tree(vocab.counts))}


def _unfit(learner: Learner, vocab: Vocab, init: Table) -> str:
    """Why the table's output vectors cannot be gone on from, or nothing."""
    if init.output_vectors is None:
        return "no output vectors (train tables that are to be continued with keep_output=True)"
    theirs, ours = init.metadata.get("outputs"), output_rows_of(learner, vocab)
    if theirs is None and ours is None:
        return ""
    if theirs is None or ours is None:
        of = "words" if theirs is None else "the nodes of a tree"
        return f"output vectors of {of}, which objective={learner.objective!r} has no use for"
    same = theirs == ours and len(init) == len(vocab) and np.array_equal(init.ids(vocab.tokens), np.arange(len(vocab)))
    return "" if same else "output vectors of the nodes of another tree (the words or their counts differ)"
