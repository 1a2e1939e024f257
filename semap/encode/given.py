"""What a user gives as texts in, lists of str out, some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from semap.errors import BadText, SettingsError

__all__ = ["TEXTS_AT_ONCE", "checked_texts", "text_batches"]

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


def checked_texts(texts: Sequence[str]) -> Sequence[str]:
    """Return the texts. Raises BadText where one is no str."""
    for text in texts:
        if not isinstance(text, str):
            raise BadText(
                f"a text is a str, not {type(text).__name__} {str(text)[:40]!r}; decode bytes, convert numbers with str()"
            )
    return texts
