"""Clusters of vectors, and their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.map.clusters import cluster_names, clustered


def _groups(sizes, dim=6, seed=2):
    rng = np.random.default_rng(seed)
    middles = np.eye(len(sizes), dim) * 10
    rows = [middle + rng.normal(scale=0.3, size=(n, dim)) for n, middle in zip(sizes, middles, strict=True)]
    return np.concatenate(rows).astype(np.float32)


def test_groups_that_lie_apart_are_found_the_largest_first():
    labels, centres = clustered(_groups([5, 30, 12]), 3, seed=1)
    assert labels.tolist() == [2] * 5 + [0] * 30 + [1] * 12
    assert np.abs(centres[0] - [0, 10, 0, 0, 0, 0]).max() < 0.5


def test_a_centre_is_the_mean_of_its_rows():
    vectors = _groups([9, 14])
    labels, centres = clustered(vectors, 2, seed=1)
    for number in (0, 1):
        assert centres[number] == pytest.approx(vectors[labels == number].mean(axis=0), abs=1e-5)


def test_there_are_no_more_clusters_than_different_rows():
    labels, centres = clustered(np.repeat(np.eye(2, 3, dtype=np.float32), 4, axis=0), 5, seed=1)
    assert len(centres) == 2
    assert len(set(labels[:4].tolist())) == len(set(labels[4:].tolist())) == 1
    assert labels[0] != labels[4]


def test_one_cluster_holds_everything():
    labels, centres = clustered(_groups([3, 4]), 1, seed=1)
    assert labels.tolist() == [0] * 7
    assert len(centres) == 1


@pytest.mark.parametrize("threads", [2, 5])
def test_clusters_are_the_same_for_any_number_of_threads(threads):
    vectors = np.random.default_rng(9).normal(size=(700, 20)).astype(np.float32)
    first, again = clustered(vectors, 8, seed=4, threads=1), clustered(vectors, 8, seed=4, threads=threads)
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1].tobytes() == again[1].tobytes()


@given(n=st.integers(1, 40), k=st.integers(1, 12), seed=st.integers(0, 5))
def test_every_row_has_a_cluster_and_no_cluster_is_empty(n, k, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    labels, centres = clustered(vectors, min(k, n), seed=seed, threads=1)
    assert set(labels.tolist()) == set(range(len(centres)))
    sizes = np.bincount(labels)
    assert (sizes[:-1] >= sizes[1:]).all()


def test_a_name_is_the_most_central_of_the_frequent_tokens():
    direction = np.array([1.0, 0, 0])
    rows = np.stack([direction * 5 + [0, off, 0] for off in (0.5, 0.1, 3.0, 0.0, 0.2, *np.linspace(1, 2, 43))])
    other = np.tile([-5.0, 0, 0], (48, 1))
    vectors = np.concatenate([rows, other]).astype(np.float32)
    counts = np.arange(96, 0, -1)
    counts[3] = 1  # the most central token of all is rare, and so not in the name
    tokens = [f"t{number}" for number in range(96)]
    labels = np.repeat(np.array([0, 1], np.int32), 48)
    names = cluster_names(tokens, vectors, labels, np.array([rows.mean(axis=0), [-5, 0, 0]], np.float32), counts)
    assert "t3" not in names[0].split(", ")
    assert names[1].split(", ") == ["t48", "t49", "t50"]
    # The centre is 1.4 to the side and the middle of all rows half of that: of the twelve most frequent, up to t12, the last ones
    # lie most in its direction, at 1.1 to 1.2 to the side; t2 lies at 3.0.
    assert names[0] == "t12, t11, t10"


def test_without_counts_the_first_tokens_are_the_frequent_ones():
    rows = np.stack([[5.0, side] for side in np.linspace(3, 0, 60)])
    vectors = np.concatenate([rows, [[-5.0, 0]] * 60]).astype(np.float32)
    centres = np.array([[5, 0], [-5, 0]], np.float32)
    names = cluster_names([f"t{n}" for n in range(120)], vectors, np.repeat(np.array([0, 1], np.int32), 60), centres, None)
    assert names[0] == "t14, t13, t12"  # of the first quarter, 15, those that lie least to the side
