"""Each section of the tour, run once: what it printed and the names it left behind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from semap.tour.page import Section, Snippet, sections_of
from semap.tour.snippets import Step, lacking, run_snippet
from semap.tour.tour import page_text


@dataclass
class Ran:
    section: Section
    names: dict[str, Any]
    steps: list[tuple[Snippet, Step]]
    left_out: list[str]

    @property
    def prose(self) -> str:
        return " ".join(" ".join(part.split()) for part in self.section.parts if isinstance(part, str))

    def printed(self, code: str) -> str:
        """What the statement that holds `code` printed."""
        found = [step.printed for _, step in self.steps if code in step.code]
        assert len(found) == 1, f"{code!r} stands in {len(found)} statements"
        return found[0].strip()


@cache
def run_section(number: int) -> Ran:
    section = sections_of(page_text())[number - 1]
    ran = Ran(section, {}, [], [])
    for snippet in (part for part in section.parts if isinstance(part, Snippet)):
        missing = lacking(snippet)
        if missing:
            ran.left_out.append(missing)
        else:
            ran.steps += [(snippet, step) for step in run_snippet(snippet, ran.names)]
    return ran


@pytest.fixture(scope="session")
def ran() -> Any:
    return run_section


@pytest.fixture
def english(ran: Any) -> None:
    """Skip where the built-in table is not there."""
    if ran(5).left_out:
        pytest.skip(ran(5).left_out[0])
