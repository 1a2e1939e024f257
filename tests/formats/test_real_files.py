"""Real files of the original tools are read as gensim reads them, or refused with what they are."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from semap.errors import BadFile
from semap.formats.load import load

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "formats"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data/formats) is not there")

READ = {
    "finalfusion/similarity.bin": ("word2vec binary", 41, 100, "Berlin"),
    "finalfusion/similarity.txt": ("word2vec text", 41, 100, "Berlin"),
    "finalfusion/similarity.nodims": ("GloVe text", 41, 100, "Berlin"),
    "finalfusion/analogy.bin": ("word2vec binary", 43, 100, "Paris"),
    "finalfusion/utf8-incomplete.bin": ("word2vec binary", 3, 3, "meren"),
    "finalfusion/utf8-incomplete.dims": ("word2vec text", 3, 3, "meren"),
    "finalfusion/utf8-incomplete.txt": ("GloVe text", 3, 3, "meren"),
    "gensim/euclidean_vectors.bin": ("word2vec binary", 2747, 10, "the"),
    "gensim/poincare_vectors.bin": ("word2vec binary", 1182, 10, "mammal.n.01"),
    "gensim/high_precision.kv.bin": ("word2vec binary", 2, 2, "kangaroo.n.01"),
    "gensim/high_precision.kv.txt": ("word2vec text", 2, 2, "kangaroo.n.01"),
    "gensim/word2vec_pre_kv_c": ("word2vec text", 1750, 10, "the"),
    "gensim/lee_fasttext.vec": ("word2vec text", 1762, 10, "the"),
    "gensim/pang_lee_polarity_fasttext.vec": ("word2vec text", 1694, 100, "."),
    "gensim/crime-and-punishment.vec": ("word2vec text", 291, 5, "и"),
    "gensim/EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": ("word2vec text", 20, 300, "one"),
    "gensim/w2v_keyedvectors_load_test.modeldata": ("word2vec text", 2, 3, "ありがとう\udce3\udc83"),
    "gensim/test_glove.txt": ("GloVe text", 76, 50, "the"),
    "gensim/lee_fasttext_new.bin": ("fastText", 1763, 10, "the"),
    "finalfusion/similarity.fifu": ("finalfusion", 41, 100, "Berlin"),
    "finalfusion/quantized.fifu": ("finalfusion", 41, 100, "Berlin"),
    "gensim/old_keyedvectors_320.dat": ("gensim", 12, 100, "system"),
    "gensim/lee_fasttext": ("gensim", 1762, 10, "the"),
    "model2vec_int8/model.safetensors": ("safetensors", 29_528, 128, "[PAD]"),
}
REFUSED = {
    "gensim/reproduce.dat.gz": "gzip",
    "gensim/questions-words.txt": "no known format",
}


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
@pytest.mark.parametrize("name", READ)
def test_files_of_the_original_tools_are_read(name):
    form, n_rows, dim, first = READ[name]
    table = load(DATA / name)
    assert (table.metadata["format"], len(table), table.dim, table.tokens[0]) == (form, n_rows, dim, first)


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
@pytest.mark.parametrize("name", [name for name, facts in READ.items() if facts[0].startswith("word2vec")])
def test_gensim_reads_the_same_from_them(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    binary = READ[name][0].endswith("binary")
    theirs = keyed_vectors.load_word2vec_format(DATA / name, binary=binary, unicode_errors="surrogateescape")
    table = load(DATA / name)
    assert table.tokens == theirs.index_to_key
    np.testing.assert_array_equal(table.vectors, theirs.vectors)


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_with_what_they_are(name):
    with pytest.raises(BadFile, match=REFUSED[name]):
        load(DATA / name)
