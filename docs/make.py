"""Run the snippets of the tour, write what they print into semap/tour/tour.md, and copy that to docs/tour.md.

Snippets that lack what they need (the built-in table) keep the output they had. Usage: python docs/make.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from semap.tour.page import Snippet, sections_of
from semap.tour.snippets import lacking, run_snippet

ROOT = Path(__file__).resolve().parent.parent
SOURCE, COPY = ROOT / "semap" / "tour" / "tour.md", ROOT / "docs" / "tour.md"


def main() -> None:
    """Run every snippet that can run here, section by section, and write both pages anew."""
    page = SOURCE.read_text(encoding="utf-8")
    recorded: list[tuple[Snippet, str]] = []
    for section in sections_of(page):
        print(f"{section.number}. {section.title}", flush=True)
        names: dict[str, Any] = {}
        for part in section.parts:
            if isinstance(part, Snippet) and lacking(part) is None:
                recorded.append((part, "".join(step.code + step.printed for step in run_snippet(part, names))))
    for snippet, output in reversed(recorded):
        page = page[: snippet.start] + output + page[snippet.stop :]
    SOURCE.write_text(page, encoding="utf-8")
    COPY.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
