"""docs/serve.md: its commands give what stands below them, and it names every path, limit, refusal and metric there is."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from semap.cli.serve import serve
from semap.serve.log import Log
from semap.serve.metrics import Metrics
from semap.serve.openapi import openapi_document
from semap.serve.routes import ROUTES
from semap.serve.settings import Limits, ServeSettings

from .serving import Serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
ASKED = re.findall(r"^\$ (curl .*)\n(.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def english() -> Iterator[Serving]:
    from semap.serve.app import build_app
    from semap.serve.tables import Tables

    tables = Tables.open({"english": "english"}, threads=1)
    serving = Serving(build_app(tables, ServeSettings(explorer=False, limits=Limits(seconds=120)), log=Log(lambda line: None)))
    yield serving
    serving.stop()


@pytest.mark.parametrize(("command", "expected"), ASKED, ids=[re.sub(r".*/v1/(\w+).*", r"\1", each) for each, _ in ASKED])
def test_a_command_of_the_page_gives_what_stands_below_it(english: Serving, command: str, expected: str) -> None:
    words = shlex.split(command)
    name, _, value = words[words.index("-H") + 1].partition(": ")
    url = words[1].replace("http://127.0.0.1:8000", english.url)
    answer = httpx.post(url, content=words[words.index("-d") + 1], headers={name: value}, timeout=120)
    assert rounded(answer.json()) == rounded(json.loads(expected))
    assert list(answer.json()) == list(json.loads(expected))


def rounded(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: rounded(each) for name, each in part.items()}
    if isinstance(part, list):
        return [rounded(each) for each in part]
    return pytest.approx(part, abs=1e-4) if isinstance(part, float) else part


def test_the_page_has_commands_for_every_route_of_tokens_and_texts() -> None:
    assert {re.search(r"/v1/\w+", command)[0] for command, _ in ASKED} >= {  # type: ignore[index]
        "/v1/similar", "/v1/analogy", "/v1/similarity", "/v1/tokenize", "/v1/embeddings",
    }  # fmt: skip


def test_the_page_names_every_path_and_no_other() -> None:
    named = set(re.findall(r"^\| `(GET|POST) (/\S*)` \|", PAGE, re.MULTILINE))
    described = openapi_document(ROUTES, ServeSettings())["paths"]
    assert named == {(method.upper(), path) for path, item in described.items() for method in item}


def test_the_page_names_every_field_of_every_request() -> None:
    for route in ROUTES:
        if route.request is not None:
            row = re.search(rf"^\| `POST {route.path}` \|.*$", PAGE, re.MULTILINE)
            assert row is not None
            for field in set(route.request.__struct_fields__) - {"model"}:
                assert f"`{field}`" in row[0], f"{route.path}: {field}"


def test_the_page_names_every_code_that_a_refusal_has() -> None:
    codes = set()
    for path in (ROOT / "semap" / "serve").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                codes |= {
                    word.value.value for word in node.keywords if word.arg == "code" and isinstance(word.value, ast.Constant)
                }
    codes = {code for code in codes if isinstance(code, str)} | {"not_found", "method_not_allowed"}
    assert len(codes) > 15
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| \d{3} \|[^|]*\|", PAGE, re.MULTILINE)))) == codes


def test_the_page_names_every_option_and_its_true_default() -> None:
    import inspect

    defaults = {name: parameter.default for name, parameter in inspect.signature(serve).parameters.items()}
    told = dict(re.findall(r"^\| `--([\w-]+)` \| (\d+) \|", PAGE, re.MULTILINE))
    assert len(told) == 8
    for option, value in told.items():
        assert defaults[option.replace("-", "_")] == int(value), option
    for option in ("host", "key-file", "key", "explorer", "allow-origin", "quiet", "table", "grace", "index", "exact"):
        assert f"--{option}" in PAGE


def test_the_commands_defaults_are_those_of_limits_and_settings() -> None:
    import inspect

    defaults = {name: parameter.default for name, parameter in inspect.signature(serve).parameters.items()}
    limits, settings = Limits(), ServeSettings()
    names = {
        "max_items": "items", "max_tokens": "tokens", "max_neighbours": "neighbours", "max_body": "body",
        "max_concurrent": "concurrent", "timeout": "seconds", "read_timeout": "read_seconds",
    }  # fmt: skip
    for option, name in names.items():
        assert defaults[option] == getattr(limits, name), option
    for name in ("host", "port", "grace"):
        assert defaults[name] == getattr(settings, name), name


def test_the_page_names_every_metric() -> None:
    for name in re.findall(r"^# TYPE (\S+)", Metrics().text({}), re.MULTILINE):
        assert f"`{name}`" in PAGE, name


def test_the_python_of_the_page_runs() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["app"].state.service.limits.items == 64
