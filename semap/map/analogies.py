"""Analogies in, the arrows that draw each as a parallelogram out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from semap.errors import SettingsError
from semap.index.questions import analogy
from semap.table.table import Table

__all__ = ["Analogy", "links_of"]

Analogy: TypeAlias = Sequence[str]


def links_of(table: Table, analogies: Sequence[Analogy]) -> list[tuple[str, str]]:
    """Return two arrows for each analogy, a to b and c to d.

    analogies: (a, b, c), completed by the best answer of `semap.analogy`, or (a, b, c, d). Raises UnknownToken, SettingsError.
    """
    links: list[tuple[str, str]] = []
    for given in analogies:
        if isinstance(given, str) or len(given) not in (3, 4) or len(set(given)) < len(given):
            raise SettingsError(f'an analogy is three or four different tokens, such as ("man", "king", "woman"), not {given!r}')
        a, b, c, *answer = given
        if not answer:
            answer = [found for found, _ in analogy(table, a, b, c, k=1)]
        for token in given:
            table.id(token)
        if not answer:
            raise SettingsError(f"{a!r} is to {b!r} as {c!r} is to nothing: the table has no fourth token")
        links += [(a, b), (c, answer[0])]
    return links
