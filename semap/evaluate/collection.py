"""A folder in TREC's layout in, documents, queries and who found which document relevant out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from semap.errors import BadFile, EmptyGold, FileMissing

__all__ = ["Collection", "read_collection"]

_DOCUMENT = re.compile(r"<doc>(.*?)</doc>", re.DOTALL | re.IGNORECASE)
_QUERY = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Collection:
    """documents, queries: text by id; relevant: by the id of a query, the grade (above 0) of every relevant document."""

    documents: Mapping[str, str]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]


def read_collection(documents: str | PathLike[str], queries: str | PathLike[str], judgements: str | PathLike[str]) -> Collection:
    """Read a collection: its texts, its questions, and who found which text relevant.

    documents: `<doc>` with `<docno>`, `<title>` and `<text>`, the last two joined; queries: `<top>` with `<num>` and `<title>`;
    judgements: lines of query, anything, document, grade. Where they name queries that the query file does not have, they
    count queries in the order of that file, as the Cranfield collection does, whose own numbers have gaps.
    Raises FileMissing, BadFile (a document or query without its parts, a line that is no judgement) and EmptyGold.
    """
    texts = dict(_parts(documents, _DOCUMENT, "docno", "title", "text"))
    asked = dict(_parts(queries, _QUERY, "num", "title"))
    relevant = _judgements(judgements)
    if not set(relevant) <= set(asked):
        asked = {str(number): text for number, text in enumerate(asked.values(), 1)}
    strange = sorted(set(relevant) - set(asked)) + sorted({each for grades in relevant.values() for each in grades} - set(texts))
    if strange:
        raise BadFile(judgements, f"{len(strange):,} ids are those of no query and no document, the first: {strange[0]!r}")
    return Collection(texts, {number: asked[number] for number in asked if number in relevant}, relevant)


def _parts(path: str | PathLike[str], pattern: re.Pattern[str], *tags: str) -> list[tuple[str, str]]:
    found = []
    for number, part in enumerate(pattern.findall(_text(path))):
        values = [re.search(rf"<{tag}>(.*?)</{tag}>", part, re.DOTALL | re.IGNORECASE) for tag in tags]
        texts = [" ".join(value[1].split()) for value in values if value is not None]
        if len(texts) < len(tags):
            raise BadFile(path, f"part {number + 1:,} lacks one of {', '.join(f'<{tag}>' for tag in tags)}")
        found.append((texts[0], " ".join(filter(None, texts[1:]))))
    if not found:
        raise EmptyGold(f"{path} has no part {pattern.pattern}")
    return found


def _judgements(path: str | PathLike[str]) -> dict[str, dict[str, float]]:
    relevant: dict[str, dict[str, float]] = {}
    for number, line in enumerate(_text(path).splitlines()):
        fields = line.split()
        if not fields:
            continue
        try:
            query, _, document, grade = fields
            value = float(grade)
        except ValueError:
            raise BadFile(path, f"line {number + 1:,} is not query, 0, document, grade: {line[:60]!r}") from None
        if value > 0:
            relevant.setdefault(query, {})[document] = value
    if not relevant:
        raise EmptyGold(f"{path} judges no document relevant")
    return relevant


def _text(path: str | PathLike[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise FileMissing(f"there is no file {path}") from None
    except OSError as failure:
        raise BadFile(path, f"cannot be read: {failure.strerror or failure}") from failure
