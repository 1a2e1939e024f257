"""A trained model in, the Table that `fit` returns out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.corpus.blocks import Blocks
from semap.errors import SemapWarning, TrainingDiverged
from semap.learn.learner import Learner
from semap.learn.model import Model, padded_width
from semap.learn.subwords import composed
from semap.learn.warmstart import WarmStart, output_rows_of
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["finished_table", "metadata_of"]


def finished_table(learner: Learner, corpus: Blocks, model: Model, start: WarmStart, facts: dict[str, Any]) -> Table:
    """Return the table of a finished training; tokens that only the table to go on from has are added unchanged.

    Raises TrainingDiverged where a row is not finite.
    """
    _check_finite(learner, corpus, model, start)
    # The model ends here: rows that need no padding are the table's without a copy.
    inputs, subwords = composed(model.input_rows, start.composition, corpus.vocab.tokens, start.table, learner.threads)
    outputs = np.ascontiguousarray(model.output_rows) if learner.keep_output else None
    metadata = metadata_of(learner.settings(), corpus, facts)
    older = start.left_over()
    rows = output_rows_of(learner, corpus.vocab) if outputs is not None else None
    if rows is not None:
        metadata["outputs"] = rows
    if start.table is None or not older.size:
        # The tokens of a vocabulary are unique, its counts are whole, and the rows were found finite: nothing is left to check.
        stored, both = StoredRows(inputs), None if outputs is None else StoredRows(outputs)
        tokens, counts = corpus.vocab.tokens, corpus.vocab.counts
        return Table.of_stored(tokens, stored, counts=counts, metadata=metadata, output=both, subwords=subwords)
    metadata["training"]["tokens_kept_from_init"] = int(older.size)
    if rows is not None:
        outputs = None
        del metadata["outputs"]
        _warn_of_nodes(int(older.size))
    return _joined(corpus, start.table, older, (inputs, outputs), subwords, metadata)


def _joined(
    corpus: Blocks, table: Table, older: Any, matrices: tuple[FloatMatrix, FloatMatrix | None], subwords: SubwordRows | None,
    metadata: dict[str, Any],
) -> Table:  # fmt: skip
    """The trained rows and the older table's others, by falling count; the sort is stable, so ties keep their order."""
    inputs, outputs = matrices
    tokens = [*corpus.vocab.tokens, *(table.tokens[int(row)] for row in older)]
    old_counts = np.zeros(len(older), np.int64) if table.counts is None else table.counts[older]
    counts = np.concatenate([corpus.vocab.counts, old_counts])
    order = np.argsort(-counts, kind="stable")
    vectors = np.concatenate([inputs, table.vectors[older]])
    both = None
    if outputs is not None:
        theirs = None if "outputs" in table.metadata else table.output_vectors  # nodes are not the words' own
        old_outputs = np.zeros_like(table.vectors[older]) if theirs is None else theirs[older]
        both = np.concatenate([outputs, old_outputs])[order]
    packed = Tokens.pack([tokens[int(row)] for row in order])
    return Table(packed, vectors[order], counts=counts[order], metadata=metadata, output_vectors=both, subwords=subwords)


def _warn_of_nodes(n_older: int) -> None:
    warnings.warn(
        f"the output vectors are not kept: they are nodes of a tree that has no place for the {n_older:,} tokens "
        "that only the table to go on from has",
        SemapWarning,
        stacklevel=5,
    )


def _check_finite(learner: Learner, corpus: Blocks, model: Model, start: WarmStart) -> None:
    # The largest and the smallest value tell it for all of them, several times faster than a flag for each. NaN is both.
    with np.errstate(invalid="ignore"):
        ends = [end(flat, initial=0) for flat in (model.inputs, model.outputs) for end in (np.max, np.min)]
    if np.isfinite(ends).all():
        return
    width = padded_width(model.dim)
    finite = np.isfinite(model.inputs.reshape(-1, width))
    if start.composition.ngrams is not None:
        _refuse_rows(learner, finite.all(axis=1))
        finite = np.ones(model.outputs.reshape(-1, width).shape, np.bool_)
    if finite.all() or learner.objective != "hierarchical":  # where the outputs are nodes, they have no token's name
        finite &= np.isfinite(model.outputs.reshape(-1, width))
    broken = np.flatnonzero(~finite.all(axis=1))
    token = corpus.vocab.tokens[int(broken[0])]
    raise TrainingDiverged(
        f"{broken.size:,} of {len(finite):,} vectors are not finite, first that of {token!r}; "
        f"lower learning_rate ({learner.learning_rate})"
    )


def _refuse_rows(learner: Learner, finite: Any) -> None:
    if not finite.all():
        raise TrainingDiverged(
            f"{np.count_nonzero(~finite):,} of {len(finite):,} rows of words and n-grams are not finite; "
            f"lower learning_rate ({learner.learning_rate})"
        )


def metadata_of(settings: dict[str, Any], corpus: Blocks, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a table keeps of a learner's settings, its corpus and its run."""
    metadata: dict[str, Any] = {"settings": settings, "training": facts}
    splitter = getattr(corpus, "splitter", None)
    if splitter is not None:
        metadata["text"] = splitter.to_json()
    metadata["corpus"] = {"tokens": corpus.n_tokens, "types": len(corpus.vocab), **getattr(corpus, "facts", {})}
    metadata["corpus"]["fingerprint"] = corpus.fingerprint()
    return metadata
