"""`semap serve` as people start it: a process that says where it listens, and one clear line where it cannot."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from semap.cli.app import app
from semap.table.table import Table

from .serving import until

KEY = "a-key-of-somebody"
WORDS = ["the", "queen", "king", "man", "woman"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "small.semap"
    vectors = np.random.default_rng(3).normal(size=(len(WORDS), 4)).astype(np.float32)
    Table(WORDS, vectors, metadata={"text": {"lowercase": False}}).save(path)
    return path


@pytest.fixture
def refused() -> Callable[..., tuple[int, str]]:
    """Run a command that must end by itself: its exit code and what it says."""

    def run(*arguments: Any, env: dict[str, str] | None = None) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["serve", *map(str, arguments)], env=env, catch_exceptions=False)
        return done.exit_code, done.stderr

    return run


def started_without(library: str) -> list[str]:
    """Options of Python that start semap, with a library hidden."""
    return ["-c", f"import sys; sys.modules[{library!r}] = None; from semap.cli.main import main; main()"]


class Process:
    """A running `semap serve`; `hidden` is a library that is not there for it."""

    def __init__(self, *arguments: Any, env: dict[str, str] | None = None, hidden: str = "") -> None:
        begin = time.monotonic()
        command = [sys.executable, *started_without(hidden), "serve", *map(str, arguments), "--port", "0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://\S+:\d+", self.said)
        assert found, self.said + self.end()[1]
        self.url = found[0]
        self.health = httpx.get(self.url + "/health").json()
        self.seconds = time.monotonic() - begin

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and return the exit code and what stood on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        errors = self.process.communicate(timeout=60)[1]
        return self.process.returncode, errors


@pytest.fixture
def started() -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def start(*arguments: Any, **more: Any) -> Process:
        running.append(Process(*arguments, **more))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def test_english_is_up_within_3_seconds_and_answers_while_it_warms_up(started: Callable[..., Process]) -> None:
    running = started("english")
    assert running.seconds < 3, f"{running.seconds:.2f} s"
    assert running.health["models"] == ["english"]
    assert running.health["status"] in ("starting", "ok")
    assert running.said == f"serving english at {running.url} (the explorer at /, the API under /v1)\n"
    models = httpx.get(running.url + "/v1/models", timeout=60).json()
    assert models["data"][0]["id"] == "english"
    assert until(lambda: httpx.get(running.url + "/health").json()["status"] == "ok", 90)
    answer = httpx.post(running.url + "/v1/similar", json={"token": "king", "k": 3}, timeout=60).json()
    assert len(answer["data"]) == 3


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_exit_code_0_and_every_line_on_standard_error_is_json(
    started: Callable[..., Process], table: Path, how: signal.Signals
) -> None:
    running = started(table)
    assert httpx.post(running.url + "/v1/similarity", json={"a": "king", "b": "man"}, timeout=60).status_code == 200
    begin = time.monotonic()
    code, errors = running.end(how)
    assert code == 0
    assert time.monotonic() - begin < 10
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [(line["path"], line["status"]) for line in lines] == [("/health", 200), ("/v1/similarity", 200)]
    assert "king" not in errors


def test_several_tables_are_served_under_their_names(started: Callable[..., Process], table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.semap"
    other.write_bytes(table.read_bytes())
    running = started(table, "--table", f"wiki={other}", "--quiet")
    assert running.health["models"] == ["small", "wiki"]
    asked = {"model": "wiki", "a": "king", "b": "king"}
    assert httpx.post(running.url + "/v1/similarity", json=asked, timeout=60).json() == {
        "model": "wiki",
        "score": pytest.approx(1),
    }
    assert running.end() == (0, "")


def test_keys_come_from_an_option_a_file_and_the_environment(
    started: Callable[..., Process], table: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("\nof-the-file-1\n  of-the-file-2  \n\n")
    running = started(table, "--key", KEY, "--key-file", keys, env={"SEMAP_KEYS": "of-the-environment, another"})
    assert "explorer" not in running.said  # whoever has no key could see the tokens there
    assert httpx.get(running.url + "/").status_code == 404
    for key, status in [
        (KEY, 200), ("of-the-file-1", 200), ("of-the-file-2", 200), ("of-the-environment", 200), ("another", 200),
        ("", 401), ("x", 401),
    ]:  # fmt: skip
        answer = httpx.get(running.url + "/v1/models", headers={"Authorization": f"Bearer {key}".strip()}, timeout=60)
        assert answer.status_code == status
    assert KEY not in running.end()[1]


def test_a_port_that_is_taken_is_one_line_and_exit_code_1(refused: Callable[..., tuple[int, str]], table: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(table, "--port", port)
    assert code == 1
    assert said == f"semap: error: port {port} of 127.0.0.1 is in use; give another with --port, or --port 0 for a free one\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "name a table"),
        (["no-such.semap"], 1, "no-such.semap"),
        (["TABLE", "--host", "no.such.host.invalid"], 1, "no.such.host.invalid"),
        (["TABLE", "--host", "192.0.2.1"], 1, "none of this machine's addresses"),
        (["TABLE", "--port", "65536"], 2, "65535"),
        (["TABLE", "--key", "two words"], 1, "visible ASCII"),
        (["TABLE", "--key", ""], 1, "visible ASCII"),
        (["TABLE", "--key-file", "no-keys.txt"], 1, "no-keys.txt: no such file"),
        (["TABLE", "--table", "small=TABLE"], 1, "small"),
        (["TABLE", "--table", "wiki"], 1, "wiki"),
        (["TABLE", "--allow-origin", "app.example"], 1, "https://app.example"),
        (["TABLE", "--timeout", "0"], 1, "seconds"),
        (["TABLE", "--max-body", "0"], 2, "max-body"),
        (["TABLE", "--index", "no-such.index"], 1, "no-such.index"),
        (["TABLE", "--index", "some.index", "--exact"], 2, "contradict"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(
    refused: Callable[..., tuple[int, str]], table: Path, arguments: list[str], code: int, said: str
) -> None:
    port = [] if "--port" in arguments else ["--port", "0"]
    found = refused(*(each.replace("TABLE", str(table)) for each in arguments), *port)
    assert found[0] == code
    assert said in found[1]
    if code == 1:
        assert found[1].startswith("semap: error: ")
        assert found[1].count("\n") == 1


def test_keys_that_were_meant_and_are_none_do_not_open_the_service_to_everybody(
    refused: Callable[..., tuple[int, str]], table: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "keys.txt"
    empty.write_text("\n \n")
    code, said = refused(table, "--key-file", empty)
    assert (code, said) == (1, f"semap: error: {empty} holds no key; write one a line, or leave --key-file out\n")
    code, said = refused(table, env={"SEMAP_KEYS": " , "})
    assert (code, said) == (1, "semap: error: SEMAP_KEYS is set and holds no key; unset it to serve without keys\n")


@pytest.mark.parametrize("library", ["starlette", "uvicorn", "msgspec"])
def test_without_the_extra_one_line_says_what_to_install(library: str, table: Path) -> None:
    command = [sys.executable, *started_without(library), "serve", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"semap: error: {library} is not installed; it comes with: pip install 'semap[serve]'\n"


def test_without_the_fast_parser_it_serves_all_the_same(started: Callable[..., Process], table: Path) -> None:
    running = started(table, hidden="httptools")
    assert httpx.post(running.url + "/v1/similarity", json={"a": "king", "b": "man"}, timeout=60).status_code == 200
    assert running.end()[0] == 0


def test_every_address_without_a_key_is_warned_of(started: Callable[..., Process], table: Path) -> None:
    running = started(table, "--host", "0.0.0.0")
    errors = running.end()[1]
    port = running.url.rpartition(":")[2]
    assert f"semap: warning: whoever reaches 0.0.0.0 port {port} can use this service; set keys with --key-file\n" in errors
