"""Routes in, their description in OpenAPI 3.1 out, made of the very Structs that decode and encode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from semap import __version__
from semap.serve.backend import msgspec
from semap.serve.endpoints import HealthAnswer
from semap.serve.refusal import ErrorBody
from semap.serve.route import Route
from semap.serve.settings import ServeSettings

__all__ = ["openapi_document"]

_JSON = "application/json"
_COMMON = {
    400: "The body is no JSON, or not what this path takes; `param` names the field.",
    408: "The body did not arrive in time.",
    413: "The body is larger than the service allows.",
    415: "The header Content-Type is not application/json.",
    429: "As many requests are under way as may be at a time; Retry-After says when to try again.",
    503: "No answer in time, or the service is stopping.",
}
_BODY_STATUSES = (400, 408, 413, 415)
_UNAUTHORIZED = "The service asks for a key, and none of its own was sent."


def openapi_document(routes: Sequence[Route], settings: ServeSettings) -> dict[str, Any]:
    """Return the document of `/openapi.json` for these routes."""
    types = [each for route in routes for each in (route.request, route.response) if each is not None]
    schemas, components = msgspec.json.schema_components(
        [*types, HealthAnswer, ErrorBody], ref_template="#/components/schemas/{name}"
    )
    of = dict(zip(map(id, [*types, HealthAnswer, ErrorBody]), schemas, strict=True))
    error = of[id(ErrorBody)]
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "semap",
            "version": __version__,
            "description": "Embeddings: vectors of texts and tokens, and what is near to them.",
        },
        "paths": {
            **{route.path: {route.method.lower(): _operation(route, of, error, bool(settings.keys))} for route in routes},
            **_others(of[id(HealthAnswer)], error, settings),
        },
        "components": {"schemas": components},
    }
    if settings.keys:
        document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return document


def _operation(route: Route, of: Mapping[int, Any], error: Any, keyed: bool) -> dict[str, Any]:
    statuses = {status: _COMMON[status] for status in _COMMON if route.request is not None or status not in _BODY_STATUSES}
    if keyed:
        statuses[401] = _UNAUTHORIZED
    for status, when in route.refusals.items():
        statuses[status] = f"{statuses[status]} Also: {when}" if status in statuses else when
    operation: dict[str, Any] = {
        "operationId": f"{route.method}{route.path}".lower().replace("/v1", "").replace("/", "_"),
        "summary": route.summary,
        "responses": {
            "200": _answer("The answer.", of[id(route.response)], [example.response for example in route.examples]),
            **{str(status): _answer(statuses[status], error) for status in sorted(statuses)},
        },
    }
    if route.request is not None:
        requests = [example.request for example in route.examples]
        operation["requestBody"] = {"required": True, "content": {_JSON: _content(of[id(route.request)], requests)}}
    if keyed:
        operation["security"] = [{"bearer": []}]
    return operation


def _others(health: Any, error: Any, settings: ServeSettings) -> dict[str, Any]:
    """The paths outside /v1."""
    text = {"schema": {"type": "string"}}
    metrics: dict[str, Any] = {
        "summary": "Counters and histograms for Prometheus, in its text format 0.0.4.",
        "responses": {"200": {"description": "The metrics.", "content": {"text/plain": text}}},
    }
    if settings.keys:
        metrics["security"] = [{"bearer": []}]
        metrics["responses"]["401"] = _answer(_UNAUTHORIZED, error)
    paths = {
        "/health": {
            "get": {
                "summary": "Whether the service is up; needs no key.",
                "responses": {"200": _answer("It answers.", health), "503": _answer("A table cannot be served.", health)},
            }
        },
        "/metrics": {"get": metrics},
        "/openapi.json": {
            "get": {
                "summary": "This document; needs no key.",
                "responses": {"200": _answer("The document.", {"type": "object"})},
            }
        },
    }
    if settings.explorer:
        paths["/"] = {"get": _page(text, error)}
    return paths


def _page(text: Any, error: Any) -> dict[str, Any]:
    model = {"name": "model", "in": "query", "required": False, "description": "Which table.", "schema": {"type": "string"}}
    return {
        "summary": "The explorer: a page for people; needs no key.",
        "parameters": [model],
        "responses": {
            "200": {"description": "The page.", "content": {"text/html": text}},
            "404": _answer("No table of that name is served.", error),
            "503": _answer("The page cannot be drawn.", error),
        },
    }


def _answer(description: str, schema: Any, examples: Sequence[Any] = ()) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: _content(schema, examples)}}


def _content(schema: Any, examples: Sequence[Any]) -> dict[str, Any]:
    if not examples:
        return {"schema": schema}
    return {"schema": schema, "examples": {f"example {i}": {"value": each} for i, each in enumerate(examples, 1)}}
