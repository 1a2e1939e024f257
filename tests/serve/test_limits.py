"""Requests that are too large, too many, too slow or left alone: each ends as documented, and the service goes on."""

from __future__ import annotations

import gc
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from semap.serve.settings import Limits, ServeSettings

from .serving import Serving, one_answer, post, status_and_json, until, until_closed
from .small import SmallTables, small_app

Start = Callable[[Any], Serving]
LARGE = 1000  # bytes allowed


@pytest.fixture
def limited(serving: Start) -> Callable[..., Serving]:
    """Start a small service with limits."""

    def start(tables: SmallTables | None = None, **limits: Any) -> Serving:
        return serving(small_app(ServeSettings(explorer=False, limits=Limits(**limits)), tables))

    return start


def document(size: int) -> bytes:
    """A request of exactly so many bytes."""
    return b'{"word": "' + b"x" * (size - len('{"word": ""}')) + b'"}'


def still_answers(serving: Serving) -> bool:
    return httpx.post(serving.url + "/v1/echo", json={"word": "owl"}).status_code == 200


def test_a_body_of_the_largest_size_is_answered_and_one_byte_more_is_413(limited: Callable[..., Serving]) -> None:
    serving = limited(body=LARGE)
    assert serving.raw(post(document(LARGE), "Connection: close"))[0] == 200
    status, answer = serving.raw(post(document(LARGE + 1)))
    assert (status, answer["error"]["code"]) == (413, "body_too_large")
    assert "1,000 bytes" in answer["error"]["message"]


def test_a_body_that_says_it_is_too_large_is_refused_before_any_of_it_is_read(limited: Callable[..., Serving]) -> None:
    serving = limited(body=LARGE)
    with serving.connected() as connection:
        connection.sendall(post(b"", length=1 << 40))
        received = one_answer(connection)  # nothing of the body was ever sent
    assert status_and_json(received)[0] == 413


