"""The one file that imports umap-learn."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatMatrix, TokenIds
from semap.errors import MissingExtra
from semap.progress import Progress

__all__ = ["check_library", "optimised"]

_SPAN = 10.0  # of the start, which UMAP gives its own starts too
_NOISE = 1e-4  # of a unit of the start: points that begin at the same place could never part


def check_library() -> None:
    """Raise MissingExtra where umap-learn is not installed."""
    _library()


def optimised(start: FloatMatrix, neighbours: TokenIds, similarities: AnyArray, seed: int, progress: Progress) -> FloatMatrix:
    """Return the coordinates; see `semap.map.coordinates.umap_plane`."""
    umap = _library()
    n_points = len(start)
    neighbours, similarities = neighbours[:, : n_points - 2], similarities[:, : n_points - 2]  # fewer than there are points
    ids = np.concatenate([np.arange(n_points, dtype=np.int32)[:, None], neighbours], axis=1)
    lengths = np.concatenate([np.zeros((n_points, 1), np.float32), np.clip(1 - similarities, 0, 2)], axis=1, dtype=np.float32)
    telling = _Telling(progress)
    reducer = umap.UMAP(
        n_neighbors=ids.shape[1],
        metric="cosine",
        init=_spread(start, seed),
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(ids, lengths),
        tqdm_kwds={"disable": False, "file": telling, "bar_format": "{n_fmt}/{total_fmt}", "mininterval": 0.2},
    )
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)  # new points are never placed
            placed: FloatMatrix = reducer.fit_transform(start)
    finally:
        progress.finish()
    return np.ascontiguousarray(placed, np.float32)


def _library() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # it says so when tensorflow is not there, which nothing here needs
            import umap
    except ModuleNotFoundError as failure:
        raise MissingExtra("umap-learn", "map") from failure
    return umap


def _spread(start: FloatMatrix, seed: int) -> FloatMatrix:
    """The start with its largest number at 10 and a little noise."""
    largest = float(np.abs(start).max(initial=0)) or 1.0
    noise = np.random.default_rng(seed).normal(scale=_NOISE, size=start.shape)
    return np.asarray(start.astype(np.float64) * (_SPAN / largest) + noise, np.float32)


class _Telling:
    """A file for the library's progress bar, which writes "done/total" again and again; tells a Progress instead.

    The task starts with the first epoch: nobody knows before how many there will be.
    """

    encoding = "utf-8"

    def __init__(self, progress: Progress) -> None:
        self._progress, self._total = progress, 0

    def write(self, text: str) -> int:
        """Read what the bar would show."""
        done, _, total = text.strip().rpartition("\r")[2].partition("/")
        with suppress(ValueError):
            if int(total) != self._total:
                self._total = int(total)
                self._progress.start("UMAP", self._total, "epochs")
            self._progress.update(int(done))
        return len(text)

    def flush(self) -> None:
        """Keep nothing back."""
