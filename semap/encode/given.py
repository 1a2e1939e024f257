"""What a user gives as texts in, lists of str out, some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from semap.errors import SettingsError

__all__ = ["TEXTS_AT_ONCE", "text_batches"]

TEXTS_AT_ONCE = 4096


def text_batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts, some thousand at a time, in their order. Raises SettingsError for one str or no iterable at all."""
    if isinstance(texts, str | bytes):
        raise SettingsError(f"give a list of texts; for one text write [{texts[:40]!r}]")
    if not isinstance(texts, Iterable):
        raise SettingsError(f"give a list of texts (str), not {type(texts).__name__}")
    items = iter(texts)
    while batch := list(islice(items, TEXTS_AT_ONCE)):
        yield batch
