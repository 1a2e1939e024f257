"""Terminals, pipes, and streams that cannot take what is printed."""

import json
import os
import select
import time
from pathlib import Path

import numpy as np
import pytest

if os.name != "posix":
    pytest.skip("pseudo-terminals are of POSIX", allow_module_level=True)

WIDE = {"COLUMNS": "100", "LINES": "40", "TERM": "xterm-256color"}


def on_terminal(spawn, *arguments, **settings):
    """What a command shows on a terminal, and its exit code."""
    ours, theirs = os.openpty()
    process = spawn(*arguments, stdin=theirs, stdout=theirs, stderr=theirs, env={**WIDE, **settings})
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.5)[0]:
            try:
                shown += os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    return process.wait(10), shown.decode()


def test_a_terminal_gets_a_table(spawn, table):
    code, shown = on_terminal(spawn, "similar", table, "king", "-k", "2")
    assert code == 0
    assert "─" in shown
    assert "nearest to king" in shown
    assert "queen" in shown


def test_a_narrow_terminal_cuts_nothing_off(spawn, tmp_path):
    np.save(tmp_path / "a.npy", np.eye(3))
    (tmp_path / "ids.txt").write_text(f"a\n{'x' * 150}\n[bold]b[/bold]\n")
    code, shown = on_terminal(spawn, "similar", tmp_path / "a.npy", "a", "--ids", tmp_path / "ids.txt", COLUMNS="40")
    assert code == 0
    assert shown.count("x") >= 150
    assert "[bold]b[/bold]" in shown


def test_training_on_a_terminal_has_a_bar_and_ends_with_the_cursor_shown(spawn, text, tmp_path):
    arguments = ("train", text, "-o", tmp_path / "a.semap", "--dim", "16", "--threads", "1")
    code, shown = on_terminal(spawn, *arguments)
    assert code == 0, shown
    assert "━" in shown
    assert "loss" in shown
    assert "words/s" in shown
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")


def test_a_pipe_gets_neither_control_characters_nor_frames(spawn, table):
    out, err = spawn("similar", table, "king").communicate(timeout=60)
    assert out.isascii() or "─" not in out.decode()
    assert b"\x1b" not in out + err


def test_a_reader_that_leaves_early_is_no_error(spawn, table, tmp_path):
    many = 30_000
    np.save(tmp_path / "a.npy", np.random.default_rng(3).normal(size=(many, 2)))
    (tmp_path / "ids.txt").write_text("\n".join(f"token{number}" for number in range(many)))
    process = spawn("similar", tmp_path / "a.npy", "token5", "-k", many, "--ids", tmp_path / "ids.txt")
    assert process.stdout.readline().startswith(b"token")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0


def test_help_for_a_reader_that_leaves_early_is_quiet(spawn):
    reading, writing = os.pipe()
    os.close(reading)
    process = spawn("train", "--help", stdout=writing)
    os.close(writing)
    assert process.stderr.read() == b""


def test_a_full_disk_behind_standard_output_is_told(spawn, table):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        process = spawn("cosine", table, "king", "man", stdout=full)
    assert process.stderr.read().startswith(b"semap: error: ")
    assert process.wait(30) == 1


def test_a_closed_standard_output_is_no_crash(spawn, table):
    code = "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, '-m', 'semap.cli.main', *sys.argv[1:]])"
    process = spawn("cosine", table, "king", "man", code=code)
    assert process.wait(30) == 0
    assert process.stderr.read() == b""


def test_letters_that_the_stream_cannot_take_are_escaped_and_json_stays_json(spawn, table):
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    out, err = spawn("similar", table, "Ärger", "--json", env=ascii_only).communicate(timeout=60)
    assert json.loads(out)["token"] == "Ärger"
    assert err == b""
    out, err = spawn("similar", table, "king", env=ascii_only).communicate(timeout=60)
    assert b"\\xc4rger" in out
    out, err = spawn("similar", table, "Arger", env=ascii_only).communicate(timeout=60)
    assert err.startswith(b"semap: error: 'Arger' is not among")
    assert b"\\xc4rger" in err


def test_the_console_script_is_the_same_program(spawn):
    code = "from importlib.metadata import entry_points; entry_points(group='console_scripts')['semap'].load()()"
    out, _ = spawn("--version", code=code).communicate(timeout=60)
    assert out.startswith(b"semap ")
