"""Tokens in, their rows out, and back: what every request asks for, remembered for tables of usual size."""

from __future__ import annotations

from collections.abc import Iterable

from semap.text.given import readable
from semap.vocab.tokens import Tokens

__all__ = ["Names"]

_REMEMBERED = 1 << 18  # tokens: about 40 MB; those of a larger table are found and decoded one by one, 20 microseconds each


class Names:
    """The tokens of a table as requests and answers spell them: JSON has no bytes that are not UTF-8, they become U+FFFD."""

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
            self._spelled = [readable(token) for token in tokens]

    def row(self, token: str) -> int:
        """Return the row of a token, or -1."""
        return self._rows.get(token, -1) if self._rows else self._tokens.find(token)

    def of(self, rows: Iterable[int]) -> list[str]:
        """Return the tokens of rows."""
        if self._spelled:
            spelled = self._spelled
            return [spelled[row] for row in rows]
        return [readable(self._tokens[row]) for row in rows]
