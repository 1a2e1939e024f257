"""A FastText object of gensim in, the rows of its n-grams out, and its word vectors where gensim did not store them."""

from __future__ import annotations

import warnings
from os import fspath
from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import BadFile, SemapWarning, SettingsError
from semap.formats.fasttext_rows import PickedRows
from semap.formats.filerows import check_finite
from semap.formats.foreign import pack_tokens
from semap.formats.gensim_record import Attributes, checked
from semap.formats.pickled_arrays import number_in, text_in
from semap.formats.pickled_machine import Pairs
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.vocab.tokens import Tokens

__all__ = ["composed_rows", "subwords_of"]

_ROWS = ("vectors_ngrams", "syn0_ngrams", "syn0_all")  # gensim 3.3 and later, 3.0 to 3.2, the wrapper of 1.0 to 2.3
_MOST_BUCKETS = 2**31 - 1
_LONGEST_NGRAM = 1 << 6


def subwords_of(words: Attributes, root: Attributes) -> SubwordRows | None:
    """Return the n-gram rows of a FastText object `words` of the model `root`, or None where it has none.

    gensim kept them in three ways: a row a bucket (3.8 and later), a row for each bucket that was used with a map `hash2index`,
    and (to 3.2) a row for each n-gram that stands in a word, with a map `ngrams` of their letters; in these, n-grams that the
    map lacks do not count in a mean. Before 3.7 (`compatible_hash` false) n-grams were hashed by their code points, which
    differs from fastText's hash in letters beyond ASCII. Raises BadFile and FileMissing.
    """
    name = next((name for name in _ROWS if name in words), None)
    if name is None or (found := words.array(name, (None, None))) is None:
        return None
    if not len(found):
        return None
    rows = _rows_of(words, found)
    by_letters, by_bucket = words.pairs("ngrams"), words.pairs("hash2index")
    try:
        if by_letters is not None and len(by_letters.keys):
            return _by_letters(words, by_letters, rows, _lengths(words, root))
        if by_bucket is not None:
            return _by_bucket(words, by_bucket, rows, NGrams(*_lengths(words, root), _buckets(words, root), _hash(words, root)))
        n_buckets = _buckets(words, root)
        if n_buckets != len(rows):
            raise BadFile(words.path, f"it has {n_buckets:,} buckets of n-grams, but {len(rows):,} rows of {name}")
        return SubwordRows(NGrams(*_lengths(words, root), n_buckets, _hash(words, root)), StoredRows(rows))
    except SettingsError as failure:
        raise BadFile(words.path, f"its n-grams do not fit: {failure}") from failure


def composed_rows(words: Attributes, tokens: Tokens, n_rows: int, subwords: SubwordRows | None, threads: int) -> PickedRows:
    """Return the vectors of words: the means of a word's own row and those of its n-grams, made when they are asked for.

    gensim 4 stores only these (Bojanowski et al. 2017, section 3.2). "</s>" has no n-grams, as in fastText; gensim gives it some.
    """
    found = words.array("vectors_vocab", (n_rows, None if subwords is None else subwords.dim))
    if found is None:
        what = ", ".join(words.names) or "nothing"
        raise BadFile(words.path, f"{words.name} has no vectors of words (vectors, syn0, vectors_vocab); it has {what}")
    own = checked(words.path, found)

    def pick(numbers: AnyArray) -> FloatMatrix:
        """Compose some rows."""
        sums: FloatMatrix = np.array(own[numbers], np.float32)
        if subwords is not None:
            packed = pack_tokens(tokens.data, tokens.offsets[numbers], tokens.offsets[numbers + 1])
            places, starts = subwords.places(packed.data, packed.offsets)
            subwords.add_to(sums, places, starts, threads)
            sums /= (np.diff(starts) + 1).astype(np.float32)[:, None]
        check_finite(words.path, sums, int(numbers[0]) if len(numbers) else 0)
        return sums

    return PickedRows.of(len(tokens), own.shape[1], pick, own if subwords is None else subwords.rows.values)


