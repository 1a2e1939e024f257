"""Tokens in, their rows out, and back: what every request asks for, remembered for tables of usual size."""

from __future__ import annotations

from collections.abc import Iterable

from semap.vocab.tokens import Tokens

__all__ = ["Names", "spelled"]

_REMEMBERED = 1 << 18  # tokens: about 40 MB; those of a larger table are found and decoded one by one, 20 microseconds each


class Names:
    """The tokens of a table as requests and answers spell them; see `spelled`."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._spelled: list[str] = []
        self._rows: dict[str, int] = {}

    def remember(self) -> None:
        """Take the time to remember all tokens, where they are not too many."""
        if len(self._tokens) <= _REMEMBERED:
            tokens = list(self._tokens)
            # The lowest row wins where a token stands twice. Threads may read the old ones meanwhile.
            self._rows = dict(zip(reversed(tokens), range(len(tokens) - 1, -1, -1), strict=True))
            self._spelled = [spelled(token) for token in tokens]

    def row(self, token: str) -> int:
        """Return the row of a token, or -1."""
        return self._rows.get(token, -1) if self._rows else self._tokens.find(token)

    def of(self, rows: Iterable[int]) -> list[str]:
        """Return the tokens of rows."""
        if self._spelled:
            return [self._spelled[row] for row in rows]
        return [spelled(self._tokens[row]) for row in rows]


def spelled(token: str) -> str:
    """Return a token as JSON can hold it: bytes that are not UTF-8 stand in it as lone surrogates, and become U+FFFD."""
    return token if token.isascii() else token.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
