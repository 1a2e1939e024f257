"""A tokenizer.json in, an object that turns texts into sub-words and their ids, and ids back into text."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal

import numpy as np

from semap.arrays import Flags, Offsets, TokenIds
from semap.errors import BadFile, FileMissing, SemapWarning, SettingsError, ShapeError
from semap.parallel.crew import thread_count
from semap.progress import Progress, progress_for
from semap.storage.atomic import atomic_file
from semap.text.given import checked_text, checked_texts, readable
from semap.text.source import Source
from semap.text.splitter import Normalize
from semap.tokenize.backend import open_tokenizer
from semap.tokenize.cached import CachedWords
from semap.tokenize.encoding import Encoding, encoding_of, padded
from semap.tokenize.recipe import Kind, Recipe
from semap.vocab.tokens import Tokens

__all__ = ["Tokenizer"]

_KINDS = {"BPE": "bpe", "WordPiece": "wordpiece", "Unigram": "unigram", "WordLevel": "word"}
_PADDING = ("[PAD]", "<pad>", "<|pad|>", "<PAD>")


class Tokenizer:
    """Text to sub-words and back, by the `tokenizers` library (extra `encode`). Immutable; any thread may use it.

    Made by `train`, `load` and `from_json`. What a tokenizer.json says of truncation and padding is left out: both are
    arguments here. `tokens`: the token of each id, in order; an id that the file skips has an empty one.
    """

    def __init__(self, text: str, *, name: str = "tokenizer.json") -> None:
        self._library = open_tokenizer(text, name)
        self._library.no_truncation()
        self._library.no_padding()
        self._json: str = self._library.to_str()
        self.pipeline: dict[str, Any] = json.loads(self._json)

    @classmethod
    def train(
        cls, source: Source, *, kind: Kind = "bpe", vocab_size: int = 30_000, min_count: int = 2, lowercase: bool = False,
        normalize: Normalize | Literal["auto"] | None = "auto", special_tokens: Sequence[str] | None = None, threads: int = 0,
        progress: bool | Progress = False,
    ) -> Tokenizer:  # fmt: skip
        """Learn a tokenizer from texts.

        source: a path, glob, folder, "-", or an iterable of texts or of paths, as for `semap.read_text`; one text a line.
        kind: "bpe" is byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019), which spells any text;
            "wordpiece" merges likewise, with letters for bytes and "##" inside words (the trainer of the `tokenizers` library
            does the same); "unigram" is the language model of Kudo 2018; "word" takes the most frequent words whole.
        vocab_size: tokens at most, special ones included; fewer where nothing comes `min_count` times any more.
        min_count: how often a pair that is merged, a word, or a letter (but for "bpe") must come; rarer letters are unknown.
        lowercase, normalize: as in `semap.text.splitter.Splitter`; "auto" is NFC, but for "bpe" None, so that `decode` returns
            any text as it was.
        special_tokens: the first ids; None for those for padding and for what is unknown, which is added where it is missing.
        threads: more than one is of no use yet; the result has the same bits for any.

        The words are counted first, so that memory grows with the number of different words only. The merges are semap's own:
        those of the library are not the same in every run.
        Raises SettingsError, EmptyCorpus, MissingExtra, and what reading does (FileMissing, BadFile, BadText).
        """
        thread_count(threads)
        recipe = Recipe.of(kind, vocab_size, min_count, lowercase, normalize, special_tokens)
        from semap.tokenize.training import trained_json

        return cls(trained_json(source, recipe, progress_for(progress)))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Tokenizer:
        """Open a tokenizer.json, whoever wrote it. Raises FileMissing, BadFile, MissingExtra."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise FileMissing(f"there is no file {fspath(path)}; a tokenizer is one file, often named tokenizer.json") from None
        except UnicodeDecodeError as failure:
            raise BadFile(path, "is no tokenizer.json: it is not UTF-8", offset=failure.start) from None
        except OSError as failure:
            raise BadFile(path, f"cannot be read: {failure.strerror or failure}") from failure
        return cls(text, name=fspath(path))

    @classmethod
    def from_json(cls, text: str) -> Tokenizer:
        """Return the tokenizer of `to_json`, or of the text of any tokenizer.json. Raises BadFile, MissingExtra."""
        return cls(text)

    def to_json(self) -> str:
        """Return the text of a tokenizer.json that every program with the `tokenizers` library opens."""
        return self._json

    def save(self, path: str | PathLike[str]) -> None:
        """Write `to_json` to a file. Raises CannotWrite."""
        with atomic_file(path) as file:
            file.write(self._json.encode())

    def __repr__(self) -> str:
        return f"Tokenizer({self.kind}, {self.vocab_size:,} tokens)"

    def __len__(self) -> int:
        return self.vocab_size

    @property
    def kind(self) -> str:
        """The model: "bpe", "wordpiece", "unigram" or "word"."""
        name = str(self.pipeline["model"].get("type", ""))
        return _KINDS.get(name, name.lower())

    @cached_property
    def tokens(self) -> Tokens:
        """The token of each id."""
        by_id = {token_id: token for token, token_id in self._library.get_vocab(with_added_tokens=True).items()}
        return Tokens.pack([by_id.get(token_id, "") for token_id in range(max(by_id, default=-1) + 1)])

    @property
    def vocab_size(self) -> int:
        """How many ids there are: the highest + 1, the rows that a table for this tokenizer needs."""
        return len(self.tokens)

    @cached_property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary cannot spell, None where there is none (byte-level BPE spells everything)."""
        model = self.pipeline["model"]
        if model.get("unk_id") is not None:
            return int(model["unk_id"])
        return self._id(model.get("unk_token"))

    @cached_property
    def padding_id(self) -> int | None:
        """The id of the token for padding, found by its name ([PAD], <pad>), None where there is none."""
        return next((found for name in _PADDING if (found := self._id(name)) is not None), None)

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that a tokenizer with another tokenizer.json does not have."""
        return self._fingerprint

    def encode(self, text: str, *, special_tokens: bool = False, max_length: int | None = None) -> Encoding:
        """Return the tokens of one text.

        special_tokens: add what the file's post-processor adds, as [CLS] and [SEP]. max_length: keep so many tokens, added
        ones included; `n_cut` of the result says how many went. A lone surrogate is read as in `semap.text.given.readable`.
        Raises SettingsError (max_length) and BadText for what is no str.
        """
        _check_length(max_length)
        found = self._library.encode(readable(checked_text(text)), add_special_tokens=special_tokens)
        return encoding_of(found, text, max_length)

    def encode_batch(
        self, texts: Iterable[str], *, special_tokens: bool = False, max_length: int | None = None, threads: int = 0
    ) -> list[Encoding]:
        """Return `encode` of each text; warns once with the number of texts that `max_length` cut.

        threads: 1 stays on this thread; any other number leaves it to the library, which has one pool of threads for the process.
        """
        _check_length(max_length)
        batch = _batch(texts)
        found = self.backend_encodings([readable(text) for text in batch], thread_count(threads), special_tokens)
        encodings = [encoding_of(each, text, max_length) for each, text in zip(found, batch, strict=True)]
        lengths = [len(each) + each.n_cut for each in encodings if each.n_cut]
        if lengths:
            warnings.warn(
                f"{len(lengths):,} of {len(batch):,} texts were cut to {max_length:,} tokens, the longest has {max(lengths):,}; "
                "max_length=None keeps them whole",
                SemapWarning,
                stacklevel=2,
            )
        return encodings

    def ids(self, texts: Iterable[str], *, threads: int = 0) -> tuple[TokenIds, Offsets]:
        """Return the ids of all texts, without special tokens and whole: int32 (T,), and their offsets: int64 (B + 1,).

        The same ids as from `encode`, many times faster: see `semap.tokenize.cached.CachedWords`, which this keeps.
        """
        return self._cached.ids_of_batch([readable(text) for text in _batch(texts)], threads)

    def pad(self, batch: Sequence[Encoding], padding_id: int | None = None) -> tuple[TokenIds, Flags]:
        """Return ids int32 (B, T) filled up with `padding_id`, and a mask bool (B, T), True where a token stands.

        padding_id: None for the tokenizer's own. Raises SettingsError where it has none.
        """
        if padding_id is None:
            padding_id = self.padding_id
        if padding_id is None:
            raise SettingsError(f"none of the {self.vocab_size:,} tokens is for padding; give padding_id")
        return padded(batch, padding_id)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens too. Raises ShapeError for an id outside the vocabulary."""
        try:
            numbers = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        except (TypeError, ValueError) as failure:
            raise ShapeError(f"ids are whole numbers in one dimension: {failure}") from None
        if numbers.size and (numbers.ndim != 1 or numbers.dtype.kind not in "iu"):
            raise ShapeError(f"ids are whole numbers in one dimension; got {numbers.dtype} of the shape {numbers.shape}")
        outside = numbers[(numbers < 0) | (numbers >= self.vocab_size)]
        if outside.size:
            raise ShapeError(f"id {outside[0]:,} was given, the tokenizer has ids 0 to {self.vocab_size - 1:,}")
        text: str = self._library.decode(numbers.tolist(), skip_special_tokens=False)
        return text

    @cached_property
    def _cached(self) -> CachedWords:
        return CachedWords(self)

    @cached_property
    def _fingerprint(self) -> str:
        return hashlib.sha256(self._json.encode()).hexdigest()[:16]

    def _id(self, token: str | None) -> int | None:
        found = None if token is None else self._library.token_to_id(token)
        return None if found is None else int(found)

    def backend_encodings(self, texts: Sequence[str], threads: int, special_tokens: bool = False) -> list[Any]:
        """Return what the library finds in texts."""
        if threads == 1:
            return [self._library.encode(text, add_special_tokens=special_tokens) for text in texts]
        return list(self._library.encode_batch(texts, add_special_tokens=special_tokens))

    def backend_ids(self, texts: Sequence[str], threads: int) -> list[list[int]]:
        """Return the ids of texts as the library finds them, without a cache, special tokens and offsets."""
        if threads == 1:
            return [self._library.encode(text, add_special_tokens=False).ids for text in texts]
        return [found.ids for found in self._library.encode_batch_fast(texts, add_special_tokens=False)]


def _batch(texts: Iterable[str]) -> list[str]:
    """Return texts as a list. Raises SettingsError for one text or no iterable, BadText where an item is no str."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise SettingsError(f"a batch is an iterable of texts, not {type(texts).__name__}; give [text] for one text")
    return checked_texts(texts)


def _check_length(max_length: int | None) -> None:
    if max_length is not None and (isinstance(max_length, bool) or not isinstance(max_length, int) or max_length < 1):
        raise SettingsError(f"max_length is {max_length!r}; give a whole number from 1, or None to keep texts whole")
