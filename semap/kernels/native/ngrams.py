"""Packed tokens in, the buckets of their character n-grams out; the plain twin says what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from semap.kernels.native.jit import inlined, kernel

__all__ = [
    "code_point_buckets",
    "count_ngrams",
    "fasttext_buckets",
    "finalfusion_buckets",
    "floret_buckets",
    "string_buckets",
]

_BEGIN, _END = 60, 62  # "<" and ">"
_FNV_BASIS, _FNV_PRIME = np.uint32(2166136261), np.uint32(16777619)
_LONG_BASIS, _LONG_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_LOW = np.uint64(0xFFFFFFFF)
_M1, _M2 = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)
_A1, _A2 = np.uint64(0x52DCE729), np.uint64(0x38495AB5)
_F1, _F2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)


@inlined
def _begins(byte: Any) -> Any:
    """Whether a byte is the first of a code point."""
    return byte & 0xC0 != 0x80


@kernel
def count_ngrams(data: Any, offsets: Any, min_n: int, max_n: int, first: int, stop: int, counts: Any) -> None:
    """Set counts[i] for first <= i < stop to the number of n-grams of token i between "<" and ">"."""
    for token in range(first, stop):
        points = 2
        for at in range(offsets[token], offsets[token + 1]):
            points += _begins(data[at])
        n_grams = 0
        for n in range(min_n, max_n + 1):
            n_grams += max(0, points - n + 1)
        if min_n == 1:
            n_grams -= 2  # the marks alone are none
        counts[token] = n_grams


@inlined
def _wrap(data: Any, begin: Any, end: Any, word: Any) -> Any:
    """Write "<", a token and ">" to `word`; returns their number of bytes."""
    word[0] = _BEGIN
    for at in range(end - begin):
        word[1 + at] = data[begin + at]
    word[1 + end - begin] = _END
    return end - begin + 2


@inlined
def _past(word: Any, size: Any, at: Any) -> Any:
    """Where the code point after the one at `at` begins."""
    at += 1
    while at < size and not _begins(word[at]):
        at += 1
    return at


@kernel
def fasttext_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on, in fastText's order: by where an n-gram begins, then by length."""
    for token in range(first, stop):
        place = starts[token]
        if starts[token + 1] == place:
            continue
        size = _wrap(data, offsets[token], offsets[token + 1], word)
        for begin in range(size):
            if not _begins(word[begin]):
                continue
            state, end, n = _FNV_BASIS, begin, 1
            while end < size and n <= max_n:
                after = _past(word, size, end)
                for at in range(end, after):  # signed chars, as fastText has them: bytes from 128 on flip all upper bits
                    signed = np.uint32(np.int8(word[at]))
                    state = np.uint32((state ^ signed) * _FNV_PRIME)
                end = after
                if n >= min_n and not (n == 1 and (begin == 0 or end == size)):
                    out[place] = state % np.uint32(n_buckets)
                    place += 1
                n += 1


@inlined
def _turned(bits: Any, by: Any) -> Any:
    return (bits << np.uint64(by)) | (bits >> np.uint64(64 - by))


@inlined
def _finished(bits: Any) -> Any:
    bits = (bits ^ (bits >> np.uint64(33))) * _F1
    bits = (bits ^ (bits >> np.uint64(33))) * _F2
    return bits ^ (bits >> np.uint64(33))


@inlined
def _word_at(word: Any, at: Any, end: Any) -> Any:
    """Up to 8 bytes as a little-endian number."""
    bits = np.uint64(0)
    for place in range(min(8, end - at)):
        bits |= np.uint64(word[at + place]) << np.uint64(8 * place)
    return bits


@inlined
def _murmur(word: Any, begin: Any, end: Any, seed: Any) -> Any:
    """MurmurHash3_x64_128 of word[begin:end] (Appleby 2011): both halves."""
    h1 = h2 = np.uint64(seed)
    at = begin
    while end - at >= 16:
        h1 ^= _turned(_word_at(word, at, end) * _M1, 31) * _M2
        h1 = (_turned(h1, 27) + h2) * np.uint64(5) + _A1
        h2 ^= _turned(_word_at(word, at + 8, end) * _M2, 33) * _M1
        h2 = (_turned(h2, 31) + h1) * np.uint64(5) + _A2
        at += 16
    if end - at > 8:
        h2 ^= _turned(_word_at(word, at + 8, end) * _M2, 33) * _M1
    if end > at:
        h1 ^= _turned(_word_at(word, at, min(end, at + 8)) * _M1, 31) * _M2
    size = np.uint64(end - begin)
    h1, h2 = h1 ^ size, h2 ^ size
    h1 += h2
    h2 += h1
    h1, h2 = _finished(h1), _finished(h2)
    h1 += h2
    return h1, h2 + h1


