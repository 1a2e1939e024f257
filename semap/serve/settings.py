"""What a service allows (`Limits`) and how it is run (`ServeSettings`): numbers in, checked numbers out."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from semap.errors import SettingsError
from semap.settings import real, whole

__all__ = ["Limits", "ServeSettings"]

_LARGEST_PORT = 65_535


@dataclass(frozen=True)
class Limits:
    """How much one request, and all of them together, may ask for; beyond it a request is refused.

    items: inputs of /v1/embeddings or tokens of /v1/lookup in one request (OpenAI allows 2,048 too).
    tokens: tokens of one text (OpenAI's embedding models take 8,192 or so).
    neighbours: the largest `k`.
    body: bytes of a request's body; what is longer is not read to its end (413).
    concurrent: requests under way at a time; the next one gets 429.
    seconds: for the answer of one request, once it has been read (503).
    read_seconds: for a request to arrive (408), and for a client to take what it is sent (its connection is closed).

    Raises SettingsError for a number out of its range.
    """

    items: int = 2048
    tokens: int = 8192
    neighbours: int = 1000
    body: int = 8 << 20
    concurrent: int = 256
    seconds: float = 30.0
    read_seconds: float = 20.0

    def __post_init__(self) -> None:
        for name in ("items", "tokens", "neighbours", "body", "concurrent"):
            whole(name, getattr(self, name), 1)
        for name in ("seconds", "read_seconds"):
            real(name, getattr(self, name), above=True)


@dataclass(frozen=True)
class ServeSettings:
    """How a service is run.

    host, port: where it listens; port 0 takes a free one.
    keys: bearer keys that open it; none: open to whoever reaches the port.
    origins: where pages of other servers may be that call it, as "https://app.example"; "*" for all.
    explorer: whether `/` shows the map of the tables, to people without a key too.
    limits: see `Limits`.
    grace: seconds that a stop waits for requests under way.
    log: whether each request leaves a line on standard error.

    Raises SettingsError for a setting out of its range.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    keys: tuple[str, ...] = field(default=(), repr=False)
    origins: tuple[str, ...] = ()
    explorer: bool = True
    limits: Limits = Limits()
    grace: float = 30.0
    log: bool = True

    def __post_init__(self) -> None:
        whole("port", self.port, 0, _LARGEST_PORT)
        real("grace", self.grace)
        for key in self.keys:
            _check_key(key)
        for origin in self.origins:
            _check_origin(origin)


def _check_key(key: str) -> None:
    """A key travels in a header: visible ASCII characters, no spaces. The message never shows it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError("a key is empty or holds other than visible ASCII characters; give letters, digits and signs")


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    if origin != "*" and (parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}"):
        raise SettingsError(f"origin {origin!r} is none; give scheme, host and port alone, as https://app.example")
