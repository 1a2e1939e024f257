"""Token ids of all texts in one array: held, looked up, saved and opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Offsets, TokenIds
from semap.corpus.blocks import Span
from semap.errors import BadFile, ShapeError
from semap.storage.container import open_container, write
from semap.text.splitter import Splitter
from semap.tokenize.subwords import SubWords
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["Corpus"]

_KIND = "corpus"
_IDS_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """N texts as T token ids; text n is ids[offsets[n] : offsets[n + 1]].

    ids: int32 (T,), 0 <= id < V. offsets: int64 (N + 1,), rising from 0 to T; no text is empty. vocab: the V tokens.
    splitter: how text became tokens (SubWords: by a tokenizer), None where they were given. facts: what was read and left
    out, in numbers.
    The arrays are kept as they are, read-only, mapped or not. Raises ShapeError where they do not fit each other.
    """

    ids: TokenIds
    offsets: Offsets
    vocab: Vocab
    splitter: Splitter | SubWords | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", _frozen(self.ids, np.int32))
        object.__setattr__(self, "offsets", _frozen(self.offsets, np.int64))
        _check_offsets(self.offsets, len(self.ids))
        _check_ids(self.ids, len(self.vocab))

    @property
    def n_tokens(self) -> int:
        """T: tokens of all texts."""
        return len(self.ids)

    @property
    def n_texts(self) -> int:
        """N: how many texts there are."""
        return len(self.offsets) - 1

    def __len__(self) -> int:
        return self.n_texts

    def __getitem__(self, text: int) -> TokenIds:
        """Return the ids of one text, a view: int32. Raises IndexError."""
        at = range(self.n_texts)[text]
        return self.ids[self.offsets[at] : self.offsets[at + 1]]

    def texts(self) -> Iterator[TokenIds]:
        """Iterate over the texts, each a view of its ids: int32."""
        return (self[text] for text in range(self.n_texts))

    def __repr__(self) -> str:
        return f"Corpus({self.n_texts:,} texts, {self.n_tokens:,} tokens, {len(self.vocab):,} of them different)"

    def read(self, epoch: int, start: int, stop: int) -> Span:
        """Return all texts; nothing is copied, so there is no reason to look for those that overlap start .. stop."""
        return Span(self.ids, self.offsets, 0)

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that another corpus (ids, offsets or tokens differ) does not have.

        Reads the whole corpus the first time, about 1 s for a billion bytes; a saved corpus knows it.
        """
        return self._fingerprint

    def save(self, path: str | PathLike[str]) -> None:
        """Write the corpus to a file that `open` maps. Raises CannotWrite."""
        arrays: dict[str, AnyArray] = {
            "ids": self.ids, "offsets": self.offsets,
            "tokens": self.vocab.tokens.data, "token_offsets": self.vocab.tokens.offsets,
            "token_lookup": self.vocab.tokens.lookup, "counts": self.vocab.counts,
        }  # fmt: skip
        splitter = None if self.splitter is None else self.splitter.to_json()
        facts = {"kind": _KIND, "text": splitter, "facts": dict(self.facts), "fingerprint": self.fingerprint()}
        write(path, arrays, facts)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Corpus:
        """Map a corpus that `save` wrote; its ids stay on disk, and are looked through once for one that is no token's.

        Raises FileMissing, BadFile, NewerVersion.
        """
        container = open_container(path)
        arrays, metadata = container.arrays, container.metadata
        if metadata.get("kind") != _KIND:
            kind = metadata.get("kind", "something else")
            raise BadFile(fspath(path), f"is no corpus but {kind}; a corpus comes from Corpus.save")
        try:
            tokens = Tokens(arrays["tokens"], arrays["token_offsets"], arrays["token_lookup"])
            splitter = _splitter(metadata["text"])
            vocab = Vocab(tokens, arrays["counts"])
            corpus = cls(arrays["ids"], arrays["offsets"], vocab, splitter, metadata["facts"])
            corpus.__dict__["_fingerprint"] = str(metadata["fingerprint"])
        except KeyError as failure:
            raise BadFile(fspath(path), f"has no {failure.args[0]!r}, which every corpus has") from None
        except (ValueError, TypeError) as failure:
            raise BadFile(fspath(path), f"its parts do not fit each other: {failure}") from failure
        return corpus

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for array in (self.ids, self.offsets, self.vocab.tokens.data, self.vocab.tokens.offsets):
            digest.update(len(array).to_bytes(8, "little"))
            for start in range(0, len(array), _IDS_AT_ONCE):
                part = array[start : start + _IDS_AT_ONCE]
                digest.update(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)
        return digest.hexdigest()[:16]


def _splitter(settings: Any) -> Splitter | SubWords | None:
    if SubWords.are_in(settings):
        return SubWords.from_json(settings)
    return None if settings is None else Splitter.from_json(settings)


def _frozen(array: Any, dtype: type[np.signedinteger[Any]]) -> Any:
    """A read-only view of an array of whole numbers, converted where it must be."""
    given = np.asarray(array)
    if given.ndim != 1 or (given.dtype.kind not in "iu" and len(given)):
        raise ShapeError(f"ids and offsets are whole numbers in one dimension; got {given.dtype} of the shape {given.shape}")
    if given.dtype != dtype and len(given) and not (np.iinfo(dtype).min <= given.min() <= given.max() <= np.iinfo(dtype).max):
        raise ShapeError(f"{given.min():,} .. {given.max():,} do not fit {np.dtype(dtype).name}")
    view = np.require(given, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view


def _check_offsets(offsets: Offsets, n_tokens: int) -> None:
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != n_tokens:
        ends = f"{offsets[0]:,} .. {offsets[-1]:,}" if len(offsets) else "nothing"
        raise ShapeError(f"offsets must go from 0 to {n_tokens:,}, the number of ids; they go {ends}")
    for start in range(0, len(offsets) - 1, _IDS_AT_ONCE):
        part = offsets[start : start + _IDS_AT_ONCE + 1]
        if np.any(part[1:] <= part[:-1]):
            text = start + int(np.argmax(part[1:] <= part[:-1]))
            raise ShapeError(f"offsets must rise: text {text:,} goes from {offsets[text]:,} to {offsets[text + 1]:,}")


def _check_ids(ids: TokenIds, n_tokens: int) -> None:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        if part.min() < 0 or part.max() >= n_tokens:
            raise ShapeError(f"ids go from {part.min():,} to {part.max():,}; the vocabulary has {n_tokens:,} tokens")
