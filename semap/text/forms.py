"""Distinct words as they stand in the text in, the numbers of their final forms out."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray, TokenIds
from semap.kernels.reference.words import COUNT
from semap.text.splitter import Splitter
from semap.text.types import Types

__all__ = ["number_forms"]

_HIGHEST_ASCII = 0x7F


def number_forms(types: Types, splitter: Splitter) -> TokenIds:
    """Normalise and lower-case each type, as `Splitter.forms` does; return the number of each one's form: int32 (V,).

    Forms that are new are added to `types`, and counts go over to the forms: a type that is nothing's form has 0 then.
    ASCII is done already: the kernel lower-cases it, and no normalisation changes it. The bytes that are not UTF-8 become
    U+FFFD here, one for the longest beginning of a character, as in `bytes.decode`.
    """
    numbers = np.arange(len(types), dtype=np.int32)
    other = np.flatnonzero(_has_other_than_ascii(types))
    if not len(other):
        return numbers
    before = [types.bytes_of(number) for number in other.tolist()]
    # No word holds a line feed, whatever the split.
    forms = splitter.forms(b"\n".join(before).decode("utf-8", "replace").split("\n"))
    after = "\n".join(forms).encode().split(b"\n")
    changed = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    numbers[other[changed]] = types.absorb_words([after[place] for place in changed])
    counts = np.zeros(len(types), np.int64)
    np.add.at(counts, numbers, types.table[COUNT, : len(numbers)])
    types.table[COUNT, : len(types)] = counts
    return numbers


def _has_other_than_ascii(types: Types) -> AnyArray:
    """bool (V,): whether a type has a byte that is not ASCII. Types of text are never empty."""
    used = types.starts[-1]
    if not used:
        return np.zeros(0, np.bool_)
    flags: AnyArray = np.bitwise_or.reduceat(types.arena[:used], types.starts[:-1]) > _HIGHEST_ASCII
    return flags
