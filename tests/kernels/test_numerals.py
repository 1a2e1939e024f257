"""Decimals become the nearest float32, and float32 the shortest decimals, in the plain and the compiled way alike."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import textrows as native
from semap.kernels.native.numerals import LONGEST_NUMERAL
from semap.kernels.reference import numerals as plain
from semap.kernels.reference import textrows as reference

BITS = st.integers(0, 2**32 - 1).filter(lambda bits: bits & 0x7F800000 != 0x7F800000)
NUMERALS = st.from_regex(rb"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", fullmatch=True)


def number_of(bits):
    return np.array([bits], np.uint32).view(np.float32)[0]


def read_natively(numeral):
    """The number, or None where the kernel leaves it to plain Python."""
    content = np.frombuffer(b"t " + numeral + b"\n", np.uint8)
    vectors, begins, ends = np.zeros((1, 1), np.float32), np.zeros(1, np.int64), np.zeros(1, np.int64)
    row, _ = native.parse_rows(content, 0, len(content), 0, vectors, begins, ends)
    return vectors[0, 0] if row else None


def print_with(kernels, values):
    vectors = np.array(values, np.float32)[None]
    out = np.full((LONGEST_NUMERAL + 1) * len(values) + 1, 255, np.uint8)
    empty = np.empty(0, np.uint8), np.zeros(2, np.int64)
    n_bytes = kernels.print_rows(*empty, vectors, vectors.view(np.int32), 0, 1, out)
    assert np.all(out[n_bytes:] == 255)
    return out[:n_bytes].tobytes().split()


def distance(value, exact):
    return abs(Fraction(float(value)) - exact)


@settings(max_examples=400, deadline=None)
@given(NUMERALS)
def test_plain_reading_gives_the_nearest_float32(numeral):
    found = plain.read_number(numeral)
    exact = Fraction(Decimal(numeral.decode()))
    if np.isinf(found):
        assert abs(exact) >= 2**128 - 2**103
        return
    for other in (np.nextafter(found, np.float32(np.inf)), np.nextafter(found, np.float32(-np.inf))):
        assert np.isinf(other) or distance(found, exact) <= distance(other, exact)
        if not np.isinf(other) and distance(found, exact) == distance(other, exact) and found != other:
            assert found.view(np.int32) % 2 == 0


@pytest.mark.parametrize("above", [-1, 0, 1])
@pytest.mark.parametrize("bits", [0x3F800000, 0x3F800001, 0x00000001, 0x00000002, 0x007FFFFF, 0x7F7FFFFE, 0x00800000])
def test_decimals_next_to_the_middle_of_two_float32_go_to_the_right_side(bits, above):
    low, high = number_of(bits), number_of(bits + 1)
    middle = Fraction(float(low)) / 2 + Fraction(float(high)) / 2
    n_twos = middle.denominator.bit_length() - 1
    numeral = f"{middle.numerator * 5**n_twos * 10**200 + above}e{-n_twos - 200}".encode()
    expected = high if above > 0 else low if above < 0 else (low if bits % 2 == 0 else high)
    assert plain.read_number(numeral) == expected
    assert read_natively(numeral) in (None, expected)


@pytest.mark.parametrize(
    "text", [b"", b"+", b".", b"e5", b"1e", b"1e+", b"1_0", b"0x1", b"nan", b"inf", b" 1", b"1 ", b"--1", b"1.2.3"]
)
def test_what_is_no_number_is_none(text):
    assert plain.read_number(text) is None
    assert text.strip() != text or read_natively(text) is None  # a line may end in a space, a token too


@settings(max_examples=500, deadline=None)
@given(NUMERALS)
def test_compiled_reading_gives_the_same_bits_or_leaves_the_number(numeral):
    found, expected = read_natively(numeral), plain.read_number(numeral)
    assert found is None or found.view(np.uint32) == expected.view(np.uint32)


@settings(max_examples=500, deadline=None)
@given(BITS)
def test_compiled_reading_decides_all_usual_numbers(bits):
    value = number_of(bits)
    for numeral in (repr(float(value)), f"{value:.6f}", f"{value:.18e}", str(value)):
        found = read_natively(numeral.encode())
        assert found is not None
        assert found.view(np.uint32) == plain.read_number(numeral.encode()).view(np.uint32)


def test_numbers_beyond_the_range_are_left_to_plain_python():
    assert read_natively(b"1e39") is None
    assert np.isinf(plain.read_number(b"1e39"))
    assert np.isinf(plain.read_number(b"1e400"))
    assert read_natively(b"1e-400") is None
    assert plain.read_number(b"1e-400") == 0
    assert plain.read_number(b"1" * 5_000 + b"e-4999") == np.float32(1.1111111111)


@settings(max_examples=500, deadline=None)
@given(BITS)
def test_printed_digits_read_back_as_the_same_bits_and_none_is_too_many(bits):
    value = number_of(bits)
    [numeral] = print_with(native, [value])
    assert plain.read_number(numeral).view(np.uint32) == np.uint32(bits)
    assert len(numeral) <= LONGEST_NUMERAL
    assert numeral == plain.print_number(value)


EDGES = [
    *(0.0, -0.0, 1.0, -1.0, 0.1, 1e-5, 9.999999e-6, 1.5e-4, 123456789.0, 999999999.0, 1e9, 1e10, 3.4028235e38, 1e-45),
    *(1.1754944e-38, 1.1754942e-38, 16777216.0, 0.3, 1 / 3, 2.5, 8388608.5, 9.5367431640625e-07, 1e8, 5e-324),
    *(float(2.0**exponent) for exponent in range(-149, 128, 7)),
]


def test_both_kernels_print_the_same_on_edges_of_the_range():
    assert print_with(native, EDGES) == print_with(reference, EDGES)
    expected = [b"0", b"-0", b"1", b"-1", b"0.1", b"0.00001", b"9.999999e-06", b"0.00015", b"123456790", b"1e+09"]
    assert print_with(native, EDGES)[:10] == expected


def test_printed_numbers_are_no_longer_than_those_of_numpy_but_for_ties():
    rng = np.random.default_rng(11)
    values = rng.integers(0, 2**32, 20_000, np.uint32).view(np.float32)
    values = np.concatenate([rng.standard_normal(20_000, np.float32), values[np.isfinite(values)]])
    longer = 0
    for value, numeral in zip(values, print_with(native, values), strict=True):
        shortest = np.format_float_scientific(value, unique=True, trim="-").split("e")[0].strip("-").replace(".", "")
        digits = numeral.decode().split("e")[0].strip("-").replace(".", "").strip("0")
        longer += len(digits) > len(shortest)
        assert len(digits) >= len(shortest.strip("0"))
    assert longer < len(values) / 300
