"""Texts in, their ids out: the same as from the `tokenizers` library, which is asked only once for each word."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from semap.arrays import Offsets, TokenIds
from semap.parallel.crew import thread_count
from semap.tokenize.cutting import Cutting, cutting_of

if TYPE_CHECKING:  # loads the compiler of the kernels
    from semap.tokenize.pieces import Pieces
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["CachedWords"]

_MOST_PIECES = 1 << 20
_MOST_BYTES = 1 << 26
_BYTES_AT_ONCE = 1 << 22


class CachedWords:
    """The ids of texts for one tokenizer, without special tokens; any thread may ask.

    Where the pipeline allows it (`semap.tokenize.cutting`) texts are cut at blanks, and the ids of each piece are kept: the
    library found them, so that they are equal to what it finds for the whole text. Other pipelines, and texts with blanks
    out of the ordinary, go to the library whole. The cache is emptied once it has met 1,048,576 different pieces or 64 MB
    of them, looked at every 4 MB of text: it never holds more than that and the pieces of 4 MB.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.cutting = cutting_of(tokenizer.pipeline)
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def ids_of(self, text: str) -> TokenIds:
        """Return the ids of one text: int32 (n,)."""
        return self.ids_of_batch([text], 1)[0]

    def ids_of_batch(self, texts: Sequence[str], threads: int = 0) -> tuple[TokenIds, Offsets]:
        """Return the ids of all texts, int32 (T,), and where each text begins and the last ends, int64 (B + 1,).

        threads: as in `Tokenizer.encode_batch`. Raises UnicodeEncodeError for a lone surrogate (`Tokenizer.ids` replaces them).
        """
        threads = thread_count(threads)
        if self.cutting is Cutting.NEVER:
            return _flat(self._tokenizer.backend_ids(texts, threads))
        parts = [self._ids_of_part(part, threads) for part in _parts([text.encode() for text in texts])]
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(ids) for ids, _ in parts)])
        ends = [offsets[1:] + start for (_, offsets), start in zip(parts, starts, strict=False)]
        none = np.empty(0, np.int32)
        return np.concatenate([none, *(ids for ids, _ in parts)]), np.concatenate([np.zeros(1, np.int64), *ends])

    def _ids_of_part(self, texts: list[bytes], threads: int) -> tuple[TokenIds, Offsets]:
        with self._lock:
            if self._known is None or self._known.full():
                self._known = _Known(self._tokenizer, self.cutting)
            return self._known.ids_of(texts, threads)


class _Known:
    """Pieces and their ids: piece number n (of `Pieces.cut`) has the entry entries[n], below 0 where it was never asked for;
    entry e has the ids pool[starts[e] : starts[e + 1]].
    """

    def __init__(self, tokenizer: Tokenizer, cutting: Cutting) -> None:
        from semap.tokenize.pieces import Pieces

        self._tokenizer, self._cutting = tokenizer, cutting
        added = [token["content"].encode() for token in tokenizer.pipeline.get("added_tokens") or ()]
        self._pieces: Pieces = Pieces(cutting, added)
        self._entries: TokenIds = np.empty(0, np.int32)
        self._starts: Offsets = np.zeros(1, np.int64)
        self._pool: TokenIds = np.empty(0, np.int32)

    def full(self) -> bool:
        """Whether it is time to begin anew."""
        return len(self._pieces) > _MOST_PIECES or int(self._pieces.types.starts[-1]) > _MOST_BYTES

    def ids_of(self, texts: list[bytes], threads: int) -> tuple[TokenIds, Offsets]:
        """Return the ids of some texts and their offsets."""
        from semap.kernels.native.pieces import spread

        cut = self._pieces.cut(texts)
        entries = self._entries_of(cut.numbers, threads)
        asked = np.flatnonzero(cut.whole)
        found = self._tokenizer.backend_ids([texts[text].decode() for text in asked.tolist()], threads) if len(asked) else []
        ends = np.zeros(len(entries) + 1, np.int64)
        np.cumsum((self._starts[1:] - self._starts[:-1])[entries], out=ends[1:])
        lengths = ends[cut.offsets[1:]] - ends[cut.offsets[:-1]]
        lengths[asked] = [len(ids) for ids in found]
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        ids = np.empty(offsets[-1], np.int32)
        spread(entries, cut.offsets, self._starts, self._pool, ids, offsets)
        for text, more in zip(asked.tolist(), found, strict=True):
            ids[offsets[text] : offsets[text + 1]] = more
        return ids, offsets

    def _entries_of(self, numbers: TokenIds, threads: int) -> TokenIds:
        """The entries of pieces; the library is asked for those that are new."""
        if len(self._entries) < 2 * len(self._pieces):
            grown = np.full(4 * len(self._pieces), -1, np.int32)
            grown[: len(self._entries)] = self._entries
            self._entries = grown
        entries = self._entries[numbers]
        new = np.unique(numbers[entries < 0])
        if len(new):
            ids, offsets = self._ask(new, threads)
            self._entries[new] = np.arange(len(self._starts) - 1, len(self._starts) - 1 + len(new), dtype=np.int32)
            self._starts = np.concatenate([self._starts, self._starts[-1] + offsets[1:]])
            self._pool = np.concatenate([self._pool, ids])
            entries = self._entries[numbers]
        return entries

    def _ask(self, numbers: TokenIds, threads: int) -> tuple[TokenIds, Offsets]:
        """The ids of pieces from the library, many pieces as one text: a call for each would take longer than the work."""
        groups = list(self._pieces.joined(numbers.tolist()))
        found: list[list[int]] = [[] for _ in range(len(numbers))]
        encodings = self._tokenizer.backend_encodings([group.text for group in groups], threads)
        for (places, _, ends), encoding in zip(groups, encodings, strict=True):
            if len(places) == 1:
                found[places[0]] = encoding.ids
                continue
            at = 0
            for token_id, (start, _) in zip(encoding.ids, encoding.offsets, strict=True):
                while start >= ends[at]:
                    at += 1
                found[places[at]].append(token_id)
        return _flat(found)


def _parts(texts: list[bytes]) -> Iterator[list[bytes]]:
    """Consecutive texts of some megabytes in all; a longer text is a part of its own."""
    part: list[bytes] = []
    n_bytes = 0
    for text in texts:
        if part and n_bytes + len(text) > _BYTES_AT_ONCE:
            yield part
            part, n_bytes = [], 0
        part.append(text)
        n_bytes += len(text)
    if part:
        yield part


def _flat(found: list[list[int]]) -> tuple[TokenIds, Offsets]:
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum([len(ids) for ids in found], out=offsets[1:])
    flat = np.fromiter((token_id for ids in found for token_id in ids), np.int32, int(offsets[-1]))
    return flat, offsets
