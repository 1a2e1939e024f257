"""`GET /`: one page for each table, drawn once, with headers that keep it from talking to anybody but this service."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx
import pytest

from semap.errors import MissingExtra
from semap.serve.settings import ServeSettings

from .serving import Serving, until
from .small import SmallTables, small_app

Start = Callable[[Any], Serving]


class Explorer(ModuleType):
    """Stands for `semap.serve.explorer`; `drawn` holds the names it was asked for."""

    def __init__(self) -> None:
        super().__init__("semap.serve.explorer")
        self.drawn: list[str] = []
        self.failure: Exception | None = None
        self.may_draw = threading.Event()
        self.may_draw.set()

    def explorer_page(self, tables: Any, name: str) -> bytes:
        self.may_draw.wait(10)
        if self.failure is not None:
            raise self.failure
        self.drawn.append(name)
        return f"<!doctype html><title>{name}</title>".encode() + b" " * 1000


@pytest.fixture
def explorer(monkeypatch: pytest.MonkeyPatch) -> Explorer:
    made = Explorer()
    monkeypatch.setitem(sys.modules, "semap.serve.explorer", made)
    return made


def shown(serving: Serving, query: str = "", **headers: str) -> httpx.Response:
    return httpx.get(serving.url + "/" + query, headers=headers, timeout=20)


def test_the_first_tables_page_is_drawn_before_anybody_asks_and_every_page_once(serving: Start, explorer: Explorer) -> None:
    running = serving(small_app(ServeSettings()))
    assert until(lambda: explorer.drawn == ["animals"])
    for _ in range(3):
        answer = shown(running)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<title>animals</title>" in answer.text
    assert '<title>qu"ote</title>' in shown(running, "?model=qu%22ote").text
    assert explorer.drawn == ["animals", 'qu"ote']


def test_health_answers_while_a_page_is_drawn(serving: Start, explorer: Explorer) -> None:
    explorer.may_draw.clear()
    running = serving(small_app(ServeSettings()))
    try:
        assert httpx.get(running.url + "/health", timeout=5).status_code == 200
        with running.connected() as impatient:
            impatient.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert until(lambda: running.service.metrics.in_flight == 1)
        assert until(lambda: running.service.metrics.in_flight == 0)  # who goes away is let go ...
    finally:
        explorer.may_draw.set()
    assert shown(running).status_code == 200  # ... and the page is drawn all the same


def test_a_model_that_is_not_served_is_404(serving: Start, explorer: Explorer) -> None:
    answer = shown(serving(small_app(ServeSettings())), "?model=%3Cscript%3E")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"]["param"] == "model"


def test_the_page_may_run_what_it_brings_and_ask_this_service_and_nothing_else(serving: Start, explorer: Explorer) -> None:
    headers = shown(serving(small_app(ServeSettings()))).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "http" not in headers["content-security-policy"]


def test_browsers_that_have_the_page_are_told_so_and_others_get_it_compressed(serving: Start, explorer: Explorer) -> None:
    running = serving(small_app(ServeSettings()))
    first = shown(running, **{"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 500 < len(first.content)
    again = shown(running, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert shown(running, **{"Accept-Encoding": "identity"}).content == first.content
    for refused in ("identity", "gzip;q=0", "br, gzip; q=0.000", "x-gzipped"):
        assert "content-encoding" not in shown(running, **{"Accept-Encoding": refused}).headers
    for taken in ("br, GZIP;q=0.5", "gzip;q=1.0, *;q=0"):
        assert shown(running, **{"Accept-Encoding": taken}).headers["content-encoding"] == "gzip"


def test_a_missing_library_is_said_and_tried_again_when_it_may_be_there(serving: Start, explorer: Explorer) -> None:
    explorer.failure = MissingExtra("plotly", "map")
    running = serving(small_app(ServeSettings()))
    answer = shown(running)
    assert answer.status_code == 503
    assert "pip install 'semap[map]'" in answer.json()["error"]["message"]
    assert httpx.get(running.url + "/health").status_code == 200
    explorer.failure = None
    assert shown(running).status_code == 200


def test_without_the_explorer_nothing_is_drawn(serving: Start, explorer: Explorer) -> None:
    running = serving(small_app(ServeSettings(explorer=False)))
    assert until(lambda: running.service.state == "ok")
    assert shown(running).status_code == 404
    assert explorer.drawn == []


def test_with_keys_an_explorer_that_was_asked_for_needs_none(serving: Start, explorer: Explorer) -> None:
    running = serving(small_app(ServeSettings(keys=("a-key",), explorer=True), SmallTables()))
    assert shown(running).status_code == 200
    assert httpx.get(running.url + "/v1/names").status_code == 401
