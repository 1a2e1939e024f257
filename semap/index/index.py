"""What every index of rows can do."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Index", "Metric"]

Metric = Literal["cosine", "dot", "euclidean"]


class Index(Protocol):
    """Finds the rows that are nearest to a vector: all of them exactly, or most of them and sooner."""

    @property
    def metric(self) -> Metric:
        """What is measured: "cosine", "dot" (the inner product) or "euclidean"."""
        ...

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        ...

    @property
    def n_ids(self) -> int:
        """One more than the largest number that a row has or had."""
        ...

    def __len__(self) -> int:
        """Return how many rows can be found."""
        ...

    def search(self, vectors: Any, k: int, *, exclude: Any = None) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the k nearest rows of each vector: ids int64 (B, K) and scores float32 (B, K), nearest first."""
        ...
