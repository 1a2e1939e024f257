"""The JSON of a tokenizer in, the `tokenizers` library's object out; the one file that imports that library."""

from __future__ import annotations

from typing import Any

from semap.errors import BadFile, MissingExtra

__all__ = ["open_tokenizer"]


def open_tokenizer(text: str, name: str) -> Any:
    """Return the library's tokenizer of a tokenizer.json. Raises MissingExtra, BadFile with `name` where it is none."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingExtra("tokenizers", "encode") from None
    try:
        return Tokenizer.from_str(text)
    except Exception as failure:  # the library raises plain Exception
        raise BadFile(name, f"is no tokenizer.json: {failure}") from None
    except BaseException as failure:  # and where it panics, something that is not even that
        if type(failure).__name__ != "PanicException":
            raise
        raise BadFile(name, f"is no tokenizer.json: {failure}") from None
