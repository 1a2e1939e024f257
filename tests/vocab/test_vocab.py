"""A vocabulary gives ids, counts and honest errors."""

import numpy as np
import pytest

from semap.errors import DuplicateToken, ShapeError, UnknownToken
from semap.vocab.vocab import Vocab


def test_tokens_have_ids_and_counts():
    vocab = Vocab(["the", "queen", "cat"], [9, 4, 1])
    assert (len(vocab), vocab.n_tokens) == (3, 14)
    assert vocab.id("queen") == 1
    assert vocab.ids(["cat", "dog", "the"]).tolist() == [2, -1, 0]
    assert "cat" in vocab
    assert "dog" not in vocab
    assert vocab.counts.dtype == np.int64
    assert repr(vocab) == "Vocab(3 tokens, seen 14 times)"


def test_an_unknown_token_names_the_nearest_spellings():
    with pytest.raises(UnknownToken, match="'quen' is not among the 2 tokens of this table; did you mean 'queen'"):
        Vocab(["the", "queen"], [1, 1]).id("quen")


def test_counts_cannot_be_changed():
    counts = Vocab(["a"], [1]).counts
    with pytest.raises(ValueError, match="read-only"):
        counts[0] = 5


@pytest.mark.parametrize("counts", [[1], [1, 2, 3], [[1, 2]], [1, -1], [0.5, 1.0], ["1", "2"]])
def test_counts_that_do_not_fit_are_refused(counts):
    with pytest.raises(ShapeError, match="counts"):
        Vocab(["a", "b"], counts)


def test_a_token_that_stands_twice_is_refused_by_name():
    with pytest.raises(DuplicateToken, match="'b' stands twice"):
        Vocab(["a", "b", "b"], [3, 2, 1])


def test_an_empty_vocabulary_works():
    assert Vocab([], []).n_tokens == 0
