"""gensim loads what semap writes, and semap loads what gensim writes."""

import warnings

import numpy as np
import pytest

from semap.formats import word2vec_binary, word2vec_text
from semap.formats.load import load
from semap.table.table import Table

TOKENS = ["</s>", "queen", "déjà", "☃", "a\u00a0b", "c\u0085d", "x\ty"]
VECTORS = np.random.default_rng(2).standard_normal((7, 30)).astype(np.float32)
VECTORS[3, :4] = [0, -0.0, 1e-30, -3e38]


@pytest.fixture(scope="module")
def keyed_vectors():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim.models").KeyedVectors


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_gensim_loads_what_we_write(tmp_path, keyed_vectors, binary):
    form = word2vec_binary if binary else word2vec_text
    form.write(Table(TOKENS, VECTORS), tmp_path / "a")
    found = keyed_vectors.load_word2vec_format(tmp_path / "a", binary=binary)
    assert found.index_to_key == TOKENS
    np.testing.assert_array_equal(found.vectors.view(np.int32), VECTORS.view(np.int32))


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_we_load_what_gensim_writes(tmp_path, keyed_vectors, binary):
    theirs = keyed_vectors(30)
    theirs.add_vectors(TOKENS, VECTORS)
    theirs.save_word2vec_format(tmp_path / "a", binary=binary)
    found = load(tmp_path / "a")
    assert found.tokens == TOKENS
    np.testing.assert_array_equal(found.vectors.view(np.int32), VECTORS.view(np.int32))
