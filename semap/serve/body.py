"""A request's body in, no more of it than is allowed; the client that goes away meanwhile ends the work for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from semap.serve.backend import Message, Receive, Scope, Send
from semap.serve.refusal import Refusal

__all__ = ["ClientGone", "drained", "header", "read_body", "unless_gone"]

_Answer = TypeVar("_Answer")

_UNWATCHED = 0.05  # seconds: most answers are there sooner, and a watch costs more than they do
_DRAINED_BYTES = 64 << 20
_DRAINED_SECONDS = 2.0


class ClientGone(Exception):
    """The connection was closed before the answer was there: nobody is left to send one to."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the value of a request's header, its name in lower case; None where it has none."""
    for each, value in scope["headers"]:
        if each == name:
            return bytes(value)
    return None


async def read_body(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    """Return the whole body of a request.

    limit: bytes; checked against Content-Length before anything is read, and against what arrives.
    seconds: for all of it to arrive.
    Raises Refusal 400 (a Content-Length that is no number), 408 and 413, and ClientGone.
    """
    length = header(scope, b"content-length")
    if length is not None and not length.isdigit():
        raise Refusal(400, "Content-Length is no number of bytes", code="bad_content_length")
    if length is not None and int(length) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError:
        message = f"the body did not arrive within {seconds:g} seconds; send it faster or in smaller parts"
        raise Refusal(408, message, code="slow_request", headers={"Connection": "close"}) from None


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> Refusal:
    message = f"the body is larger than {limit:,} bytes; send fewer or shorter inputs in one request"
    return Refusal(413, message, code="body_too_large", headers={"Connection": "close"})


async def unless_gone(receive: Receive, answer: Awaitable[_Answer]) -> _Answer:
    """Await an answer and cancel it where the client goes away first. Raises ClientGone, and what the answer raises."""
    task = asyncio.current_task()
    assert task is not None
    watch = _Watch(receive, task)
    later = asyncio.get_running_loop().call_later(_UNWATCHED, watch.start)
    try:
        return await answer
    except asyncio.CancelledError:
        if not watch.gone:
            raise
        task.uncancel()
        raise ClientGone from None
    finally:
        later.cancel()
        watch.stop()


class _Watch:
    """Waits for the client of a task to go, and cancels the task then."""

    def __init__(self, receive: Receive, task: asyncio.Task[object]) -> None:
        self.gone = False
        self._receive, self._task = receive, task
        self._waiting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait."""
        self._waiting = asyncio.get_running_loop().create_task(self._wait())

    def stop(self) -> None:
        """Wait no longer."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None  # it refers to this watch, and nothing else should have to find that out

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._task.cancel()


async def drained(scope: Scope, receive: Receive, send: Send, last: Message) -> None:
    """Send the last message of a refusal whose request has not been read to its end, so that its client sees it.

    A socket that is closed with unread bytes resets the connection, and a client still sending never reads the answer. So what
    arrives for a while yet is thrown away, part by part; a client that waits for "100 Continue" sends nothing more.
    """
    if header(scope, b"expect") is None:
        await send({**last, "more_body": True})
        last = {**last, "body": b""}
        try:
            async with asyncio.timeout(_DRAINED_SECONDS):
                await _throw_away(receive)
        except TimeoutError:
            pass
    await send(last)


async def _throw_away(receive: Receive) -> None:
    size = 0
    while size < _DRAINED_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
