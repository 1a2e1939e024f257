"""Who is let in: nobody without one of the keys, and to the few paths that need none, everybody."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from semap.serve.keys import Keys
from semap.serve.refusal import Refusal
from semap.serve.settings import ServeSettings

from .serving import Serving
from .small import Lines, small_app

KEYS = ("first-key-0001", "second-key-0002")


@pytest.fixture(scope="module")
def locked() -> Iterator[Serving]:
    lines = Lines()
    serving = Serving(small_app(ServeSettings(explorer=False, keys=KEYS), lines=lines))
    yield serving
    serving.stop()
    assert not any(key in line for line in lines for key in KEYS)


def say(serving: Serving, authorization: str | bytes | None) -> httpx.Response:
    headers: dict[str, Any] = {} if authorization is None else {"Authorization": authorization}
    return httpx.post(serving.url + "/v1/echo", json={"word": "owl"}, headers=headers)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_every_key_opens(locked: Serving, key: str, scheme: str) -> None:
    assert say(locked, f"{scheme} {key}").status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Bearer", "Bearer first-key-000", "Bearer first-key-00011", "Bearer FIRST-KEY-0001", "Basic first-key-0001",
        "first-key-0001", "Bearer first-key-0001,second-key-0002", "Bearer first-key-0001 second-key-0002",
        b"Bearer \xff\xfe", "Bearer *",
    ],
)  # fmt: skip
def test_nothing_else_does(locked: Serving, authorization: Any) -> None:
    answer = say(locked, authorization)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert not any(key in answer.text for key in KEYS)


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/openapi.json", 200), ("/metrics", 401), ("/v1/names", 401)])
def test_health_and_the_description_need_no_key_and_say_nothing_of_the_tables(locked: Serving, path: str, status: int) -> None:
    answer = httpx.get(locked.url + path)
    assert answer.status_code == status
    assert "animals" not in answer.text


def test_with_a_key_the_metrics_are_shown(locked: Serving) -> None:
    answer = httpx.get(locked.url + "/metrics", headers={"Authorization": f"Bearer {KEYS[1]}"})
    assert 'semap_table_rows{table="animals"} 3' in answer.text


def test_a_refused_request_is_not_looked_at(locked: Serving) -> None:
    answer = httpx.post(locked.url + "/v1/echo", content=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 401


def test_a_key_is_compared_with_every_key_in_constant_time_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def counted(given: Any, known: Any) -> bool:
        compared.append((given, known))
        return real(given, known)

    keys = Keys((*KEYS, "third-key-0003"))
    monkeypatch.setattr("semap.serve.keys.hmac.compare_digest", counted)
    for given in ("first-key-0001", "third-key-0003", "no key", "x" * 10_000):
        compared.clear()
        with nullcontext() if given.endswith(("1", "3")) else pytest.raises(Refusal):
            keys.check({"headers": [(b"authorization", f"Bearer {given}".encode())]})
        assert len(compared) == 3
        assert {len(each) for pair in compared for each in pair} == {hashlib.sha256().digest_size}  # no length is given away


def test_without_keys_everybody_is_let_in() -> None:
    keys = Keys(())
    assert not keys
    keys.check({"headers": []})
