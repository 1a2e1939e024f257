"""Blocks of vectors in, one `.npy` file out, whose number of rows nobody knows before the last block."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

import numpy as np

from semap.arrays import FloatMatrix
from semap.storage.atomic import atomic_file

__all__ = ["write_npy"]

_HEAD = 128  # bytes, which is what NumPy takes for any number of rows of a matrix


def write_npy(path: str | PathLike[str], blocks: Iterable[FloatMatrix], dim: int) -> int:
    """Write blocks float32 (n, D) below each other, whole or not at all; return the number of rows. Raises CannotWrite."""
    n_rows = 0
    with atomic_file(path) as file:
        file.write(bytes(_HEAD))
        for block in blocks:
            file.write(np.ascontiguousarray(block, "<f4").reshape(-1).view(np.uint8).data)
            n_rows += len(block)
        file.seek(0)
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n_rows}, {dim}), }}"
        file.write(b"\x93NUMPY\x01\x00" + (_HEAD - 10).to_bytes(2, "little") + text.ljust(_HEAD - 11).encode() + b"\n")
    return n_rows
