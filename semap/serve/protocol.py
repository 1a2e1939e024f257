"""One connection in: uvicorn's protocol, and an end to clients that send or take nothing; what is no HTTP gets a JSON answer."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from semap.serve.backend import HTTPProtocol
from semap.serve.refusal import Refusal

__all__ = ["PatientProtocol"]

_LONGEST_HEAD = 64 << 10  # bytes; one of uvicorn's two parsers has no limit of its own


class PatientProtocol(HTTPProtocol):  # type: ignore[misc, valid-type]  # which of uvicorn's it is depends on what is installed
    """uvicorn waits for ever for the head of a request and for a client to read; this one waits `Limits.read_seconds`.

    The head is answered with 408, or 431 where it is too long; a client that takes none of its answer loses its connection.
    """

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(_Gathered(transport, self.loop))
        self._seconds: float = self.config.app.state.service.limits.read_seconds
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = self.loop.call_later(self._seconds, self._no_head)
        self._taking_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Pass it on, and see whether a head has been completed by it."""
        super().data_received(data if self._under_way() else _without_upgrade(data))
        if self._under_way():
            self._stop_head_timer()
            self._head_size = 0
            return
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._seconds, self._no_head)
        if self.cycle is not None and self.cycle.more_body:
            return  # the rest of a body that was refused unread
        self._head_size += len(data)
        if self._head_size > _LONGEST_HEAD:
            self._end(Refusal(431, f"the head of the request is longer than {_LONGEST_HEAD:,} bytes", code="head_too_large"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget about it."""
        self._stop_head_timer()
        self._stop_taking_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes less than it is sent: see to it that it goes on taking."""
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._stop_taking_timer()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls where a request is no HTTP."""
        self._end(Refusal(400, "this is no HTTP request", code="bad_http"))

    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _no_head(self) -> None:
        self._head_timer = None
        if self._under_way() or self.transport.is_closing():
            return
        if self._head_size:
            self._end(Refusal(408, f"no whole request arrived within {self._seconds:g} seconds", code="slow_request"))
        else:
            self.transport.close()

    def _end(self, refusal: Refusal) -> None:
        """Send a refusal past the application, which has not been called, and close."""
        if self.transport.is_closing():
            return
        body = refusal.encoded()
        head = f"HTTP/1.1 {refusal.status} {_PHRASES[refusal.status]}\r\ncontent-type: application/json\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _watch_taking(self) -> None:
        self._stop_taking_timer()
        left = self.transport.get_write_buffer_size()
        self._taking_timer = self.loop.call_later(self._seconds, self._not_taken, left)

    def _not_taken(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:
            self._watch_taking()
        else:
            self.transport.abort()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_taking_timer(self) -> None:
        if self._taking_timer is not None:
            self._taking_timer.cancel()
            self._taking_timer = None


class _Gathered:
    """A transport that sends what is written in one turn of the event loop in one piece.

    uvicorn writes head and body of an answer apart; each would be a call of the system, the dearest part of a small answer.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes before the event loop waits again."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Send what there is and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.write(b"".join(parts))


def _without_upgrade(data: bytes) -> bytes:
    """The same with an offer of another protocol, such as Java's and curl's of HTTP/2, under a name that means nothing.

    Whoever offers may be answered in HTTP/1.1, but one of uvicorn's parsers would take the body for that other protocol.
    """
    head, end, body = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(rb"\1x-upgrd\2", head) + end + body  # as long as it was: it may be the rest of a body after all


_UPGRADE = re.compile(rb"(\r\n)upgrade([ \t]*:)", re.IGNORECASE)
_PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
