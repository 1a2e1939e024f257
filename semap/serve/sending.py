"""Bytes or a refusal in, the messages of one HTTP answer out."""

from __future__ import annotations

from collections.abc import Mapping

from semap.serve.backend import Receive, Scope, Send
from semap.serve.body import drained
from semap.serve.refusal import Refusal

__all__ = ["JSON", "send_bytes", "send_head", "send_refusal", "send_unread"]

JSON = "application/json"


async def send_bytes(send: Send, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> None:
    """Send an answer."""
    await send(_start(status, len(body), content_type, headers or {}))
    await send({"type": "http.response.body", "body": body})


async def send_head(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """Send an answer that has no body, as 304."""
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": b""})


async def send_refusal(send: Send, refusal: Refusal) -> None:
    """Send a refusal."""
    await send_bytes(send, refusal.status, refusal.encoded(), JSON, refusal.headers)


async def send_unread(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Send a refusal of a request whose body has not been read to its end."""
    body = refusal.encoded()
    await send(_start(refusal.status, len(body), JSON, refusal.headers))
    await drained(scope, receive, send, {"type": "http.response.body", "body": body})


def _start(status: int, size: int, content_type: str, headers: Mapping[str, str]) -> dict[str, object]:
    fixed = [(b"content-type", content_type.encode()), (b"content-length", str(size).encode())]
    return {"type": "http.response.start", "status": status, "headers": [*fixed, *_encoded(headers)]}


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
