"""A server on a thread, and what tests send to it byte by byte."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from semap.serve.server import Server, address, listen
from semap.serve.settings import ServeSettings


class Serving:
    """An application on a free port of this machine; `url`, `port` and `app` say which."""

    def __init__(self, app: Any) -> None:
        bound = listen(ServeSettings(port=0))
        self.app, self.url, self.port = app, address(bound), bound.getsockname()[1]
        listening = threading.Event()
        self._server = Server(app, listening.set)
        self._thread = threading.Thread(target=self._server.serve_on, args=(bound,), daemon=True)
        self._thread.start()
        assert listening.wait(20)

    @property
    def service(self) -> Any:
        return self.app.state.service

    def service_connections(self) -> list[Any]:
        return list(self._server.server_state.connections)

    def begin_to_stop(self) -> None:
        self._server.stop()

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as connection:
            yield connection

    def raw(self, sent: bytes) -> tuple[int, Any]:
        """Send bytes on a connection of its own; return the status and the JSON of what comes until the server closes it."""
        with self.connected() as connection:
            connection.sendall(sent)
            return status_and_json(until_closed(connection))


def until_closed(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def one_answer(connection: socket.socket) -> bytes:
    """An answer to its last byte, of a connection that stays open."""
    found = b""
    while True:
        head, end, body = found.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return found
        part = connection.recv(1 << 16)
        assert part, found
        found += part


def status_and_json(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def post(body: bytes, *headers: str, path: str = "/v1/echo", length: int | None = None) -> bytes:
    """A request as bytes; `length` is what Content-Length says, where that is not the truth."""
    lines = [f"POST {path} HTTP/1.1", "Host: here", "Content-Type: application/json", *headers]
    if not any(line.lower().startswith("transfer-encoding") for line in headers):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something to become true; return whether it has."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return true()
