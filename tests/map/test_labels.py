"""Places of labels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semap.map.labels import Box, placed_labels

FRAME = Box(0, 0, 400, 300)


def _overlap(one, other):
    return min(one.right, other.right) > max(one.left, other.left) and min(one.top, other.top) > max(one.bottom, other.bottom)


def _placed(points, **settings):
    points = np.array(points, np.float64)
    settings = {"order": range(len(points)), "frame": FRAME, "most": len(points), **settings}
    return dict(placed_labels(points, lambda number: (40.0, 12.0), **settings))


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=60))
def test_no_label_covers_another_or_leaves_the_frame(points):
    boxes = list(_placed(points).values())
    assert not any(_overlap(one, other) for number, one in enumerate(boxes) for other in boxes[:number])
    assert all(box.left >= 0 and box.bottom >= 0 and box.right <= 400 and box.top <= 300 for box in boxes)


def test_a_label_alone_stands_to_the_right_of_its_point():
    box = _placed([[100, 100]])[0]
    assert box.left > 100
    assert box.bottom < 100 < box.top


def test_a_label_at_the_right_edge_stands_to_the_left_of_its_point():
    assert _placed([[399, 100]])[0].right < 399


def test_a_label_keeps_away_from_points_and_lines():
    assert _placed([[100, 100], [120, 100]])[0].right < 100
    line = np.stack([np.linspace(100, 200, 30), np.full(30, 100.0)], axis=1)
    box = _placed([[100, 100]], avoided=line)[0]
    assert not any(box.left <= x <= box.right and box.bottom <= y <= box.top for x, y in line)


def test_the_most_important_come_first_and_no_more_than_asked_for():
    points = [[100, 100], [100, 200], [300, 200], [300, 100]]
    assert list(_placed(points, order=[2, 0, 3, 1], most=2)) == [2, 0]
    assert _placed(points, most=0) == {}


def test_what_must_be_named_is_named_even_without_room():
    points = [[200, 150]] * 12
    assert len(_placed(points)) < 12
    assert len(_placed(points, must=12)) == 12
