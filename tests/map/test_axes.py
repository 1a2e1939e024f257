"""Axes with a meaning: places between opposite words."""

import numpy as np
import pytest

import semap
from semap.errors import SettingsError, ShapeError, UnknownToken
from semap.index.vectors import unit_rows
from semap.map.axes import Axis, meaningful_plane
from semap.table.table import Table

TOKENS = ["north", "south", "east", "west", "centre", "northeast"]
PLACES = np.array([[0, 1, 1], [0, -1, 1], [1, 0, 1], [-1, 0, 1], [0, 0, 1], [1, 1, 1.0]])


@pytest.fixture
def compass():
    """Words at their places on a compass, not of length 1."""
    return Table(TOKENS, PLACES * np.arange(1, 7)[:, None])


def _plane(table, x, y):
    return meaningful_plane(table, unit_rows(table.vectors), Axis.between(x), Axis.between(y))


def test_the_poles_stand_at_minus_one_and_one(compass):
    plane, cosine = _plane(compass, ("west", "east"), ("south", "north"))
    assert plane[TOKENS.index("west")] == pytest.approx([-1, 0], abs=1e-6)
    assert plane[TOKENS.index("north")] == pytest.approx([0, 1], abs=1e-6)
    assert plane[TOKENS.index("centre")] == pytest.approx([0, 0], abs=1e-6)
    assert cosine == pytest.approx(0, abs=1e-6)


def test_a_place_is_worked_out_by_hand(compass):
    # east and west as unit vectors are (+-1, 0, 1) / sqrt 2, northeast is (1, 1, 1) / sqrt 3: it lies sqrt 2 / sqrt 3 of the way
    plane, _ = _plane(compass, ("west", "east"), ("south", "north"))
    assert plane[TOKENS.index("northeast")] == pytest.approx([(2 / 3) ** 0.5] * 2, abs=1e-6)


def test_several_words_on_a_side_count_by_the_mean_of_their_unit_vectors(compass):
    plane, _ = _plane(compass, (["west", "south"], ["east", "north"]), ("west", "south"))
    ends = plane[[TOKENS.index(word) for word in ("west", "south", "east", "north")], 0]
    assert ends[:2].mean() == pytest.approx(-1, abs=1e-6)
    assert ends[2:].mean() == pytest.approx(1, abs=1e-6)


def test_y_is_what_x_does_not_say(compass):
    plane, cosine = _plane(compass, ("west", "east"), ("centre", "northeast"))
    assert cosine > 0.5
    # East and west differ along x alone: nothing of it is left in y.
    assert plane[TOKENS.index("east"), 1] == pytest.approx(plane[TOKENS.index("west"), 1], abs=1e-5)


def test_swapping_the_poles_mirrors_the_map(compass):
    one, _ = _plane(compass, ("west", "east"), ("south", "north"))
    other, _ = _plane(compass, ("east", "west"), ("south", "north"))
    assert other[:, 0] == pytest.approx(-one[:, 0], abs=1e-6)
    assert other[:, 1] == pytest.approx(one[:, 1], abs=1e-6)


def test_king_queen_man_and_woman_stand_in_the_four_quadrants_of_gender_and_royalty():
    chart = semap.map.chart_of(
        semap.load("english"), words=["king", "queen", "man", "woman"], x=("man", "woman"), y=("common", "royal")
    )
    signs = dict(zip(chart.tokens, map(tuple, np.sign(chart.coordinates).tolist()), strict=True))
    assert signs == {"king": (-1, 1), "queen": (1, 1), "man": (-1, -1), "woman": (1, -1)}
    assert chart.axes == ("man → woman", "common → royal")


@pytest.mark.parametrize(
    ("x", "y", "error", "told"),
    [
        (("west", "east"), ("west", "east"), ShapeError, "same direction"),
        (("west", "east"), ("east", "west"), ShapeError, "same direction"),
        (("west", "west"), ("south", "north"), SettingsError, "both sides"),
        (("", "east"), ("south", "north"), SettingsError, "at least one token"),
        (([], "east"), ("south", "north"), SettingsError, "at least one token"),
        ("west:east", ("south", "north"), SettingsError, "an axis is a pair"),
        (("west", "easst"), ("south", "north"), UnknownToken, "did you mean 'east'"),
    ],
)
def test_an_axis_that_leads_nowhere_is_refused(compass, x, y, error, told):
    with pytest.raises(error, match=told):
        _plane(compass, x, y)


def test_sides_with_the_same_vectors_are_refused():
    table = Table(["a", "b", "c"], [[1, 0], [2, 0], [0, 1]])
    with pytest.raises(ShapeError, match="have the same vectors"):
        _plane(table, ("a", "b"), ("a", "c"))
