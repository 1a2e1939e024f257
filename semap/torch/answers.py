"""Labels in, the number of each one's class out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError, ShapeError

__all__ = ["checked_labels", "classes_of", "numbers_of"]


def checked_labels(labels: Iterable[Any], n_texts: int) -> list[str] | list[int]:
    """Return labels as Python's own str or int.

    Raises SettingsError for other kinds or a mixture, ShapeError where there are not `n_texts`.
    """
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise SettingsError(f"give a list of labels, not {type(labels).__name__}")
    given = list(labels)
    if len(given) != n_texts:
        raise ShapeError(f"there are {n_texts:,} texts and {len(given):,} labels; give one label a text")
    if all(isinstance(label, str) for label in given):
        return [str(label) for label in given]
    try:
        return [index(label) for label in given]
    except TypeError:
        kinds = ", ".join(sorted({type(label).__name__ for label in given}))
        raise SettingsError(f"labels are {kinds}; give all as str or all as whole numbers") from None


def classes_of(labels: Sequence[Any]) -> list[Any]:
    """Return the classes, sorted. Raises SettingsError for fewer than two."""
    classes = sorted(set(labels))
    if len(classes) < 2:
        found = f"only the class {classes[0]!r}" if classes else "no label at all"
        raise SettingsError(f"the {len(labels):,} labels to train on hold {found}; give examples of another class")
    return classes


def numbers_of(labels: Sequence[Any], classes: Sequence[Any]) -> AnyArray:
    """Return the number of each label among the classes, int64 (N,). Raises SettingsError for a label that is none of them."""
    places = {label: number for number, label in enumerate(classes)}
    unknown = [label for label in labels if label not in places]
    if unknown:
        shown = ", ".join(map(repr, classes[:8])) + (", ..." if len(classes) > 8 else "")
        raise SettingsError(
            f"the label {unknown[0]!r} is none of the {len(classes):,} classes of training ({shown}); {len(unknown):,} of "
            f"{len(labels):,} labels are unknown"
        )
    return np.fromiter((places[label] for label in labels), np.int64, len(labels))
