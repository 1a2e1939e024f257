"""Packed tokens in, the buckets of their character n-grams out; plain twin of `native/ngrams.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["count_ngrams", "fasttext_buckets", "floret_buckets"]


def _pieces(token: bytes, min_n: int, max_n: int) -> Iterator[bytes]:
    """The n-grams of "<token>" by where they begin, then by length; n counts code points, "<" and ">" alone are none."""
    word = b"<" + token + b">"
    starts = [at for at, byte in enumerate(word) if byte & 0xC0 != 0x80] + [len(word)]
    n_points = len(starts) - 1
    for begin in range(n_points):
        for n in range(min_n, min(max_n, n_points - begin) + 1):
            if n > 1 or 0 < begin < n_points - 1:
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
                state = 2166136261
                for byte in piece:
                    signed = byte - 256 if byte >= 128 else byte
                    state = ((state ^ (signed % 2**32)) * 16777619) % 2**32
                out[place] = state % n_buckets


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
