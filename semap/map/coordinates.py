"""Vectors in, two numbers for each that keep as much of what tells them apart as a plane can, out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, FloatMatrix, TokenIds
from semap.learn.tall import signed, squared, times
from semap.progress import Progress

__all__ = ["expected_seconds", "principal_plane", "umap_plane"]

_COMPILING = 10.0  # seconds: umap-learn compiles anew in each process
_FEW, _POINTS_OF_FEW, _POINTS = 10_000, 1000.0, 1750.0  # points a second: of up to 10,000 it makes 500 epochs, of more 200


def principal_plane(vectors: FloatMatrix, threads: int = 0) -> tuple[FloatMatrix, tuple[float, float]]:
    """Return the first two principal components, float32 (N, 2), and the share of the variance that each keeps.

    vectors: float32 (N, D), D at least 2. Each component points to where its largest weight is positive. The products have the
    same bits for any number of threads; the eigenvectors of the small (D, D) matrix are NumPy's. Source: Pearson 1901.
    """
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    values, turn = np.linalg.eigh(squared(centred, threads))
    order = np.argsort(-values, kind="stable")[:2]
    total = float(np.maximum(values, 0).sum())
    shares = [float(max(values[number], 0) / total) if total > 0 else 0.0 for number in order]
    return times(centred, signed(turn[:, order]), threads), (shares[0], shares[1])


def umap_plane(start: FloatMatrix, neighbours: TokenIds, similarities: AnyArray, *, seed: int, progress: Progress) -> FloatMatrix:
    """Return UMAP's coordinates, float32 (N, 2). Raises MissingExtra.

    start: where the points begin, float32 (N, 2), such as their principal components; neighbours: int32 (N, K), and similarities:
    float32 (N, K), the cosines; distances are 1 - cosine. All of the neighbours are used, exact ones, where umap-learn by itself
    looks for 15 approximate ones, and the spectral start is replaced, so that the same seed gives the same bits.
    McInnes, Healy and Melville 2018. It runs on one thread: its own several threads race.
    """
    from semap.map.umap_backend import optimised

    return optimised(start, neighbours, similarities, seed, progress)


def expected_seconds(n_points: int) -> float:
    """Return about how many seconds `umap_plane` takes on a core of its own, from bench/map.py."""
    return _COMPILING + n_points / (_POINTS_OF_FEW if n_points <= _FEW else _POINTS)
