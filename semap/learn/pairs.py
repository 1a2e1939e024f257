"""A text in, the (centre, context) pairs that skip-gram learns from out."""

from __future__ import annotations

from collections.abc import Sequence

from semap.errors import SettingsError
from semap.text.splitter import Splitter

__all__ = ["pairs"]


def pairs(text: str | Sequence[str], window: int = 5) -> list[tuple[str, str]]:
    """Return every (centre, context) pair of a text whose words are at most `window` apart, in the order of the centres.

    A string is split into words as they stand, without lower-casing; a list is taken as tokens. Training draws each
    centre's reach from 1 .. window; this is the full window. Raises SettingsError for a window below 1.
    """
    if window < 1:
        raise SettingsError(f"window is {window}; give a number from 1")
    words = Splitter(lowercase=False)(text) if isinstance(text, str) else list(text)
    return [
        (centre, words[j])
        for i, centre in enumerate(words)
        for j in range(max(0, i - window), min(len(words), i + window + 1))
        if j != i
    ]
