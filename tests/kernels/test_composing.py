"""Rows are added alike by the plain and the compiled kernel."""

import numpy as np
import pytest

from semap.kernels.native import composing as native
from semap.kernels.reference import composing as reference


@pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
def test_rows_are_added_to_what_is_there_and_missing_ones_are_nothing(kernels):
    rows = np.array([[1, 2], [10, 20], [100, 200]], np.float32)
    places, starts = np.array([2, 0, -1, 1, 1], np.int32), np.array([0, 3, 3, 5])
    out = np.full((3, 2), 5, np.float32)
    kernels.add_rows(rows, places, starts, 0, 3, out)
    assert out.tolist() == [[106, 207], [5, 5], [25, 45]]
    kernels.add_rows(rows, places, starts, 2, 3, out)
    assert out.tolist() == [[106, 207], [5, 5], [45, 85]]
