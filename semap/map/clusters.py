"""Vectors in, a cluster for each and a readable name for every cluster, out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from semap.arrays import AnyArray, Counts64, DoubleVector, FloatMatrix, TokenIds
from semap.index.exact import ExactIndex

__all__ = ["cluster_names", "clustered"]

_ROUNDS = 40
_STARTS = 3
_LEARNED = 10_000  # rows that the centres are found on: more move them little
_SETTLED = 1e-3  # of the rows may still change when the rounds end
_IN_A_NAME = 3
_FREQUENT = 0.25  # of a cluster's tokens may stand in its name: the most frequent ones
_AT_LEAST, _MOST = 12, 200


def clustered(vectors: FloatMatrix, n_clusters: int, *, seed: int, threads: int = 0) -> tuple[TokenIds, FloatMatrix]:
    """Return the cluster of each row, int32 (N,), and the centres, float32 (K, D), the largest cluster first.

    k-means (Lloyd 1982) from k-means++ starts (Arthur and Vassilvitskii 2007), the best of three, in the space of the vectors and
    not in the plane: a cluster says what is alike in the table, and its colours show where a map has torn that apart. Centres are
    found on at most 10,000 rows, evenly spread. Fewer than K clusters come back where there are fewer different rows. The same
    bits for any number of threads.
    """
    rng = np.random.default_rng(seed)
    learned = vectors[np.linspace(0, len(vectors) - 1, min(len(vectors), _LEARNED)).astype(np.int64)]
    starts = (_start(learned, n_clusters, rng, threads) for _ in range(_STARTS))
    _, centres = min((_settled(learned, start, threads) for start in starts), key=lambda found: found[0])
    labels, _ = _nearest(vectors, centres, threads)
    sizes = np.bincount(labels, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
    number = np.zeros(len(centres), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return number[labels], centres[order]


def cluster_names(
    tokens: Sequence[str], vectors: FloatMatrix, labels: TokenIds, centres: FloatMatrix, counts: Counts64 | None
) -> list[str]:
    """Return a name for each cluster: the three tokens nearest to the way its centre lies from the middle of all rows.

    Only its most frequent tokens are asked, a quarter of them, 12 to 200: where counts are unknown, the first ones.
    """
    middle = vectors.mean(axis=0, dtype=np.float64)
    names = []
    for number, centre in enumerate(centres):
        members = np.flatnonzero(labels == number)
        if counts is not None:
            members = members[np.argsort(-counts[members], kind="stable")]
        asked = members[: min(max(int(len(members) * _FREQUENT), _AT_LEAST), _MOST)]
        scores = _cosines(vectors[asked].astype(np.float64) - middle, centre.astype(np.float64) - middle)
        central = asked[np.argsort(-scores, kind="stable")[:_IN_A_NAME]]
        names.append(", ".join(tokens[row] for row in central))
    return names


def _start(vectors: FloatMatrix, n_clusters: int, rng: np.random.Generator, threads: int) -> FloatMatrix:
    """k-means++: each further centre is a row drawn in proportion to its squared distance from the centres so far."""
    chosen = [int(rng.integers(len(vectors)))]
    squares = np.full(len(vectors), np.inf)
    while len(chosen) < n_clusters:
        _, distances = _nearest(vectors, vectors[chosen[-1:]], threads)
        squares = np.minimum(squares, np.square(distances, dtype=np.float64))
        sums = np.cumsum(squares)
        if not sums[-1] > 0:  # no further row differs from those that are chosen
            break
        chosen.append(min(int(np.searchsorted(sums, rng.random() * sums[-1], side="right")), len(vectors) - 1))
    return vectors[chosen]


def _settled(vectors: FloatMatrix, centres: FloatMatrix, threads: int) -> tuple[float, FloatMatrix]:
    """Lloyd's rounds until next to no row changes its cluster: the sum of squared distances, and the centres."""
    labels, distances = _nearest(vectors, centres, threads)
    for _ in range(_ROUNDS):
        centres = _means(vectors, labels, centres)
        again, distances = _nearest(vectors, centres, threads)
        n_changed, labels = int((again != labels).sum()), again
        if n_changed <= len(vectors) * _SETTLED:
            break
    return float(np.square(distances, dtype=np.float64).sum()), centres


def _nearest(vectors: FloatMatrix, centres: FloatMatrix, threads: int) -> tuple[TokenIds, AnyArray]:
    ids, distances = ExactIndex(centres, metric="euclidean", threads=threads).search(vectors, 1)
    return ids[:, 0].astype(np.int32), distances[:, 0]


def _means(vectors: FloatMatrix, labels: TokenIds, centres: FloatMatrix) -> FloatMatrix:
    """The mean of each cluster, summed in float64; one without a row stays where it is."""
    means = centres.copy()
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(len(centres) + 1))
    for number in range(len(centres)):
        members = order[bounds[number] : bounds[number + 1]]
        if len(members):
            means[number] = vectors[members].mean(axis=0, dtype=np.float64)
    return means


def _cosines(rows: DoubleVector, direction: DoubleVector) -> DoubleVector:
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows) * np.einsum("d,d->", direction, direction))
    products: DoubleVector = np.einsum("nd,d->n", rows, direction) / np.where(lengths > 0, lengths, 1)
    return products
