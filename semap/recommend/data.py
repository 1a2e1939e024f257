"""What a caller calls interactions in, Interactions that can be learned from out."""

from __future__ import annotations

from typing import Any

from semap.errors import EmptyCorpus, SettingsError, ShapeError
from semap.interactions.interactions import Interactions

__all__ = ["checked", "interactions_of"]


def interactions_of(given: Any) -> Interactions:
    """Return Interactions as they are, or those of a SciPy sparse matrix. Raises SettingsError for anything else."""
    if isinstance(given, Interactions):
        return given
    if hasattr(given, "tocsr"):
        return Interactions.from_scipy(given)
    kind = type(given).__name__
    raise SettingsError(f"fit takes Interactions or a SciPy sparse matrix, not {kind}; semap.read_interactions(...) makes them")


def checked(data: Interactions, *, signed: bool = False) -> Interactions:
    """Return interactions that hold something. Raises EmptyCorpus, and ShapeError for a value below 0 unless `signed`."""
    if len(data) == 0:
        raise EmptyCorpus(f"there are {data.n_users:,} users, {data.n_items:,} items and 0 interactions; give at least one")
    if not signed and data.values is not None and data.values.min() < 0:
        least, n = data.values.min(), int((data.values < 0).sum())
        raise ShapeError(f"{n:,} of {len(data):,} values are below 0, the least is {least:g}; leave them out or shift them")
    return data
