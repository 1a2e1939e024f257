"""Tokens are found by their hash: alike by the plain and the compiled kernel, whatever collides, repeats or is absent."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import finding as native
from semap.kernels.reference import finding as reference
from semap.vocab.tokens import Tokens


def found(kernels, tokens, sought):
    packed, asked = Tokens.pack(tokens), Tokens.pack(sought)
    hashes = np.array(sorted(crc32(token.encode()) for token in tokens), np.uint32)
    targets = np.array([crc32(token.encode()) for token in sought], np.uint32)
    places, ids = np.searchsorted(hashes, targets), np.full(len(sought), -7, np.int32)
    kernels.match_tokens(packed.data, packed.offsets, packed.lookup, hashes, asked.data, asked.offsets, targets, places, ids)
    return ids.tolist()


@pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])
def test_the_first_of_equal_tokens_is_found_also_among_those_of_the_same_hash(kernels):
    assert crc32(b"plumless") == crc32(b"buckeroo")
    tokens = ["owl", "plumless", "", "owl", "buckeroo", "plumless", "北京"]
    assert found(kernels, tokens, ["北京", "buckeroo", "plumless", "hen", "owl", ""]) == [6, 4, 1, -1, 0, 2]
    assert found(kernels, ["plumless"], ["buckeroo"]) == [-1]
    assert found(kernels, [], ["owl"]) == [-1]


@given(st.lists(st.text("ab", max_size=3), max_size=40), st.lists(st.text("abc", max_size=3), max_size=20))
@settings(max_examples=80, deadline=None)
def test_both_kernels_and_tokens_themselves_find_the_same(tokens, sought):
    expected = [Tokens.pack(tokens).find(each) for each in sought]
    assert found(native, tokens, sought) == found(reference, tokens, sought) == expected


def test_many_tokens_of_a_large_vocabulary_are_found_as_one_by_one():
    tokens = Tokens.pack([f"t{7 * number % 65_537}" for number in range(1 << 16)])
    sought = [f"t{number}" for number in range(0, 70_000, 23)]
    assert tokens.find_all(sought).tolist() == list(map(tokens.find, sought))
    assert tokens.find_all([*sought, "\ud800", 5])[-2:].tolist() == [-1, -1]  # no str of UTF-8, no str at all
