"""Phrases and their scores: held, applied to lists of tokens and to a corpus, saved and opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import AnyArray, Counts64, DoubleVector, Offsets, TokenIds
from semap.errors import BadFile, SettingsError, ShapeError
from semap.storage.container import open_container, write
from semap.vocab.tokens import Tokens

if TYPE_CHECKING:  # loads the compiler of the kernels
    from semap.corpus.corpus import Corpus
    from semap.corpus.neighbours import Neighbours

__all__ = ["PhraseModel"]

_KIND = "phrases"


class PhraseModel:
    """What `Phrases.fit` found: P phrases by falling score.

    words: the tokens that phrases are made of. parts: int32, phrase p is words parts[offsets[p] : offsets[p + 1]], two or, with
    connectors between them, more; offsets: int64 (P + 1,). scores: float64 (P,). counts: int64 (P,), how often each came.
    settings: those of the Phrases; facts: what was counted. Raises ShapeError where they do not fit each other.
    """

    def __init__(
        self, words: Tokens, parts: TokenIds, offsets: Offsets, scores: DoubleVector, counts: Counts64,
        settings: Mapping[str, Any], facts: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.words, self.parts, self.offsets = words, _whole("parts", parts, np.int32), _whole("offsets", offsets, np.int64)
        self.scores, self.counts = np.asarray(scores, np.float64), _whole("counts", counts, np.int64)
        self.settings, self.facts = dict(settings), dict(facts)
        self.connectors, self.delimiter = tuple(self.settings["connectors"]), self.settings["delimiter"]
        if not all(isinstance(text, str) for text in (*self.connectors, self.delimiter)):
            told = f"{self.connectors!r:.60}, {self.delimiter!r:.60}"
            raise ShapeError(f"connectors and the delimiter must be text; they are {told}")
        self._check_sizes()
        self._check_places()

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        return f"PhraseModel({len(self):,} phrases)"

    @cached_property
    def phrases(self) -> dict[str, float]:
        """The score of each phrase, its words joined by the delimiter, by falling score."""
        found: dict[str, float] = {}
        for parts, score in zip(self.words_of_phrases(), self.scores.tolist(), strict=True):
            found.setdefault(self.delimiter.join(parts), score)
        return found

    def words_of_phrases(self) -> list[tuple[str, ...]]:
        """Return the words of each phrase."""
        words, bounds, parts = list(self.words), self.offsets.tolist(), self.parts.tolist()
        return [tuple(words[part] for part in parts[a:b]) for a, b in pairwise(bounds)]

    def join(self, tokens: Iterable[str]) -> list[str]:
        """Return the tokens of a text with its phrases joined, from left to right; a token of a phrase is in no other.

        Raises SettingsError for a str, and for what is no list of tokens.
        """
        if isinstance(tokens, str) or not isinstance(tokens, Iterable):
            raise SettingsError(f"join takes the tokens of a text, not {type(tokens).__name__} {tokens!r:.40}; split it first")
        joined: list[str] = []
        held: list[str] = []  # a word and the connectors after it, which may begin a phrase
        for token in tokens:
            if not isinstance(token, str):
                raise SettingsError(f"join takes the tokens of a text, but one is {type(token).__name__} {token!r:.40}")
            if token in self._between:
                (held if held else joined).append(token)
                continue
            phrase = self._joined.get((*held, token)) if held else None
            if phrase is not None:
                joined.append(phrase)
                held = []
            else:
                joined += held
                held = [token]
        return joined + held

    def apply(self, corpus: Corpus, *, min_count: int | None = None, max_size: int | None = None, threads: int = 0) -> Corpus:
        """Return the corpus with its phrases joined, as `join` does it, and a vocabulary counted anew.

        Joined again with the model of a second fit it has phrases of three words and four.
        min_count, max_size: as in `read_text`; None: min_count is that with which the corpus was read. Words of phrases may come
        too rarely alone then, and are left out, as rare phrases are; `facts` counts them. threads: 0 for every CPU; never
        changes the result. Raises SettingsError (no Corpus) and EmptyCorpus (nothing is left).
        """
        from semap.corpus.joining import joined_corpus

        return joined_corpus(self, corpus, min_count, max_size, threads)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the phrases to a file that `load` opens. Raises CannotWrite."""
        arrays: dict[str, AnyArray] = {
            "tokens": self.words.data, "token_offsets": self.words.offsets, "parts": self.parts, "part_offsets": self.offsets,
            "scores": self.scores, "counts": self.counts,
        }  # fmt: skip
        write(path, arrays, {"kind": _KIND, "settings": self.settings, "facts": self.facts})

    @classmethod
    def load(cls, path: str | PathLike[str]) -> PhraseModel:
        """Open what `save` wrote. Raises FileMissing, BadFile, NewerVersion."""
        container = open_container(path)
        arrays, metadata = container.arrays, container.metadata
        if metadata.get("kind") != _KIND:
            kind = metadata.get("kind", "something else")
            raise BadFile(fspath(path), f"holds no phrases but a {kind}; phrases come from PhraseModel.save")
        try:
            words = Tokens(arrays["tokens"], arrays["token_offsets"])
            parts, offsets = arrays["parts"], arrays["part_offsets"]
            return cls(words, parts, offsets, arrays["scores"], arrays["counts"], metadata["settings"], metadata["facts"])
        except KeyError as failure:
            raise BadFile(fspath(path), f"has no {failure.args[0]!r}, which all phrases have") from None
        except (ValueError, TypeError) as failure:
            raise BadFile(fspath(path), f"its parts do not fit each other: {failure}") from failure

    @classmethod
    def of_pairs(
        cls, settings: Mapping[str, Any], facts: Mapping[str, Any], tokens: Tokens, found: Neighbours, scores: DoubleVector,
        chosen: AnyArray,
    ) -> PhraseModel:  # fmt: skip
        """Return the chosen ones of the pairs of a corpus, whose tokens these are."""
        paths = [_path(int(head), len(tokens), found.keys) for head in found.heads[chosen]]
        ids = [(*path, second) for path, second in zip(paths, found.seconds[chosen].tolist(), strict=True)]
        used = sorted({token_id for each in ids for token_id in each})
        words = [tokens.bytes_of(token_id) for token_id in used]
        place = {token_id: number for number, token_id in enumerate(used)}
        names = [tuple(words[place[token_id]] for token_id in each) for each in ids]
        order = sorted(range(len(ids)), key=lambda number: (-scores[chosen[number]], names[number]))
        parts = [place[token_id] for number in order for token_id in ids[number]]
        offsets = np.cumsum([0, *(len(ids[number]) for number in order)])
        ranked = chosen[order]
        return cls(Tokens.pack_bytes(words), np.array(parts, np.int32), offsets, scores[ranked], found.pair_counts[ranked],
                   settings, facts)  # fmt: skip

    def _check_sizes(self) -> None:
        n_phrases, n_parts = len(self.scores), len(self.parts)
        if self.offsets.shape != (n_phrases + 1,) or self.counts.shape != (n_phrases,) or self.scores.ndim != 1:
            told = f"there are {len(self.counts):,} and {len(self.offsets):,}"
            raise ShapeError(f"{n_phrases:,} scores need as many counts and one offset more; {told}")
        if self.offsets[0] != 0 or self.offsets[-1] != n_parts or (np.diff(self.offsets) < 2).any():
            raise ShapeError(f"offsets of phrases must go from 0 to {n_parts:,} in steps of two or more")
        if n_parts and not 0 <= self.parts.min() <= self.parts.max() < len(self.words):
            raise ShapeError(f"parts name words {self.parts.min():,} to {self.parts.max():,}; there are {len(self.words):,}")

    def _check_places(self) -> None:
        """Connectors stand inside of phrases, and nothing else does."""
        connectors = np.zeros(len(self.words), bool)
        known = self.words.find_all(self.connectors)
        connectors[known[known >= 0]] = True
        inside = np.ones(len(self.parts), bool)
        inside[self.offsets[:-1]] = inside[self.offsets[1:] - 1] = False
        stray = np.flatnonzero(connectors[self.parts] != inside)
        if stray.size:
            phrase = int(np.searchsorted(self.offsets, stray[0], side="right")) - 1
            word = self.words[int(self.parts[stray[0]])]
            raise ShapeError(f"phrase {phrase:,} has {word!r} where its connectors do not allow it")

    @cached_property
    def _between(self) -> frozenset[str]:
        return frozenset(self.connectors)

    @cached_property
    def _joined(self) -> dict[tuple[str, ...], str]:
        return {parts: self.delimiter.join(parts) for parts in self.words_of_phrases()}


def _path(head: int, n_words: int, keys: Counts64) -> tuple[int, ...]:
    """The tokens of a head: a word, and the connectors after it."""
    after: list[int] = []
    while head >= n_words:
        key = int(keys[head - n_words])
        head = key >> 32
        after.append(key & 0xFFFFFFFF)
    return (head, *reversed(after))


def _whole(name: str, given: Any, dtype: Any) -> Any:
    array = np.asarray(given)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise ShapeError(f"{name} are whole numbers in one dimension; got {array.dtype} of the shape {array.shape}")
    return array.astype(dtype, copy=False)
