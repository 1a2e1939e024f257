"""What was measured of tables of several sizes in, the same as lines, JSON or a drawing out, and where more stops paying."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["DimensionsReport", "SizeResult"]

_ENOUGH = 0.95  # of the way from the worst to the best
_MEASURES = {
    "held_out_loss": ("held-out loss", -1),
    "accuracy": ("analogies", 1),
    "spearman": ("similarity", 1),
}


@dataclass(frozen=True)
class SizeResult:
    """One size. held_out_loss, seen_loss: mean loss a pair on text that was left out, and on as much that was trained on.

    accuracy: the share of analogies answered right; spearman: with people's similarities; both None where no gold was given and
    NaN where nothing could be scored. seconds: of training; bytes: of the float32 rows.
    """

    dim: int
    held_out_loss: float
    seen_loss: float
    accuracy: float | None
    spearman: float | None
    seconds: float
    bytes: int


@dataclass(frozen=True)
class DimensionsReport:
    """Tables of rising size, all trained on the same text by a learner with the same `settings` but for dim.

    n_tokens, n_held_out: words trained on and left out; n_new: words that were left out and are not known;
    vocabulary: how many different words have a row.
    """

    results: tuple[SizeResult, ...]
    settings: Mapping[str, Any]
    vocabulary: int
    n_tokens: int
    n_held_out: int
    n_new: int

    @property
    def measures(self) -> dict[str, str]:
        """The measures of quality that there are, and what people call them."""
        return {name: title for name, (title, _) in _MEASURES.items() if self._scored(name)}

    def best(self, measure: str) -> int:
        """Return the size at which a measure is best, the smallest of equals."""
        scored = self._scored(measure)
        return max(scored, key=lambda dim: (scored[dim], -dim))

    def enough(self, measure: str) -> int:
        """Return the smallest size that has come 95 % of the way from the worst to the best value of a measure."""
        scored = self._scored(measure)
        worst, best = min(scored.values()), max(scored.values())
        return min(dim for dim, value in scored.items() if value >= worst + _ENOUGH * (best - worst))

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON, None for NaN."""
        results = [{name: _plain(value) for name, value in asdict(result).items()} for result in self.results]
        return {
            "results": results,
            "best": {name: self.best(name) for name in self.measures},
            "enough": {name: self.enough(name) for name in self.measures},
            "settings": dict(self.settings),
            "vocabulary": self.vocabulary,
            "n_tokens": self.n_tokens,
            "n_held_out": self.n_held_out,
            "n_new": self.n_new,
        }

    def to_json(self) -> str:
        """Return `as_dict()` as a JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)

    def svg(self) -> str:
        """Return a drawing of all curves, an SVG text that needs nothing else."""
        from semap.evaluate.size_chart import draw

        return draw(self)

    def columns(self) -> list[str]:
        """Return the headings of `rows()`."""
        gold = [title for name, title in self.measures.items() if name != "held_out_loss"]
        return ["dim", "held-out loss", "seen loss", *gold, "seconds", "megabytes"]

    def rows(self) -> list[list[str]]:
        """Return a line of text for each size."""
        gold = [name for name in self.measures if name != "held_out_loss"]
        return [
            [
                f"{each.dim:,}", f"{each.held_out_loss:.4f}", f"{each.seen_loss:.4f}",
                *(_share(getattr(each, name), name) for name in gold), f"{each.seconds:.1f}", f"{each.bytes / 1e6:.1f}",
            ]
            for each in self.results
        ]  # fmt: skip

    def notes(self) -> list[str]:
        """Return what the figures say, in sentences."""
        said = []
        for name, title in self.measures.items():
            best, enough = self.best(name), self.enough(name)
            if best == enough:
                said.append(
                    f"{title}: best at {best:,}; every smaller size has less than 95 % of the gain from the worst to the best"
                )
            else:
                said.append(f"{title}: best at {best:,}; {enough:,} has at least 95 % of the gain from the worst to the best")
        return [*said, *self._overfitting()]

    def __str__(self) -> str:
        rows = [self.columns(), *self.rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*lines, *self.notes()])

    def _overfitting(self) -> list[str]:
        """A sentence where the largest size is worse on unseen text and better on seen text than a smaller one."""
        if not self._scored("held_out_loss"):
            return []
        best = next(each for each in self.results if each.dim == self.best("held_out_loss"))
        last = self.results[-1]
        if not (last.held_out_loss > best.held_out_loss and last.seen_loss < best.seen_loss):
            return []
        worse, better = last.held_out_loss / best.held_out_loss - 1, 1 - last.seen_loss / best.seen_loss
        return [
            f"overfitting: from {best.dim:,} to {last.dim:,} the loss on seen text falls by {better:.1%}, "
            f"on text that was left out it rises by {worse:.1%}"
        ]

    def _scored(self, measure: str) -> dict[int, float]:
        """The values there are by size, more being better."""
        sign = _MEASURES[measure][1]
        values = {each.dim: getattr(each, measure) for each in self.results}
        return {dim: sign * value for dim, value in values.items() if value is not None and not math.isnan(value)}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _share(value: float, measure: str) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.1%}" if measure == "accuracy" else f"{value:.3f}"
