from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadText
from semap.text.chunks import Chunk
from semap.text.scanner import Scanned, scan_chunks
from semap.text.splitter import Splitter

TEXT = "The naïve cat_s\r\n\n  日本語、 the e\u0301 cat's 😀\nA" + "x" * 40 + "é" * 9 + " end\n\nlast"
BROKEN = b"ok \xff\xfe bad\xe2\x82 \xf0\x9f\x98\nfine \xc3"


def chunked(content: bytes, size: int, name: str = "file") -> Iterator[Chunk]:
    for start in range(0, len(content), size):
        yield Chunk(content[start : start + size], name, start, start == 0)


def words_of(scanned: Scanned) -> list[list[bytes]]:
    """The texts as bytes of types, through `finish` with numbers that say nothing of their order."""
    types = scanned.types
    new_ids = [numbers * 1 + 5 for numbers in scanned.numbers]
    ids, offsets = scanned.numbered.finish(new_ids, 2)
    words = [types.bytes_of(number - 5) for number in ids.tolist()]
    return [words[first:stop] for first, stop in pairwise(offsets)]


def scan(content: bytes, chunk: int, window: int, piece: int, splitter: Splitter, threads: int = 2) -> Scanned:
    return scan_chunks(chunked(content, chunk), splitter, threads, lambda done: None, window_bytes=window, piece_bytes=piece)


@pytest.mark.parametrize("split", ["words", "whitespace"])
@pytest.mark.parametrize("content", [TEXT.encode(), BROKEN])
def test_the_words_are_the_same_wherever_chunks_and_windows_are_cut(content: bytes, split: str) -> None:
    splitter = Splitter(split=split, lowercase=False)
    whole = scan(content, len(content), 1 << 12, 1 << 12, splitter, 1)
    expected = words_of(whole)
    for size in range(1, len(content)):
        for chunk, window, piece in ((size, size, size), (1, size, 3), (size, 8, 1)):
            found = scan(content, chunk, window, piece, splitter)
            assert words_of(found) == expected
            assert (found.replaced, found.first_bad) == (whole.replaced, whole.first_bad)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "B", "é", "日", " ", "\n", "\r\n", "-", "\u0301", "\u2003"]), max_size=80).map("".join),
    st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 4), st.sampled_from(["words", "whitespace"]),
)  # fmt: skip
def test_texts_are_lines_with_a_token(text: str, chunk: int, window: int, piece: int, threads: int, split: str) -> None:
    splitter = Splitter(split=split, lowercase=False, normalize=None)
    scanned = scan(text.encode(), chunk, window, piece, splitter, threads)
    expected = [tokens for line in text.split("\n") if (tokens := splitter(line))]
    assert scanned.numbered.n_texts == len(expected)
    assert [[word.decode() for word in words] for words in words_of(scanned)] == expected


def test_a_word_longer_than_every_window_is_one_word() -> None:
    word = b"long" * 100_000
    scanned = scan(b"a " + word + b" b", 5000, 1000, 100, Splitter())
    assert words_of(scanned) == [[b"a", word, b"b"]]


def test_each_file_begins_a_text() -> None:
    chunks = iter([Chunk(b"a b", "one", 0, True), Chunk(b"c", "one", 3, False), Chunk(b"d", "two", 0, True)])
    scanned = scan_chunks(chunks, Splitter(), 1, lambda done: None)
    assert words_of(scanned) == [[b"a", b"bc"], [b"d"]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_strict_names_the_file_and_the_byte(size: int) -> None:
    chunks = iter([*chunked(b"fine\n", size, "good.txt"), *chunked(b"x yz \xe9t\xe9", size, "bad.txt")])
    with pytest.raises(BadText, match=r"bad\.txt at byte 5: not UTF-8, found 0xe9"):
        scan_chunks(chunks, Splitter(errors="strict"), 2, lambda done: None, window_bytes=size, piece_bytes=2)


def test_told_hears_of_every_byte() -> None:
    heard: list[int] = []
    scan_chunks(chunked(b"one two three\n" * 100, 64), Splitter(), 1, heard.append, window_bytes=64)
    assert heard == sorted(heard)
    assert heard[-1] == 1400
