"""float16 rows are kept, mapped and looked up as they are, exact to the bit, in pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import semap
from semap.errors import SettingsError, ShapeError

WORDS = ["queen", "king", "cat", "dog", "the"]
HALVES = np.array([[3, -1, 2], [0, -0.0, 0], [-7, 5, 65504], [1.5, 0.25, 6e-8], [1e-3, 2e-5, -1e-3]], np.float16)


def test_every_float16_number_is_decoded_exactly():
    numbers = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = numbers[np.isfinite(numbers)].reshape(-1, 1024)
    table = semap.Table([f"w{row}" for row in range(len(finite))], finite)
    expected = np.array([[float(number) for number in row] for row in finite], np.float32)
    assert np.array_equal(table.vectors.view(np.uint32), expected.view(np.uint32))
    assert np.array_equal(table.rows([[7, 2], [0, 7]]).view(np.uint32), expected[[[7, 2], [0, 7]]].view(np.uint32))


def test_infinite_float16_of_a_file_stay_infinite():
    from semap.table.rows import StoredRows

    rows = StoredRows(np.array([[1, np.inf, -np.inf, np.nan]], np.float16))
    assert np.array_equal(rows.decode(), [[1, np.inf, -np.inf, np.nan]], equal_nan=True)


def test_float16_vectors_are_kept_without_a_copy_and_come_back_from_a_file(tmp_path):
    halves = HALVES.copy()
    table = semap.Table(WORDS, halves)
    assert table.dtype == "float16"
    assert np.shares_memory(table.stored[0].values, halves)
    table.save(tmp_path / "half.semap")
    again = semap.load(tmp_path / "half.semap")
    assert again.dtype == "float16"
    assert np.array_equal(again.rows([3, 1], dtype="float16").view(np.uint16), HALVES[[3, 1]].view(np.uint16))
    assert np.array_equal(again["cat"], HALVES[2].astype(np.float32))
    assert np.array_equal(again.lookup(["dog", "queen"]), HALVES[[3, 0]].astype(np.float32))


def test_mapped_float16_rows_stay_mapped(tmp_path):
    np.save(tmp_path / "rows.npy", HALVES)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert np.shares_memory(semap.Table(WORDS, mapped).stored[0].values, mapped)


def test_both_matrices_are_float16_only_where_both_were():
    assert semap.Table(WORDS, HALVES, output_vectors=HALVES).stored[1].dtype == "float16"
    mixed = semap.Table(WORDS, HALVES, output_vectors=HALVES.astype(np.float32))
    assert (mixed.dtype, mixed.stored[1].dtype) == ("float32", "float32")


def test_a_float16_number_that_is_not_finite_is_refused():
    bad = HALVES.copy()
    bad[3, 1] = np.inf
    with pytest.raises(ShapeError, match=r"row 3 of vectors \('dog'\)"):
        semap.Table(WORDS, bad)


@given(
    rows=hnp.arrays(np.float16, (5, 3), elements=st.floats(-60000, 60000, width=16)),
    ids=hnp.arrays(np.int64, st.integers(0, 9), elements=st.integers(0, 4)),
)
def test_a_look_up_is_the_rows_whatever_the_dtype(rows, ids):
    table = semap.Table(WORDS, rows)
    assert np.array_equal(table.rows(ids), rows[ids].astype(np.float32))
    assert np.array_equal(table.rows(ids, "float16"), rows[ids])
    assert np.array_equal(table.rows(ids, np.float64), rows[ids].astype(np.float64))
    single = table.quantize("float32")
    assert np.array_equal(single.rows(ids, "float16"), rows[ids])


def test_the_rows_of_a_look_up_are_the_callers_own_for_one_number_too():
    for dtype in ("float32", "float16"):
        table = semap.Table(WORDS, HALVES.astype(dtype))
        for ids in (2, [2], np.array(2)):
            found = table.rows(ids, dtype)
            found[...] = 9
            assert table["cat"].tolist() == [-7, 5, 65504]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([0, 5], "row 5 was asked for, the table has rows 0 to 4"),
        ([[1, -1]], "row -1 was asked for, the table has rows 0 to 4"),
        (np.array([2**63 + 1], np.uint64), "row 9,223,372,036,854,775,809"),
        ([1.0], "whole, given is float64"),
        ([True], "whole, given is bool"),
        (["king"], "table.lookup"),
        ([[1, 2], [3]], "an array of whole numbers"),
    ],
)
def test_numbers_that_are_no_rows_are_refused(ids, said):
    with pytest.raises(ShapeError, match=said):
        semap.Table(WORDS, HALVES).rows(ids)


@pytest.mark.parametrize("dtype", ["int8", "nonsense", "complex64"])
def test_rows_have_a_float_dtype(dtype):
    with pytest.raises(SettingsError, match="rows are float32, float16 or float64"):
        semap.Table(WORDS, HALVES).rows([0], dtype)


def test_a_number_beyond_float16_is_told_with_its_row():
    table = semap.Table(["a", "b", "c"], np.array([[1.0], [2.0], [7e4]]))
    for ask in (lambda: table.rows([2], "float16"), lambda: table.quantize("float16")):
        with pytest.raises(SettingsError, match="has a value of 70000; float16 ends at 65,504"):
            ask()
    with pytest.raises(SettingsError, match="row 2 has"):
        table.quantize("float16")


@pytest.mark.parametrize("dim", [1, 70_000, 200_000])
def test_pieces_of_any_width_fit_together(dim):
    rows = np.random.default_rng(4).normal(size=(7, dim)).astype(np.float16)
    table = semap.Table([f"w{row}" for row in range(7)], rows)
    assert np.array_equal(table.vectors, rows.astype(np.float32))
    small = table.quantize("int8")
    step = np.abs(rows.astype(np.float32)).max(axis=1, keepdims=True) / 127
    assert (np.abs(small.vectors - rows) <= 0.51 * step).all()
    assert np.array_equal(small.rows([6, 0, 6]), small.vectors[[6, 0, 6]])
    assert np.array_equal(small.quantize("float16").vectors, small.vectors.astype(np.float16))


def test_quantizing_does_not_leave_the_decoded_table_in_memory():
    table = semap.Table(WORDS, HALVES)
    table.quantize("int8")
    assert table._decoded is None
