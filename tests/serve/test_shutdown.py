"""A stop: what was accepted is answered, nothing more is accepted, and it ends in time."""

from __future__ import annotations

import gc
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from semap.serve.server import Server, listen, run
from semap.serve.settings import ServeSettings

from .serving import Serving, one_answer, post, status_and_json, until, until_closed
from .small import SmallTables, small_app


@pytest.fixture
def stoppable() -> Callable[..., Serving]:
    def start(tables: SmallTables, **settings: Any) -> Serving:
        return Serving(small_app(ServeSettings(explorer=False, **settings), tables))

    return start


def test_requests_under_way_are_answered_and_new_connections_refused(stoppable: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = stoppable(tables)
    words = [f"word{i}" for i in range(8)]

    def slow(word: str) -> Any:
        return httpx.post(serving.url + "/v1/echo", json={"word": word, "seconds": 1.0}, timeout=20).json()

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(slow, word) for word in words]
        assert until(lambda: len(tables.started) == 8)
        serving.begin_to_stop()
        assert until(lambda: _refused(serving))
        assert tables.finished == []  # refused while the others are still under way
        answers = [each.result() for each in waiting]
    serving.stop()
    assert answers == [{"words": [word]} for word in words]
    assert tables.closed == 1


def _refused(serving: Serving) -> bool:
    try:
        with serving.connected():
            return False
    except ConnectionRefusedError:
        return True


def test_clients_that_keep_asking_on_open_connections_lose_no_request(stoppable: Callable[..., Serving]) -> None:
    """Each client asks as fast as it is answered; it goes on until its connection is closed after an answer that said so."""
    serving = stoppable(SmallTables())
    lost: list[str] = []
    answered = [0] * 8

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
        connection.connect()
        while True:
            try:
                connection.request("POST", "/v1/echo", json.dumps({"word": "owl"}), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as failure:
                lost.append(f"{number}: {failure!r}")
                return
            answered[number] += 1
            if answer.getheader("Connection") == "close":
                return

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for each in threads:
        each.start()
    assert until(lambda: min(answered) > 10)
    serving.stop()
    for each in threads:
        each.join(20)
    assert lost == []


def test_a_connection_that_rests_does_not_keep_the_service_alive(stoppable: Callable[..., Serving]) -> None:
    serving = stoppable(SmallTables())
    with serving.connected() as silent, serving.connected() as resting:
        resting.sendall(post(b'{"word": "owl"}'))
        assert one_answer(resting).startswith(b"HTTP/1.1 200")
        begin = time.monotonic()
        serving.stop()
        assert time.monotonic() - begin < 5
        assert until_closed(resting) == b""
        assert until_closed(silent) == b""


def test_what_takes_longer_than_the_grace_is_told_so_with_503(stoppable: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = stoppable(tables, grace=0.3)
    with serving.connected() as connection:
        connection.sendall(post(b'{"word": "owl", "seconds": 20}'))
        assert until(lambda: tables.started == ["owl"])
        begin = time.monotonic()
        serving.stop()
        assert time.monotonic() - begin < 8
        status, document = status_and_json(until_closed(connection))
    assert (status, document["error"]["code"]) == (503, "shutting_down")
    assert tables.cancelled == ["owl"]
    assert tables.closed == 1


def test_a_body_that_is_still_arriving_is_read_and_answered(stoppable: Callable[..., Serving]) -> None:
    serving = stoppable(SmallTables())
    body = b'{"word": "owl"}'
    with serving.connected() as connection:
        connection.sendall(post(body[:5], length=len(body)))
        assert until(lambda: serving.service.metrics.in_flight == 1)
        serving.begin_to_stop()
        time.sleep(0.5)
        connection.sendall(body[5:])
        answer = until_closed(connection)
    serving.stop()
    assert status_and_json(answer) == (200, {"words": ["owl"]})
    assert b"connection: close" in answer.lower()


def test_a_run_leaves_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    app = small_app(ServeSettings(explorer=False))
    seen: list[Any] = []

    def serve(server: Server, bound: Any) -> None:
        for each in app.state.service.when_warm:
            each()
        seen.append((gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()))

    monkeypatch.setattr(Server, "serve_on", serve)
    before = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()
    with listen(ServeSettings(port=0)) as bound:
        run(app, bound)
    ((threshold, interval, frozen),) = seen
    assert threshold != before[0]
    assert interval < before[1]
    assert frozen > 1000
    assert (gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()) == before
