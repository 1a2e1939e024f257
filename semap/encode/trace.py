"""A pipeline and one text in, every stage on the way to its vector out, as data, as a table, as JSON, as a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatMatrix, FloatVector, TokenIds
from semap.encode.tokenizing import Rows

if TYPE_CHECKING:
    from semap.encode.pipeline import Pipeline

__all__ = ["Trace", "trace"]

_SHOWN = 4  # numbers of a vector, in print


@dataclass(frozen=True, eq=False)
class Trace:
    """The way of one text.

    tokens: all T0 of them; ids: of each for the tokenizer, int32 (T0,), -1 for none; rows: of the table, int32 (T0,), -1 where
    a token is left out. Of the T tokens that have a row: vectors: E[i], times the scale, float32 (T, D); positions: what is
    added, float32 (T, D), or None; sums: their sum, what `embed` gives, float32 (T, D); weights: in the mean, float32 (T,), or
    None where there is none. pooled: what `encode` gives, float32 (D,), or None where the pipeline makes no vector of a text.
    """

    text: str
    tokens: tuple[str, ...]
    ids: TokenIds
    rows: TokenIds
    vectors: FloatMatrix
    positions: FloatMatrix | None
    sums: FloatMatrix
    weights: FloatVector | None
    pooled: FloatVector | None
    pooling: str

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON, vectors as lists of numbers."""
        facts: dict[str, Any] = {"text": self.text, "tokens": list(self.tokens), "pooling": self.pooling}
        for name in ("ids", "rows", "vectors", "positions", "sums", "weights", "pooled"):
            value = getattr(self, name)
            facts[name] = None if value is None else value.tolist()
        return facts

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def svg(self) -> str:
        """Return a picture with its numbers: one SVG file that needs nothing else, readable on light and dark pages."""
        from semap.encode.drawing import draw

        return draw(self)

    def lines(self) -> list[tuple[str, ...]]:
        """Return the heading and the rows of the table that `print` shows."""
        columns = ["token", "id", "row", "E[row]"]
        columns += ["position", "sum"] if self.positions is not None else []
        columns += ["weight"] if self.weights is not None else []
        found = [tuple(columns)]
        place = 0
        for token, token_id, row in zip(self.tokens, self.ids.tolist(), self.rows.tolist(), strict=True):
            cells = [token, "-" if token_id < 0 else str(token_id), "none: left out" if row < 0 else str(row)]
            if row >= 0:
                cells += self._cells(place)
                place += 1
            found.append((*cells, *[""] * (len(columns) - len(cells))))
        return found

    def __str__(self) -> str:
        table = self.lines()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
        return "\n".join([repr(self.text), *lines, self.summary()])

    def summary(self) -> str:
        """Return the last line of the table: what became of the whole text."""
        if self.pooled is None:
            return f"{len(self.sums)} vectors of {self.sums.shape[1]} numbers, none for the text"
        return f"{self.pooling}: {numbers(self.pooled)}"

    def _cells(self, place: int) -> list[str]:
        """The cells of the token at a place among those that have a row."""
        cells = [numbers(self.vectors[place])]
        if self.positions is not None:
            cells += [numbers(self.positions[place]), numbers(self.sums[place])]
        if self.weights is not None:
            cells.append(f"{self.weights[place]:.3f}")
        return cells


def numbers(vector: FloatVector) -> str:
    """Return the first numbers of a vector as people read them."""
    shown = " ".join(f"{value:6.3f}" for value in vector[:_SHOWN].tolist())
    return f"{shown} ... ({len(vector)})" if len(vector) > _SHOWN else shown


def trace(pipeline: Pipeline, text: str) -> Trace:
    """Take one text, cut to the pipeline's `max_length`, through every stage. Raises as `embed` does, warns of nothing."""
    pieces = pipeline.pieces(text)
    rows = np.array([piece.row for piece in pieces], np.int32)
    known = rows[rows >= 0]
    vectors = pipeline.scaled(known)
    places = None if pipeline.positions is None else pipeline.places(len(known))
    pool = pipeline.pool() if pipeline.pooling != "none" and places is None else None
    return Trace(
        text=text,
        tokens=tuple(piece.token for piece in pieces),
        ids=np.array([piece.token_id for piece in pieces], np.int32),
        rows=rows,
        vectors=vectors,
        positions=places,
        sums=vectors if places is None else vectors + places,
        weights=None if pool is None or pool.largest else pipeline.weights[known],
        pooled=None if pool is None else pool(Rows(known, np.array([0, len(known)]), np.array([len(rows)]), 0, 0), 1)[0],
        pooling=pipeline.pooling,
    )
