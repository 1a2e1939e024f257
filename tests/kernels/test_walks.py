"""Walks: the compiled twin against the plain one, and both against the probabilities of the paper."""

from __future__ import annotations

import numpy as np
import pytest

from semap.kernels.native import walks as native
from semap.kernels.reference import walks as reference

# 0 - 1, 0 - 2, 0 - 3, 1 - 2, 3 - 4; 5 alone
LINKS = {0: [1, 2, 3], 1: [0, 2], 2: [0, 1], 3: [0, 4], 4: [3], 5: []}
INDPTR = np.cumsum([0, *map(len, LINKS.values())]).astype(np.int64)
NEIGHBOURS = np.array([each for links in LINKS.values() for each in links], np.int32)
WEIGHTS = 1.0 + np.arange(len(NEIGHBOURS)) % 3
SUMS = np.concatenate([[0.0], np.cumsum(WEIGHTS)])


def walked(kernels, p, q, starts, length, *, sums=None, key=99, offset=0):
    starts = np.asarray(starts, np.int32)
    places = np.arange(len(starts) + 1) * length
    ids, begins = np.full(places[-1], -7, np.int32), np.full(places[-1], 7, np.uint8)
    key = np.uint64(key) if kernels is native else key
    given = np.zeros(0) if sums is None else sums
    kernels.walk(INDPTR, NEIGHBOURS, given, p, q, key, starts, places, (0, len(starts), offset), ids, begins)
    return ids.reshape(-1, length), begins.reshape(-1, length)


@pytest.mark.parametrize("sums", [None, SUMS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.25, 4.0), (4.0, 0.25), (0.01, 1.0), (2.0, 1.0), (1.0, 3.0), (0.1, 0.1)])
def test_the_compiled_twin_walks_as_the_plain_one(p, q, sums):
    starts = [4, 0, 5, 2, 3, 1] * 3
    plain, compiled = (walked(kernels, p, q, starts, 17, sums=sums, offset=5) for kernels in (reference, native))
    for one, other in zip(plain, compiled, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("sums", [None, SUMS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.25, 4.0), (4.0, 0.25), (0.02, 0.5), (3.0, 1.0)])
def test_steps_are_drawn_as_equation_2_of_the_paper_says(p, q, sums):
    """From 1 to 0: 1 is the last node, 2 is linked to it, 3 is not."""
    ids, _ = walked(native, p, q, np.ones(60_000), 3, sums=sums)
    after = ids[ids[:, 1] == 0, 2]
    weights = np.ones(3) if sums is None else WEIGHTS[:3]
    wanted = weights * [1 / p, 1, 1 / q]
    wanted /= wanted.sum()
    found = np.bincount(after, minlength=4)[1:4] / len(after)
    assert np.abs(found - wanted).max() < 4 * np.sqrt(0.25 / len(after))


def test_every_step_is_an_edge_and_a_lonely_node_only_begins_again():
    ids, begins = walked(native, 0.5, 2.0, list(range(6)) * 50, 33)
    for nodes, marks in zip(ids, begins, strict=True):
        for at in range(1, 33):
            assert marks[at] or nodes[at] in LINKS[nodes[at - 1]]
        assert marks[0] == 1
    assert begins[5::6].all()
    assert not begins[:5, 1:].any()


def test_the_draws_depend_on_the_walk_and_not_on_its_neighbours():
    together = walked(native, 0.5, 2.0, [0, 1, 2, 3], 20, offset=7)[0]
    alone = walked(native, 0.5, 2.0, [2], 20, offset=9)[0]
    np.testing.assert_array_equal(together[2], alone[0])
    assert len({tuple(row) for row in walked(native, 1.0, 1.0, [0] * 50, 20)[0].tolist()}) > 45
