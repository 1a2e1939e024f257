"""The page that a service sends: it asks that service, says what it answers and what it refuses. The service here is a stub."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from semap.map.chart import Chart
from semap.map.page import page_html

from .moves import search

Open = Callable[..., Any]
KNOWN = {"man", "woman", "king", "queen", "prince", "apple", "throne"}  # "throne" is not on the map


class Stub:
    """Answers as the service does; keeps what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.models = ["royal"]
        self.key = ""
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def answer(self, path: str, body: dict[str, Any], authorization: str | None) -> tuple[int, dict[str, Any]]:
        self.asked.append((path, body))
        if self.key and authorization != f"Bearer {self.key}":
            return 401, {"error": {"message": "a key is needed", "type": "x", "param": None, "code": "invalid_api_key"}}
        unknown = [body[name] for name in ("token", "a", "b", "c") if name in body and body[name] not in KNOWN]
        if unknown:
            message = f"{unknown[0]!r} is not among the 7 tokens of this table; did you mean 'king', 'queen'?"
            return 404, {"error": {"message": message, "type": "x", "param": None, "code": "token_not_found"}}
        return 200, getattr(self, "_" + path.removeprefix("/v1/"))(body)

    def _models(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}

    def _similar(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [("queen", 0.81), ("prince", 0.5)] if "vector" in body else [("throne", 0.77), ("prince", 0.6)]
        return {"data": [{"token": token, "score": score} for token, score in found]}

    def _analogy(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"data": [{"token": "queen", "score": 0.7}, {"token": "throne", "score": 0.6}]}

    def _similarity(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"score": 0.123456}

    def _tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
        pieces = [{"text": "the", "id": None, "start": 0, "end": 3}, {"text": "king", "id": 3, "start": 4, "end": 8}]
        return {"data": pieces, "n_known": 1, "n_unknown": 1}

    def _embeddings(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"data": [{"index": 0, "embedding": [0.6, -0.8]}]}


def _stub() -> Iterator[tuple[Stub, str]]:
    """A service at an address of this machine."""
    state = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/v1/"):
                return self.do_POST()
            self._send(200, "text/html; charset=utf-8", state.pages[self.path].encode())

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else {}
            status, answer = state.answer(self.path, body, self.headers.get("Authorization"))
            self._send(status, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


stub = pytest.fixture(_stub, name="stub")
lasting_stub = pytest.fixture(_stub, scope="module", name="lasting_stub")


@pytest.fixture(scope="module")
def live_page(royal: Chart, lasting_stub: tuple[Stub, str], watching: Open) -> Any:
    state, address = lasting_stub
    state.pages["/"] = page_html(royal, live=True, model="royal")
    watched = watching(address, complaints=True)  # the browser counts every refusal of a service as an error
    watched.stub = state
    return watched


@pytest.fixture
def live(live_page: Any) -> Any:
    """The open page, with the stub it came from, and no answer on it."""
    live_page.page.evaluate("""() => {
        document.getElementById('clear').click();
        for (const answers of document.querySelectorAll('.answers, #cosine-answer, #text-answer')) answers.replaceChildren();
    }""")
    return live_page


def ask(page: Any, form: str, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#{form}-{name}", value)
    page.click(f"#{form}-form button")


def test_neighbours_come_from_the_service_those_off_the_map_too(live: Any) -> None:
    page = live.page
    search(page, "king")
    page.wait_for_selector("#neighbours li")
    assert page.locator("#neighbours li").all_inner_texts() == ["throne\nnot on the map\n0.770", "prince\n0.600"]
    assert live.stub.asked[-1] == ("/v1/similar", {"model": "royal", "token": "king", "k": 10})
    page.wait_for_function("document.getElementById('stage').dataset.neighbours === '1'")


def test_a_token_off_the_map_has_neighbours_all_the_same(live: Any) -> None:
    page = live.page
    search(page, "throne")
    page.wait_for_selector("#neighbours li")
    assert page.inner_text("#chosen-facts") == "In the table, not on the map"


def test_an_unknown_token_is_refused_with_suggestions_to_click(live: Any) -> None:
    page = live.page
    search(page, "kinng")
    page.wait_for_selector("#message button")
    assert "'kinng' is not among the 7 tokens of this table. Did you mean" in page.inner_text("#message")
    page.click("#message button >> text=queen")
    page.wait_for_selector("#chosen:not([hidden])")
    assert page.inner_text("#chosen-token") == "queen"
    assert page.inner_text("#message") == ""


def test_an_analogy_is_asked_listed_and_drawn(live: Any) -> None:
    page = live.page
    search(page, "apple")
    ask(page, "analogy", a="man", b="king", c="woman")
    page.wait_for_selector("#analogy-answers li")
    assert live.stub.asked[-1] == ("/v1/analogy", {"model": "royal", "a": "man", "b": "king", "c": "woman", "k": 5})
    assert page.inner_text("#analogy-note") == "man is to king as woman is to queen."
    page.wait_for_function("document.getElementById('stage').dataset.quads === '1'")
    page.wait_for_timeout(500)
    live.shot("explorer-analogy")
    page.click("#analogy-answers button >> text=throne")
    assert page.inner_text("#analogy-note") == "Not drawn: throne is not on the map."


def test_fields_of_an_analogy_complete_tokens(live: Any) -> None:
    page = live.page
    page.fill("#analogy-a", "wo")
    page.press("#analogy-a", "ArrowDown")
    page.press("#analogy-a", "Enter")
    assert page.input_value("#analogy-a") == "woman"


def test_the_cosine_of_two_tokens_is_said(live: Any) -> None:
    ask(live.page, "cosine", a="king", b="apple")
    live.page.wait_for_selector("#cosine-answer strong")
    assert live.page.inner_text("#cosine-answer") == "king · apple = 0.123"


def test_an_answer_that_comes_after_that_to_a_newer_question_is_not_shown(live: Any) -> None:
    page, held = live.page, threading.Event()

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        if body["a"] == "man":
            held.wait(10)
        return {"score": 0.25 if body["a"] == "man" else 0.75}

    live.stub._similarity = answer
    try:
        ask(page, "cosine", a="man", b="woman")
        ask(page, "cosine", a="king", b="queen")
        page.wait_for_function("document.getElementById('cosine-answer').textContent.includes('0.750')")
        with page.expect_response("**/v1/similarity"):
            held.set()
        page.wait_for_timeout(50)
        assert "0.750" in page.inner_text("#cosine-answer")
    finally:
        held.set()
        del live.stub._similarity


def test_a_text_is_taken_apart_and_encoded(live: Any) -> None:
    page = live.page
    page.fill("#text", "The king")
    page.click("#text-form button")
    page.wait_for_selector("#text-nearest li")
    assert page.locator("#text-answer .piece").all_text_contents() == ["the (unknown)", "king"]
    assert "1 known, 1 unknown · 2 dimensions · norm 1.000" in page.inner_text("#text-answer")
    assert "[0.600, -0.800]" in page.inner_text("#text-answer")
    assert page.locator("#text-nearest span").all_inner_texts() == ["0.810", "0.500"]
    assert live.stub.asked[-1] == ("/v1/similar", {"model": "royal", "vector": [0.6, -0.8], "k": 10})
    page.wait_for_function("document.getElementById('stage').dataset.neighbours === '2'")
    page.wait_for_timeout(500)
    live.shot("explorer-text")


def test_a_key_is_asked_for_at_the_first_refusal_and_kept_in_memory_only(
    royal: Chart, stub: tuple[Stub, str], watch: Open
) -> None:
    state, address = stub
    state.key = "opensesame"
    state.pages["/"] = page_html(royal, live=True, model="royal")
    live = watch(address, complaints=True)
    page = live.page
    page.wait_for_selector("#key-form:not([hidden])")
    for key in ("wrong", "opensesame"):
        page.fill("#key", key)
        page.click("#key-form button")
        if key == "wrong":
            page.wait_for_selector("#message:has-text('does not know this key')")
    search(page, "king")
    page.wait_for_selector("#neighbours li")
    assert page.is_hidden("#key-form")
    assert page.inner_text("#message") == ""
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, document.documentElement.outerHTML]")
    assert kept[:3] == [0, 0, ""]
    assert "opensesame" not in kept[3]


def test_another_table_is_another_page(royal: Chart, stub: tuple[Stub, str], watch: Open) -> None:
    state, address = stub
    state.models = ["royal", "a & b"]
    state.pages["/"] = page_html(royal, live=True, model="royal")
    state.pages["/?model=a%20%26%20b"] = page_html(Chart(["x", "y"], [[0, 0], [1, 1]], title="Other"), live=True, model="a & b")
    page = watch(address).page
    page.wait_for_selector("#model-choice:not([hidden])")
    assert page.input_value("#model") == "royal"
    page.select_option("#model", "a & b")
    page.wait_for_url("**/?model=*")
    page.wait_for_selector("#model-choice:not([hidden])")
    assert (page.title(), page.input_value("#model")) == ("Other", "a & b")


def test_a_service_that_has_gone_is_said(live: Any) -> None:
    live.page.context.set_offline(True)
    search(live.page, "king")
    live.page.wait_for_selector("#message:has-text('The service does not answer')")
    live.page.context.set_offline(False)


def test_the_explorer_fits_a_telephone(royal: Chart, stub: tuple[Stub, str], watch: Open) -> None:
    state, address = stub
    state.pages["/"] = page_html(royal, live=True, model="royal")
    live = watch(address, width=360, height=740, has_touch=True, is_mobile=True, color_scheme="dark")
    assert live.page.evaluate("document.documentElement.scrollWidth") <= 360
    live.page.evaluate("document.querySelector('aside').scrollIntoView()")
    live.shot("explorer-telephone")
