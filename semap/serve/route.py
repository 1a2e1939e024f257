"""`Route`: what one path of the service takes, gives and calls, and an example of it that a test sends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from semap.serve.settings import Limits
    from semap.serve.tables import Tables

__all__ = ["Answer", "Example", "Route"]

Answer = Callable[[Any, "Tables", "Limits"], Awaitable[Any]]


@dataclass(frozen=True)
class Example:
    """One request (the JSON body as Python's objects, None for GET) and its answer on the table `english`.

    A test sends every example and compares: numbers within 1e-4, all the rest exactly.
    """

    request: Mapping[str, Any] | None
    response: Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """One path under `/v1`.

    method: "POST" with a JSON body, or "GET".
    path: exact, as "/v1/similar".
    request: the msgspec Struct that the body is decoded to; None for "GET".
    response: the msgspec Struct (or union) that `answer` returns; `openapi.json` shows its schema.
    answer: `await answer(request, tables, limits)`, on the event loop: what takes longer than some microseconds goes to a
        thread. Raises `Refusal`; it may be cancelled where the client goes away or the time is up.
    summary: one line.
    refusals: the statuses it refuses with beyond those that every route has (401, 405, 408, 413, 415, 429, 503, 500 and 400
        for a body that does not fit), and when, as {404: "the model or the token is unknown"}.
    """

    method: Literal["GET", "POST"]
    path: str
    request: Any
    response: Any
    answer: Answer
    summary: str
    examples: tuple[Example, ...] = ()
    refusals: Mapping[int, str] = field(default_factory=dict)