@inlined
def _put(word: Any, begin: Any, end: Any, n_hashes: Any, seed: Any, n_buckets: Any, place: Any, out: Any) -> Any:
    """Write the buckets of one string; returns the next place."""
    h1, h2 = _murmur(word, begin, end, seed)
    for number in range(n_hashes):
        half = h1 if number < 2 else h2
        part = half >> np.uint64(32) if number & 1 else half & _LOW
        out[place + number] = np.int64(part) % n_buckets
    return place + n_hashes


@kernel
def floret_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, n_hashes: int, seed: int, first: int, stop: int,
    starts: Any, word: Any, out: Any,
) -> None:  # fmt: skip
    """Write `n_hashes` buckets for the whole token i between its marks, and then for each of its n-grams, from starts[i] on."""
    for token in range(first, stop):
        place = starts[token]
        if starts[token + 1] == place:
            continue
        size = _wrap(data, offsets[token], offsets[token + 1], word)
        place = _put(word, 0, size, n_hashes, seed, n_buckets, place, out)
        for begin in range(size):
            if not _begins(word[begin]):
                continue
            end, n = begin, 1
            while end < size and n <= max_n:
                end = _past(word, size, end)
                if n >= min_n and not (n == 1 and (begin == 0 or end == size)):
                    place = _put(word, begin, end, n_hashes, seed, n_buckets, place, out)
                n += 1


@kernel
def string_buckets(data: Any, offsets: Any, n_buckets: int, out: Any) -> None:
    """Set out[i] to the bucket that fastText's hash gives the whole string i, without marks."""
    for string in range(len(out)):
        state = _FNV_BASIS
        for at in range(offsets[string], offsets[string + 1]):
            signed = np.uint32(np.int8(data[at]))
            state = np.uint32((state ^ signed) * _FNV_PRIME)
        out[string] = state % np.uint32(n_buckets)


@inlined
def _code_point(word: Any, at: Any, after: Any) -> Any:
    """The number of the code point in word[at:after]."""
    lead = np.uint32(word[at])
    point = lead if lead < 0x80 else lead & np.uint32(0x7F >> min(after - at, 7))
    for place in range(at + 1, after):
        point = np.uint32((point << np.uint32(6)) | np.uint32(word[place] & 0x3F))
    return point


@kernel
def code_point_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on, as gensim before 3.7 hashed them: "<" and ">" alone count too."""
    for token in range(first, stop):
        place = starts[token]
        if starts[token + 1] == place:
            continue
        size = _wrap(data, offsets[token], offsets[token + 1], word)
        for begin in range(size):
            if not _begins(word[begin]):
                continue
            state, end, n = _FNV_BASIS, begin, 1
            while end < size and n <= max_n:
                after = _past(word, size, end)
                state = np.uint32((state ^ _code_point(word, end, after)) * _FNV_PRIME)
                end = after
                if n >= min_n:
                    out[place] = state % np.uint32(n_buckets)
                    place += 1
                n += 1


@inlined
def _fed(state: Any, number: Any, n_bytes: Any) -> Any:
    """FNV-1a of 64 bits, gone on with the bytes of a number, the lowest first."""
    for place in range(n_bytes):
        byte = (np.uint64(number) >> np.uint64(8 * place)) & np.uint64(0xFF)
        state = (state ^ byte) * _LONG_PRIME
    return state


@kernel
def finalfusion_buckets(
    data: Any, offsets: Any, min_n: int, max_n: int, n_buckets: int, first: int, stop: int, starts: Any, word: Any, out: Any
) -> None:
    """Write the buckets of token i to out from starts[i] on, as finalfusion hashes them: "<" and ">" alone count too."""
    mask = np.uint64(n_buckets - 1)
    for token in range(first, stop):
        place = starts[token]
        if starts[token + 1] == place:
            continue
        size = _wrap(data, offsets[token], offsets[token + 1], word)
        for begin in range(size):
            if not _begins(word[begin]):
                continue
            end, n = begin, 1
            while end < size and n <= max_n:
                end = _past(word, size, end)
                if n >= min_n:
                    state, at = _fed(_LONG_BASIS, n, 8), begin
                    while at < end:
                        after = _past(word, size, at)
                        state = _fed(state, _code_point(word, at, after), 4)
                        at = after
                    out[place] = np.int32(state & mask)
                    place += 1
                n += 1
