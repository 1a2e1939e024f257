"""Texts in, the words that a pipeline's model would see out, with their counts; memory grows with the different words only."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from semap.arrays import Counts64
from semap.errors import EmptyCorpus, SemapWarning, SettingsError
from semap.progress import Progress
from semap.text.chunks import CHUNK_BYTES, Chunk
from semap.text.source import Files, Source, Texts, find_source
from semap.tokenize.cutting import Cutting
from semap.tokenize.pieces import Pieces

__all__ = ["count_words", "lines_of"]

_REPLACED = "\ufffd".encode()


def count_words(source: Source, library: Any, cutting: Cutting, shown: Progress) -> Counter[str]:
    """Count the words of texts, each line one text, as the library normalises and pre-tokenises them.

    Pieces between blanks are counted first, many millions a second; the library then sees each different piece once. A line
    with blanks out of the ordinary goes to the library whole. Raises what `find_source` does, SettingsError for lists of
    tokens, EmptyCorpus; warns once of bytes that are not UTF-8, and of files in a folder that were not read.
    """
    found = find_source(source, "replace")
    if not isinstance(found, Files | Texts):
        raise SettingsError("a tokenizer learns from texts, not from lists of tokens; join them, as with ' '.join(tokens)")
    pieces, counts = Pieces(cutting, ()), np.zeros(0, np.int64)
    words: Counter[str] = Counter()
    shown.start("counting", found.n_bytes if isinstance(found, Files) else 0, "bytes")
    n_bytes = n_replaced = 0
    try:
        for lines, replaced in lines_of(found.chunks()):
            cut = pieces.cut(lines)
            counts = _added(counts, np.bincount(cut.numbers, minlength=2 * len(pieces)))
            for line in np.flatnonzero(cut.whole).tolist():
                _split(library, lines[line].decode(), 1, words)
            n_bytes, n_replaced = n_bytes + sum(map(len, lines)), n_replaced + replaced
            shown.update(found.bytes_done if isinstance(found, Files) else n_bytes)
    finally:
        shown.finish()
    _split_pieces(library, pieces, counts, words)
    if not words:
        raise EmptyCorpus(f"the source holds no word: {n_bytes:,} bytes were read; give texts with words in them")
    remarks = [f"not read: {', '.join(found.left_out)}"] if isinstance(found, Files) and found.left_out else []
    if n_replaced:
        remarks.append(f"{n_replaced:,} times bytes that are not UTF-8 were replaced by U+FFFD; convert the text")
    for remark in remarks:
        warnings.warn(remark, SemapWarning, stacklevel=4)
    return words


def lines_of(chunks: Iterator[Chunk]) -> Iterator[tuple[list[bytes], int]]:
    """Cut chunks into lines of UTF-8, some megabytes of them at once, with the number of U+FFFD that stand for what is none.

    A line that is longer than a chunk is cut at a space, which goes.
    """
    rest = b""
    for chunk in chunks:
        if chunk.begins and rest:
            yield _repaired(rest.split(b"\n"))
            rest = b""
        data = rest + chunk.data
        end = data.rfind(b"\n")
        if end < 0 and len(data) > CHUNK_BYTES:
            end = data.rfind(b" ")
        if end < 0:
            rest = data
            continue
        rest = data[end + 1 :]
        yield _repaired(data[:end].split(b"\n"))
    if rest:
        yield _repaired(rest.split(b"\n"))


def _repaired(lines: list[bytes]) -> tuple[list[bytes], int]:
    whole = b"\n".join(lines)
    if b"\r" in whole:
        lines = [line.removesuffix(b"\r") for line in lines]
    try:
        whole.decode()
    except UnicodeDecodeError:
        repaired = [line.decode("utf-8", "replace").encode() for line in lines]
        return repaired, b"\n".join(repaired).count(_REPLACED) - whole.count(_REPLACED)
    return lines, 0


def _added(counts: Counts64, more: Counts64) -> Counts64:
    if len(counts) < len(more):
        counts = np.concatenate([counts, np.zeros(len(more) - len(counts), np.int64)])
    counts[: len(more)] += more
    return counts


def _split_pieces(library: Any, pieces: Pieces, counts: Counts64, words: Counter[str]) -> None:
    """Let the library split pieces: many as one text, where they come equally often."""
    numbers = np.flatnonzero(counts)
    order = numbers[np.argsort(counts[numbers], kind="stable")]
    for count, group in groupby(order.tolist(), lambda number: int(counts[number])):
        for joined in pieces.joined(list(group)):
            _split(library, joined.text, count, words)


def _split(library: Any, text: str, count: int, words: Counter[str]) -> None:
    """Add the words of a text, each `count` times."""
    normalized = text if library.normalizer is None else library.normalizer.normalize_str(text)
    for word, _ in library.pre_tokenizer.pre_tokenize_str(normalized):
        words[word] += count
