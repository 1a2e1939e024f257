"""A trained model in, the Table that `fit` returns out."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.corpus.blocks import Blocks
from semap.errors import TrainingDiverged
from semap.learn.learner import Learner
from semap.learn.model import Model
from semap.learn.warmstart import WarmStart
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["finished_table"]


def finished_table(learner: Learner, corpus: Blocks, model: Model, start: WarmStart, facts: dict[str, Any]) -> Table:
    """Return the table of a finished training; tokens that only the table to go on from has are added unchanged.

    Raises TrainingDiverged where a row is not finite.
    """
    inputs, outputs = np.array(model.input_rows), np.array(model.output_rows) if learner.keep_output else None
    broken = np.flatnonzero(~(np.isfinite(inputs).all(axis=1) & np.isfinite(model.output_rows).all(axis=1)))
    if broken.size:
        token = corpus.vocab.tokens[int(broken[0])]
        raise TrainingDiverged(
            f"{broken.size:,} of {len(inputs):,} vectors are not finite, first that of {token!r}; "
            f"lower learning_rate ({learner.learning_rate})"
        )
    metadata = _metadata(learner, corpus, facts)
    older = start.left_over()
    if start.table is None or not older.size:
        return Table(corpus.vocab.tokens, inputs, counts=corpus.vocab.counts, metadata=metadata, output_vectors=outputs)
    metadata["training"]["tokens_kept_from_init"] = int(older.size)
    return _joined(corpus, start.table, older, inputs, outputs, metadata)


def _joined(
    corpus: Blocks, table: Table, older: Any, inputs: FloatMatrix, outputs: FloatMatrix | None, metadata: dict[str, Any]
) -> Table:
    """The trained rows and the older table's others, by falling count; the sort is stable, so ties keep their order."""
    tokens = [*corpus.vocab.tokens, *(table.tokens[int(row)] for row in older)]
    old_counts = np.zeros(len(older), np.int64) if table.counts is None else table.counts[older]
    counts = np.concatenate([corpus.vocab.counts, old_counts])
    order = np.argsort(-counts, kind="stable")
    vectors = np.concatenate([inputs, table.vectors[older]])
    both = None
    if outputs is not None:
        old_outputs = np.zeros_like(table.vectors[older]) if table.output_vectors is None else table.output_vectors[older]
        both = np.concatenate([outputs, old_outputs])[order]
    packed = Tokens.pack([tokens[int(row)] for row in order])
    return Table(packed, vectors[order], counts=counts[order], metadata=metadata, output_vectors=both)


def _metadata(learner: Learner, corpus: Blocks, facts: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"settings": learner.settings(), "training": facts}
    splitter = getattr(corpus, "splitter", None)
    if splitter is not None:
        metadata["text"] = splitter.to_json()
    metadata["corpus"] = {"tokens": corpus.n_tokens, "types": len(corpus.vocab), **getattr(corpus, "facts", {})}
    return metadata
