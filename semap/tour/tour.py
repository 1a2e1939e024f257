"""The number of a section in, the section on the terminal: its prose, its code, and what that code prints now."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import Any

from semap.errors import SettingsError
from semap.tour.page import Part, Section, sections_of
from semap.tour.snippets import lacking, run_snippet

__all__ = ["page_text", "run_tour"]


def run_tour(section: int | None = None, pause: bool = False) -> None:
    """Print the tour to standard output; every snippet is run, and what follows it is what it printed.

    section: its number, None for all of them in order. pause: wait for Enter between sections, where standard input is
    a terminal; q ends the tour. Raises SettingsError when there is no section of this number.
    """
    sections = sections_of(page_text())
    if section is not None:
        sections = [each for each in sections if each.number == section]
        if not sections:
            raise SettingsError(f"there is no section {section!r}; the tour has the sections 1 to 12")
    for place, each in enumerate(sections):
        if place and pause and not _asked_to_go_on():
            return
        _print_section(each)


def page_text() -> str:
    """Return the tour as Markdown: the one source of `semap tour` and docs/tour.md."""
    return (files("semap.tour") / "tour.md").read_text(encoding="utf-8")


def _print_section(section: Section) -> None:
    title = f"{section.number}. {section.title}"
    print(f"\n{title}\n{'=' * len(title)}", flush=True)
    names: dict[str, Any] = {}  # each section stands alone
    for part in section.parts:
        print(flush=True)
        _print_part(part, names)


def _print_part(part: Part, names: dict[str, Any]) -> None:
    if isinstance(part, str):
        print(part)
        return
    missing = lacking(part)
    if missing is not None:
        print(f"    (left out: {missing})")
        return
    for step in run_snippet(part, names):
        for line in (step.code + step.printed).splitlines():
            print(f"    {line}".rstrip(), flush=True)


def _asked_to_go_on() -> bool:
    """Wait for Enter; False when the reader wants to stop."""
    if not sys.stdin.isatty():
        return True
    try:
        return input("\n[Enter: next section, q: stop] ").strip().lower() not in ("q", "quit")
    except EOFError:
        return False
