"""Ctrl-C at every stage, kill -9 and --resume: one line, exit 130, nothing half-written, the same bytes in the end."""

import os
import signal
import time

import numpy as np
import pytest

if os.name != "posix":
    pytest.skip("signals are sent as POSIX has them", allow_module_level=True)

SETTINGS = ("--dim", "64", "--epochs", "8", "--threads", "2", "--lanes", "2")

# Runs the command line and sends Ctrl-C to itself a moment after something happened for the nth time: in the middle of
# the round that follows an update, for instance.
CTRL_C = """
import os, signal, sys, threading
sys.argv[0] = "semap"
home, name, stage, number, delay = {home!r}, {name!r}, {stage!r}, {number}, {delay}
from importlib import import_module
from semap.cli.interrupts import interrupts
owner = import_module(home)
if "." in name:
    owner, name = getattr(owner, name.split(".")[0]), name.split(".")[1]
original, calls = getattr(owner, name), []
def counted(*arguments, **named):
    if stage == interrupts.stage.split()[0]:
        calls.append(1)
        if len(calls) == number:
            if delay:
                threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT)).start()
            else:
                os.kill(os.getpid(), signal.SIGINT)
    return original(*arguments, **named)
setattr(owner, name, counted)
from semap.cli.main import main
main()
"""


def at(home, name, stage, number=1, delay=0.0):
    """The code of a command line that is interrupted there."""
    return CTRL_C.format(home=home, name=name, stage=stage, number=number, delay=delay)


MID_ROUND = at("semap.cli.watched", "Watched.update", "training", 4, delay=0.02)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A file of 300,000 words, for a training that takes a second or two."""
    generator = np.random.default_rng(11)
    numbers = np.minimum(generator.zipf(1.2, 300_000), 3_000)
    lines = (" ".join(f"w{number}" for number in line) for line in numbers.reshape(-1, 20))
    path = tmp_path_factory.mktemp("text") / "words.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def output(tmp_path):
    """An output at which something precious stands."""
    path = tmp_path / "out" / "a.semap"
    path.parent.mkdir()
    path.write_text("precious")
    return path


def finished(process):
    """The exit code, standard output and the lines of standard error."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode().splitlines()


def untouched(output):
    return output.read_text() == "precious" and list(output.parent.iterdir()) == [output]


def test_ctrl_c_in_training_without_a_checkpoint_is_one_line(spawn, text, output):
    code, out, err = finished(spawn("train", text, "-o", output, "-q", *SETTINGS, code=MID_ROUND))
    assert (code, out, len(err)) == (130, "", 1), err
    assert err[0].startswith("semap: stopped at ")
    assert "nothing was saved" in err[0]
    assert untouched(output)


def test_ctrl_c_in_a_round_and_resume_end_with_the_bytes_of_an_unbroken_run(spawn, text, output, tmp_path):
    state = tmp_path / "state"
    unbroken = spawn("train", text, "-o", tmp_path / "unbroken.semap", "-q", *SETTINGS)
    command = ("train", text, "-o", output, "-q", *SETTINGS, "--checkpoint", state)
    code, _, err = finished(spawn(*command, code=MID_ROUND))
    assert (code, len(err)) == (130, 1), err
    assert "saved in" in err[0]
    assert "--resume" in err[0]
    assert untouched(output)
    assert finished(spawn(*command, "--resume")) == (0, "", [])
    assert finished(unbroken) == (0, "", [])
    assert output.read_bytes() == (tmp_path / "unbroken.semap").read_bytes()


def test_kill_9_and_resume_end_with_the_bytes_of_an_unbroken_run(spawn, text, output, tmp_path):
    unbroken = spawn("train", text, "-o", tmp_path / "unbroken.semap", "-q", *SETTINGS)
    state = tmp_path / "state" / "training.semap-checkpoint"
    command = ("train", text, "-o", output, "-q", *SETTINGS, "--checkpoint", state.parent, "--every", "0.0001")
    for _ in range(2):
        victim = spawn(*command, "--resume")  # the first time nothing was saved yet
        saved = state.stat().st_ino if state.exists() else None
        for _ in range(6_000):
            if state.exists() and state.stat().st_ino != saved:
                break
            time.sleep(0.005)
        time.sleep(0.02)
        victim.kill()
        assert victim.wait(10) in (-signal.SIGKILL, 0)
    code, _, err = finished(spawn(*command, "--resume"))
    assert (code, err) == (0, [])
    assert finished(unbroken) == (0, "", [])
    assert output.read_bytes() == (tmp_path / "unbroken.semap").read_bytes()


def test_a_broken_checkpoint_is_told_and_stays(spawn, semap, text, output, tmp_path):
    state = tmp_path / "state" / "training.semap-checkpoint"
    state.parent.mkdir()
    state.write_bytes(b"broken")
    result = semap("train", text, "-o", output, "-q", *SETTINGS, "--checkpoint", state.parent, "--resume")
    assert result.exit_code == 1
    assert "the checkpoint is broken" in result.stderr
    assert state.read_bytes() == b"broken"
    assert untouched(output)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (("semap.text.source", "Files.chunks", "reading"), "interrupted while reading"),
        (("semap.text.opened", "compression", "reading"), "interrupted while reading"),
        (("semap.corpus.encode", "rank", "reading"), "interrupted while reading"),
        (("semap.storage.container", "pack_head", "writing"), "interrupted while writing"),
    ],
)
def test_ctrl_c_elsewhere_is_one_line_too(spawn, text, output, where, says):
    code, out, err = finished(spawn("train", text, "-o", output, "-q", *SETTINGS, "--epochs", "1", code=at(*where)))
    assert (code, out, len(err)) == (130, "", 1), err
    assert says in err[0]
    assert untouched(output)


def test_ctrl_c_while_kernels_are_compiled_leaves_at_once(spawn, text, output, tmp_path):
    process = spawn("train", text, "-o", output, *SETTINGS, env={"NUMBA_CACHE_DIR": str(tmp_path / "cache")})
    assert process.stderr.readline() == b"semap: compiling kernels for this machine, once ...\n"
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, _, err = finished(process)
    assert time.monotonic() - began < 8
    assert code == 130
    assert err[-1].startswith("semap: interrupted while")
    assert "Traceback" not in "".join(err)
    assert untouched(output)


def test_ctrl_c_while_the_program_starts_is_one_line(spawn, text, output):
    for delay in (0.1, 0.15, 0.2, 0.3, 0.6):
        process = spawn("train", text, "-o", output, "-q", *SETTINGS)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        code, _, err = finished(process)
        if code != -signal.SIGINT:  # Python itself had not begun
            assert (code, len(err)) == (130, 1), err
            assert err[0].startswith("semap: ")
        assert untouched(output)


def test_ctrl_c_that_the_caller_ignores_is_ignored(spawn, text, output):
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + MID_ROUND
    assert finished(spawn("train", text, "-o", output, "-q", *SETTINGS, "--epochs", "2", code=code))[0] == 0
