"""Ids of categories and numbers in, scores of classes or one value out: rows side by side, and layers on top."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from semap.torch.backend import Tensor, functional, generator, linear, nn, torch
from semap.torch.networks import dropped

__all__ = ["CategoryNetwork"]

_START = 0.05  # rows begin uniform in -0.05 .. 0.05


class CategoryNetwork(nn.Module):
    """Guo and Berkhahn 2016, section 3: a row for each category, all of a record joined, dense layers with ReLU.

    rows: (V, D) of each column; n_numbers: M; hidden: widths of the layers; n_outputs: classes, or 1 value.
    """

    def __init__(
        self, rows: Sequence[tuple[int, int]], n_numbers: int, hidden: Sequence[int], n_outputs: int, dropout: float, seed: int
    ) -> None:
        super().__init__()
        drawn = generator(torch.device("cpu"), seed)
        self.rows = nn.ParameterList(
            nn.Parameter((torch.rand(size, dim, generator=drawn) * 2 - 1) * _START) for size, dim in rows
        )
        widths = [sum(dim for _, dim in rows) + n_numbers, *hidden]
        self.layers = nn.ModuleList(linear(a, b, drawn) for a, b in pairwise(widths))
        self.output = linear(widths[-1], n_outputs, drawn)
        self.dropout = dropout

    def forward(self, ids: Tensor, numbers: Tensor, drawn: torch.Generator | None = None) -> Tensor:
        """Return (B, n_outputs) of ids int64 (B, C) and numbers float32 (B, M); drawn: of dropout in training, None for none."""
        parts = [functional.embedding(ids[:, place], rows, sparse=True) for place, rows in enumerate(self.rows)]
        record = torch.cat([*parts, numbers], 1)
        for layer in self.layers:
            record = dropped(functional.relu(layer(record)), self.dropout, drawn)
        scores: Tensor = self.output(record)
        return scores
