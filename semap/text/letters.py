"""The name of a split in, one class per Unicode code point out: what may begin a token, what may go on with it."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import numpy as np

from semap.arrays import Bytes

__all__ = ["BEGINS", "CONTINUES", "N_CODE_POINTS", "SEPARATES", "code_point_classes"]

SEPARATES, CONTINUES, BEGINS = 0, 1, 2
N_CODE_POINTS = sys.maxunicode + 1

# Persian and the scripts of India write these two inside words; both are of the category "format", not "mark".
_JOINERS = (0x200C, 0x200D)
# No letter, number or blank lies beyond the fourth plane, no mark outside these ranges: to ask for all would take 0.1 s. A
# test looks at every code point of the running Python.
_ASKED = 0x40000
_RANGES_WITH_MARKS = ((0x300, 0x20000), (0xE0000, 0xE1000))
_SURROGATES = slice(0xD800, 0xE000)


@cache
def code_point_classes(split: str) -> Bytes:
    """Return the class of every code point: uint8 (1,114,112,) of SEPARATES, CONTINUES and BEGINS, read-only.

    "words": letters and numbers (Unicode categories L and N) begin a token and go on with it; marks (M) and the two
    joiners only go on, so an accent or an emoji's selector without a letter in front is no token. "whitespace":
    everything that `str.split()` does not split at. The tables are those of the running Python's Unicode version.
    """
    points = np.arange(_ASKED, dtype="<u4")
    points[_SURROGATES] = 0
    characters = points.view("<U1")
    if split == "whitespace":
        classes = np.full(N_CODE_POINTS, BEGINS, np.uint8)
        classes[:_ASKED][np.char.isspace(characters)] = SEPARATES
    else:
        classes = np.full(N_CODE_POINTS, SEPARATES, np.uint8)
        classes[:_ASKED][np.char.isalnum(characters)] = BEGINS
        classes[[*_marks(classes), *_JOINERS]] = CONTINUES
    classes.flags.writeable = False
    return classes


def _marks(classes: Bytes) -> list[int]:
    """Code points of combining marks; no letter or number is one."""
    category = unicodedata.category
    candidates = [first + np.flatnonzero(classes[first:stop] == SEPARATES) for first, stop in _RANGES_WITH_MARKS]
    return [point for point in np.concatenate(candidates).tolist() if category(chr(point))[0] == "M"]
