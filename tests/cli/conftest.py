"""The command line in this process and in processes of its own, and small data for it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from semap.cli.app import app
from semap.table.table import Table

WORDS = ["the", "queen", "king", "man", "woman", "apple", "Ärger", "北京"]


@pytest.fixture
def semap():
    """Run a command in this process: `.exit_code`, `.stdout`, `.stderr`."""
    runner = CliRunner()

    def run(*arguments, stdin=None):
        return runner.invoke(app, [str(each) for each in arguments], input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def spawn():
    """Start a command in a process of its own, which does not outlive the test; give it `code` to run instead."""
    started = []

    def start(*arguments, code=None, **settings):
        begin = ["-m", "semap.cli.main"] if code is None else ["-c", code]
        environment = {**os.environ, **settings.pop("env", {})}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        process = subprocess.Popen([sys.executable, *begin, *map(str, arguments)], env=environment, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def table(tmp_path):
    """The path of a table in which man is to king as woman is to queen, royalty being one axis and gender another."""
    plane = {"king": (3, 1), "queen": (3, -1), "man": (0, 1), "woman": (0, -1)}
    vectors = np.full((len(WORDS), 4), 0.25, np.float32) * np.arange(1, len(WORDS) + 1)[:, None]
    for word, place in plane.items():
        vectors[WORDS.index(word)] = (*place, 0.1, 0.1)
    vectors[WORDS.index("apple")] = (0.1, 0.1, -4, 2)
    path = tmp_path / "small.semap"
    Table(WORDS, vectors, counts=np.arange(len(WORDS), 0, -1), metadata={"text": {"lowercase": False}}).save(path)
    return path


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    """A file of 60,000 words, 300 different ones, as uneven as words are."""
    generator = np.random.default_rng(7)
    numbers = np.minimum(generator.zipf(1.3, 60_000), 300)
    lines = (" ".join(f"w{number}" for number in line) for line in numbers.reshape(-1, 20))
    path = tmp_path_factory.mktemp("text") / "words.txt"
    path.write_text("\n".join(lines) + "\n")
    return path
