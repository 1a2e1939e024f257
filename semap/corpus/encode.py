"""What a scan of text found in, a corpus out: the vocabulary is chosen, the provisional numbers become ids."""

from __future__ import annotations

import numpy as np

from semap.arrays import TokenIds
from semap.corpus.corpus import Corpus
from semap.corpus.rank import rank, select
from semap.errors import EmptyCorpus
from semap.text.forms import number_forms
from semap.text.scanner import Scanned
from semap.text.splitter import Splitter
from semap.text.types import Types
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["encode", "encode_with"]


def encode(scanned: Scanned, splitter: Splitter | None, min_count: int, max_size: int | None, threads: int) -> Corpus:
    """Make the vocabulary of the tokens that come `min_count` times, `max_size` at most, and encode with it.

    splitter: None where tokens were given. Raises EmptyCorpus where no token is left. Uses `scanned` up.
    """
    numbers = _forms(scanned, splitter)
    types = scanned.types
    order = rank(types, min_count, max_size)
    if not len(order):
        most = int(types.counts.max())
        token = types.bytes_of(int(types.counts.argmax())).decode()
        raise EmptyCorpus(
            f"none of the {np.count_nonzero(types.counts):,} different tokens comes {min_count:,} times; the most frequent, "
            f"{token!r}, comes {most:,} times among {scanned.numbered.n_tokens:,}; give min_count={most} or less"
        )
    ids = np.full(len(types), -1, np.int32)
    ids[order] = np.arange(len(order), dtype=np.int32)
    vocab = Vocab.of_unique(Tokens(*select(types, order)), types.counts[order])
    settings = {"min_count": min_count, "max_size": max_size}
    return _corpus(scanned, splitter, ids[numbers], vocab, threads, settings)


def encode_with(scanned: Scanned, splitter: Splitter | None, vocab: Vocab, threads: int) -> Corpus:
    """Encode with a given vocabulary; tokens that it does not have are left out.

    splitter: None where tokens were given. Raises EmptyCorpus where no token is left. Uses `scanned` up.
    """
    numbers = _forms(scanned, splitter)
    known = Types()
    known.absorb_packed(vocab.tokens.data, vocab.tokens.offsets)
    ids = known.absorb(scanned.types.arena, scanned.types.table, len(scanned.types))
    ids[ids >= len(vocab)] = -1
    return _corpus(scanned, splitter, ids[numbers], vocab, threads, {})


def _forms(scanned: Scanned, splitter: Splitter | None) -> TokenIds:
    """The number of the final form of each type; tokens that were given are final."""
    if splitter is None:
        return np.arange(len(scanned.types), dtype=np.int32)
    return number_forms(scanned.types, splitter)


def _corpus(
    scanned: Scanned, splitter: Splitter | None, new_ids: TokenIds, vocab: Vocab, threads: int, settings: dict[str, int | None]
) -> Corpus:
    """new_ids: for each type the id of its final form, below 0 where it is left out."""
    n_types = int(np.count_nonzero(scanned.types.counts))
    read = {"tokens_read": scanned.numbered.n_tokens, "texts_read": scanned.numbered.n_texts, "types_read": n_types}
    ids, offsets = scanned.numbered.finish([new_ids[owned] for owned in scanned.numbers], threads)
    if not len(ids):
        raise EmptyCorpus(
            f"none of the {read['tokens_read']:,} tokens is among the {len(vocab):,} of the vocabulary; "
            "were both made with the same split, lowercase and normalize?"
        )
    facts = {
        **settings,
        **read,
        "files_read": scanned.files,
        "bytes_read": scanned.bytes_read,
        "replaced": scanned.replaced,
        "tokens_left_out": read["tokens_read"] - len(ids),
        "texts_left_out": read["texts_read"] - (len(offsets) - 1),
    }
    return Corpus(ids, offsets, vocab, splitter, facts)
