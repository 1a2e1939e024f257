"""What every request gets, whatever it asks: headers, an id, a line of the log, the metrics, and refusals in one form."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from semap.serve.metrics import Metrics
from semap.serve.settings import Limits, ServeSettings

from .serving import Serving, post, until
from .small import Lines, SmallTables, small_app

ORIGIN = "https://app.example"


class Small:
    """A small service and a client of it."""

    def __init__(self, **settings: Any) -> None:
        self.lines, self.tables = Lines(), SmallTables()
        self.app = small_app(ServeSettings(**{"explorer": False, **settings}), self.tables, self.lines)
        self.serving = Serving(self.app)
        self.client = httpx.Client(base_url=self.serving.url, timeout=20)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.client.request(method, path, **more)

    def say(self, word: str, **more: Any) -> httpx.Response:
        return self.client.post("/v1/echo", json={"word": word, **more})

    def close(self) -> None:
        self.client.close()
        self.serving.stop()


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    made = Small()
    yield made
    made.close()


def error(answer: httpx.Response) -> dict[str, Any]:
    """The error, after a look at its form."""
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert list(document) == ["error"]
    assert list(document["error"]) == ["message", "type", "param", "code"]
    assert document["error"]["message"]
    return document["error"]


def test_a_route_answers_what_its_function_returns(small: Small) -> None:
    answer = small.say("owl", times=3)
    assert (answer.status_code, answer.json()) == (200, {"words": ["owl", "owl", "owl"]})
    assert answer.headers["content-type"] == "application/json"


def test_a_get_route_is_called_without_a_request(small: Small) -> None:
    assert small.ask("GET", "/v1/names").json() == {"names": ["animals", 'qu"ote']}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"word": "owl"} trailing', "malformed_json"),
        (b'{"word": "\xff\xfe"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"word": NaN}', "malformed_json"),
        (b"[]", "invalid_value"),
        (b'"owl"', "invalid_value"),
    ],
)
def test_a_body_that_is_not_the_routes_json_is_400(small: Small, body: bytes, code: str) -> None:
    answer = small.ask("POST", "/v1/echo", content=body, headers={"Content-Type": "application/json"})
    found = error(answer)
    assert answer.status_code == 400
    # a list nested too deeply may be found to be no object before it is found to be endless
    assert found["code"] in (code, "invalid_value" if body[:2] == b"[[" else code)
    assert found["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({}, "word"),
        ({"word": 3}, "word"),
        ({"word": None}, "word"),
        ({"word": "owl", "times": "3"}, "times"),
        ({"word": "owl", "times": 1.5}, "times"),
        ({"word": "owl", "time": 3}, "time"),
    ],
)
def test_a_field_that_is_wrong_missing_or_unknown_is_named(small: Small, document: Any, param: str) -> None:
    answer = small.ask("POST", "/v1/echo", json=document)
    assert answer.status_code == 400
    assert error(answer)["param"] == param
    assert param in error(answer)["message"]


def test_what_semap_refuses_is_400_and_an_unknown_token_404_with_its_suggestions(small: Small) -> None:
    assert small.say("owl", times=101).status_code == 400
    assert error(small.say("owl", times=101))["message"] == "times is 101; give a number to 100"
    answer = small.say("hwale")
    assert answer.status_code == 404
    assert error(answer)["code"] == "token_not_found"
    assert "'whale'" in error(answer)["message"]


def test_an_error_that_nobody_expected_is_500_and_its_text_stands_neither_in_the_answer_nor_in_the_log(small: Small) -> None:
    answer = small.say("secret-bug")
    assert answer.status_code == 500
    assert error(answer)["type"] == "server_error"
    assert "secret" not in answer.text
    assert until(lambda: any("RuntimeError" in line for line in small.lines))
    assert not any("secret" in line for line in small.lines)
    failure = next(line for line in small.lines.documents() if line.get("event") == "RuntimeError")
    assert any("small.py" in frame and frame.endswith("echo") for frame in failure["frames"])
    assert failure["request_id"] == answer.headers["x-request-id"]
    assert small.say("owl").status_code == 200


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/", "/v1/echo/", "/v1/echo/x", "//", "/health/", "/%2e%2e/etc", "/V1/echo"])
def test_a_path_that_does_not_exist_is_404(small: Small, path: str) -> None:
    answer = small.ask("GET", path)
    assert answer.status_code == 404
    assert error(answer)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/echo", "POST"),
        ("PUT", "/v1/echo", "POST"),
        ("OPTIONS", "/v1/echo", "POST"),
        ("HEAD", "/v1/echo", "POST"),
        ("POST", "/v1/names", "GET, HEAD"),
        ("DELETE", "/health", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_405_and_allow_says_which_it_takes(
    small: Small, method: str, path: str, allowed: str
) -> None:
    answer = small.ask(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    if method != "HEAD":
        assert error(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/health", "/v1/names", "/openapi.json", "/metrics"])
def test_head_is_get_without_the_body(small: Small, path: str) -> None:
    answer = small.ask("HEAD", path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == small.ask("GET", path).headers["content-type"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", None])
def test_a_body_that_is_not_said_to_be_json_is_415_since_browsers_send_such_without_asking(
    small: Small, kind: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = small.ask("POST", "/v1/echo", content=b'{"word": "owl"}', headers=headers)
    assert answer.status_code == 415
    assert "Content-Type: application/json" in error(answer)["message"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"])
def test_parameters_and_case_of_the_content_type_do_not_matter(small: Small, kind: str) -> None:
    assert small.ask("POST", "/v1/echo", content=b'{"word": "owl"}', headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("POST", "/v1/echo"), ("GET", "/nope")])
def test_every_answer_has_the_headers_that_keep_browsers_from_guessing(small: Small, method: str, path: str) -> None:
    headers = small.ask(method, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_every_request_has_an_id_of_its_own_and_a_clients_own_is_kept_where_it_is_one(small: Small) -> None:
    ids = [small.ask("GET", "/health").headers["x-request-id"] for _ in range(5)]
    assert len(set(ids)) == 5
    own = small.ask("GET", "/health", headers={"X-Request-Id": "mine-1.2_3"}).headers["x-request-id"]
    assert own == "mine-1.2_3"
    for odd in ("a b", "x" * 65, "", 'a"b'):
        assert small.ask("GET", "/health", headers={"X-Request-Id": odd}).headers["x-request-id"] != odd


def test_what_is_no_http_is_refused_in_the_same_form(small: Small) -> None:
    status, document = small.serving.raw(b"what is this\r\n\r\n")
    assert status == 400
    assert document["error"]["code"] == "bad_http"


def test_a_client_that_offers_another_protocol_is_answered_in_this_one(small: Small) -> None:
    offered = ("Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    assert small.serving.raw(post(b'{"word": "owl"}', *offered)) == (200, {"words": ["owl"]})


@pytest.mark.parametrize("second", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_a_request_with_two_ends_is_none(small: Small, second: str) -> None:
    sent = post(b'{"word": "owl"}').replace(b"\r\n\r\n", f"\r\n{second}\r\n\r\n".encode())
    status, document = small.serving.raw(sent)
    assert (status, document["error"]["type"]) == (400, "invalid_request_error")


def test_a_line_of_the_log_says_what_was_done_and_never_what_was_asked(small: Small) -> None:
    small.lines.clear()
    small.ask(
        "POST",
        "/v1/echo?key=hidden",
        json={"word": "confidential"},
        headers={"X-Request-Id": "r1", "Authorization": "Bearer pass"},
    )
    small.ask("GET", "/confidential/path")
    assert until(lambda: len(small.lines) == 2)
    first, second = small.lines.documents()
    assert list(first) == ["time", "method", "path", "status", "ms", "bytes", "request_id"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    expected = {
        "method": "POST",
        "path": "/v1/echo",
        "status": 200,
        "bytes": len(b'{"words":["confidential"]}'),
        "request_id": "r1",
    }
    assert {name: first[name] for name in expected} == expected
    assert 0 <= first["ms"] < 10_000
    assert (second["path"], second["status"]) == ("other", 404)
    assert not re.search("confidential|hidden|pass", "".join(small.lines))


def test_a_log_that_cannot_be_written_stops_no_answer_and_is_counted() -> None:
    from semap.serve.log import Log

    metrics = Metrics()

    def full(line: str) -> None:
        raise OSError("no space left")

    Log(full, lost=metrics.line_lost).line(event="x")
    assert "\nsemap_log_lines_lost_total 1\n" in metrics.text({})


def test_quiet_writes_no_line_for_a_request() -> None:
    small = Small(log=False)
    assert small.say("owl").status_code == 200
    small.close()
    assert small.lines == []


def test_health_says_starting_until_the_tables_are_warm_and_answers_meanwhile() -> None:
    tables = SmallTables()
    tables.warming = threading.Event()
    serving = Serving(small_app(tables=tables))
    try:
        assert httpx.get(serving.url + "/health").json() == {"status": "starting", "models": ["animals", 'qu"ote']}
        assert httpx.post(serving.url + "/v1/echo", json={"word": "owl"}).status_code == 200
        tables.warming.set()
        assert until(lambda: httpx.get(serving.url + "/health").json()["status"] == "ok")
    finally:
        tables.warming.set()
        serving.stop()


def test_a_table_that_cannot_be_made_ready_makes_health_503_and_the_log_says_why() -> None:
    from semap.errors import BadFile

    class Broken(SmallTables):
        def warm(self) -> None:
            raise BadFile("animals.index", "its checksum is another table's")

    lines = Lines()
    serving = Serving(small_app(tables=Broken(), lines=lines))
    try:
        assert until(lambda: httpx.get(serving.url + "/health").status_code == 503)
        assert httpx.get(serving.url + "/health").json()["status"] == "failed"
    finally:
        serving.stop()
    assert any("checksum is another table's" in line for line in lines)


def test_tables_are_closed_once_when_the_service_ends() -> None:
    tables = SmallTables()
    Serving(small_app(tables=tables)).stop()
    assert tables.closed == 1


# --- metrics -----------------------------------------------------------------------------------------------------------------


def samples(text: str) -> dict[str, float]:
    """The lines of the text format by name and labels; fails for one that has not its form or comes without its type."""
    found, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in types
            types[name] = kind
        elif not line.startswith("# HELP "):
            match = re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)', line)
            assert match, line
            assert match[1] in types or re.sub("_(bucket|sum|count)$", "", match[1]) in types
            found[match[1] + (match[2] or "")] = float(match[3])
    assert text.endswith("\n")
    return found


def test_metrics_count_requests_batches_and_rows_in_the_text_format_of_prometheus() -> None:
    small = Small()
    for times in (1, 3, 64):
        small.say("owl", times=times)
    small.ask("GET", "/secret")
    answer = small.ask("GET", "/metrics")
    small.close()
    found = samples(answer.text)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert found['semap_requests_total{route="/v1/echo",status="200"}'] == 3
    assert found['semap_requests_total{route="other",status="404"}'] == 1
    assert found["semap_requests_in_flight"] == 1  # this one
    assert found['semap_request_seconds_count{route="/v1/echo"}'] == 3
    assert 0 < found['semap_request_seconds_sum{route="/v1/echo"}'] < 10
    batches = [found[f'semap_batch_size_bucket{{kind="search",le="{size}"}}'] for size in (1, 2, 4, 32, 64)]
    assert batches == [1, 1, 2, 2, 3]
    assert found['semap_batch_size_bucket{kind="search",le="+Inf"}'] == 3
    assert found['semap_batch_size_sum{kind="search"}'] == 68
    assert found['semap_table_rows{table="animals"}'] == 3
    assert found['semap_table_rows{table="qu\\"ote"}'] == 0
    assert found['semap_table_dimensions{table="animals"}'] == 4
    assert "secret" not in answer.text


def test_a_histogram_counts_a_value_on_a_bound_within_it_and_labels_are_escaped() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 99.0):
        metrics.answered('a\\b"c\nd', 200, seconds)
    found = samples(metrics.text({}))
    label = 'route="a\\\\b\\"c\\nd"'
    assert found[f'semap_request_seconds_bucket{{{label},le="0.001"}}'] == 1
    assert found[f'semap_request_seconds_bucket{{{label},le="0.0025"}}'] == 2
    assert found[f'semap_request_seconds_bucket{{{label},le="30"}}'] == 2
    assert found[f'semap_request_seconds_bucket{{{label},le="+Inf"}}'] == 3
    assert found[f"semap_request_seconds_count{{{label}}}"] == 3


# --- pages of other origins --------------------------------------------------------------------------------------------------


def test_pages_of_other_origins_are_let_in_only_where_it_was_said() -> None:
    small = Small(origins=(ORIGIN,), keys=("open-sesame",))
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = small.ask("OPTIONS", "/v1/echo", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    refused = small.ask("POST", "/v1/echo", json={"word": "owl"}, headers={"Origin": ORIGIN})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == ORIGIN  # the page may read why
    stranger = small.ask("OPTIONS", "/v1/echo", headers={**asked, "Origin": "https://else.example"})
    assert stranger.status_code == 400
    assert "access-control-allow-origin" not in stranger.headers
    small.close()


def test_without_an_origin_a_preflight_is_refused(small: Small) -> None:
    answer = small.ask("OPTIONS", "/v1/echo", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


# --- settings ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1}, {"port": 65_536}, {"port": True}, {"grace": -1},
        {"keys": ("",)}, {"keys": ("two words",)}, {"keys": ("schlüssel",)},
        {"origins": ("app.example",)}, {"origins": ("https://app.example/",)}, {"origins": ("ftp://app.example",)},
    ],
)  # fmt: skip
def test_settings_out_of_their_range_are_refused(wrong: dict[str, Any]) -> None:
    from semap.errors import SettingsError

    with pytest.raises(SettingsError):
        ServeSettings(**wrong)


@pytest.mark.parametrize("name", ["items", "tokens", "neighbours", "body", "concurrent", "seconds", "read_seconds"])
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    from semap.errors import SettingsError

    with pytest.raises(SettingsError, match=name):
        Limits(**{name: 0})


def test_keys_do_not_show_when_settings_are_printed() -> None:
    assert "open-sesame" not in repr(ServeSettings(keys=("open-sesame",)))
