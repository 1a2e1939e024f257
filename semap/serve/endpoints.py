"""What answers each path but the explorer's: a Route's JSON, the health, the metrics and the description."""

from __future__ import annotations

import asyncio
from typing import Any

from semap.errors import SemapError, UnknownToken
from semap.serve.backend import Receive, Scope, Send, msgspec
from semap.serve.body import header, read_body, unless_gone
from semap.serve.metrics import CONTENT_TYPE
from semap.serve.refusal import Refusal
from semap.serve.route import Route
from semap.serve.sending import JSON, send_bytes
from semap.serve.service import Service

__all__ = ["Health", "HealthAnswer", "JsonRoute", "MetricsText", "OpenAPI"]


class JsonRoute:
    """Reads, decodes, answers and encodes the requests of one Route."""

    def __init__(self, route: Route, service: Service) -> None:
        self._route, self._service = route, service
        self._decoder = None if route.request is None else msgspec.json.Decoder(route.request)
        self._encoder = msgspec.json.Encoder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        service = self._service
        service.keys.check(scope)
        with service.admitted():
            request = None if self._decoder is None else self._decoded(await self._body(scope, receive))
            answer = await self._answer(request, receive)
            await send_bytes(send, 200, self._encoder.encode(answer), JSON)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        kind = (header(scope, b"content-type") or b"").split(b";")[0].strip().lower()
        # Browsers send other types, or none, to any server without asking it first: a page elsewhere could use this service.
        if kind != JSON.encode():
            raise Refusal(415, "the body is not said to be JSON; send the header Content-Type: application/json", code="not_json")
        return await read_body(scope, receive, self._service.limits.body, self._service.limits.read_seconds)

    def _decoded(self, body: bytes) -> Any:
        assert self._decoder is not None
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as failure:
            raise _unfit(str(failure)) from None
        except (msgspec.DecodeError, UnicodeError, RecursionError) as failure:
            raise Refusal(400, f"the body is no JSON: {failure or type(failure).__name__}", code="malformed_json") from None

    async def _answer(self, request: Any, receive: Receive) -> Any:
        service, seconds = self._service, self._service.limits.seconds
        try:
            async with asyncio.timeout(seconds):
                return await unless_gone(receive, self._route.answer(request, service.tables, service.limits))
        except TimeoutError:
            raise Refusal(503, f"no answer within {seconds:g} seconds; ask for less or again later", code="timeout") from None
        except Refusal:
            raise
        except UnknownToken as failure:
            raise Refusal(404, str(failure), code="token_not_found") from None
        except SemapError as failure:
            raise Refusal(400, str(failure), code="invalid_value") from None


def _unfit(message: str) -> Refusal:
    """A body that is JSON but not what the path takes; msgspec ends its message with the place, as "at `$.input[2]`"."""
    said, _, place = message.partition(" - at `$")
    field = place.rstrip("`").lstrip(".").partition(".")[0].partition("[")[0]
    if "field `" in said:  # one that is missing or unknown
        field = said.partition("field `")[2].partition("`")[0]
    where = place.rstrip("`").lstrip(".")
    return Refusal(400, f"{where}: {said}" if where else said, param=field or None, code="invalid_value")


class HealthAnswer(msgspec.Struct):
    """Whether the service is up. "starting": it answers, the first requests of a table later than the following ones."""

    status: str
    models: list[str]


class Health:
    """`GET /health`, open to everybody: 200 while the service answers, 503 where its tables cannot be served."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        state = self._service.state
        # With keys the names of tables are for those who have one.
        names = [] if self._service.keys else list(self._service.tables.names)
        body = msgspec.json.encode(HealthAnswer(state, names))
        await send_bytes(send, 503 if state == "failed" else 200, body, JSON, {"Cache-Control": "no-store"})


class MetricsText:
    """`GET /metrics`, for Prometheus; with keys, to those who have one."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._service.keys.check(scope)
        text = self._service.metrics.text(self._service.tables.sizes())
        await send_bytes(send, 200, text.encode(), CONTENT_TYPE)


class OpenAPI:
    """`GET /openapi.json`, open to everybody: it describes the service and says nothing of its tables."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._body = msgspec.json.encode(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send_bytes(send, 200, self._body, JSON)
