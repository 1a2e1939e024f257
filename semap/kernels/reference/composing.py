"""Rows and which of them each token is composed of in, their means out; plain twin of `native/composing.py`."""

from __future__ import annotations

from typing import Any

__all__ = ["add_rows"]


def add_rows(rows: Any, places: Any, starts: Any, first: int, stop: int, out: Any) -> None:
    """Add rows[places[j]], starts[i] <= j < starts[i + 1], in order to out[i] for first <= i < stop; places below 0 are none."""
    for token in range(first, stop):
        for place in places[starts[token] : starts[token + 1]]:
            if place >= 0:
                out[token] += rows[place]
