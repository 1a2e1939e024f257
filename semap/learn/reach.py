"""A window and a corpus in, the window that kernels get out: their scratch is as long as it is."""

from __future__ import annotations

import numpy as np

from semap.corpus.blocks import Blocks

__all__ = ["reach"]

_LONG = 1 << 14  # words; up to here the scratch is small and the window is what was asked for, however short the texts


def reach(window: int, corpus: Blocks) -> int:
    """Return `window`, or the length of the longest text where a window of more than 16,384 words sticks out of every text."""
    if window <= _LONG:
        return window
    offsets = corpus.read(0, 0, corpus.n_tokens).offsets
    return min(window, max(_LONG, int(np.diff(offsets).max(initial=0))))
