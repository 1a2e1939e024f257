"""The fold: how much of each lane's difference is added."""

from __future__ import annotations

import pytest

from semap.kernels.native.fold import share as native_share
from semap.kernels.native.jit import bare_kernel
from semap.kernels.reference.fold import share


@bare_kernel
def compiled_share(n_lanes, touches, rate, curvature):
    return native_share(n_lanes, touches, rate, curvature)


def test_one_lane_adds_all_of_its_difference():
    assert share(1, 10**6, 0.025, 1.0) == 1.0


def test_rarely_touched_rows_add_up():
    assert share(8, 8, 1e-5, 0.05) == pytest.approx(1.0, abs=1e-5)


def test_rows_that_every_lane_moved_far_are_averaged():
    assert share(8, 10**7, 0.025, 0.05) == pytest.approx(1 / 8)


@pytest.mark.parametrize("n_lanes", [2, 3, 8, 32])
def test_stale_lanes_land_where_lanes_in_turn_would(n_lanes):
    """On f(x) = (x - 1)^2 / 2 a lane of k steps of size a goes from 0 to 1 - (1 - a)^k; n in turn to 1 - (1 - a)^(n k)."""
    rate, curvature, touches_a_lane = 1e-4, 1.0, 300
    alone = 1 - (1 - rate) ** touches_a_lane
    in_turn = 1 - (1 - rate) ** (touches_a_lane * n_lanes)
    stale = n_lanes * alone * share(n_lanes, touches_a_lane * n_lanes, rate, curvature)
    assert stale == pytest.approx(in_turn, rel=1e-3)


@pytest.mark.parametrize("n_lanes", [1, 2, 8])
@pytest.mark.parametrize("touches", [0, 1, 50, 10**5])
def test_native_share_is_the_same(n_lanes, touches):
    assert compiled_share(n_lanes, touches, 0.02, 0.05) == pytest.approx(share(n_lanes, touches, 0.02, 0.05), rel=1e-6)
