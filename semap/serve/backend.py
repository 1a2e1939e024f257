"""The one file that imports starlette, uvicorn and msgspec; without them: one sentence with the exact `pip install`."""

from __future__ import annotations

from semap.errors import MissingExtra

try:
    import msgspec as msgspec
    import starlette as starlette
    import uvicorn as uvicorn
    from starlette.applications import Starlette as Starlette
    from starlette.exceptions import HTTPException as HTTPException
    from starlette.middleware import Middleware as Middleware
    from starlette.middleware.cors import CORSMiddleware as CORSMiddleware
    from starlette.routing import Route as PathRoute
    from starlette.types import ASGIApp as ASGIApp
    from starlette.types import Message as Message
    from starlette.types import Receive as Receive
    from starlette.types import Scope as Scope
    from starlette.types import Send as Send
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as HTTPProtocol
except ModuleNotFoundError as failure:
    raise MissingExtra((failure.name or "starlette").split(".")[0], "serve") from failure

__all__ = [
    "ASGIApp",
    "CORSMiddleware",
    "HTTPException",
    "HTTPProtocol",
    "Message",
    "Middleware",
    "PathRoute",
    "Receive",
    "Scope",
    "Send",
    "Starlette",
    "msgspec",
    "starlette",
    "uvicorn",
]