def test_a_client_that_waits_to_be_asked_for_its_body_is_refused_and_never_asked(limited: Callable[..., Serving]) -> None:
    serving = limited(body=LARGE)
    with serving.connected() as connection:
        connection.sendall(post(b"", "Expect: 100-continue", length=LARGE + 1))
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_of_parts_is_cut_off_where_it_becomes_too_large(limited: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = limited(tables, body=LARGE)
    with serving.connected() as connection:
        connection.sendall(post(b"", "Transfer-Encoding: chunked"))
        for _ in range(LARGE // 100 + 1):  # without an end
            connection.sendall(b"64\r\n" + b" " * 100 + b"\r\n")
        received = one_answer(connection)
    assert status_and_json(received)[0] == 413
    assert tables.started == []


def test_a_client_that_sends_far_too_much_at_once_still_reads_why_it_was_refused(limited: Callable[..., Serving]) -> None:
    serving = limited(body=LARGE)
    for _ in range(3):
        answer = httpx.post(
            serving.url + "/v1/echo", content=document(20 << 20), headers={"Content-Type": "application/json"}, timeout=20
        )
        assert answer.status_code == 413
    assert still_answers(serving)


def test_a_huge_body_is_never_held_in_memory(limited: Callable[..., Serving]) -> None:
    import tracemalloc

    serving = limited(body=LARGE)
    part = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    with serving.connected() as connection:
        connection.sendall(post(b"", "Transfer-Encoding: chunked"))
        try:
            for _ in range(40):
                connection.sendall(part)
        except OSError:
            pass  # the server has closed
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", "10, 20"])
def test_a_length_that_is_no_number_is_400(limited: Callable[..., Serving], length: str) -> None:
    serving = limited()
    sent = post(b"{}").replace(b"Content-Length: 2", f"Content-Length: {length}".encode())
    assert serving.raw(sent)[0] == 400


def test_a_body_that_does_not_arrive_in_time_is_408(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.3)
    begin = time.monotonic()
    status, answer = serving.raw(post(b'{"word": ', length=100))
    assert (status, answer["error"]["code"]) == (408, "slow_request")
    assert 0.25 < time.monotonic() - begin < 5
    assert still_answers(serving)


def test_bytes_that_drip_do_not_make_the_time_longer(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.5)
    with serving.connected() as connection:
        connection.sendall(post(b"", length=1000))
        begin = time.monotonic()
        answer = _drip(connection, 10.0)
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - begin < 5


def test_a_head_that_does_not_arrive_in_time_is_408_and_a_silent_connection_is_closed(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.4)
    with serving.connected() as silent, serving.connected() as slow:
        slow.sendall(b"POST /v1/echo HTTP/1.1\r\nHost: he")
        answer = _drip(slow, 10.0)
        assert status_and_json(answer)[1]["error"]["code"] == "slow_request"
        assert until_closed(silent) == b""
    assert still_answers(serving)


def test_the_second_request_of_a_connection_has_its_time_too(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.4)
    with serving.connected() as connection:
        connection.sendall(post(b'{"word": "owl"}'))
        assert one_answer(connection).startswith(b"HTTP/1.1 200")
        time.sleep(0.6)  # between requests a connection may rest
        connection.sendall(b"POST /v1/ec")
        assert until_closed(connection).startswith(b"HTTP/1.1 408")


def _drip(connection: socket.socket, seconds: float) -> bytes:
    """Send a byte every 50 ms until something comes back."""
    connection.settimeout(0.05)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = connection.recv(1 << 16)
            connection.settimeout(10)
            with suppress(ConnectionResetError):  # a byte that came after the server had closed
                found += until_closed(connection)
            return found
        except TimeoutError:
            connection.sendall(b"x")
    raise AssertionError("nothing came")


def test_a_head_without_end_is_431(limited: Callable[..., Serving]) -> None:
    serving = limited()
    with serving.connected() as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X-Long: " + b"x" * 1000 + b"\r\n")
        except OSError:
            pass  # it has closed already
        try:
            answer = until_closed(connection)
        except ConnectionResetError:  # what it had not read was still on its way; the answer is lost, the connection gone
            return
    assert answer.split()[1] in (b"431", b"400")  # 400 where uvicorn's own parser has a limit


def test_a_client_that_goes_away_ends_the_work_and_is_counted(limited: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = limited(tables, concurrent=1)
    with serving.connected() as connection:
        connection.sendall(post(json.dumps({"word": "owl", "seconds": 30}).encode()))
        assert until(lambda: tables.started == ["owl"])
    assert until(lambda: tables.cancelled == ["owl"], 5)
    assert tables.finished == []
    assert until(lambda: "\nsemap_clients_gone_total 1\n" in httpx.get(serving.url + "/metrics").text)
    assert 'semap_requests_total{route="/v1/echo",status="499"} 1' in httpx.get(serving.url + "/metrics").text
    assert still_answers(serving)  # the one place is free again


def test_a_slow_request_leaves_nothing_that_waits_for_the_garbage_collector(limited: Callable[..., Serving]) -> None:
    serving = limited()
    gc.collect()
    gc.disable()
    try:
        asked = {"word": "owl", "seconds": 0.2}  # long enough to be watched for its client's going
        assert httpx.post(serving.url + "/v1/echo", json=asked).status_code == 200
        assert until(lambda: not any(type(each).__name__ in ("_Watch", "_Passed") for each in gc.get_objects()), 3)
    finally:
        gc.enable()


def test_a_client_that_goes_away_in_the_middle_of_its_body_is_counted(limited: Callable[..., Serving]) -> None:
    serving = limited(concurrent=1)
    with serving.connected() as connection:
        connection.sendall(post(b'{"word"', length=100))
        assert until(lambda: serving.service.metrics.in_flight == 1)
    assert until(lambda: "\nsemap_clients_gone_total 1\n" in httpx.get(serving.url + "/metrics").text)
    assert still_answers(serving)


def test_one_request_more_than_are_allowed_at_a_time_is_429_and_says_when_to_come_back(limited: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = limited(tables, concurrent=3)

    def slow(word: str) -> int:
        return httpx.post(serving.url + "/v1/echo", json={"word": word, "seconds": 1.0}, timeout=20).status_code

    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(slow, word) for word in ("cat", "dog", "owl")]
        assert until(lambda: len(tables.started) == 3)
        answer = httpx.post(serving.url + "/v1/echo", json={"word": "emu"})
        assert httpx.get(serving.url + "/health").status_code == 200  # needs no place
        assert [each.result() for each in waiting] == [200, 200, 200]
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["code"] == "too_many_requests"
    assert "emu" not in tables.started
    assert still_answers(serving)


def test_an_answer_that_takes_too_long_is_503_and_its_work_is_cancelled(limited: Callable[..., Serving]) -> None:
    tables = SmallTables()
    serving = limited(tables, seconds=0.2)
    begin = time.monotonic()
    answer = httpx.post(serving.url + "/v1/echo", json={"word": "owl", "seconds": 30}, timeout=20)
    assert time.monotonic() - begin < 5
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "timeout"
    assert tables.cancelled == ["owl"]
    assert still_answers(serving)


def test_a_client_that_takes_nothing_of_its_answer_loses_its_connection(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.4)
    with serving.connected() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(post(json.dumps({"word": "x" * 200_000, "times": 100}).encode()))
        assert until(lambda: len(serving.service_connections()) == 1)
        assert until(lambda: not serving.service_connections(), 10)
    assert still_answers(serving)


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it(limited: Callable[..., Serving]) -> None:
    serving = limited(read_seconds=0.5)
    with serving.connected() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.sendall(post(json.dumps({"word": "x" * 100_000, "times": 100}).encode(), "Connection: close"))
        parts = []
        for _ in range(20):
            parts.append(connection.recv(200_000))
            time.sleep(0.08)  # 1.6 s in all, more than three times the limit
        parts.append(until_closed(connection))
    status, answer = status_and_json(b"".join(parts))
    assert status == 200
    assert answer == {"words": ["x" * 100_000] * 100}


def test_many_clients_at_once_each_get_their_own_answer(limited: Callable[..., Serving]) -> None:
    serving = limited()
    failures: list[Any] = []

    def ask(number: int) -> None:
        with httpx.Client(base_url=serving.url) as client:
            for i in range(10):
                word = f"w{number}-{i}"
                answer = client.post("/v1/echo", json={"word": word})
                if answer.json() != {"words": [word]}:
                    failures.append(answer.text)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []


def test_requests_sent_one_behind_the_other_are_answered_in_their_order(limited: Callable[..., Serving]) -> None:
    serving = limited()
    with serving.connected() as connection:
        sent = [post(json.dumps({"word": word, "seconds": 0.1 if word == "a" else 0}).encode()) for word in "abc"]
        connection.sendall(b"".join(sent[:2]) + post(b'{"word": "c"}', "Connection: close"))
        answer = until_closed(connection)
    assert [each.split(b'"')[3] for each in answer.split(b"\r\n\r\n")[1:]] == [b"a", b"b", b"c"]
