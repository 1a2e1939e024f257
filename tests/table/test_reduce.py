"""Shorter vectors: principal components as scikit-learn finds them, first columns of length 1, and what is kept beside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import SemapWarning, SettingsError

WORDS = ["queen", "king", "cat", "dog", "the", "of"]


def table_of(vectors, **settings):
    return semap.Table(WORDS[: len(vectors)], np.asarray(vectors, np.float32), **settings)


def random_table(n_rows=400, dim=12, seed=5):
    drawn = np.random.default_rng(seed)
    mixed = drawn.normal(size=(n_rows, dim)) @ drawn.normal(size=(dim, dim)) + drawn.normal(size=dim)
    return semap.Table([f"w{row * 3}" for row in range(n_rows)], mixed.astype(np.float32), counts=np.arange(n_rows, 0, -1))


def test_two_components_by_hand():
    # Four points around (5, 5, 5): 3 either way along the second axis, 1 either way along the third, none along the first.
    table = table_of([[5, 8, 5], [5, 2, 5], [5, 5, 6], [5, 5, 4]])
    reduced = table.reduce(2)
    assert np.allclose(reduced.vectors, [[3, 0], [-3, 0], [0, 1], [0, -1]], atol=1e-6)
    assert reduced.metadata["reduced"] == [{"method": "pca", "from_dim": 3, "dim": 2, "kept_variance": 1.0}]
    assert table.reduce(1).metadata["reduced"][0]["kept_variance"] == pytest.approx(18 / 20)  # 9 + 9 of 9 + 9 + 1 + 1


@pytest.mark.parametrize("dim", [1, 5, 12])
def test_the_components_are_those_of_scikit_learn(dim):
    decomposition = pytest.importorskip("sklearn.decomposition")
    table = random_table()
    peer = decomposition.PCA(dim, svd_solver="full").fit(table.vectors.astype(np.float64))
    expected = peer.transform(table.vectors.astype(np.float64))
    found = table.reduce(dim)
    signs = np.sign((found.vectors * expected).sum(axis=0))
    assert np.allclose(found.vectors * signs, expected, atol=1e-4)
    assert found.metadata["reduced"][0]["kept_variance"] == pytest.approx(peer.explained_variance_ratio_.sum(), abs=1e-6)


@given(seed=st.integers(0, 1000), dim=st.integers(1, 7))
def test_all_components_keep_every_distance(seed, dim):
    vectors = np.random.default_rng(seed).normal(size=(6, dim)).astype(np.float32)
    turned = table_of(vectors).reduce(dim).vectors
    before = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    assert np.allclose(np.linalg.norm(turned[:, None] - turned, axis=-1), before, atol=1e-5)


def test_the_sign_of_a_component_does_not_depend_on_the_order_of_the_rows():
    table = random_table(60, 8)
    mirrored = semap.Table(list(table.tokens)[::-1], table.vectors[::-1])
    assert np.allclose(table.reduce(4).vectors, mirrored.reduce(4).vectors[::-1], atol=1e-4)


def test_tokens_counts_and_metadata_stay_and_the_steps_are_listed():
    table = table_of(np.eye(6), counts=[9, 8, 7, 6, 5, 4], metadata={"text": {"lowercase": True}})
    reduced = table.reduce(5).truncate(2)
    assert list(reduced.tokens) == WORDS
    assert reduced.counts.tolist() == [9, 8, 7, 6, 5, 4]
    assert reduced.metadata["text"] == {"lowercase": True}
    assert [(step["method"], step["from_dim"], step["dim"]) for step in reduced.metadata["reduced"]] == [
        ("pca", 6, 5),
        ("truncate", 5, 2),
    ]
    assert "reduced" not in table.metadata


@pytest.mark.parametrize("how", ["reduce", "truncate"])
def test_what_sentences_have_in_common_goes_with_the_old_columns(how):
    table = random_table(dim=3)
    stored = {"a": 0.1, "about": "-", "dim": 3, "components": "AACAPwAAAAAAAAAA"}  # the first axis
    table = semap.Table(table.tokens, table.vectors, counts=table.counts, metadata={"sif": stored, "kept": 1})
    assert semap.Pipeline.from_table(table).components.tolist() == [[1, 0, 0]]
    shorter = getattr(table, how)(3)  # as many columns, but others
    assert set(shorter.metadata) == {"kept", "reduced"}
    with pytest.warns(SemapWarning, match="stores no common component"):
        assert semap.Pipeline.from_table(shorter).components is None


def test_truncating_keeps_the_first_columns_at_length_1():
    table = table_of([[3, 4, 9], [0, 0, 7], [-6, 8, 0], [1e-30, 0, 5], [3e30, 4e30, 0]])
    assert np.allclose(table.truncate(2).vectors, [[0.6, 0.8], [0, 0], [-0.6, 0.8], [1, 0], [0.6, 0.8]])
    assert np.array_equal(table.truncate(2, normalize=False).vectors, table.vectors[:, :2])
    assert table.truncate(3).metadata["reduced"] == [{"method": "truncate", "from_dim": 3, "dim": 3, "normalized": True}]


@pytest.mark.parametrize("dtype", ["float16", "int8"])
@pytest.mark.parametrize("how", ["reduce", "truncate"])
def test_float16_and_int8_tables_stay_so(dtype, how, tmp_path):
    table = random_table().quantize(dtype)
    short = getattr(table, how)(5)
    assert short.dtype == dtype
    exact = getattr(random_table(), how)(5).vectors
    assert np.abs(short.vectors - exact).max() < 0.05 * np.abs(exact).max()
    short.save(tmp_path / "short.semap")
    assert np.array_equal(semap.load(tmp_path / "short.semap").vectors, short.vectors)


@pytest.mark.parametrize("how", ["reduce", "truncate"])
def test_output_vectors_are_left_out_with_a_warning(how):
    table = table_of(np.eye(4), output_vectors=np.eye(4))
    with pytest.warns(SemapWarning, match="output vectors are left out"):
        assert getattr(table, how)(2).output_vectors is None


@pytest.mark.parametrize("how", ["reduce", "truncate"])
@pytest.mark.parametrize("dim", [0, -1, 4, 2.0, True, None, "2"])
def test_a_dim_that_does_not_fit_is_told_with_both_numbers(how, dim):
    with pytest.raises(SettingsError, match=r"dim is .*, the table has 3 dimensions"):
        getattr(table_of(np.ones((2, 3))), how)(dim)


def test_normalize_is_true_or_false():
    with pytest.raises(SettingsError, match="normalize is 'yes'"):
        table_of(np.ones((2, 3))).truncate(2, normalize="yes")


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_tables_with_hardly_a_row_are_reduced_too(n_rows):
    reduced = table_of(np.ones((n_rows, 3))).reduce(2)
    assert reduced.vectors.shape == (n_rows, 2)
    assert not reduced.vectors.any()
    assert reduced.metadata["reduced"][0]["kept_variance"] == 1.0
