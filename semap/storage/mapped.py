"""A part of a mapped file that has been read in, its pages given back to the system."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from semap.arrays import AnyArray

__all__ = ["release"]


def release(array: AnyArray) -> None:
    """Let the pages under an array leave this process, where it lies in a mapped file; reading them brings them back.

    A file that is read once from end to end then takes the memory of the piece that is being read, not of the whole. Arrays
    that are not mapped read-only, and systems that take no such advice, are left alone.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if not isinstance(base, mmap.mmap) or not hasattr(base, "madvise") or array.flags.writeable or not array.size:
        return
    first = np.frombuffer(base, np.uint8, 1).ctypes.data
    low, high = (address - first for address in np.lib.array_utils.byte_bounds(array))
    low -= low % mmap.PAGESIZE
    base.madvise(mmap.MADV_DONTNEED, low, high - low)
