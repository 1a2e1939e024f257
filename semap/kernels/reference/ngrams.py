"""Packed tokens in, the buckets of their character n-grams out; plain twin of `native/ngrams.py`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

__all__ = [
    "code_point_buckets",
    "count_ngrams",
    "fasttext_buckets",
    "finalfusion_buckets",
    "floret_buckets",
    "string_buckets",
]


def _pieces(token: bytes, min_n: int, max_n: int, marks: bool = False) -> Iterator[bytes]:
    """The n-grams of "<token>" by where they begin, then by length; n counts code points; are "<" and ">" alone any?"""
    word = b"<" + token + b">"
    starts = [at for at, byte in enumerate(word) if byte & 0xC0 != 0x80] + [len(word)]
    n_points = len(starts) - 1
    for begin in range(n_points):
        for n in range(min_n, min(max_n, n_points - begin) + 1):
            if marks or n > 1 or 0 < begin < n_points - 1:
                yield word[starts[begin] : starts[begin + n]]


def _tokens(data: Any, offsets: Any, first: int, stop: int) -> Iterator[tuple[int, bytes]]:
    for token in range(first, stop):
        yield token, bytes(data[offsets[token] : offsets[token + 1]])


def count_ngrams(data: Any, offsets: Any, min_n: int, max_n: int, first: int, stop: int, counts: Any) -> None:
    """Set counts[i] for first <= i < stop to the number of n-grams of token i between "<" and ">"."""
    for token, content in _tokens(data, offsets, first, stop):
        counts[token] = sum(1 for _ in _pieces(content, min_n, max_n))


def fasttext_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on: FNV-1a, 32 bits, over signed chars, modulo `n_buckets`."""
    for token, content in _tokens(data, offsets, first, stop):
        if starts[token + 1] > starts[token]:
            for place, piece in enumerate(_pieces(content, min_n, max_n), starts[token]):
                out[place] = _fnv(piece) % n_buckets


def _fnv(content: bytes) -> int:
    """FNV-1a of 32 bits over signed chars."""
    state = 2166136261
    for byte in content:
        signed = byte - 256 if byte >= 128 else byte
        state = ((state ^ (signed % 2**32)) * 16777619) % 2**32
    return state


def floret_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, n_hashes: int, seed: int, first: int, stop: int,
    starts: Any, word: Any, out: Any,
) -> None:  # fmt: skip
    """Write `n_hashes` buckets for the whole token i between its marks, and then for each of its n-grams, from starts[i] on."""
    for token, content in _tokens(data, offsets, first, stop):
        strings = [b"<" + content + b">", *_pieces(content, min_n, max_n)] if starts[token + 1] > starts[token] else []
        for number, piece in enumerate(strings):
            for part in range(n_hashes):
                out[starts[token] + number * n_hashes + part] = _murmur(piece, seed)[part] % n_buckets


def _murmur(content: bytes, seed: int) -> tuple[int, ...]:
    """MurmurHash3_x64_128 (Appleby 2011) as four numbers of 32 bits, lower halves first."""
    whole = 2**64

    def turn(bits: int, by: int) -> int:
        """Rotate 64 bits to the left."""
        return (bits << by | bits >> (64 - by)) % whole

    def finish(bits: int) -> int:
        """The last mixing."""
        bits = (bits ^ bits >> 33) * 0xFF51AFD7ED558CCD % whole
        bits = (bits ^ bits >> 33) * 0xC4CEB9FE1A85EC53 % whole
        return bits ^ bits >> 33

    c1, c2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
    h1 = h2 = seed
    n_whole = len(content) // 16 * 16
    for at in range(0, n_whole, 16):
        k1 = int.from_bytes(content[at : at + 8], "little")
        k2 = int.from_bytes(content[at + 8 : at + 16], "little")
        h1 ^= turn(k1 * c1 % whole, 31) * c2 % whole
        h1 = ((turn(h1, 27) + h2) * 5 + 0x52DCE729) % whole
        h2 ^= turn(k2 * c2 % whole, 33) * c1 % whole
        h2 = ((turn(h2, 31) + h1) * 5 + 0x38495AB5) % whole
    rest = content[n_whole:]
    h1 ^= turn(int.from_bytes(rest[:8], "little") * c1 % whole, 31) * c2 % whole
    h2 ^= turn(int.from_bytes(rest[8:], "little") * c2 % whole, 33) * c1 % whole
    h1, h2 = h1 ^ len(content), h2 ^ len(content)
    h1 = (h1 + h2) % whole
    h2 = (h2 + h1) % whole
    h1, h2 = finish(h1), finish(h2)
    h1 = (h1 + h2) % whole
    h2 = (h2 + h1) % whole
    return h1 % 2**32, h1 >> 32, h2 % 2**32, h2 >> 32


def string_buckets(data: Any, offsets: Any, n_buckets: int, out: Any) -> None:
    """Set out[i] to the bucket that fastText's hash gives the whole string i, without marks."""
    for string, content in _tokens(data, offsets, 0, len(out)):
        out[string] = _fnv(content) % n_buckets


def _code_points(content: bytes) -> Iterator[int]:
    """The numbers of the code points; bytes that are not UTF-8 give some number all the same."""
    starts = [at for at, byte in enumerate(content) if not at or byte & 0xC0 != 0x80] + [len(content)]
    for begin, end in pairwise(starts):
        lead = content[begin]
        point = lead if lead < 0x80 else lead & (0x7F >> min(end - begin, 7))
        for byte in content[begin + 1 : end]:
            point = (point << 6 | byte & 0x3F) % 2**32
        yield point


def code_point_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on: FNV-1a, 32 bits, over code points, modulo `n_buckets`."""
    for token, content in _tokens(data, offsets, first, stop):
        if starts[token + 1] > starts[token]:
            for place, piece in enumerate(_pieces(content, min_n, max_n, marks=True), starts[token]):
                state = 2166136261
                for point in _code_points(piece):
                    state = ((state ^ point) * 16777619) % 2**32
                out[place] = state % n_buckets


def finalfusion_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on: the lowest bits (`n_buckets` is a power of two) of FNV-1a, 64 bits,

    over the number of code points (8 bytes, little-endian) and then each of them (4 bytes).
    """
    for token, content in _tokens(data, offsets, first, stop):
        if starts[token + 1] > starts[token]:
            for place, piece in enumerate(_pieces(content, min_n, max_n, marks=True), starts[token]):
                points = list(_code_points(piece))
                state = 0xCBF29CE484222325
                for byte in len(points).to_bytes(8, "little") + b"".join(point.to_bytes(4, "little") for point in points):
                    state = ((state ^ byte) * 0x100000001B3) % 2**64
                out[place] = state % n_buckets
