"""Numbers of heads, queries and keys in, what each head adds to its attention scores out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, DoubleVector
from semap.errors import SettingsError
from semap.positions.angles import EXACT
from semap.settings import whole

__all__ = ["alibi", "alibi_slopes"]


def alibi(n_heads: int, n_queries: int, n_keys: int | None = None) -> AnyArray:
    """Return the bias of each score, float32 (n_heads, n_queries, n_keys): minus the slope of the head times the distance.

    The queries are the last `n_queries` of the `n_keys` positions (None: as many keys as queries), so that one new query
    can look back on many keys. A key after its query is as far as one before it; a causal model masks it anyway.
    Raises SettingsError, for more queries than keys too.
    Source: Press et al. 2022, Train Short, Test Long, section 3.
    """
    n_queries = whole("n_queries", n_queries, 0, EXACT)
    n_keys = n_queries if n_keys is None else whole("n_keys", n_keys, 0, EXACT)
    if n_queries > n_keys:
        raise SettingsError(f"n_queries is {n_queries:,} and n_keys {n_keys:,}; every query stands at the position of a key")
    places = np.arange(n_keys - n_queries, n_keys, dtype=np.int64)
    distances = np.abs(places[:, None] - np.arange(n_keys, dtype=np.int64)).astype(np.float64)
    biases = np.empty((whole("n_heads", n_heads, 1, EXACT), n_queries, n_keys), np.float32)
    for bias, slope in zip(biases, alibi_slopes(n_heads), strict=True):
        np.multiply(distances, -slope, out=bias, casting="same_kind")
    biases += np.float32(0)  # a distance of 0 gives 0, not -0
    return biases


def alibi_slopes(n_heads: int) -> DoubleVector:
    """Return the slope of each head, float64 (n_heads,): 2^(-8/n), 2^(-16/n), ... for n heads.

    Where n is no power of two, the slopes of the next lower power p come first and then every other slope of 2 p heads, as
    in the authors' code (`get_slopes`). Raises SettingsError.
    """
    n_heads = whole("n_heads", n_heads, 1, 1 << 20)
    power = 1 << (n_heads.bit_length() - 1)
    return np.concatenate([_slopes(power), _slopes(2 * power)[0::2][: n_heads - power]])


def _slopes(n_heads: int) -> DoubleVector:
    """Slopes for a power of two."""
    slopes: DoubleVector = 2.0 ** (-8.0 * np.arange(1, n_heads + 1, dtype=np.float64) / n_heads)
    return slopes
