"""A graph whose links stay inside is told from one whose links do not."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import links as native
from semap.kernels.reference import links as plain

M = 2  # links of a node above the ground; twice as many on it


def written(keys, levels, links, *, entry=0, highest=None):
    """The bytes of a graph: `links` of each node from the ground up."""
    out = struct.pack("<5Q", len(keys), M, 2 * M, max(levels) if highest is None else highest, entry)
    out += struct.pack(f"<{len(levels)}h", *levels)
    for key, level, own in zip(keys, levels, links, strict=True):
        out += struct.pack("<Qh", key, level)
        for depth, ids in enumerate(own):
            room = M if depth else 2 * M
            out += struct.pack(f"<{1 + room}I", len(ids), *ids, *[99] * (room - len(ids)))  # 99: not read
    return np.frombuffer(out, np.uint8)


def fits(graph, n_nodes=3, n_ids=20):
    answers = {kernels.links_fit(graph, n_nodes, n_ids, M) for kernels in (plain, native)}
    assert len(answers) == 1
    return answers.pop()


RIGHT = {"keys": [10, 11, 19], "levels": [1, 0, 1], "links": [[[1, 2], [2]], [[0]], [[], [0]]]}


def test_a_sound_graph_fits():
    assert fits(written(**RIGHT))
    none = struct.pack("<5Q", 0, M, 2 * M, 0, 0)
    assert fits(np.frombuffer(none, np.uint8), 0)
    assert not fits(np.frombuffer(none + b"\0\0", np.uint8), 0)  # a level without its node


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": [10, 11, 20]},  # a key that no row has
        {"links": [[[1, 3], [2]], [[0]], [[], [0]]]},  # a link to a fourth node
        {"links": [[[1, 2], [1]], [[0]], [[], [0]]]},  # a link of level 1 to a node that has none
        {"levels": [1, 0, 0], "links": [[[1, 2], [2]], [[0]], [[]]]},
        {"entry": 3},
        {"entry": 1},  # the search begins on a level that node 1 does not have
        {"highest": 0},
        {"highest": 2},
    ],
)
def test_what_leads_outside_does_not_fit(wrong):
    assert not fits(written(**{**RIGHT, **wrong}))


def test_a_count_above_the_room_does_not_fit():
    graph = written(**RIGHT).copy()
    at = 40 + 6 + 10
    assert graph[at] == 2
    graph[at] = 5
    assert not fits(graph)


def test_a_cut_or_lengthened_graph_does_not_fit():
    graph = written(**RIGHT)
    for length in range(len(graph)):
        assert not fits(graph[:length].copy())
    assert not fits(np.concatenate([graph, graph[:1]]))


@given(st.integers(0, 8 * len(written(**RIGHT)) - 1))
def test_both_kernels_say_the_same_of_any_flipped_bit(bit):
    graph = written(**RIGHT).copy()
    graph[bit // 8] ^= 1 << bit % 8
    fits(graph)
