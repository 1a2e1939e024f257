"""A snippet of a page in, its steps out: each piece of code, run, with what it really printed."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from semap.errors import FileMissing, MissingExtra
from semap.formats.load import BUILT_IN, load
from semap.tour.page import Snippet

__all__ = ["Step", "agrees", "lacking", "run_snippet"]

_EXTRAS = {"tokenizers": "encode", "torch": "torch", "sentence_transformers": "contextual"}
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*\.?\d*(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Step:
    """A statement of a snippet: `code` with its prompts, what the page says it prints, and what it printed now."""

    code: str
    expected: str
    printed: str


def run_snippet(snippet: Snippet, names: dict[str, Any]) -> Iterator[Step]:
    """Run a snippet in `names`, statement by statement; a block without prompts is one step.

    What the snippet raises passes through.
    """
    examples = doctest.DocTestParser().get_examples(snippet.code)
    if not examples:
        yield Step(snippet.code, "", _printed(snippet.code, "exec", names))
    for example in examples:
        yield Step(_with_prompts(example.source), example.want, _printed(example.source, "single", names))


def lacking(snippet: Snippet) -> str | None:
    """Return one sentence on what a snippet needs and this installation lacks, or None; several needs stand between commas."""
    needs = snippet.options.get("needs")
    found = map(_lacking, needs.split(",")) if needs else iter(())
    return next((sentence for sentence in found if sentence is not None), None)


def _lacking(need: str) -> str | None:
    if need in BUILT_IN:
        try:
            load(need)
        except FileMissing as failure:
            return str(failure)
    elif find_spec(need) is None:
        return str(MissingExtra(need.replace("_", "-"), _EXTRAS.get(need)))
    return None


def agrees(expected: str, printed: str, about: float = 0.0) -> bool:
    """Whether two outputs are the same, numbers being so when they are at most `about` apart."""
    if about == 0.0:
        return expected == printed
    pairs = [[_number(found) for found in _NUMBER.findall(text)] for text in (expected, printed)]
    same_words = _NUMBER.sub("#", expected) == _NUMBER.sub("#", printed)
    return same_words and all(abs(a - b) <= about for a, b in zip(*pairs, strict=True))


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _printed(code: str, mode: str, names: dict[str, Any]) -> str:
    """Run code and return what it wrote to standard output."""
    output, shown = io.StringIO(), sys.displayhook
    sys.displayhook = sys.__displayhook__  # a notebook's would not print to standard output
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(code, "<tour>", mode, dont_inherit=True), names)
    finally:
        sys.displayhook = shown
    return output.getvalue()


def _with_prompts(source: str) -> str:
    lines = source.rstrip("\n").split("\n")
    return "".join(f"{'...' if number else '>>>'} {line}".rstrip() + "\n" for number, line in enumerate(lines))
