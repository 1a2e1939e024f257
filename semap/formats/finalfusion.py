"""finalfusion files (`.fifu`) in and out: words, n-grams in buckets or by their letters, dense and quantised matrices.

finalfusion keeps rows of words as unit vectors and their lengths beside them (NdNorms). Where it does, a table has the
vectors as they were before, row times length, and a word that is not in it the mean of the rows of its n-grams; divided by
their lengths these are what finalfusion gives. Where a file has no norms, rows are taken as they stand, and the vector of
a word that is not in it has length 1, as in finalfusion.
"""

from __future__ import annotations

import tomllib
from os import PathLike
from typing import Any

import numpy as np

from semap.errors import BadFile
from semap.formats.fasttext_rows import MappedSubwords
from semap.formats.finalfusion_chunks import MAGIC, VOCABULARIES, Chunks, read_chunks
from semap.formats.finalfusion_rows import ngram_rows, norms_in, rows_in, word_rows
from semap.formats.finalfusion_vocab import Vocabulary, read_vocabulary
from semap.formats.finalfusion_write import write
from semap.formats.foreign import first_tokens, table_from
from semap.storage.safetensors import map_file
from semap.table.rows import Rows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

__all__ = ["NAME", "looks_like", "read", "stream", "write"]

NAME = "finalfusion"
_METADATA = 5
_LONGEST_METADATA = 1 << 18
_MOST_PARTS = 256  # of a dotted key: Python's TOML reader takes time as the square of them
_DEEPEST = 32


def looks_like(content: Any) -> bool:
    """Whether content begins as a finalfusion file does."""
    return bool(content[: len(MAGIC)] == MAGIC)


def read(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Read the words of a file, or the first `limit`; n-grams stay in it, mapped.

    Raises FileMissing, and BadFile, which names the chunk or the byte, what was expected there and what was found.
    """
    return _table(path, limit, in_memory=True)


def stream(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Open a file as `read` does, but rows of words stay in it, too."""
    return _table(path, limit, in_memory=False)


def _table(path: str | PathLike[str], limit: int | None, *, in_memory: bool) -> Table:
    chunks = read_chunks(path, map_file(path))
    vocabulary = read_vocabulary(chunks, chunks.one_of(VOCABULARIES))
    n_words = len(vocabulary.tokens)
    if not n_words:
        raise BadFile(path, "its vocabulary holds no words")
    rows = rows_in(chunks, vocabulary.n_rows)
    norms = norms_in(chunks, n_words)
    tokens = vocabulary.tokens if limit is None else first_tokens(vocabulary.tokens, min(limit, n_words))
    words = word_rows(chunks, rows, norms, len(tokens))
    subwords = None if vocabulary.ngrams is None else _subwords(chunks, vocabulary, rows, unit=norms is None)
    facts = _metadata(chunks)
    return table_from(path, NAME, tokens, words.decode() if in_memory else words, facts=facts, subwords=subwords)


def _subwords(chunks: Chunks, vocabulary: Vocabulary, rows: Rows, *, unit: bool) -> MappedSubwords:
    assert vocabulary.ngrams is not None
    behind = ngram_rows(chunks, rows, len(vocabulary.tokens), vocabulary.places)
    absent: Any = "zero" if vocabulary.buckets is None else "skip"
    return MappedSubwords(chunks.path, SubwordRows(vocabulary.ngrams, behind, vocabulary.buckets, absent, unit), chunks.cells)


def _metadata(chunks: Chunks) -> dict[str, Any]:
    """What the file says of itself, as JSON holds it."""
    cursor = chunks.cursor(_METADATA)
    if cursor is None:
        return {}
    content = cursor.cells[cursor.at :]
    if len(content) > _LONGEST_METADATA:
        raise BadFile(chunks.path, f"metadata of {len(content):,} bytes; {_LONGEST_METADATA:,} are the most", offset=cursor.at)
    text = content.tobytes()
    try:
        if max(line.partition(b"=")[0].count(b".") for line in text.split(b"\n")) > _MOST_PARTS:
            raise ValueError(f"a key has more than {_MOST_PARTS} parts")
        return {"finalfusion": _plain(tomllib.loads(text.decode()))}
    except (ValueError, RecursionError) as failure:
        raise BadFile(chunks.path, f"its metadata is not TOML: {failure}", offset=cursor.at) from failure


def _plain(value: Any, depth: int = 0) -> Any:
    """A value of TOML as JSON has it: dates become text, as do numbers that are not finite."""
    if depth > _DEEPEST:
        raise ValueError(f"values within values, more than {_DEEPEST} deep")
    if isinstance(value, dict):
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
