"""Phrases and a corpus in, the corpus with its phrases joined out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from semap.arrays import AnyArray, Bytes, Counts64, TokenIds
from semap.corpus.corpus import Corpus
from semap.corpus.neighbours import find_keys
from semap.corpus.phrase_model import PhraseModel
from semap.corpus.rank import rank, select
from semap.errors import EmptyCorpus, SettingsError
from semap.kernels.native import phrases as kernels
from semap.parallel.crew import run, thread_count
from semap.settings import whole
from semap.text.numbered import Numbered
from semap.text.types import Types
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["joined_corpus"]

_POSITIONS_A_PIECE = 1 << 22
_LOOK_AHEAD = 1 << 12


class _Known(NamedTuple):
    """The phrases of a model in the ids of a corpus; see `kernels/reference/phrases.py`."""

    between: Bytes  # (V,)
    begins: Bytes  # (V,)
    slots: TokenIds
    keys: Counts64
    values: TokenIds
    joined: list[bytes]  # the phrases whose words the corpus has, joined: the names of V + 0, V + 1, ...


def joined_corpus(model: PhraseModel, corpus: Corpus, min_count: int | None, max_size: int | None, threads: int) -> Corpus:
    """Join the phrases of a corpus and count its vocabulary anew; see `PhraseModel.apply`."""
    if not isinstance(corpus, Corpus):
        raise SettingsError(f"apply takes a Corpus, not {type(corpus).__name__}; for the tokens of one text there is join")
    least = whole("min_count", corpus.facts.get("min_count") or 1 if min_count is None else min_count, 1)
    most = None if max_size is None else whole("max_size", max_size, 1)
    threads = thread_count(threads)
    known = _known(model, corpus.vocab.tokens)
    numbered, counts = _join(corpus, known, threads)
    types = Types()
    tokens = corpus.vocab.tokens
    names = Tokens.pack_bytes(known.joined)
    numbers = np.concatenate(
        [
            types.absorb_packed(tokens.data, tokens.offsets, counts[: len(tokens)]),
            types.absorb_packed(names.data, names.offsets, counts[len(tokens) :]),
        ]
    )  # fmt: skip  (a phrase may be joined from other words than another one, or be a token already: they are one then)
    order = rank(types, least, most)
    new_ids = np.full(len(types), -1, np.int32)
    new_ids[order] = np.arange(len(order), dtype=np.int32)
    n_joined, n_texts = numbered.n_tokens, numbered.n_texts
    ids, offsets = numbered.finish([new_ids[numbers]], threads)
    if not len(ids):
        raise EmptyCorpus(f"no token comes {least:,} times once phrases are joined; give a lower min_count")
    passes = [
        *corpus.facts.get("phrases", []),
        {**model.settings, "found": len(model), "tokens_joined": corpus.n_tokens - n_joined},
    ]
    facts: dict[str, Any] = {**corpus.facts, "min_count": least, "max_size": most, "phrases": passes}
    for name, left_out in (("tokens_left_out", n_joined - len(ids)), ("texts_left_out", n_texts - (len(offsets) - 1))):
        facts[name] = corpus.facts.get(name, 0) + left_out
    vocab = Vocab.of_unique(Tokens(*select(types, order)), types.counts[order])
    return replace(corpus, ids=ids, offsets=offsets, vocab=vocab, facts=facts)


def _known(model: PhraseModel, tokens: Tokens) -> _Known:
    """The phrases whose words are all among these tokens."""
    between, begins = np.zeros(len(tokens), np.uint8), np.zeros(len(tokens), np.uint8)
    connectors = tokens.find_all(model.connectors)
    between[connectors[connectors >= 0]] = 1
    ids = tokens.find_all(model.words)[model.parts].astype(np.int64)
    starts = model.offsets[:-1]
    here = np.flatnonzero(np.minimum.reduceat(ids, starts) >= 0) if len(model) else starts
    begins[ids[starts[here]]] = 1
    short = np.flatnonzero(np.diff(model.offsets)[here] == 2)
    first = starts[here[short]]
    longer = _edges_of_longer(ids, model, here, len(tokens))
    keys = np.concatenate([ids[first] << 32 | ids[first + 1], np.fromiter(longer, np.int64, len(longer))])
    values = np.concatenate([~short, np.fromiter(longer.values(), np.int64, len(longer))]).astype(np.int32)
    words, delimiter = [model.words.bytes_of(word) for word in range(len(model.words))], model.delimiter.encode()
    parts, stops = model.parts.tolist(), model.offsets.tolist()
    joined = [delimiter.join([words[part] for part in parts[stops[place] : stops[place + 1]]]) for place in here.tolist()]
    return _Known(between, begins, find_keys(keys, len(keys)), keys, values, joined)


def _edges_of_longer(ids: AnyArray, model: PhraseModel, here: AnyArray, n_words: int) -> dict[int, int]:
    """The keys and values of phrases with connectors: those of `here`, whose numbers are their places in it."""
    edges: dict[int, int] = {}
    n_heads = n_words
    for number in np.flatnonzero(np.diff(model.offsets)[here] > 2).tolist():
        head, *inner, last = ids[model.offsets[here[number]] : model.offsets[here[number] + 1]].tolist()
        for token in inner:
            n_heads += head << 32 | token not in edges
            head = edges.setdefault(head << 32 | token, n_heads - 1)
        edges[head << 32 | last] = ~number
    return edges


def _join(corpus: Corpus, known: _Known, threads: int) -> tuple[Numbered, Counts64]:
    """The ids with phrases joined, phrase p being V + p, and how often each comes: int64 (V + P,)."""
    numbered, counts = Numbered(), np.zeros(len(known.between) + len(known.joined), np.int64)
    pieces = list(pairwise(_cuts(corpus, known)))
    for begin in range(0, len(pieces), threads):
        found: list[Any] = [None] * min(threads, len(pieces) - begin)

        def work(thread: int, begin: int = begin, found: list[Any] = found, n_names: int = len(counts)) -> None:
            """Join the phrases of one piece."""
            first, stop = pieces[begin + thread]
            texts = np.searchsorted(corpus.offsets, (first, stop), side="right")
            out, ends = np.empty(stop - first, np.int32), np.empty(texts[1] - texts[0], np.int32)
            n_out, n_ends = kernels.join(
                corpus.ids, corpus.offsets, known.between, known.begins, known.slots, known.keys, known.values, first, stop,
                out, ends,
            )  # fmt: skip
            found[thread] = numbered.keep(out[:n_out]), ends[:n_ends], np.bincount(out[:n_out], minlength=n_names)

        run(len(found), work)
        for ids, ends, more in found:
            numbered.add(ids, ends, 0)
            counts += more
    return numbered, counts


def _cuts(corpus: Corpus, known: _Known) -> Iterator[int]:
    """Positions across which no phrase lies, some millions apart, from 0 to T.

    No phrase lies across the begin of a text, or after a word that begins none: whatever was held back is written there.
    """
    goes_on: AnyArray = (known.between | known.begins) != 0
    place = 0
    while place < corpus.n_tokens:
        yield place
        place = min(place + _POSITIONS_A_PIECE, corpus.n_tokens)
        while place < corpus.n_tokens:
            text_begin = int(corpus.offsets[np.searchsorted(corpus.offsets, place)])
            window = ~goes_on[corpus.ids[place - 1 : place - 1 + _LOOK_AHEAD]]
            ahead = int(np.argmax(window)) if window.any() else len(window)
            if place + ahead >= text_begin or window.any():
                place = min(place + ahead, text_begin)
                break
            place += ahead
    yield corpus.n_tokens
