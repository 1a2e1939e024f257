"""A word's path down the tree in, the slots and signs of its nodes out: hierarchical softmax.

Mikolov et al. 2013 (Distributed Representations, equation 3), as word2vec.c trains it: the rows of the outputs are the inner
nodes of a binary tree, and a word is as likely as its path from the root: log P(w | i) = sum over its nodes n of
log sigmoid(s_n v_n . v_i), s_n = 1 where the path goes to side 0 and -1 where it goes to side 1. So a centre's nodes are
trained as its own row and its noise words are in negative sampling: they are outputs with signs.
"""

from __future__ import annotations

import numpy as np

from semap.arrays import Integer
from semap.kernels.layout import OUTPUT, Copies, Desk, Tree
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.lane import slot_of

__all__ = ["claim_paths", "path_targets"]


@bare
def claim_paths(first: Integer, last: Integer, tree: Tree, lane: Integer, desk: Desk, copies: Copies) -> None:
    """Give slots to the nodes on the paths of the centres, entries first .. last - 1."""
    for entry in range(first, last):
        slot = np.int64(peek(desk.words, entry))
        if slot >= 0:
            word = np.int64(peek(copies.rows, slot))
            for place in range(peek(tree.starts, word), peek(tree.starts, word + 1)):
                slot_of(np.int64(peek(tree.steps, place)) >> 1, OUTPUT, lane, desk, copies)


@bare
def path_targets(centre: Integer, tree: Tree, desk: Desk, copies: Copies) -> Integer:
    """Put the slots of the nodes on the centre's path into desk.targets, their signs into desk.signs; returns their number."""
    word = np.int64(peek(copies.rows, centre))
    begin, end = peek(tree.starts, word), peek(tree.starts, word + 1)
    for place in range(begin, end):
        step = np.int64(peek(tree.steps, place))
        poke(desk.targets, place - begin, np.int64(peek(desk.slots, step >> 1)))
        poke(desk.signs, place - begin, np.float32(1 - 2 * (step & 1)))
    return end - begin
