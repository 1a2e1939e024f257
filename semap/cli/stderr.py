"""Sentences in, one line each on standard error out; printable text for terminals and logs."""

from __future__ import annotations

import sys
import warnings
from typing import Any

__all__ = ["error", "printable", "remark", "show_warning"]


def printable(text: str) -> str:
    """Return text with control characters, lone surrogates and the like escaped: tokens and names may hold any."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def remark(text: str) -> None:
    """Write "semap: text"."""
    stream = sys.stderr
    if stream is not None:
        line = f"semap: {printable(text)}"
        encoding = stream.encoding or "utf-8"
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()


def error(text: str) -> None:
    """Write "semap: error: text"."""
    remark(f"error: {text}")


def show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """Write "semap: warning: text", in the place of `warnings.showwarning`."""
    remark(f"warning: {message}")


def warn_in_lines() -> None:
    """Let every SemapWarning be shown, as one line, until the surrounding `warnings.catch_warnings` ends."""
    from semap.errors import SemapWarning

    warnings.simplefilter("always", SemapWarning)
    warnings.showwarning = show_warning
