"""What fit hands back: whole, finite, and not looked through again."""

import numpy as np
import pytest

from semap.corpus.read import read_text
from semap.errors import TrainingDiverged
from semap.learn.model import Model
from semap.learn.outcome import finished_table
from semap.learn.skipgram import SkipGram
from semap.learn.warmstart import WarmStart
from semap.vocab.tokens import Tokens


@pytest.mark.parametrize("dim", [5, 16])
@pytest.mark.parametrize("matrix", ["inputs", "outputs"])
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_counted_and_the_first_is_named(make_corpus, dim, matrix, broken):
    corpus = make_corpus([["a", "b", "c"], ["a", "b", "c"]])
    learner = SkipGram(dim=dim)
    model = Model.of_zeros(3, dim)
    rows = getattr(model, matrix).reshape(3, -1)
    rows[1, 3] = rows[2, 0] = broken
    with pytest.raises(TrainingDiverged, match=f"2 of 3 vectors are not finite, first that of {corpus.vocab.tokens[1]!r}"):
        finished_table(learner, corpus, model, WarmStart(learner, corpus.vocab, None), {})


@pytest.mark.parametrize("dim", [5, 16])
def test_the_table_has_the_rows_of_the_model_without_padding(make_corpus, dim):
    corpus = make_corpus([["a", "b", "c"], ["a", "b", "a"]])
    learner = SkipGram(dim=dim, keep_output=True)
    inputs, outputs = np.arange(6 * dim, dtype=np.float32).reshape(2, 3, dim)
    start = WarmStart(learner, corpus.vocab, None)
    table = finished_table(learner, corpus, Model.of_rows(inputs, outputs), start, {"losses": [1.0]})
    np.testing.assert_array_equal(table.vectors, inputs)
    np.testing.assert_array_equal(table.output_vectors, outputs)
    assert table.vectors.flags.c_contiguous
    assert not table.vectors.flags.writeable
    assert list(table.counts) == list(corpus.vocab.counts)
    assert table.metadata["training"] == {"losses": [1.0]}


def test_tokens_that_semap_found_itself_are_never_looked_through_for_doubles(monkeypatch):
    monkeypatch.setattr(Tokens, "_hashes", lambda self: pytest.fail("hashed every token"))
    corpus = read_text(["one two three two one four five"] * 5, threads=1)
    SkipGram(dim=4, epochs=1, threads=1, sample=0).fit(corpus)
