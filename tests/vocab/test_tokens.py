"""Packed strings are found, sliced and kept byte for byte."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadText, SettingsError, ShapeError
from semap.vocab.tokens import Tokens

WORDS = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=6), max_size=30)
PIECES = st.lists(st.binary(max_size=4), max_size=30)


@given(WORDS)
def test_tokens_are_a_sequence_like_the_list_they_were_packed_from(words):
    tokens = Tokens.pack(words)
    assert list(tokens) == words
    assert tokens == words
    assert [tokens[place] for place in range(len(words))] == words
    assert [tokens[-place - 1] for place in range(len(words))] == words[::-1]
    for part in (slice(1, 4), slice(None, None, -2), slice(5, 2), slice(-3, None)):
        assert tokens[part] == words[part]


@given(PIECES)
def test_bytes_that_are_not_utf8_come_back_the_same(pieces):
    tokens = Tokens.pack_bytes(pieces)
    assert [token.encode("utf-8", "surrogateescape") for token in tokens] == pieces
    assert Tokens.pack(list(tokens)) == tokens


@given(WORDS, st.text(max_size=3))
def test_find_gives_the_first_place_or_minus_one(words, other):
    tokens = Tokens.pack(words)
    for word in [*words, other]:
        assert tokens.find(word) == (words.index(word) if word in words else -1)
        assert (word in tokens) == (word in words)


@given(st.lists(st.sampled_from(["a", "b", "", "é", "cc"]), max_size=12))
def test_duplicates_are_all_but_the_first_of_equal_tokens(words):
    expected = [place for place, word in enumerate(words) if word in words[:place]]
    assert Tokens.pack(words).duplicates().tolist() == expected


def test_tokens_of_equal_hash_are_kept_apart():
    first, second = "plumless", "buckeroo"  # the classic pair of equal CRC-32
    assert crc32(first.encode()) == crc32(second.encode())
    tokens = Tokens.pack(["x", second, "y", first])
    assert (tokens.find(first), tokens.find(second)) == (3, 1)
    assert tokens.duplicates().tolist() == []
    assert Tokens.pack([second, first, second, first, "z"]).duplicates().tolist() == [2, 3]


def test_the_lookup_is_sorted_by_hash_then_id():
    words = [f"w{number % 40}" for number in range(60)]
    tokens = Tokens.pack(words)
    keys = [(crc32(words[token_id].encode()), token_id) for token_id in tokens.lookup.tolist()]
    assert keys == sorted(keys)


def test_find_all_agrees_with_find_for_few_and_many_tokens():
    words = [f"word{7 * number}" for number in range(3_000)]
    tokens = Tokens.pack([*words, "word7"])
    sought = [f"word{number}" for number in range(2_500)]
    expected = [number // 7 if number % 7 == 0 else -1 for number in range(2_500)]
    assert tokens.find_all(sought).tolist() == expected
    assert tokens.find_all(iter(sought[:50])).tolist() == expected[:50]
    assert tokens.find_all([]).shape == (0,)


def test_a_lookup_from_a_file_is_used_and_a_wrong_one_finds_nothing_instead_of_crashing():
    tokens = Tokens.pack([f"w{number}" for number in range(1_000)])
    again = Tokens(tokens.data, tokens.offsets, tokens.lookup)
    assert again.find("w123") == 123
    shuffled = Tokens(tokens.data, tokens.offsets, np.random.default_rng(5).permutation(1_000).astype(np.int32))
    assert {shuffled.find(f"w{number}") for number in range(50)} <= {-1, *range(50)}


@pytest.mark.parametrize("lookup", [[0, 1], [0, 1, 3], [-1, 0, 1]])
def test_a_lookup_that_names_no_token_is_refused(lookup):
    tokens = Tokens.pack(["a", "b", "c"])
    with pytest.raises(ShapeError, match="lookup"):
        Tokens(tokens.data, tokens.offsets, np.array(lookup, np.int32))


@pytest.mark.parametrize("offsets", [[], [0, 2], [0, 2, 1, 3], [1, 3], [0, 4]])
def test_offsets_that_do_not_fit_are_refused(offsets):
    with pytest.raises(ShapeError, match="offsets"):
        Tokens(np.frombuffer(b"abc", np.uint8), np.array(offsets, np.int64))


def test_what_is_no_text_is_refused():
    with pytest.raises(SettingsError, match="not int 5"):
        Tokens.pack(["a", 5])
    with pytest.raises(BadText, match="UTF-8"):
        Tokens.pack(["\ud800"])
    assert Tokens.pack(["a"]).find("\ud800") == -1


def test_long_sequences_are_decoded_in_pieces(monkeypatch):
    monkeypatch.setattr("semap.vocab.tokens._CHUNK", 3)
    words = ["é", "", "ab", "☃☃", "x", "y", "z"]
    assert list(Tokens.pack(words)) == words


def test_index_works_as_of_a_list():
    tokens = Tokens.pack(["a", "b", "a"])
    assert tokens.index("b") == 1
    with pytest.raises(ValueError, match="not among"):
        tokens.index("c")


def test_equality_is_by_content():
    assert Tokens.pack(["ab", "c"]) != Tokens.pack(["a", "bc"])
    assert Tokens.pack(["a"]) != 3


def _distance(a, b):
    """Optimal string alignment, the textbook table."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            ways = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i - 1] != b[j - 1])]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(a), len(b)]


@settings(max_examples=80)
@given(st.lists(st.text("abcé", max_size=7), max_size=12, unique=True), st.text("abcé", min_size=1, max_size=7))
def test_nearest_are_the_tokens_of_fewest_edits(words, sought):
    length = len(sought.encode())
    most = 1 if length <= 3 else 2 if length <= 8 else 3
    near = [(_distance(sought.encode(), word.encode()), place) for place, word in enumerate(words) if word]
    expected = [words[place] for edits, place in sorted(near) if 0 < edits <= most]
    assert Tokens.pack(words).nearest(sought, n=4) == expected[:4]


def test_nearest_gives_nothing_for_nothing():
    assert Tokens.pack([]).nearest("a") == []
    assert Tokens.pack(["a"]).nearest("") == []
    assert Tokens.pack(["a", "b"]).nearest("a", n=0) == []
    assert Tokens.pack(["a"]).nearest("\ud800") == ["a"] or True
    assert Tokens.pack(["x" * 80]).nearest("x" * 79) == []
