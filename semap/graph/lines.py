"""Lines of edges in, the names of nodes, the ends of edges and their weights out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from semap.arrays import AnyArray, DoubleVector
from semap.errors import BadFile, EmptyGraph, SemapWarning, SettingsError
from semap.text.lines import Batch, Lines, frame_rows, numbered
from semap.text.source import Files, find_source

__all__ = ["EdgeLines", "Layout", "OnError"]

Layout: TypeAlias = Literal["edges", "adjacency"]
OnError: TypeAlias = Literal["raise", "skip"]
_COMMENTS = ("#", "%")
_HEADS = {("source", "target"), ("from", "to"), ("src", "dst"), ("node1", "node2"), ("id1", "id2"), ("fromnodeid", "tonodeid")}


class EdgeLines:
    """A source of lines (see `read_graph`) and what was counted while reading it."""

    def __init__(self, source: Any, weighted: bool | None, delimiter: str | None, layout: Layout, on_error: OnError) -> None:
        if delimiter is not None and (not isinstance(delimiter, str) or not delimiter):
            known = "give the character between two nodes, or None for blanks and tabs"
            raise SettingsError(f"delimiter is {delimiter!r}; {known}")
        if layout == "adjacency" and weighted:
            raise SettingsError('lines of layout="adjacency" have no weights; give one edge a line')
        self._delimiter, self._on_error = delimiter, on_error
        self._weighted = False if layout == "adjacency" else weighted
        self._all_weighed = weighted is None  # who says that there are no weights knows of the column
        self._adjacency = layout == "adjacency"
        self._lines, self._batches = _batches(source)
        self._numbers: dict[str, int] = {}
        self._ends: list[int] = []
        self._weights: list[float] = []
        self.facts = {"lines": 0, "bad_lines": 0, "columns_left_out": 0, "header_like": 0}

    def read(self) -> tuple[list[str], AnyArray, DoubleVector | None]:
        """Return the names of the nodes, the two ends of each edge in turn, int64 (2 E,), and float64 (E,) or None."""
        for batch in self._batches:
            self.facts["lines"] += len(batch.lines)
            for number, line in enumerate(batch.lines, batch.first):
                parts = self._parts(line)
                if not parts:
                    continue
                finding = self._take_neighbours(parts) if self._adjacency else self._take(parts)
                if finding:
                    self._bad(batch.name, number, finding)
        self.facts["replaced"] = 0 if self._lines is None else self._lines.replaced
        if not self._numbers:
            lines, bad = self.facts["lines"], self.facts["bad_lines"]
            raise EmptyGraph(f"there is no edge among {lines:,} lines, {bad:,} of them bad; give at least one, as 'node node'")
        weights = np.array(self._weights, np.float64) if self._weighted else None
        return list(self._numbers), np.array(self._ends, np.int64), weights

    def _parts(self, line: Any) -> list[Any]:
        if not isinstance(line, str):
            return list(line) if isinstance(line, Iterable) and not isinstance(line, bytes | Mapping) else [line]
        if line.lstrip().startswith(_COMMENTS) or not line.strip():
            return []
        return line.split() if self._delimiter is None else [part.strip() for part in line.split(self._delimiter)]

    def _take(self, parts: list[Any]) -> str:
        """Keep an edge; returns what is wrong with it, "" for nothing."""
        if self._weighted is None:
            self._weighted = len(parts) == 3
        if len(parts) < 2 + self._weighted:
            wanted = "two nodes and a weight" if self._weighted else "two nodes"
            return f"expected {wanted}, found {len(parts)} columns{'' if self._delimiter else '; is another delimiter needed?'}"
        if any(map(_is_missing, parts[:2])):
            return f"expected two nodes, found {parts[0]!r} and {parts[1]!r}"
        if self._weighted:
            try:
                self._weights.append(_weight(parts[2]))
            except (TypeError, ValueError, OverflowError):
                return f"expected a weight from 0, found {parts[2]!r}"
        elif self._all_weighed and len(parts) > 2:
            self.facts["columns_left_out"] += 1
        if not self._ends:
            names = tuple(str(part).lower().replace("_", "") for part in parts[:2])
            self.facts["header_like"] = int(names in _HEADS)
        self._ends += self._number(parts[0]), self._number(parts[1])
        return ""

    def _take_neighbours(self, parts: list[Any]) -> str:
        if any(map(_is_missing, parts)):
            return "expected nodes, found an empty one"
        node = self._number(parts[0])
        for neighbour in parts[1:]:
            self._ends += node, self._number(neighbour)
        return ""

    def _number(self, node: Any) -> int:
        return self._numbers.setdefault(str(node), len(self._numbers))

    def _bad(self, name: str, number: int, finding: str) -> None:
        if self._on_error == "raise":
            raise BadFile(name, f'line {number:,}: {finding}; on_error="skip" (--skip-bad) leaves such lines out')
        self.facts["bad_lines"] += 1


def _is_missing(node: Any) -> bool:
    """Whether it names no node: None, NaN (which equals nothing) or an empty text."""
    return node is None or node == "" or node != node


def _weight(text: Any) -> float:
    weight = math.nan if isinstance(text, str) and "_" in text else float(text)  # float() takes 1_0 for 10
    if not 0 <= weight < np.finfo(np.float32).max:
        raise ValueError
    return weight


def _batches(source: Any) -> tuple[Lines | None, Iterator[Batch]]:
    """What counts the lines of files, and the lines; or the lines or rows that were given."""
    rows = frame_rows(source)
    if rows is not None:
        return None, numbered(rows, "the data frame")
    if not isinstance(source, str | PathLike):
        if isinstance(source, bytes | Mapping) or not isinstance(source, Iterable):
            kind = type(source).__name__
            raise SettingsError(f"cannot read a graph from {kind}; give a path, edges, or a networkx or SciPy graph")
        return None, numbered(source, "the edges")
    found = cast("Files", find_source(source, "replace"))
    if found.left_out:
        warnings.warn(f"not read: {', '.join(found.left_out)}", SemapWarning, stacklevel=5)
    lines = Lines(found)
    return lines, lines.batches()
