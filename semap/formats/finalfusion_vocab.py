"""The vocabulary chunk of a finalfusion file in, its words and how it finds n-grams out (src/chunks/vocab in its Rust source)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semap.arrays import AnyArray, TokenIds
from semap.errors import BadFile, SettingsError
from semap.formats.cursor import Cursor
from semap.formats.finalfusion_chunks import KINDS, Chunk, Chunks
from semap.formats.foreign import pack_tokens
from semap.ngrams.ngrams import NGrams
from semap.vocab.tokens import Tokens

__all__ = ["Vocabulary", "read_vocabulary"]

_SIMPLE, _BUCKETS, _FASTTEXT, _EXPLICIT, _FLORET = 1, 3, 7, 8, 9
_MOST_BUCKETS = 2**31 - 1
_LARGEST_EXPONENT = 30


@dataclass(frozen=True)
class Vocabulary:
    """`tokens`: the words; `ngrams`: how others are cut, or None; `n_rows`: of words and n-grams together.

    `buckets`: int32 (S,) rising, the bucket of n-grams that the file names by their letters, and `places`: (S,) their rows
    behind those of the words; None where row i is bucket i.
    """

    tokens: Tokens
    n_rows: int
    ngrams: NGrams | None = None
    buckets: TokenIds | None = None
    places: AnyArray | None = None


def read_vocabulary(chunks: Chunks, chunk: Chunk) -> Vocabulary:
    """Return the vocabulary in a chunk. Raises BadFile."""
    cursor = chunks.at(chunk)
    if chunk.kind == _FLORET:
        what = "a floret vocabulary, which has n-grams and no words"
        raise BadFile(chunks.path, f"{what}; semap reads tables of words: write them out with their vectors", offset=chunk.begin)
    try:
        vocabulary = _simple(cursor) if chunk.kind == _SIMPLE else _with_ngrams(cursor, chunk.kind)
    except SettingsError as failure:
        raise BadFile(chunks.path, f"the {KINDS[chunk.kind]} does not fit: {failure}", offset=chunk.begin) from failure
    cursor.finish(f"the words of the {KINDS[chunk.kind]}")
    return vocabulary


def _simple(cursor: Cursor) -> Vocabulary:
    (n_words,) = cursor.take("Q", "the number of words")
    return Vocabulary(_strings(cursor, n_words, "words")[0], n_words)


def _with_ngrams(cursor: Cursor, kind: int) -> Vocabulary:
    (n_words,) = cursor.take("Q", "the number of words")
    if kind == _EXPLICIT:
        n_ngrams, min_n, max_n = cursor.take("Q I I", "the settings of n-grams")
        tokens, _ = _strings(cursor, n_words, "words")
        return _explicit(cursor, tokens, n_ngrams, NGrams(min_n, max_n, _MOST_BUCKETS))
    min_n, max_n, buckets = cursor.take("I I I", "the settings of n-grams")
    if kind == _BUCKETS:
        if buckets > _LARGEST_EXPONENT:
            raise BadFile(
                cursor.path, f"2^{buckets:,} buckets of n-grams; 2^{_LARGEST_EXPONENT} are the most", offset=cursor.at - 4
            )
        ngrams = NGrams(min_n, max_n, 2**buckets, hash="finalfusion")
    else:
        ngrams = NGrams(min_n, max_n, buckets)
    tokens, _ = _strings(cursor, n_words, "words")
    return Vocabulary(tokens, n_words + ngrams.buckets, ngrams)


def _explicit(cursor: Cursor, tokens: Tokens, n_ngrams: int, ngrams: NGrams) -> Vocabulary:
    """N-grams known by their letters: they are hashed into so many buckets that, but for rare chance, each has its own."""
    letters, places = _strings(cursor, n_ngrams, "n-grams", tail="<u8")
    n_rows = int(places.max()) + 1 if n_ngrams else 0
    if n_rows > n_ngrams:
        raise BadFile(cursor.path, f"an n-gram has row {n_rows - 1:,}, there are {n_ngrams:,} n-grams", offset=cursor.at)
    buckets, first = np.unique(ngrams.buckets_of_strings(letters.data, letters.offsets), return_index=True)
    return Vocabulary(tokens, len(tokens) + n_rows, ngrams, buckets, places[first].astype(np.int64))


def _strings(cursor: Cursor, n_items: int, what: str, tail: str = "V0") -> tuple[Tokens, AnyArray]:
    """Strings behind their lengths, and the number of type `tail` after each."""
    from semap.kernels.native.prefixed import prefixed_spans

    more = np.dtype(tail).itemsize
    cursor.room(n_items * (4 + more), f"{n_items:,} {what}, at least,")
    begins, ends = np.empty((2, n_items), np.int64)
    after = prefixed_spans(cursor.cells, cursor.at, len(cursor.cells), more, begins, ends)
    if after < 0:
        raise BadFile(
            cursor.path, f"number {-1 - after:,} of {n_items:,} {what} does not fit into its chunk: cut short, or damaged"
        )
    cursor.at = after
    tokens = pack_tokens(cursor.cells, begins, ends)
    if not more:
        return tokens, np.empty(0, np.uint64)
    return tokens, cursor.cells[ends[:, None] + np.arange(more)].view(tail)[:, 0] if n_items else np.empty(0, tail)
