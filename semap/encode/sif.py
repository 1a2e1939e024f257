"""Counts of words in, their weights in a mean out; means in, what they have in common out."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any, Literal

import numpy as np

from semap.arrays import Counts64, FloatMatrix, FloatVector
from semap.errors import SettingsError

__all__ = ["common_components", "pack_sif", "sif_weights", "unpack_sif"]


def sif_weights(counts: Counts64 | None, a: float) -> FloatVector:
    """Return a / (a + p(w)) of every row, float32 (V,), where p(w) is the row's share of all counts.

    Arora, Liang and Ma 2017 ("A Simple but Tough-to-Beat Baseline for Sentence Embeddings"), algorithm 1, line 2.
    Raises SettingsError where there are no counts or `a` is not above 0.
    """
    if counts is None:
        raise SettingsError('pooling "sif" weighs words by their counts, and this table has none; use pooling="mean"')
    if not (a > 0 and np.isfinite(a)):
        raise SettingsError(f"sif_a is {a}; give a number above 0 (1e-4 to 1e-2 are usual)")
    shares = counts / max(int(counts.sum()), 1)
    weights: FloatVector = (a / (a + shares)).astype(np.float32)
    return weights


def common_components(means: FloatMatrix, wanted: int | Literal["all"]) -> FloatMatrix:
    """Return what means (B, D) have in common, float32 (K, D): `wanted` directions to take out whole, or all in part.

    A number gives the first right singular vectors, as rows of length 1 (algorithm 1, line 5, of the same paper, takes one).
    "all" weakens each of the D directions: where m is the mean of the eigenvalues of the means' second moments, the direction
    of an eigenvalue v keeps (1 + v / m) ** -0.5 of itself. This is whitening with m added to each eigenvalue, so that rare
    directions are not blown up; a row of length sqrt(1 - that) does it. Signs, which are free, make the largest number positive.
    Raises SettingsError where fewer texts than directions have a vector.
    """
    dim = means.shape[1]
    n_components = dim if wanted == "all" else wanted
    if isinstance(n_components, bool) or not isinstance(n_components, int) or not 1 <= n_components <= dim:
        raise SettingsError(f'n_components is {wanted!r}; give a number from 1 to {dim}, or "all"')
    present = means[np.any(means != 0, axis=1)].astype(np.float64)
    if len(present) < n_components:
        raise SettingsError(
            f"{len(present):,} texts have a known word; {n_components} components need as many at least: give more texts"
        )
    values, vectors = np.linalg.eigh(present.T @ present)  # in rising order
    components = vectors[:, ::-1][:, :n_components].T
    components *= np.sign(components[np.arange(n_components), np.abs(components).argmax(axis=1)])[:, None]
    if wanted == "all":
        kept = (1 + np.maximum(values[::-1], 0) / values.mean()) ** -0.5
        components *= np.sqrt(1 - kept)[:, None]
    return np.ascontiguousarray(components, np.float32)


def pack_sif(a: float, components: FloatMatrix, about: str) -> dict[str, Any]:
    """Return what a table's metadata keeps under "sif", for `Pipeline.from_table`: `about` says what they were fitted on.

    The components are their float32 bytes, little-endian, in base64: a third of the length of the same numbers in digits.
    """
    numbers = b64encode(np.ascontiguousarray(components, "<f4").tobytes()).decode()
    return {"a": a, "about": about, "dim": components.shape[1], "components": numbers}


def unpack_sif(stored: Any, dim: int) -> tuple[float, FloatMatrix] | None:
    """Return `a` and the components of `pack_sif`, or None where there are none for vectors of this length."""
    if not isinstance(stored, dict) or stored.get("dim") != dim:
        return None
    try:
        numbers = np.frombuffer(b64decode(stored["components"], validate=True), "<f4").reshape(-1, dim)
        return float(stored["a"]), numbers.astype(np.float32)
    except (KeyError, TypeError, ValueError) as failure:
        raise SettingsError(f'the table\'s metadata["sif"] is damaged: {failure}; give components and sif_a') from failure
