"""Ids in, a row of a table for each (+ the vector of its position) out, as a layer of a torch model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import SettingsError, ShapeError
from semap.learn.start import starting_rows
from semap.positions.learned_rows import learned
from semap.positions.sinusoids import sinusoidal
from semap.settings import whole
from semap.table.table import Table
from semap.torch.backend import Tensor, array_of, device_of, functional, nn, torch

__all__ = ["EmbeddingLayer", "Positions"]

Positions = Literal["sinusoidal", "learned"]
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "float64": torch.float64}


class EmbeddingLayer(nn.Module):
    """Ids (B, T) -> float (B, T, D): scale * E[id] + the vector of the position, t = 0 .. T - 1.

    rows: a Table, whose rows are the start, or (V, D), for rows uniform in -0.5/D .. 0.5/D as SkipGram starts.
    positions: None; "sinusoidal" (`semap.positions.sinusoidal`, fixed); or "learned" (`semap.positions.learned`, trained).
    max_length: the most positions, where there are any. scale: a number, or None for 1 (Vaswani et al. 2017, section 3.4,
    takes sqrt(D)). frozen: the rows are not trained (learned positions still are). padding_id: its places give zeros and
    train nothing. sparse: gradients hold only the rows of the batch, for torch.optim.SparseAdam or SGD.
    seed: of random rows and learned positions. dtype: "float32", "float64", "float16" or "bfloat16".
    device: a name of torch, never chosen for you.

    Equal seeds give equal bits; torch's global generator is not used. Raises SettingsError.
    """

    position_rows: Tensor | None

    def __init__(
        self,
        rows: Table | tuple[int, int],
        *,
        positions: Positions | None = None,
        max_length: int = 512,
        scale: float | None = None,
        frozen: bool = False,
        padding_id: int | None = None,
        sparse: bool = False,
        seed: int = 1,
        dtype: str = "float32",
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        if dtype not in _DTYPES:
            raise SettingsError(f"dtype is {dtype!r}; choose one of {', '.join(_DTYPES)}")
        if positions not in (None, *get_args(Positions)):
            raise SettingsError(f'positions is {positions!r}; give None, "sinusoidal" or "learned"')
        if scale is not None and not (isinstance(scale, int | float) and math.isfinite(scale) and scale > 0):
            raise SettingsError(f"scale is {scale!r}; give a number above 0, or None for 1")
        place, kind = device_of(device), _DTYPES[dtype]
        seed = whole("seed", seed, 0, 2**63 - 1)
        self._table = rows if isinstance(rows, Table) else None
        start = np.array(rows.vectors) if isinstance(rows, Table) else _random_rows(rows, seed)
        self.n_tokens, self.dim = start.shape
        self.padding_id = None if padding_id is None else whole("padding_id", padding_id, 0, self.n_tokens - 1)
        self.scale, self.sparse, self.positions = scale, bool(sparse), positions
        self.max_length = whole("max_length", max_length, 1)
        self.weight = nn.Parameter(torch.from_numpy(start).to(place, kind), requires_grad=not frozen)
        if positions == "learned":
            self.position_rows = nn.Parameter(torch.from_numpy(learned(self.max_length, self.dim, seed)).to(place, kind))
        else:
            fixed = None if positions is None else torch.from_numpy(sinusoidal(self.max_length, self.dim)).to(place, kind)
            self.register_buffer("position_rows", fixed, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the vectors of ids, whole numbers (B, T) or (T,): (B, T, D) or (T, D).

        Raises ShapeError for an id outside 0 .. V - 1 or more positions than `max_length`, SettingsError for what is no id.
        """
        self.check(ids)
        vectors = functional.embedding(ids, self.weight, sparse=self.sparse)
        if self.scale is not None:
            vectors = vectors * self.scale
        if self.position_rows is not None:
            vectors = vectors + self.position_rows[: ids.shape[-1]]
        return vectors if self.padding_id is None else vectors * (ids != self.padding_id)[..., None]

    def check(self, ids: Tensor) -> None:
        """Raise what `forward` does. A batch is looked at whole, which on a GPU waits for it."""
        if not isinstance(ids, torch.Tensor):
            raise SettingsError(f"ids are a {type(ids).__name__}, not a tensor; give torch.as_tensor(ids)")
        if ids.dtype not in (torch.int64, torch.int32):
            raise SettingsError(f"ids are {ids.dtype}; give whole numbers, int64 or int32")
        if self.position_rows is not None and ids.shape[-1] > self.max_length:
            raise ShapeError(
                f"a text has {ids.shape[-1]:,} tokens, there are positions for {self.max_length:,}; cut it, or give a larger "
                "max_length"
            )
        if not ids.numel():
            return
        for wrong in (int(end) for end in torch.aminmax(ids)):
            if not 0 <= wrong < self.n_tokens:
                raise ShapeError(f"id {wrong:,} was asked for, the layer has rows 0 to {self.n_tokens - 1:,}")

    def to_table(self, tokens: Iterable[str] | None = None, *, metadata: Mapping[str, Any] | None = None) -> Table:
        """Return the rows as they are now as a Table, float32 (V, D), without scale and positions.

        tokens: V strings; not needed where the layer was made from a table, whose tokens, counts and metadata are kept.
        Raises SettingsError, ShapeError (another number of tokens) and DuplicateToken.
        """
        if tokens is None and self._table is None:
            raise SettingsError(f"the layer was made without a table; give the tokens of its {self.n_tokens:,} rows")
        known = self._table if tokens is None else None
        names = known.tokens if known is not None else (tokens or ())
        facts = known.metadata if known is not None and metadata is None else metadata
        counts = None if known is None else known.counts
        return Table(names, array_of(self.weight.float()), counts=counts, metadata=facts)

    def extra_repr(self) -> str:
        """Say the settings, as torch prints a module."""
        frozen = "" if self.weight.requires_grad else ", frozen"
        return f"{self.n_tokens:,} tokens, {self.dim} dimensions, positions={self.positions!r}, scale={self.scale}{frozen}"


def _random_rows(shape: Any, seed: int) -> FloatMatrix:
    if not isinstance(shape, tuple) or len(shape) != 2:
        raise SettingsError(f"rows are a Table or (n_tokens, dim), not {type(shape).__name__} {shape!r}")
    return starting_rows(whole("n_tokens", shape[0], 1), whole("dim", shape[1], 1), seed)