def _rows_of(words: Attributes, found: AnyArray) -> FloatMatrix:
    """float32 rows, mapped where they are that already; whether they are finite is seen where they are used."""
    with np.errstate(over="ignore"):
        rows: FloatMatrix = np.require(checked(words.path, found), np.dtype("<f4"), ["C", "A"])
    return rows


def _lengths(words: Attributes, root: Attributes) -> tuple[int, int]:
    return _setting("min_n", words, root), _setting("max_n", words, root)


def _buckets(words: Attributes, root: Attributes) -> int:
    trainables = root.part("trainables")
    return _setting("bucket", words, root, *([] if trainables is None else [trainables]))


def _setting(name: str, *places: Attributes) -> int:
    found = next((number for each in places if (number := each.number(name)) is not None), None)
    if found is None:
        raise BadFile(places[0].path, f"{places[0].name} has rows of n-grams, but no {name}")
    return found


def _hash(words: Attributes, root: Attributes) -> Any:
    compatible = any(each.value("compatible_hash") is True for each in (words, root))
    return "fasttext" if compatible else "code-points"


def _by_bucket(words: Attributes, pairs: Pairs, rows: FloatMatrix, ngrams: NGrams) -> SubwordRows:
    """Rows in the order of their buckets."""
    places = _numbers(words, "hash2index", "rows", pairs.values, len(rows))
    buckets = _numbers(words, "hash2index", "buckets", pairs.keys, ngrams.buckets)
    order = np.argsort(buckets, kind="stable")
    buckets = buckets[order]
    if (buckets[1:] == buckets[:-1]).any():
        raise BadFile(words.path, f"hash2index of {words.name} names a bucket twice")
    return SubwordRows(ngrams, StoredRows(rows[places[order]]), buckets.astype(np.int32), absent="skip")


def _by_letters(words: Attributes, pairs: Pairs, rows: FloatMatrix, lengths: tuple[int, int]) -> SubwordRows:
    """Rows of n-grams that are known by their letters: these are hashed into so many buckets that each has one of its own."""
    places = _numbers(words, "ngrams", "rows", pairs.values, len(rows))
    letters = [_letters(words, key) for key in pairs.keys]
    ngrams = NGrams(*lengths, _MOST_BUCKETS)
    packed = Tokens.pack_bytes(letters)
    buckets, first = np.unique(ngrams.buckets_of_strings(packed.data, packed.offsets), return_index=True)
    if len(buckets) < len(letters):
        told = f"{len(letters) - len(buckets):,} of {len(letters):,} n-grams, which share a hash with another"
        warnings.warn(f"{fspath(words.path)}: left out {told}", SemapWarning, stacklevel=5)
    return SubwordRows(ngrams, StoredRows(rows[places[first]]), buckets, absent="skip")


def _letters(words: Attributes, key: Any) -> bytes:
    """The bytes of an n-gram; a long one is none of gensim's, and might stand there a million times."""
    text = text_in(key)
    if text is None or len(text) > _LONGEST_NGRAM:
        found = type(key).__name__ if text is None else f"a text of {len(text):,} characters"
        raise BadFile(words.path, f"ngrams of {words.name} names {found}; expected texts of 1 to {_LONGEST_NGRAM:,} characters")
    return key if isinstance(key, bytes) else text.encode("utf-8", "replace")


def _numbers(words: Attributes, name: str, what: str, values: list[Any], stop: int) -> Any:
    """Whole numbers from 0 to `stop` - 1: int64 (S,)."""
    numbers = [number_in(value) for value in values]
    wrong = next((number for number in numbers if number is None or not 0 <= number < stop), 0)
    if wrong != 0:
        raise BadFile(words.path, f"{name} of {words.name} names {str(wrong)[:40]}, there are {stop:,} {what}")
    return np.array(numbers, np.int64)
