"""Tables and settings in, the application that serves them out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from semap.serve.backend import (
    ASGIApp,
    CORSMiddleware,
    HTTPException,
    Middleware,
    PathRoute,
    Receive,
    Scope,
    Send,
    Starlette,
)
from semap.serve.endpoints import Health, JsonRoute, MetricsText, OpenAPI
from semap.serve.gate import Gate
from semap.serve.log import Log
from semap.serve.openapi import openapi_document
from semap.serve.page import Page
from semap.serve.refusal import Refusal
from semap.serve.route import Route
from semap.serve.sending import send_refusal, send_unread
from semap.serve.service import Service
from semap.serve.settings import ServeSettings

if TYPE_CHECKING:
    from semap.serve.tables import Tables

__all__ = ["build_app"]

_PREFLIGHT_SECONDS = 600
_UNREAD = (408, 413)
_CODES = {404: "not_found", 405: "method_not_allowed"}


def build_app(
    tables: Tables, settings: ServeSettings | None = None, *, routes: Sequence[Route] | None = None, log: Log | None = None
) -> Starlette:
    """Return the application of a service, for `semap.serve.server.run` or any other ASGI server.

    tables: what is served; closed when the application ends.
    settings: host, port and grace are the server's matter; defaults where None.
    routes: the paths under /v1; `semap.serve.routes.ROUTES` where None.
    log: where lines go; standard error where None.
    """
    if routes is None:
        from semap.serve.routes import ROUTES

        routes = ROUTES
    service = Service(tables, settings or ServeSettings(), log)
    paths = [_path(route.path, route.method, JsonRoute(route, service)) for route in routes]
    paths += [
        _path("/health", "GET", Health(service)),
        _path("/metrics", "GET", MetricsText(service)),
        _path("/openapi.json", "GET", OpenAPI(openapi_document(routes, service.settings))),
    ]
    if service.settings.explorer:
        page = Page(service)
        service.when_warm.append(lambda: page.begin(tables.names[0]))
        paths.append(_path("/", "GET", page))
    app = Starlette(
        routes=paths,
        middleware=_middleware(service, frozenset(path.path for path in paths)),
        exception_handlers={Refusal: _refused, HTTPException: _http_refused},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return app


def _path(path: str, method: str, endpoint: ASGIApp) -> PathRoute:
    return PathRoute(path, endpoint, methods=[method])


def _middleware(service: Service, paths: frozenset[str]) -> list[Middleware]:
    found = [Middleware(Gate, service=service, paths=paths)]
    if service.settings.origins:
        found.append(
            Middleware(
                CORSMiddleware,
                allow_origins=service.settings.origins,
                allow_methods=("GET", "POST"),
                allow_headers=("authorization", "content-type", "x-request-id"),
                expose_headers=("x-request-id", "retry-after"),
                max_age=_PREFLIGHT_SECONDS,
            )
        )
    return found


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.begin()
    try:
        yield
    finally:
        await asyncio.to_thread(service.tables.close)


class _Refused:
    """A refusal as the answer of an exception handler."""

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._refusal.status in _UNREAD:
            await send_unread(scope, receive, send, self._refusal)
        else:
            await send_refusal(send, self._refusal)


async def _refused(request: Any, refusal: Exception) -> Any:
    assert isinstance(refusal, Refusal)
    return _Refused(refusal)


async def _http_refused(request: Any, failure: Exception) -> Any:
    """Starlette's own: no such path, or not with this method."""
    assert isinstance(failure, HTTPException)
    allowed = sorted((failure.headers or {}).get("Allow", "").replace(" ", "").split(","))
    message = {
        404: "there is no such path; GET /openapi.json lists those that there are",
        405: f"this path takes {' and '.join(allowed)}",
    }.get(failure.status_code, str(failure.detail))
    headers = {"Allow": ", ".join(allowed)} if failure.status_code == 405 else {}
    return _Refused(Refusal(failure.status_code, message, code=_CODES.get(failure.status_code), headers=headers))
