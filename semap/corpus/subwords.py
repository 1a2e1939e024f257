"""Text and a tokenizer in, a provisional number for each sub-word out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from semap.arrays import Counts64, TokenIds
from semap.errors import BadText, SettingsError
from semap.text.numbered import Numbered
from semap.text.scanner import Scanned
from semap.text.source import Files, Texts, TokenLists
from semap.text.types import Types
from semap.tokenize.counting import lines_of
from semap.tokenize.tokenizer import Tokenizer

__all__ = ["number_subwords"]


def number_subwords(
    found: Files | Texts | TokenLists, tokenizer: Tokenizer, errors: str, threads: int, told: Callable[[int], None]
) -> Scanned:
    """Number the sub-words of texts, each line one text; the provisional number of a token is its id for the tokenizer.

    A line that is longer than 2 MiB is read in parts. Raises SettingsError for lists of tokens, BadText for bytes that are not
    UTF-8 where `errors` is "strict".
    """
    if isinstance(found, TokenLists):
        raise SettingsError("lists of tokens are split already; give texts where a tokenizer is to split them")
    numbered, counts = Numbered(), np.zeros(tokenizer.vocab_size, np.int64)
    n_bytes = n_replaced = 0
    for lines, replaced in lines_of(found.chunks()):
        if replaced and errors == "strict":
            raise BadText(f'after {n_bytes:,} bytes come {replaced:,} that are not UTF-8; errors="replace" reads them as U+FFFD')
        ids, offsets = tokenizer.ids([line.decode() for line in lines], threads=threads)
        counts += np.bincount(ids, minlength=len(counts))
        ends = offsets[1:][offsets[1:] > offsets[:-1]]  # a text without a token is none
        numbered.add(numbered.keep(ids), ends.astype(np.int32), 0)
        n_bytes, n_replaced = n_bytes + sum(map(len, lines)) + len(lines), n_replaced + replaced
        told(n_bytes)
    types, numbers = _types(tokenizer.tokens, counts)
    return Scanned(numbered, types, [numbers], n_replaced, None, n_bytes, len(found.paths) if isinstance(found, Files) else 0)


def _types(tokens: Sequence[str], counts: Counts64) -> tuple[Types, TokenIds]:
    """The tokens that were met, and the place of each id among them."""
    met = np.flatnonzero(counts)
    types = Types()
    numbers: TokenIds = np.zeros(len(counts), np.int32)
    numbers[met] = types.absorb_words(
        [tokens[token_id].encode("utf-8", "surrogateescape") for token_id in met.tolist()], counts[met]
    )
    return types, numbers
