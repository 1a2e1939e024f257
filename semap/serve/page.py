"""`GET /`: the explorer of a table as a page for browsers, drawn once, beforehand."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qs

from semap.errors import SemapError
from semap.serve.backend import Receive, Scope, Send
from semap.serve.body import header, unless_gone
from semap.serve.refusal import Refusal
from semap.serve.sending import send_bytes, send_head
from semap.serve.service import Service

__all__ = ["Page"]

_HTML = "text/html; charset=utf-8"
# What the page brings along may run, and ask this service; nothing may come from or go elsewhere. The page's own policy narrows
# it to two scripts by their hashes; 'unsafe-eval' is for plotly, see semap.map.page.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Drawn(NamedTuple):
    """A page, the same compressed, and what tells it from others."""

    plain: bytes
    packed: bytes
    tag: str


class Page:
    """Answers `GET /`; `?model=` names the table where several are served.

    Pages are drawn one after the other on a thread: the first table's once the service is warm, others when they are asked for.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages: dict[str, Future[_Drawn]] = {}
        self._door = Lock()
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="semap page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("model")
        name = self._service.tables.of(asked[0]).name if asked else self._service.tables.names[0]
        page = await unless_gone(receive, self._wait(name))
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "ETag": page.tag, "Vary": "Accept-Encoding"}
        if page.tag.encode() in (header(scope, b"if-none-match") or b""):
            await send_head(send, 304, headers)
        elif _takes_gzip(header(scope, b"accept-encoding") or b""):
            await send_bytes(send, 200, page.packed, _HTML, {**headers, "Content-Encoding": "gzip"})
        else:
            await send_bytes(send, 200, page.plain, _HTML, headers)

    def begin(self, name: str) -> Future[_Drawn]:
        """Have the page of a table drawn, unless it has been; from any thread."""
        with self._door:
            found = self._pages.get(name)
            if found is None or (found.done() and found.exception() is not None):  # what was missing may be there now
                found = self._pages[name] = self._drawing.submit(self._draw, name)
            return found

    async def _wait(self, name: str) -> _Drawn:
        try:
            return await asyncio.shield(asyncio.wrap_future(self.begin(name)))  # who goes away does not end it for the others
        except Refusal:
            raise
        except SemapError as failure:
            raise Refusal(503, f"the explorer cannot be shown: {failure}", code="no_explorer") from None

    def _draw(self, name: str) -> _Drawn:
        from semap.serve.explorer import explorer_page

        plain = explorer_page(self._service.tables, name)
        return _Drawn(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:16]}"')


def _takes_gzip(accepted: bytes) -> bool:
    """Whether a header Accept-Encoding names gzip, and not with the weight 0 of what is not wanted (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(b","):
        coding, _, weight = each.replace(b" ", b"").partition(b";q=")
        if coding == b"gzip":
            return bool(weight.strip(b"0.")) or not weight
    return False
