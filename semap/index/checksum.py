"""An array in, a number of its bytes out that damage changes: made for speed, no guard against a forger."""

from __future__ import annotations

import threading

import numpy as np

from semap.arrays import AnyArray
from semap.index.slabs import crew_size, over_rows
from semap.kernels.native.checksum import weighted_sum

__all__ = ["checksum"]

_WORD = 4  # bytes


def checksum(array: AnyArray, threads: int) -> str:
    """Return 16 hexadecimal digits: the sum of w[i] (2 i + 1) modulo 2^64 over the array's bytes as little-endian uint32.

    Bytes past the last whole word are one more word, filled up with zeros. The same for any number of threads.
    """
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    n_words = len(flat) // _WORD
    words = flat[: n_words * _WORD]
    if words.ctypes.data % _WORD:
        words = words.copy()
    words = words.view("<u4").astype(np.uint32, copy=False)
    words.flags.writeable = False  # kernels would be compiled a second time for a writable one
    total = np.zeros(1, np.uint64)
    lock = threading.Lock()

    def work(thread: int, start: int, stop: int) -> None:
        """Sum up some words."""
        part = np.zeros(1, np.uint64)
        weighted_sum(words, start, stop, part)
        with lock:
            total[:] += part

    over_rows(n_words, 1.0, crew_size(n_words, 1.0, threads), work)
    rest = int.from_bytes(flat[n_words * _WORD :].tobytes(), "little")
    return f"{(int(total[0]) + rest * (2 * n_words + 1)) % 2**64:016x}"
