"""What a user gives as texts in, texts that have UTF-8 bytes out; the one rule for what is no text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from semap.errors import BadText

__all__ = ["checked_text", "checked_texts", "readable"]


def checked_texts(texts: Iterable[str], first: int = 0) -> list[str]:
    """Return texts as a list. Raises BadText where one is no str, with its number, counted from `first`."""
    given = list(texts)
    for number, text in enumerate(given, first):
        if not isinstance(text, str):
            raise _no_text(f"text {number:,}", text)
    return given


def checked_text(text: Any) -> str:
    """Return one text. Raises BadText where it is no str."""
    if not isinstance(text, str):
        raise _no_text("the text", text)
    return text


def readable(text: str) -> str:
    """Return a text with U+FFFD for lone surrogates, three for each, as for the bytes that others write for one.

    Half a UTF-16 pair is no character and has no UTF-8. A text without one is returned as it is.
    """
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def _no_text(which: str, given: Any) -> BadText:
    return BadText(f"{which} is {type(given).__name__} {str(given)[:40]!r}, not str; decode bytes, convert numbers with str()")
