"""Tables small enough to check on paper, and the real application over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from semap.encode.sif import pack_sif
from semap.serve.app import build_app
from semap.serve.settings import Limits, ServeSettings
from semap.serve.tables import Tables
from semap.table.table import Table

TOKENS = ["the", "king", "queen", "man", "woman", "naïve", "日本"]
VECTORS = np.array(
    [[2, 0, 0, 0], [3, 4, 0, 0], [0, 4, 3, 0], [5, 0, 0, 0], [0, 0, 6, 0], [0, 0, 0, 7], [1, 1, 1, 1]], np.float32
)  # fmt: skip
WORDS = {"split": "words", "lowercase": True, "normalize": "NFC", "errors": "replace"}


def save_toy(folder: Path) -> Path:
    """A table whose texts are pooled by plain means: it has no counts."""
    path = folder / "toy.semap"
    Table(TOKENS, VECTORS, metadata={"text": WORDS}).save(path)
    return path


def save_weighted(folder: Path) -> Path:
    """A table with counts and one common component, the first axis."""
    path = folder / "weighted.semap"
    component = np.array([[1, 0, 0, 0]], np.float32)
    sif = pack_sif(0.5, component, "by hand")
    Table(TOKENS, VECTORS, counts=[50, 30, 10, 4, 3, 2, 1], metadata={"text": WORDS, "sif": sif}).save(path)
    return path


def app_of(places: dict[str, Any], *, limits: Limits | None = None, **settings: Any) -> Any:
    """The application over tables, which answers as `semap serve` does."""
    chosen = ServeSettings(explorer=False, log=False, limits=limits or Limits(), **settings)
    return build_app(Tables.open(places, threads=1), chosen)
