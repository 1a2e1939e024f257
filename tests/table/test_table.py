"""A table gives each token its vector, as it was stored, and refuses what is not a table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semap.errors import DuplicateToken, SettingsError, ShapeError, UnknownToken
from semap.table.rows import StoredRows, store_rows
from semap.table.table import Table

WORDS = ["queen", "king", "cat", "dog", "the"]
VECTORS = np.array([[3, -1, 2], [0, 0, 0], [-7, 5, 1], [1.5, 0.25, 127], [1e-3, 2e-3, -1e-3]], np.float32)


def make_table(**settings):
    return Table(WORDS, VECTORS, **settings)


def test_a_token_gives_its_row():
    table = make_table()
    np.testing.assert_array_equal(table["cat"], VECTORS[2])
    np.testing.assert_array_equal(table.lookup(["dog", "queen", "dog"]), VECTORS[[3, 0, 3]])
    np.testing.assert_array_equal(table.rows([4, 1]), VECTORS[[4, 1]])
    assert table.rows([1], np.float64).dtype == np.float64
    assert (len(table), table.dim, table.dtype) == (5, 3, "float32")
    assert (table.id("the"), table.ids(["dog", "bird"]).tolist()) == (4, [3, -1])
    assert "cat" in table
    assert "bird" not in table
    assert list(table.tokens) == WORDS
    assert (table.counts, table.output_vectors, table.metadata) == (None, None, {})


def test_empty_lists_give_empty_arrays():
    assert make_table().lookup([]).shape == (0, 3)
    assert make_table().rows([]).shape == (0, 3)
    assert len(Table([], np.empty((0, 4)))) == 0


def test_vectors_cannot_be_changed_through_the_table_and_rows_are_the_callers_own():
    table = make_table()
    with pytest.raises(ValueError, match="read-only"):
        table.vectors[0, 0] = 9
    table["queen"][:] = 9
    table.lookup(["queen"])[:] = 9
    table.rows([0])[:] = 9
    table.metadata["x"] = 9
    np.testing.assert_array_equal(table["queen"], VECTORS[0])
    assert table.metadata == {}


@pytest.mark.parametrize(
    "vectors",
    [
        VECTORS.astype(np.float64),
        VECTORS.astype(">f4"),
        np.asfortranarray(VECTORS),
        np.repeat(VECTORS, 2, axis=1)[:, ::2],
        VECTORS.tolist(),
        np.frombuffer(b"\0" + VECTORS.tobytes(), np.uint8)[1:].view(np.float32).reshape(5, 3),
    ],
    ids=["float64", "big-endian", "Fortran", "strided", "lists", "unaligned"],
)
def test_any_layout_of_numbers_becomes_aligned_float32_in_c_order(vectors):
    table = Table(WORDS, vectors)
    np.testing.assert_array_equal(table.vectors, VECTORS)
    assert table.vectors.dtype == np.dtype(np.float32)
    assert table.vectors.flags.c_contiguous
    assert table.vectors.flags.aligned


def test_float32_in_c_order_is_not_copied():
    vectors = VECTORS.copy()
    assert np.shares_memory(Table(WORDS, vectors).vectors, vectors)
    assert vectors.flags.writeable


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
def test_a_number_that_is_not_finite_is_refused_with_row_and_token(bad):
    vectors = VECTORS.astype(np.float64)
    vectors[3, 1] = bad
    with pytest.raises(ShapeError, match=r"row 3 of vectors \('dog'\)"):
        Table(WORDS, vectors)


@pytest.mark.parametrize(
    "vectors",
    [VECTORS[:4], VECTORS[0], VECTORS[None], np.empty((5, 0)), [[1], [2, 3]], [["a"]] * 5, VECTORS * 1j],
    ids=["short", "1-d", "3-d", "no columns", "ragged", "text", "complex"],
)
def test_vectors_that_do_not_fit_are_refused(vectors):
    with pytest.raises(ShapeError):
        Table(WORDS, vectors)


def test_a_wrong_number_of_rows_is_told_with_both_numbers():
    with pytest.raises(ShapeError, match="5 tokens and 4 rows"):
        Table(WORDS, VECTORS[:4])


def test_a_token_that_stands_twice_is_refused_by_name_and_row():
    with pytest.raises(DuplicateToken, match="'a' stands twice, again in row 2"):
        Table(["a", "b", "a"], VECTORS[:3])


def test_one_string_is_not_a_list_of_tokens():
    for refused in (
        lambda: Table("ab", VECTORS[:2]),
        lambda: make_table().lookup("cat"),
        lambda: make_table().ids("cat"),
    ):
        with pytest.raises(SettingsError):
            refused()


def test_unknown_tokens_are_key_errors_with_suggestions():
    for ask in (make_table().__getitem__, make_table().id, lambda token: make_table().lookup(["cat", token])):
        with pytest.raises(UnknownToken) as caught:
            ask("qeen")
        assert isinstance(caught.value, KeyError)
        assert caught.value.suggestions == ("queen",)


def test_a_number_is_not_a_token():
    with pytest.raises(SettingsError, match=r"table\.rows"):
        make_table()[3]


@pytest.mark.parametrize("row", [-1, 5])
def test_rows_outside_the_table_are_refused(row):
    with pytest.raises(ShapeError, match="rows 0 to 4"):
        make_table().rows([0, row])


def test_counts_output_vectors_and_metadata_are_kept():
    table = make_table(counts=[9, 8, 7, 6, 0], output_vectors=-VECTORS, metadata={"a": {"b": [1]}})
    assert table.counts.tolist() == [9, 8, 7, 6, 0]
    np.testing.assert_array_equal(table.output_vectors, -VECTORS)
    assert table.metadata == {"a": {"b": [1]}}
    assert repr(table) == "Table(5 tokens, 3 dimensions, float32, counts, output_vectors)"


@pytest.mark.parametrize("settings", [{"counts": [1]}, {"counts": [-1] * 5}, {"output_vectors": VECTORS[:, :2]}])
def test_parts_that_do_not_fit_are_refused(settings):
    with pytest.raises(ShapeError):
        make_table(**settings)


def test_int8_rows_are_whole_steps_of_their_largest_value():
    table = make_table(counts=range(5), metadata={"m": 1}, output_vectors=2 * VECTORS).quantize("int8")
    assert table.dtype == "int8"
    steps = np.abs(VECTORS).max(axis=1) / 127
    assert np.all(np.abs(table.vectors - VECTORS) <= steps[:, None] * 0.5001)
    np.testing.assert_array_equal(table["king"], 0)
    np.testing.assert_allclose(table["dog"], [2, 0, 127], rtol=1e-6)  # halves go to the even step
    assert np.all(np.abs(table.output_vectors - 2 * VECTORS) <= steps[:, None] * 1.0002)
    assert table.counts.tolist() == list(range(5))
    assert table.metadata == {"m": 1}


def test_float16_rows_are_the_nearest_halves():
    table = make_table().quantize("float16")
    np.testing.assert_array_equal(table.vectors, VECTORS.astype(np.float16).astype(np.float32))
    assert table.vectors.dtype == np.float32


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_single_rows_equal_the_rows_of_the_whole(dtype):
    table = make_table().quantize(dtype)
    some = table.lookup(["dog", "cat"]), table.rows([3, 2]), np.stack([table["dog"], table["cat"]])
    for rows in some:
        np.testing.assert_array_equal(rows, table.vectors[[3, 2]])
        assert rows.dtype == np.float32
    assert table.quantize(dtype) is table
    assert table.vectors is table.vectors


def test_what_float16_cannot_hold_is_refused():
    with pytest.raises(SettingsError, match="row 1 has a value of 70000"):
        Table(["a", "b"], [[1.0], [70_000.0]]).quantize("float16")


def test_other_dtypes_are_refused():
    with pytest.raises(SettingsError, match="not as 'int4'"):
        make_table().quantize("int4")


@given(hnp.arrays(np.float32, (3, 4), elements=st.floats(-(2.0**127), 2.0**127, width=32)))
def test_int8_never_leaves_its_half_step_and_stays_finite(vectors):
    decoded = store_rows(StoredRows(vectors), "int8").decode()
    largest = np.abs(vectors.astype(np.float64)).max(axis=1, keepdims=True)
    assert np.isfinite(decoded).all()
    assert np.all(np.abs(decoded.astype(np.float64) - vectors) <= largest / 127 * 0.5001 + 1e-43)
