"""A corpus in, the part to train on and the part that is left out, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from semap.arrays import Offsets, TokenIds
from semap.corpus.corpus import Corpus
from semap.errors import EmptyCorpus, SettingsError
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["Parts", "leave_out"]

_FEW_TEXTS = 10
_TOO_FEW = 100  # words


@dataclass(frozen=True)
class Parts:
    """`seen` is for training, `unseen` is the end of the text; both have the vocabulary and the counts of `seen`.

    n_new: words of the end that stand nowhere in `seen` and are not in `unseen` for that reason.
    """

    seen: Corpus
    unseen: Corpus
    n_new: int


def leave_out(corpus: Corpus, share: float) -> Parts:
    """Return the last texts, a `share` of all, apart from the others; of fewer than ten texts, the last words.

    Raises SettingsError (share) and EmptyCorpus where fewer than 100 words are in one of the parts.
    """
    if isinstance(share, bool) or not isinstance(share, float | int) or not 0 < share < 1:
        raise SettingsError(f"held_out is {share!r}; give the share to leave out, between 0 and 1")
    n_texts, n_words = corpus.n_texts, corpus.n_tokens
    if n_texts >= _FEW_TEXTS:
        cut = int(corpus.offsets[min(max(round(n_texts * (1 - share)), 1), n_texts - 1)])
    else:
        cut = round(n_words * (1 - share))
    seen_ids, unseen_ids = np.asarray(corpus.ids[:cut]), np.asarray(corpus.ids[cut:])
    counts = np.bincount(seen_ids, minlength=len(corpus.vocab))
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]  # by falling count, as vocabularies are
    new_ids = np.full(len(counts), -1, np.int32)
    new_ids[order] = np.arange(len(order), dtype=np.int32)
    tokens = Tokens.pack_bytes([corpus.vocab.tokens.bytes_of(token_id) for token_id in order.tolist()])
    vocab = Vocab.of_unique(tokens, counts[order])
    known = new_ids[unseen_ids] >= 0
    if min(cut, int(known.sum())) < _TOO_FEW:
        told = f"the text has {n_words:,} words, of which {n_words - cut:,} are left out, {int(known.sum()):,} of them known"
        raise EmptyCorpus(f"{told}; give a longer text: {_TOO_FEW} words are the least for each part")
    seen_offsets = np.unique(np.append(corpus.offsets[corpus.offsets < cut], cut))
    unseen_offsets = np.unique(np.append(corpus.offsets[corpus.offsets > cut], cut)) - cut
    seen = _part(new_ids[seen_ids], seen_offsets, vocab, corpus)
    places = np.concatenate([[0], np.cumsum(known)])[unseen_offsets]  # where the texts begin among the known words
    unseen = _part(new_ids[unseen_ids][known], np.unique(places), vocab, corpus)
    return Parts(seen, unseen, len(unseen_ids) - int(known.sum()))


def _part(ids: TokenIds, offsets: Offsets, vocab: Vocab, whole: Corpus) -> Corpus:
    facts: dict[str, Any] = {**whole.facts, "part_tokens": len(ids)}
    return Corpus(ids, offsets.astype(np.int64), vocab, whole.splitter, facts)
