"""Counts of words in, the Huffman tree out by whose inner nodes the words are found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.kernels.layout import Tree

__all__ = ["huffman_tree", "longest_path", "no_tree"]


def huffman_tree(counts: Counts64) -> Tree:
    """Return the tree in which frequent words have short paths, for counts int64 (V,), V below 2^30.

    Huffman 1952, with the tree that word2vec.c makes of words in falling order: the two lightest are joined, the lighter one on
    side 0; of equal weight, inner nodes come before words, and later words before earlier ones. So the tree is a function of
    the counts. The V - 1 nodes are numbered from the root, 0, in falling order of weight.
    """
    n_words = len(counts)
    if n_words < 2:
        return no_tree(n_words)
    parents, sides = _joined(counts)
    root = 2 * n_words - 2
    lengths = np.zeros(n_words, np.int64)
    for words, _, _ in _climb(parents, sides, root, n_words):
        lengths[words] += 1
    starts = np.zeros(n_words + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    steps = np.empty(starts[-1], np.int32)
    places = starts[1:].copy()  # a path is climbed from its end
    for words, above, side in _climb(parents, sides, root, n_words):
        places[words] -= 1
        steps[places[words]] = 2 * (root - above) + side
    return Tree(starts, steps)


def no_tree(n_words: int = 0) -> Tree:
    """Return a tree without nodes, for one word or for objectives that have no use for it."""
    return Tree(np.zeros(n_words + 1, np.int64), np.zeros(0, np.int32))


def longest_path(tree: Tree) -> int:
    """Return how many nodes the longest path has, 0 for a tree without any."""
    return int(np.diff(tree.starts).max(initial=0))


def _joined(counts: Counts64) -> tuple[AnyArray, AnyArray]:
    """The parent and the side of each node: words have their own numbers, inner nodes V .. 2 V - 2 in the order of joining."""
    n_words = len(counts)
    order = n_words - 1 - np.argsort(counts[::-1], kind="stable")  # rising; of equal words the last one first
    words, weights = order.tolist(), counts[order].tolist()
    joined: list[int] = []  # weights of the inner nodes: they rise too, so that the lightest node heads one of two queues
    children: list[int] = []
    word = node = 0
    for _ in range(n_words - 1):
        weight = 0
        for _ in range(2):
            if word < n_words and (node == len(joined) or weights[word] < joined[node]):
                weight += weights[word]
                children.append(words[word])
                word += 1
            else:
                weight += joined[node]
                children.append(n_words + node)
                node += 1
        joined.append(weight)
    parents = np.zeros(2 * n_words - 1, np.int64)
    sides = np.zeros(2 * n_words - 1, np.int64)
    parents[children] = n_words + np.arange(2 * n_words - 2) // 2
    sides[children] = np.arange(2 * n_words - 2) % 2
    return parents, sides


def _climb(
    parents: AnyArray, sides: AnyArray, root: int, n_words: int
) -> Iterator[tuple[AnyArray, AnyArray, AnyArray]]:  # fmt: skip
    """From all words up: which words have one more node above them, the node, and the side they stand on."""
    words = here = np.arange(n_words)
    while len(words):
        above = parents[here]
        yield words, above, sides[here]
        words, here = words[above != root], above[above != root]
