"""A chart holds what fits together and refuses what does not."""

import numpy as np
import pytest

from semap.errors import DuplicateToken, SettingsError, ShapeError
from semap.map.chart import Chart

TOKENS = ["river", "bank", "money"]
PLACES = [[0, 1], [2, 3], [4, 5.5]]


def test_numbers_are_kept_in_their_dtypes_and_cannot_be_changed():
    chart = Chart(TOKENS, PLACES, counts=[7, 5, 3], clusters=[1, 0, 1], cluster_names=["a", "b"])
    assert chart.coordinates.dtype == np.float32
    assert chart.counts.dtype == np.int64
    assert chart.clusters.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        chart.coordinates[0, 0] = 9


def test_the_array_that_was_given_stays_writable():
    given = np.array(PLACES, np.float32)
    Chart(TOKENS, given)
    given[0, 0] = 9


def test_colours_are_offered_in_a_fixed_order_and_only_where_there_is_something_to_show():
    columns = {"topic": ["water", None, "bank"]}
    assert Chart(TOKENS, PLACES).colors == []
    full = Chart(TOKENS, PLACES, counts=[7, 5, 3], clusters=[0, 0, 0], cluster_names=["all"], columns=columns, color="topic")
    assert full.colors == ["cluster", "frequency", "topic"]


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"coordinates": [[0, 1], [2, 3]]}, ShapeError, r"3 tokens have the shape \(2, 2\)"),
        ({"coordinates": [[0, 1], [2, np.nan], [4, 5]]}, ShapeError, "'bank' has coordinates that are NaN"),
        ({"coordinates": [["a", 1], [2, 3], [4, 5]]}, ShapeError, "must be numbers"),
        ({"counts": [1, 2]}, ShapeError, r"shape \(2,\); give \(3,\)"),
        ({"clusters": [0, 1, 2], "cluster_names": ["one", "two"]}, ShapeError, "there are 2 names"),
        ({"neighbours": [[1], [0], [0]]}, ShapeError, "go together"),
        ({"neighbours": [[1], [0], [3]], "similarities": [[1], [1], [1]]}, ShapeError, "give numbers from -1 to 2"),
        ({"columns": {"topic": ["x"]}}, ShapeError, "'topic' has 1 values"),
        ({"links": [("river", "sea")]}, SettingsError, "'sea', which is not on the chart"),
        ({"color": "cluster"}, SettingsError, "can be coloured by nothing"),
        ({"tokens": ["river", "bank", "river"]}, DuplicateToken, "1 of 3 tokens stand twice"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(settings, error, told):
    with pytest.raises(error, match=told):
        Chart(**{"tokens": TOKENS, "coordinates": PLACES, **settings})
