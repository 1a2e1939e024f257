"""Every request in, through to the application: an id, safe headers, a line of the log and the metrics for each."""

from __future__ import annotations

import asyncio
import os
import re
from itertools import count
from time import perf_counter

from semap.serve.backend import ASGIApp, Message, Receive, Scope, Send
from semap.serve.body import ClientGone, header
from semap.serve.refusal import Refusal
from semap.serve.sending import send_refusal
from semap.serve.service import Service

__all__ = ["CLIENT_GONE", "Gate"]

CLIENT_GONE = 499  # as nginx logs it; nothing is sent

_OWN_ID = re.compile(rb"[\w.-]{1,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Gate:
    """ASGI middleware around everything else of a service.

    paths: the paths that may stand in the log and the metrics; what else a client asked for may be a text, and is "other".
    """

    def __init__(self, app: ASGIApp, service: Service, paths: frozenset[str]) -> None:
        self._app, self._service, self._paths = app, service, paths
        self._prefix, self._ids = os.urandom(4).hex(), count(1)
        self._headers = _SAFE[:-1] if service.settings.origins else _SAFE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through, or what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics, begin = self._service.metrics, perf_counter()
        passed = _Passed(send, self._headers_of(self._id_of(scope)), self._service)
        metrics.in_flight += 1
        try:
            await self._pass(scope, receive, passed)
        finally:
            metrics.in_flight -= 1
            self._note(scope, passed, perf_counter() - begin)

    async def _pass(self, scope: Scope, receive: Receive, passed: _Passed) -> None:
        try:
            await self._app(scope, receive, passed.send)
        except ClientGone:
            self._service.metrics.client_gone()
        except asyncio.CancelledError:  # the server gives up waiting for this answer
            if passed.status == CLIENT_GONE:
                await send_refusal(passed.send, Refusal(503, "the service is stopping; ask another one", code="shutting_down"))
        except Exception as failure:
            self._service.log.failure(failure, request_id=passed.request_id)
            if passed.status == CLIENT_GONE:
                refusal = Refusal(500, "the service failed to answer; its log says where", code="internal_error")
                await send_refusal(passed.send, refusal)

    def _id_of(self, scope: Scope) -> bytes:
        given = header(scope, b"x-request-id")
        if given is not None and _OWN_ID.fullmatch(given):
            return given
        return f"{self._prefix}-{next(self._ids):x}".encode()

    def _headers_of(self, request_id: bytes) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"x-request-id", request_id), *self._headers)

    def _note(self, scope: Scope, passed: _Passed, seconds: float) -> None:
        path = scope["path"] if scope["path"] in self._paths else "other"
        self._service.metrics.answered(path, passed.status, seconds)
        if self._service.settings.log:
            self._service.log.line(
                method=scope["method"] if scope["method"] in _METHODS else "other",
                path=path,
                status=passed.status,
                ms=round(seconds * 1000, 2),
                bytes=passed.size,
                request_id=passed.request_id,
            )


class _Passed:
    """What was sent to a client."""

    def __init__(self, send: Send, headers: tuple[tuple[bytes, bytes], ...], service: Service) -> None:
        self._send, self._headers, self._service = send, headers, service
        self.request_id = headers[0][1].decode()
        self.status, self.size = CLIENT_GONE, 0

    async def send(self, message: Message) -> None:
        """Send a message on, its start with this gate's headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            last = [(b"connection", b"close")] if self._service.stopping else []
            message = {**message, "headers": [*message.get("headers", ()), *self._headers, *last]}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)
