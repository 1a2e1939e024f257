"""Lists of tokens in, a provisional number for each token out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

import numpy as np

from semap.arrays import Counts64
from semap.errors import BadText, SettingsError
from semap.text.given import readable
from semap.text.numbered import Numbered
from semap.text.scanner import Scanned
from semap.text.types import Types

__all__ = ["number_token_lists"]

_TOKENS_AT_ONCE = 1 << 20


def number_token_lists(texts: Iterable[Iterable[str]], errors: str) -> Scanned:
    """Number the tokens of texts that are split already; they are taken as they are.

    Raises SettingsError for a token that is not str, BadText for a lone surrogate where errors is "strict".
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    numbered, counts = Numbered(), np.zeros(0, np.int64)
    waiting: list[str] = []
    ends: list[int] = []

    def number_waiting() -> None:
        """Turn the waiting tokens into numbers, and begin to wait anew."""
        nonlocal counts
        known = len(numbers)
        try:
            ids = np.fromiter(map(numbers.__getitem__, waiting), np.int32, len(waiting))
        except TypeError as failure:  # what has no hash is no str either
            raise SettingsError(f"tokens are str: {failure}") from None
        for token in islice(numbers, known, None):
            if not isinstance(token, str):
                raise SettingsError(f"tokens are str, {token!r} is {type(token).__name__}; give str(token)")
        counts = np.concatenate([counts, np.zeros(len(numbers) - known, np.int64)])
        counts += np.bincount(ids, minlength=len(numbers))
        numbered.add(numbered.keep(ids), np.array(ends, np.int32), 0)
        waiting.clear()
        ends.clear()

    for text in texts:
        before = len(waiting)
        waiting.extend(text)
        if len(waiting) > before:  # a text without a token is none
            ends.append(len(waiting))
        if len(waiting) >= _TOKENS_AT_ONCE:
            number_waiting()
    number_waiting()
    return _packed(numbered, list(numbers), counts, errors)


def _packed(numbered: Numbered, tokens: list[str], counts: Counts64, errors: str) -> Scanned:
    """The tokens as bytes. Lone surrogates have none: as everywhere they become U+FFFD, which may make tokens equal."""
    distinct, replaced = [], 0
    for token, n in zip(tokens, counts.tolist(), strict=True):
        try:
            distinct.append(token.encode())
        except UnicodeEncodeError as failure:
            if errors == "strict":
                raise BadText(
                    f"the token {token!r} has a lone surrogate at character {failure.start:,}; "
                    'give errors="replace" to read it as U+FFFD'
                ) from None
            whole = readable(token)
            replaced += n * (whole.count("\ufffd") - token.count("\ufffd"))
            distinct.append(whole.encode())
    types = Types()
    return Scanned(numbered, types, [types.absorb_words(distinct, counts)], replaced)
