"""Servers for the tests of this folder, stopped after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("msgspec")


@pytest.fixture
def serving() -> Iterator[Callable[[Any], Any]]:
    """Start a server for an application."""
    from .serving import Serving

    running: list[Serving] = []

    def start(app: Any) -> Serving:
        running.append(Serving(app))
        return running[-1]

    yield start
    for each in running:
        each.stop()
