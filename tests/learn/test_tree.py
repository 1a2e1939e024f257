"""The Huffman tree: worked by hand, as light as can be, and a probability for every word."""

from __future__ import annotations

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.learn.tree import huffman_tree, longest_path

COUNTS = st.lists(st.integers(0, 50), min_size=2, max_size=60)


def paths_of(tree):
    """Each word's path as (node, side) pairs."""
    return [[divmod(step, 2) for step in tree.steps[a:b].tolist()] for a, b in itertools.pairwise(tree.starts.tolist())]


def lightest(counts):
    """Huffman's sum of weights of inner nodes, by a heap that knows nothing of trees."""
    heap, total = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        weight = heapq.heappop(heap) + heapq.heappop(heap)
        total += weight
        heapq.heappush(heap, weight)
    return total


def test_a_tree_worked_by_hand():
    """5 2 1 1: the two ones are joined, the last one on side 0; their node (2) comes before the word of 2; 4 is less than 5."""
    assert paths_of(huffman_tree(np.array([5, 2, 1, 1]))) == [
        [(0, 1)],
        [(0, 0), (1, 1)],
        [(0, 0), (1, 0), (2, 1)],
        [(0, 0), (1, 0), (2, 0)],
    ]


def test_the_order_of_the_words_does_not_matter_where_no_counts_are_equal():
    counts = np.array([3, 90, 17, 1, 400, 41])
    order = np.array([4, 0, 5, 2, 1, 3])
    paths = paths_of(huffman_tree(counts))
    assert paths_of(huffman_tree(counts[order])) == [paths[word] for word in order]


@given(COUNTS)
def test_no_code_is_shorter(counts):
    tree = huffman_tree(np.array(counts, np.int64))
    assert int((np.diff(tree.starts) * counts).sum()) == lightest(counts)


@given(COUNTS, st.integers(0, 2**32 - 1))
def test_the_probabilities_of_all_words_sum_to_one(counts, seed):
    tree = huffman_tree(np.array(counts, np.int64))
    right = 1 / (1 + np.exp(-np.random.default_rng(seed).normal(size=len(counts) - 1)))  # of side 0, at each node
    words = [np.prod([1 - right[node] if side else right[node] for node, side in path]) for path in paths_of(tree)]
    assert sum(words) == pytest.approx(1)


@given(COUNTS)
def test_every_node_has_a_number_and_the_root_is_0(counts):
    paths = paths_of(huffman_tree(np.array(counts, np.int64)))
    assert {node for path in paths for node, _ in path} == set(range(len(counts) - 1))
    assert all(path[0][0] == 0 for path in paths)
    weight = np.zeros(len(counts) - 1)
    for count, path in zip(counts, paths, strict=True):
        weight[[node for node, _ in path]] += count
    assert (np.diff(weight) <= 0).all()  # numbered by falling weight


@pytest.mark.parametrize("n_words", [0, 1])
def test_fewer_than_two_words_need_no_node(n_words):
    tree = huffman_tree(np.full(n_words, 7))
    assert tree.starts.tolist() == [0] * (n_words + 1)
    assert tree.steps.size == 0
    assert longest_path(tree) == 0


def test_counts_that_grow_like_rabbits_make_a_path_of_every_node():
    counts = [1, 1]
    while len(counts) < 80:
        counts.append(counts[-1] + counts[-2])
    tree = huffman_tree(np.array(counts, np.int64))
    assert longest_path(tree) == 79


def test_paths_are_as_long_as_those_of_gensim(topics):
    """gensim breaks ties in its own way, so that single words differ; all words together do not."""
    models = pytest.importorskip("gensim.models")
    words = [[topics.vocab.tokens[int(token_id)] for token_id in text] for text in topics.texts()]
    theirs = models.Word2Vec(words, vector_size=2, hs=1, negative=0, min_count=1, epochs=1, workers=1).wv
    total = sum(len(theirs.get_vecattr(word, "code")) * theirs.get_vecattr(word, "count") for word in theirs.index_to_key)
    assert int((np.diff(huffman_tree(topics.vocab.counts).starts) * topics.vocab.counts).sum()) == total
