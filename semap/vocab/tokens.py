"""Strings in, one packed sequence of them out, which finds a string's place without a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, overload
from zlib import crc32

import numpy as np

from semap.arrays import Bytes, Offsets, TokenIds
from semap.errors import BadText, SettingsError, ShapeError
from semap.vocab.spelling import nearest_spellings

__all__ = ["Tokens"]

_CHUNK = 1 << 16
_LARGE = 1 << 16  # tokens: from here on a kernel finds many at once; to load it costs as much as a dict of some 100,000
_GUESSES = 12  # then halve: guessing from the hash takes about 4 probes, but a made-up file could make it crawl


class Tokens(Sequence[str]):
    """A sequence of str over packed bytes; a token's place in it is its id.

    `data`: UTF-8 bytes of all tokens, uint8; `offsets`: int64 (V+1,), token i is data[offsets[i]:offsets[i + 1]];
    `lookup`: int32 (V,), the ids sorted by (CRC-32 of the token's bytes, id), made on demand where it is not given.
    Bytes that are not UTF-8 (old files cut words in the middle of a letter) appear as the lone surrogates of Python's
    "surrogateescape", and come back as the same bytes.
    Raises ShapeError where the arrays do not fit each other.
    """

    __slots__ = ("_lookup", "data", "offsets")

    def __init__(self, data: Bytes, offsets: Offsets, lookup: TokenIds | None = None) -> None:
        self.data = _frozen(data, np.uint8)
        self.offsets = _frozen(offsets, np.int64)
        if self.offsets.ndim != 1 or len(self.offsets) == 0 or self.data.ndim != 1:
            raise ShapeError(f"offsets must be (V+1,), they have the shape {self.offsets.shape}")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.data) or np.any(self.offsets[1:] < self.offsets[:-1]):
            raise ShapeError(f"offsets of tokens must rise from 0 to {len(self.data):,}, the bytes there are")
        self._lookup = None if lookup is None else _frozen(lookup, np.int32)
        if self._lookup is not None:
            _check_lookup(self._lookup, len(self))

    @classmethod
    def pack(cls, tokens: Iterable[str]) -> Tokens:
        """Return tokens packed. Raises SettingsError for what is no str, BadText for a str that has no UTF-8 bytes."""
        if isinstance(tokens, Tokens):
            return tokens
        texts = list(tokens)
        strange = next((text for text in texts if not isinstance(text, str)), None)
        if strange is not None:
            raise SettingsError(f"a token is a str, not {type(strange).__name__} {strange!r}; convert ids with str()")
        try:
            pieces = [text.encode("utf-8", "surrogateescape") for text in texts]
        except UnicodeEncodeError as failure:
            raise BadText(f"the token {failure.object!r} cannot be written as UTF-8: {failure.reason}") from failure
        return cls.pack_bytes(pieces)

    @classmethod
    def pack_bytes(cls, pieces: Sequence[bytes]) -> Tokens:
        """Return tokens given as bytes, packed."""
        offsets = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(pieces), np.uint8), offsets)

    @property
    def lookup(self) -> TokenIds:
        """The ids sorted by (CRC-32, id): int32 (V,), read-only."""
        return self._sorted_by(self._hashes()) if self._lookup is None else self._lookup

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if not isinstance(index, slice):
            return self.bytes_of(range(len(self))[index]).decode("utf-8", "surrogateescape")
        start, stop, step = index.indices(len(self))
        if step != 1:
            return [self[token_id] for token_id in range(start, stop, step)]
        return self._decode(start, max(start, stop))

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _CHUNK):
            yield from self._decode(start, min(start + _CHUNK, len(self)))

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and self.find(token) >= 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Tokens):
            return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.data, other.data)
        return isinstance(other, list | tuple) and len(other) == len(self) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:5]))
        return f"Tokens({len(self):,}: {shown}{', ...' if len(self) > 5 else ''})"

    def bytes_of(self, token_id: int) -> bytes:
        """Return the bytes of one token, 0 <= token_id < V."""
        content: bytes = self.data[self.offsets[token_id] : self.offsets[token_id + 1]].tobytes()
        return content

    def find(self, token: str) -> int:
        """Return the id of a token, the smallest where it stands twice, or -1."""
        try:
            sought = token.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return -1
        except AttributeError:
            raise SettingsError(f"a token is a str, not {type(token).__name__} {token!r:.40}; give str(...) of it") from None
        target, lookup = crc32(sought), self.lookup
        for place in range(self._first_place(target), len(self)):
            token_id = int(lookup[place])
            found = self.bytes_of(token_id)
            if found == sought:
                return token_id
            if crc32(found) != target:
                break
        return -1

    def find_all(self, tokens: Iterable[str]) -> TokenIds:
        """Return the ids of tokens, int32 (B,), -1 where one is absent."""
        sought = list(tokens)
        if len(sought) < max(64, len(self) // 32):  # about where a dict of all tokens costs less than the searches
            return np.fromiter(map(self.find, sought), np.int32, len(sought))
        if len(self) >= _LARGE:
            with suppress(SettingsError, BadText):  # what cannot be a token: a dict finds it nowhere
                return self._find_packed(Tokens.pack(sought))
        ids = dict(zip(reversed(list(self)), range(len(self) - 1, -1, -1), strict=True))  # the smallest id wins
        return np.fromiter((ids.get(token, -1) for token in sought), np.int32, len(sought))

    def _find_packed(self, sought: Tokens) -> TokenIds:
        """The ids of tokens: their hashes are looked for among all, sorted, and kernels compare bytes where they are equal."""
        from semap.kernels.native.finding import match_tokens
        from semap.kernels.native.packedrows import hash_tokens

        hashes, targets = np.empty(len(self), np.uint32), np.empty(len(sought), np.uint32)
        hash_tokens(self.data, self.offsets, hashes)
        hash_tokens(sought.data, sought.offsets, targets)
        lookup = self._sorted_by(hashes) if self._lookup is None else self._lookup
        hashes.sort()
        places, ids = np.searchsorted(hashes, targets), np.empty(len(sought), np.int32)
        match_tokens(self.data, self.offsets, lookup, hashes, sought.data, sought.offsets, targets, places, ids)
        return ids

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return the id of a token as list.index does. Raises ValueError where it is absent."""
        token_id = self.find(value) if isinstance(value, str) else -1
        if token_id < 0 or token_id not in range(len(self))[start:stop]:
            raise ValueError(f"{value!r} is not among the tokens")
        return token_id

    def nearest(self, token: str, n: int = 3) -> list[str]:
        """Return up to `n` tokens spelled most like `token`, itself left out; of equally near ones the first."""
        sought = np.frombuffer(token.encode("utf-8", "replace"), np.uint8)
        return [self[int(token_id)] for token_id in nearest_spellings(sought, self.data, self.offsets, n)]

    def duplicates(self, hashes: Any = None) -> TokenIds:
        """Return the ids of tokens that have stood before, rising: int32, empty where every token is unique.

        `hashes`: CRC-32 of every token, uint32 (V,), where the caller has them already.
        """
        hashes = self._hashes() if hashes is None else hashes
        lookup = self._sorted_by(hashes) if self._lookup is None else self._lookup
        ordered = hashes[lookup]
        twins = np.flatnonzero(ordered[1:] == ordered[:-1])  # few: equal tokens, and the odd chance meeting of two
        seen: set[bytes] = {self.bytes_of(token_id) for token_id in lookup[twins[:1]].tolist()}
        found = []
        for place in twins.tolist():
            if not place or ordered[place] != ordered[place - 1]:
                seen = {self.bytes_of(int(lookup[place]))}
            token_id = int(lookup[place + 1])
            content = self.bytes_of(token_id)
            if content in seen:
                found.append(token_id)
            seen.add(content)
        return np.array(sorted(found), np.int32)

    def _sorted_by(self, hashes: Any) -> TokenIds:
        # Sorting hash and id as one number is several times faster than a stable argsort.
        keys = np.sort(hashes.astype(np.uint64) << np.uint64(32) | np.arange(len(self), dtype=np.uint64))
        lookup: TokenIds = _frozen(keys & np.uint64(0xFFFFFFFF), np.int32)
        self._lookup = lookup
        return lookup

    def _hashes(self) -> Any:
        """CRC-32 of every token: uint32 (V,)."""
        blob, bounds = self.data.tobytes(), self.offsets.tolist()
        return np.fromiter((crc32(blob[begin:end]) for begin, end in pairwise(bounds)), np.uint32, len(self))

    def _first_place(self, target: int) -> int:
        """The first place of `lookup` whose hash is not below `target`; hashes are evenly spread: guess, then halve."""
        low, high, below, above = 0, len(self), -1, 1 << 32
        lookup, guesses = self.lookup, _GUESSES
        while low < high:
            if guesses:
                middle = low + (target - below) * (high - low) // (above - below + 1)
                guesses -= 1
            else:
                middle = (low + high) // 2
            middle = min(max(middle, low), high - 1)
            found = crc32(self.bytes_of(int(lookup[middle])))
            if found < target:
                low, below = middle + 1, found
            else:
                high, above = middle, found
        return low

    def _decode(self, start: int, stop: int) -> list[str]:
        """Tokens start..stop: one decoding of their bytes, then slices of the text."""
        bounds = self.offsets[start : stop + 1]
        if start >= stop:
            return []
        content = self.data[bounds[0] : bounds[-1]]
        bounds = bounds - bounds[0]
        begins = np.zeros(len(content) + 1, np.int64)
        np.cumsum((content & 0xC0) != 0x80, out=begins[1:])  # letters that begin before each byte
        inner = bounds[bounds < len(content)]
        try:
            if np.any((content[inner] & 0xC0) == 0x80):  # a token begins inside a letter
                raise ValueError
            text = content.tobytes().decode()
        except ValueError:
            blob = content.tobytes()
            return [blob[begin:end].decode("utf-8", "surrogateescape") for begin, end in pairwise(bounds.tolist())]
        return [text[begin:end] for begin, end in pairwise(begins[bounds].tolist())]


def _frozen(array: Any, dtype: Any) -> Any:
    """A read-only view where the array fits, else a copy."""
    fitting = np.require(array, dtype, ["C", "A"]).view()
    fitting.flags.writeable = False
    return fitting


def _check_lookup(lookup: TokenIds, n_tokens: int) -> None:
    if lookup.shape != (n_tokens,):
        raise ShapeError(f"the lookup has the shape {lookup.shape}, there are {n_tokens:,} tokens")
    if n_tokens and (lookup.min() < 0 or lookup.max() >= n_tokens):
        raise ShapeError(f"the lookup names token {lookup.min()} or {lookup.max():,}, there are {n_tokens:,}")
