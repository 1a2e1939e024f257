"""Laying out pieces: the compiled kernels do what the plain ones do, and the plain ones do what is written here by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.kernels.native import pieces as native
from semap.kernels.reference import pieces as reference
from semap.text.letters import code_point_classes

ALPHABET = "ab<,[~\t\n\r\x0b\x1f \u00a0\u2003é中🎉\u0301"


def laid_out(module: Any, texts: list[str], how: int) -> tuple[bytes, list[int], list[bool]]:
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b" ".join([*encoded, b""]), np.uint8)
    offsets = np.cumsum([0, *(len(text) + 1 for text in encoded)])
    laid = np.zeros(2 * len(data) + 16, np.uint8)
    counts, whole = np.full(len(texts), -7), np.ones(len(texts), np.bool_)
    stop = module.lay_out(data, offsets, how, code_point_classes("whitespace"), laid, counts, whole)
    return laid[:stop].tobytes(), counts.tolist(), whole.tolist()


@pytest.mark.parametrize("module", [reference, native])
@pytest.mark.parametrize(
    ("how", "texts", "laid", "counts", "whole"),
    [
        (reference.AT_BLANKS, ["a,b\tc", "", "  "], b"a,b c ", [2, 0, 0], [False] * 3),
        (reference.AT_PUNCTUATION, ["a,,b", "~é", "a\x0bb"], "a , , b ~ é ".encode(), [4, 2, 0], [False, False, True]),
        (
            reference.AT_SPACES,
            ["a b", "a  b ", " é", "a\u00a0 b", "\x1fa"],
            "a b a {b ~ {é a\u00a0{b ".encode().replace(b"{", b"\xff").replace(b"~", b"\xfe"),
            [2, 3, 1, 1, 0],
            [False] * 4 + [True],
        ),
        (reference.AT_SPACES, ["\t", "a \n", "", " "], b"\xf5 a \xf6 \xff ", [1, 2, 0, 1], [False] * 4),
    ],
)
def test_three_ways_to_cut(module: Any, how: int, texts: list[str], laid: bytes, counts: list[int], whole: list[bool]) -> None:
    assert laid_out(module, texts, how) == (laid, counts, whole)


@given(st.lists(st.text(alphabet=ALPHABET, max_size=9), max_size=6), st.sampled_from([0, 1, 2]))
def test_the_compiled_kernel_cuts_as_the_plain_one(texts: list[str], how: int) -> None:
    assert laid_out(native, texts, how) == laid_out(reference, texts, how)


@pytest.mark.parametrize("module", [reference, native])
def test_ids_are_spread_in_the_order_of_the_pieces(module: Any) -> None:
    pool, starts = np.array([70, 81, 82, 93], np.int32), np.array([0, 1, 1, 3, 4])
    entries, pieces = np.array([2, 0, 1, 3, 0], np.int32), np.array([0, 2, 2, 5])
    out = np.full(7, -1, np.int32)
    module.spread(entries, pieces, starts, pool, out, np.array([0, 3, 5, 7]))  # text 1 has two ids from elsewhere
    assert out.tolist() == [81, 82, 70, -1, -1, 93, 70]
