"""Positions: the papers' formulas by hand and in exact arithmetic, and what each kind promises."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import SettingsError, ShapeError
from semap.positions import alibi, alibi_slopes, learned, rotary, sinusoidal

getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


def exact_sine(angle: Decimal) -> float:
    """The sine by its series, in 60 digits."""
    x = angle % (2 * PI)
    term, total, k = x, x, 1
    while abs(term) > Decimal("1e-40"):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total += term
        k += 1
    return float(total)


def exact_encoding(pos: int, dim: int) -> list[float]:
    """PE(pos, 2i) and PE(pos, 2i + 1) of the paper, in 60 digits."""
    values = []
    for column in range(dim):
        angle = Decimal(pos) / Decimal(10000) ** (Decimal(column - column % 2) / Decimal(dim))
        values.append(exact_sine(angle + PI / 2 if column % 2 else angle))
    return values


def test_a_sinusoidal_vector_by_hand():
    # d = 4, pos = 2: the first pair turns by 2, the second by 2 / 10000^(2/4) = 0.02.
    expected = [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)]
    assert sinusoidal(3, 4)[2] == pytest.approx(expected, abs=1e-7)
    assert sinusoidal(3, 4)[0].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("dim", [1, 2, 3, 16, 97])
@pytest.mark.parametrize("pos", [0, 1, 77, 1_000_000, 123_456_789])
def test_sinusoidal_is_right_to_a_millionth_far_out(dim, pos):
    found = sinusoidal(1, dim, start=pos)
    assert found.dtype == np.float32
    assert found.shape == (1, dim)
    assert np.abs(found[0].astype(np.float64) - exact_encoding(pos, dim)).max() < (1e-7 if pos <= 1_000_000 else 1e-6)


@given(n=st.integers(0, 9), dim=st.integers(1, 40), start=st.integers(-50, 10**6))
def test_starting_later_gives_the_same_rows(n, dim, start):
    whole = sinusoidal(n + 5, dim, start=start)
    assert np.array_equal(whole[5:], sinusoidal(n, dim, start=start + 5))
    assert whole.shape == (n + 5, dim)


def test_pieces_of_a_long_sequence_fit_together():
    long = sinusoidal(5_000, 128, start=7)  # several pieces inside
    for pos in (0, 2_047, 2_048, 2_049, 4_999):
        assert np.array_equal(long[pos], sinusoidal(1, 128, start=7 + pos)[0])


def test_sinusoidal_has_the_dtype_that_was_asked_for():
    assert sinusoidal(2, 6, dtype="float16").dtype == np.float16
    doubles = sinusoidal(1, 5, start=1_000_000, dtype=np.float64)[0]
    assert np.abs(doubles - exact_encoding(1_000_000, 5)).max() < 1e-9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"n": -1, "dim": 4}, "n is -1"),
        ({"n": 3, "dim": 0}, "dim is 0"),
        ({"n": 2.5, "dim": 4}, "n is 2.5"),
        ({"n": True, "dim": 4}, "n is True"),
        ({"n": 3, "dim": 4, "start": 2**53}, "start is 9007199254740992"),
        ({"n": 3, "dim": 4, "dtype": "int8"}, "dtype is 'int8'"),
        ({"n": 3, "dim": 4, "dtype": "nonsense"}, "dtype is 'nonsense'"),
    ],
)
def test_sinusoidal_says_which_setting_is_wrong(arguments, said):
    with pytest.raises(SettingsError, match=said):
        sinusoidal(**arguments)


def test_learned_rows_start_small_centred_and_different():
    rows = learned(600, 50, seed=3)
    assert rows.dtype == np.float32
    assert rows.flags.writeable
    assert np.abs(rows).max() < 0.02 * 3**0.5
    assert float(rows.std()) == pytest.approx(0.02, rel=0.01)
    assert abs(float(rows.mean())) < 0.02 * 4 / (600 * 50) ** 0.5
    assert len(np.unique(rows, axis=0)) == 600


def test_learned_rows_depend_on_the_seed_and_not_on_how_many_there_are():
    assert np.array_equal(learned(9, 7, seed=2), learned(4000, 7, seed=2)[:9])
    assert not np.array_equal(learned(9, 7, seed=2), learned(9, 7, seed=3))
    assert learned(0, 7).shape == (0, 7)
    with pytest.raises(SettingsError, match="seed is -1"):
        learned(9, 7, seed=-1)


def test_rotary_turns_each_pair_by_hand():
    # D = 4, position 3: the first pair turns by 3, the second by 3 / 10000^(2/4) = 0.03.
    turned = rotary(np.array([[1, 0, 0, 2]], np.float32), positions=[3])[0]
    assert turned == pytest.approx([math.cos(3), math.sin(3), -2 * math.sin(0.03), 2 * math.cos(0.03)], abs=1e-6)
    halves = rotary(np.array([[1, 0, 0, 2]], np.float32), positions=[3], interleaved=False)[0]
    assert halves == pytest.approx([math.cos(3), -2 * math.sin(0.03), math.sin(3), 2 * math.cos(0.03)], abs=1e-6)


@given(
    pairs=st.integers(1, 24), query=st.integers(0, 10**6), key=st.integers(0, 10**6), shift=st.integers(-(10**5), 10**6),
    interleaved=st.booleans(),
)  # fmt: skip
def test_the_dot_product_depends_on_the_difference_of_positions_alone(pairs, query, key, shift, interleaved):
    drawn = np.random.default_rng(pairs)
    q, k = drawn.normal(size=(2, 1, 2 * pairs)) / np.sqrt(2 * pairs)
    here = rotary(q, [query], interleaved=interleaved) @ rotary(k, [key], interleaved=interleaved).T
    there = rotary(q, [query + shift], interleaved=interleaved) @ rotary(k, [key + shift], interleaved=interleaved).T
    assert here == pytest.approx(there, abs=1e-7)


def test_turning_back_by_the_other_pairing_is_another_vector():
    vectors = np.arange(1, 9, dtype=np.float64)[None]
    assert np.allclose(rotary(rotary(vectors, [5]), [-5]), vectors)
    assert not np.allclose(rotary(rotary(vectors, [5]), [-5], interleaved=False), vectors)


@given(length=st.integers(0, 6), pairs=st.integers(1, 20), dtype=st.sampled_from(["float16", "float32", "float64"]))
def test_rotary_keeps_lengths_shapes_and_dtypes(length, pairs, dtype):
    vectors = np.random.default_rng(1).normal(size=(2, 3, length, 2 * pairs)).astype(dtype)
    before = vectors.copy()
    turned = rotary(vectors)
    assert turned.shape == vectors.shape
    assert turned.dtype == vectors.dtype
    assert np.array_equal(vectors, before)
    sizes = [np.linalg.norm(each.astype(np.float64), axis=-1) for each in (vectors, turned)]
    assert np.allclose(*sizes, rtol={"float16": 3e-3, "float32": 1e-6, "float64": 1e-12}[dtype])


def test_rotary_in_float32_is_right_to_a_millionth_at_a_million():
    pos, dim = 1_000_000, 64
    vector = np.random.default_rng(2).uniform(-1, 1, dim).astype(np.float32)
    waves = exact_encoding(pos, dim)
    expected = np.empty(dim)
    for i in range(0, dim, 2):
        sine, cosine = waves[i], waves[i + 1]
        expected[i] = float(vector[i]) * cosine - float(vector[i + 1]) * sine
        expected[i + 1] = float(vector[i]) * sine + float(vector[i + 1]) * cosine
    for positions in ([pos], np.array([pos], np.int32), np.array([pos], np.float32)):
        found = rotary(vector[None], positions)[0]
        assert found.dtype == np.float32
        assert np.abs(found - expected).max() < 1e-6


def test_positions_of_rotary_count_from_0_and_may_differ_by_text():
    vectors = np.random.default_rng(3).normal(size=(2, 3, 4))
    assert np.array_equal(rotary(vectors), rotary(vectors, [0, 1, 2]))
    own = rotary(vectors, [[5, 6, 7], [0, 9, 2]])
    assert np.allclose(own[1, 1], rotary(vectors[1, 1:2], [9])[0])
    assert np.array_equal(rotary(np.array([[3, 4]])), np.array([[3, 4]], np.float32))  # position 0 turns nothing


@pytest.mark.parametrize(
    ("vectors", "more", "error", "said"),
    [
        (np.ones((2, 5)), {}, SettingsError, "dim is 5, which is odd"),
        (np.ones(4), {}, ShapeError, r"shape \(4,\)"),
        ([["a", "b"]], {}, ShapeError, "numbers"),
        ([[1, 2], [3]], {}, ShapeError, "numbers"),
        (np.ones((2, 4)), {"positions": [1, 2, 3]}, ShapeError, r"\(3,\), the vectors stand at \(2,\)"),
        (np.ones((1, 4)), {"positions": [1, 2, 3]}, ShapeError, r"\(3,\), the vectors stand at \(1,\)"),
        (np.ones((1, 4)), {"positions": ["a"]}, ShapeError, "positions must be numbers"),
        (np.ones((1, 4)), {"positions": [float("nan")]}, SettingsError, "not finite"),
        (np.ones((1, 4)), {"positions": [2**53 + 2]}, SettingsError, "beyond 9,007,199,254,740,992"),
        (np.ones((1, 4)), {"base": 1}, SettingsError, "base is 1"),
        (np.ones((1, 4)), {"base": float("inf")}, SettingsError, "base is inf"),
    ],
)
def test_rotary_says_what_is_wrong(vectors, more, error, said):
    with pytest.raises(error, match=said):
        rotary(vectors, **more)


def test_alibi_by_hand():
    # Two heads: slopes 2^-4 and 2^-8. Two queries at the positions 1 and 2 of three keys.
    expected = [[-1, 0, -1], [-2, -1, 0]]
    found = alibi(2, 2, 3)
    assert found.dtype == np.float32
    assert np.array_equal(found, np.array([np.array(expected) / 16, np.array(expected) / 256], np.float32))
    assert not np.signbit(found[:, 0, 1]).any()


def test_the_slopes_of_eight_heads_halve_from_a_half():
    assert alibi_slopes(8).tolist() == [2.0**-k for k in range(1, 9)]


def test_other_head_counts_take_every_other_slope_of_twice_as_many():
    # As the authors' get_slopes(12) does: eight heads, then the 1st, 3rd, 5th and 7th of sixteen.
    assert alibi_slopes(12) == pytest.approx([2.0**-k for k in range(1, 9)] + [2.0**-0.5, 2.0**-1.5, 2.0**-2.5, 2.0**-3.5])
    assert alibi_slopes(3) == pytest.approx([2.0**-4, 2.0**-8, 2.0**-2])
    assert alibi_slopes(1).tolist() == [2.0**-8]


def test_a_new_query_gets_the_last_row_of_all_queries():
    assert np.array_equal(alibi(5, 1, 9)[:, 0], alibi(5, 9)[:, -1])
    assert alibi(5, 0, 3).shape == (5, 0, 3)


@pytest.mark.parametrize(
    ("arguments", "said"), [((0, 2), "n_heads is 0"), ((2, 3, 2), "n_queries is 3 and n_keys 2"), ((2, -1), "n_queries is -1")]
)
def test_alibi_says_what_is_wrong(arguments, said):
    with pytest.raises(SettingsError, match=said):
        alibi(*arguments)


def test_the_functions_stand_in_the_public_name_space_whatever_was_imported_first():
    import importlib

    for home in ("sinusoids", "learned_rows", "rotation", "linear_biases"):
        importlib.import_module(f"semap.positions.{home}")
    assert all(callable(getattr(semap.positions, name)) for name in semap.positions.__all__)
    assert set(dir(semap.positions)) == {"alibi", "alibi_slopes", "learned", "rotary", "sinusoidal"}
    with pytest.raises(AttributeError, match="nonsense"):
        _ = semap.positions.nonsense
