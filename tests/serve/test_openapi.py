"""`/openapi.json`: what it says is what the service does, by its own examples and by schemathesis' many requests."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from semap.serve.log import Log
from semap.serve.openapi import openapi_document
from semap.serve.routes import ROUTES
from semap.serve.settings import Limits, ServeSettings

from .serving import Serving
from .small import ROUTES as SMALL_ROUTES

PATHS = [
    "/v1/embeddings", "/v1/models", "/v1/similar", "/v1/analogy", "/v1/similarity", "/v1/lookup", "/v1/tokenize",
    "/health", "/metrics", "/openapi.json", "/",
]  # fmt: skip
POSTED = frozenset(route.path for route in ROUTES if route.method == "POST")


@pytest.fixture(scope="module")
def english() -> Iterator[Serving]:
    """The whole service of the built-in table, without its page."""
    from semap.serve.app import build_app
    from semap.serve.tables import Tables

    tables = Tables.open({"english": "english"}, threads=1)
    service = ServeSettings(explorer=False, limits=Limits(seconds=120.0))
    serving = Serving(build_app(tables, service, log=Log(lambda line: None)))
    yield serving
    serving.stop()


@pytest.fixture(scope="module")
def api(english: Serving) -> Any:
    return schemathesis.openapi.from_url(english.url + "/openapi.json")


def test_every_path_is_described() -> None:
    document = openapi_document(ROUTES, ServeSettings())
    assert document["openapi"].startswith("3.1.")
    assert sorted(document["paths"]) == sorted(PATHS)
    for path, item in document["paths"].items():
        assert list(item) == (["post"] if path.startswith("/v1/") and path != "/v1/models" else ["get"])


def test_every_post_documents_its_limits_and_refusals() -> None:
    for path, item in openapi_document(ROUTES, ServeSettings())["paths"].items():
        if "post" in item:
            statuses = set(item["post"]["responses"])
            assert statuses >= {"200", "400", "404", "408", "413", "415", "429", "503"}, path
            refusal = item["post"]["responses"]["413"]["content"]["application/json"]["schema"]
            assert refusal == {"$ref": "#/components/schemas/ErrorBody"}


def test_every_reference_leads_to_a_schema() -> None:
    document = openapi_document(ROUTES, ServeSettings())
    schemas = document["components"]["schemas"]
    references = list(_references(document))
    assert len(references) > 20
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from _references(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _references(each)


def test_keys_are_described_where_the_service_has_some_and_only_there() -> None:
    open_document, locked = (openapi_document(SMALL_ROUTES, ServeSettings(keys=keys)) for keys in ((), ("a-key",)))
    assert "securitySchemes" not in open_document["components"]
    assert locked["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert locked["paths"]["/v1/echo"]["post"]["security"] == [{"bearer": []}]
    assert "401" in locked["paths"]["/v1/echo"]["post"]["responses"]
    assert "401" in locked["paths"]["/metrics"]["get"]["responses"]
    assert "security" not in locked["paths"]["/health"]["get"]
    assert "a-key" not in msgspec.json.encode(locked).decode()


def test_the_document_that_is_served_is_the_one_that_is_made(english: Serving) -> None:
    served = httpx.get(english.url + "/openapi.json").json()
    assert served == msgspec.json.decode(msgspec.json.encode(openapi_document(ROUTES, ServeSettings(explorer=False))))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_example_gets_the_answer_that_stands_beside_it(english: Serving, route: Any) -> None:
    assert route.examples, f"{route.path} has no example"
    for example in route.examples:
        answer = httpx.request(route.method, english.url + route.path, json=example.request, timeout=120)
        assert answer.status_code == 200, answer.text
        assert_like(answer.json(), msgspec.to_builtins(example.response), route.path)


def assert_like(found: Any, expected: Any, where: str) -> None:
    """The same, numbers with a fraction within 1e-4."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert list(found) == list(expected) or set(found) == set(expected), where
        for name in expected.keys() - {"created"}:  # of a file: it differs where the package was installed
            assert_like(found[name], expected[name], f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        assert len(found) == len(expected), where
        for place, each in enumerate(expected):
            assert_like(found[place], each, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert math.isclose(found, expected, abs_tol=1e-4), f"{where}: {found} is not {expected}"
    else:
        assert found == expected, where


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("path", [path for path in PATHS if path.startswith("/v1/") or path == "/health"])
def test_schemathesis_finds_nothing_that_the_document_does_not_say(api: Any, path: str, mode: Any) -> None:
    """Bodies that fit their schema and bodies that do not: the answer is always one that is described, and of its schema."""
    operation = api[path]["POST" if path in POSTED else "GET"]
    if operation.body or mode is schemathesis.GenerationMode.POSITIVE:

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            # A body of the right types may be refused all the same: a token and a vector together, 3.0 where a schema's
            # integer allows it, a number beyond a limit of the service.
            case.call_and_validate(excluded_checks=[positive_data_acceptance], timeout=120)

        ask()
