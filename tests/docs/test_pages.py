"""README and docs: every Python block runs, every `semap` line of a shell block ends well."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import warnings
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semap
from semap.errors import SemapWarning
from semap.tour.page import Snippet, parts_of
from semap.tour.snippets import agrees, lacking, run_snippet

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "README.md",
    "docs/training.md",
    "docs/glove.md",
    "docs/tables-and-files.md",
    "docs/formats.md",
    "docs/migrate-gensim.md",
    "docs/migrate-fasttext.md",
    "docs/evaluation.md",
    "docs/encoding.md",
    "docs/dimensions.md",
    "docs/tokenizers.md",
    "docs/phrases.md",
    "docs/recommendations.md",
    "docs/graphs.md",
    "docs/index.md",
    "docs/maps.md",
    "docs/explorer.md",
]
PAGES = [
    *COMMANDS,
    "docs/positions.md",
    "docs/contextual.md",
    "docs/classification.md",
    "docs/sessions.md",
    "docs/categories.md",
    "semap/data/README.md",
]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUESTIONS = ": family\nman king woman queen\nking man queen woman\n: gram\nboy boys girl girls\n"
PAIRS = "word 1\tword 2\tscore\nking\tqueen\t8.6\nsea\tship\t7\nhouse\tsea\t1.5\n"
COMMAND = [sys.executable, "-c", "from semap.cli.main import main; main()"]


FAMILY = "a man and a woman, a boy and a girl, a king and a queen, the boys and the girls, a cat and a dog\n"


@cache
def _text() -> str:
    """A quarter of the novels, which is quick, and the words that the pages ask about."""
    novels = (files("semap") / "data" / "novels.txt").read_text(encoding="utf-8")
    return novels[:400_000] + "\n" + 40 * FAMILY


@cache
def _trained() -> semap.Table:
    return semap.SkipGram(dim=20, epochs=1, threads=1).fit(semap.read_text(_text().splitlines()))


def _ratings() -> list[str]:
    """Stars of 60 users, among them 196, for 40 items out of 50, 181 and 200 to 263; odd users like odd items more."""
    generator = np.random.default_rng(3)
    items = [50, 181, *range(200, 264)]
    return [
        f"{user}\t{item}\t{generator.integers(1, 4) + 2 * ((user + item) % 2 == 0)}\t{1000 * user + place}"
        for user in range(150, 210)
        for place, item in enumerate(generator.permutation(items)[:40])
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages name: a text, gold files, a table, vectors of pictures."""
    (tmp_path / "wiki.txt").write_text(_text(), encoding="utf-8")
    (tmp_path / "texts.txt").write_text("The king sat by the sea.\n\nDog bites man\n")
    (tmp_path / "questions-words.txt").write_text(QUESTIONS)
    (tmp_path / "ws353.txt").write_text(PAIRS)
    (tmp_path / "ids.txt").write_text("beach.jpg\nforest.jpg\ndunes.jpg\n")
    np.save(tmp_path / "vectors.npy", np.array([[1, 0, 0.2], [0, 1, 0.1], [0.9, 0.1, 0.3]], np.float32))
    _trained().save(tmp_path / "wiki.semap")
    (tmp_path / "u.data").write_text("\n".join(_ratings()))
    karate = Path(semap.__file__).parent / "data" / "karate.edgelist"
    (tmp_path / "karate.edgelist").write_bytes(karate.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text_of(page: str) -> str:
    if not (ROOT / page).is_file():
        pytest.skip(f"{page} is not part of this installation")
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", PAGES)
def test_every_python_block_of_a_page_runs(page: str) -> None:
    names: dict[str, Any] = {}
    left_out = []
    for snippet in (part for part in parts_of(text_of(page)) if isinstance(part, Snippet)):
        missing = lacking(snippet)
        if missing is not None:
            left_out.append(missing)
            continue
        with warnings.catch_warnings():  # the pages speak of long texts; the one they get here has one lane
            warnings.filterwarnings("ignore", message=".* lanes in a round", category=SemapWarning)
            for step in run_snippet(snippet, names):
                assert agrees(step.expected, step.printed) or ">>>" not in step.code
    assert "semap" in names
    if left_out:
        pytest.skip(f"all blocks but {len(left_out)} ran: {left_out[0]}")


@pytest.mark.parametrize("page", COMMANDS)
def test_every_command_of_a_page_ends_well(page: str, folder: Path) -> None:
    if find_spec("semap.cli.main") is None:
        pytest.skip("the command line is not there yet")
    lines = [line for block in SHELL.findall(text_of(page)) for line in block.splitlines()]
    left_out = []
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "semap"
        if "english" in words and not (Path(str(files("semap"))) / "data" / "english.semap").is_file():
            left_out.append(line)
            continue
        if words[1] == "tokenize" and find_spec("tokenizers") is None:
            left_out.append(line)
            continue
        done = subprocess.run([*COMMAND, *words[1:]], cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert "Traceback" not in done.stderr
    assert lines
    if left_out:
        pytest.skip(f"the built-in table or an extra is not there; not run: {'; '.join(left_out)}")


def test_the_readme_has_the_two_commands_of_the_set_up_to_the_letter() -> None:
    lines = [line.strip() for line in text_of("README.md").splitlines()]
    assert "pip install . && semap demo" in lines
    assert "pip install -c constraints.txt '.[test]' && pytest" in lines


@pytest.mark.parametrize("page", [*PAGES, "docs/tour.md", "CONTRIBUTING.md", "docs/decisions/0001-two-matrices.md"])
def test_every_page_that_a_page_links_to_is_there(page: str) -> None:
    text = text_of(page)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
    for target in re.findall(r"\bdocs/[\w/-]+\.md", text):
        assert (ROOT / target).exists(), target
