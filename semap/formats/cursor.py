"""The bytes of a binary file in, one thing after the other out; what does not fit into the file is refused before it is read."""

from __future__ import annotations

import struct
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Bytes
from semap.errors import BadFile

__all__ = ["Cursor"]


class Cursor:
    """A place `at` in the little-endian bytes `cells` of a file. Every method raises BadFile where the file ends too early."""

    def __init__(self, path: str | PathLike[str], cells: Bytes, at: int = 0) -> None:
        self.path, self.cells, self.at = path, cells, at

    def take(self, form: str, what: str) -> tuple[Any, ...]:
        """Return the numbers that `form` (of the module struct, blanks for reading) names, and go past them."""
        packed = struct.Struct("<" + form.replace(" ", ""))
        begin = self._past(packed.size, what)
        return packed.unpack(self.cells[begin : self.at].tobytes())

    def flag(self, what: str) -> bool:
        """Return a byte that is 0 or 1."""
        (found,) = self.take("B", what)
        if found > 1:
            raise BadFile(self.path, f"expected 0 or 1 ({what}), found {found}", offset=self.at - 1)
        return bool(found)

    def array(self, dtype: str, n_numbers: int, what: str) -> AnyArray:
        """Return the next numbers as they lie in the file, at whatever byte that is."""
        begin = self._past(np.dtype(dtype).itemsize * n_numbers, what)
        return np.frombuffer(self.cells, dtype, n_numbers, begin) if n_numbers else np.empty(0, dtype)

    def room(self, n_bytes: int, what: str) -> None:
        """Make sure that `n_bytes` more are there."""
        left = len(self.cells) - self.at
        if n_bytes > left:
            raise BadFile(self.path, f"{what} take {n_bytes:,} bytes, {left:,} are left: cut short, or damaged", offset=self.at)

    def finish(self, what: str) -> None:
        """Make sure that nothing follows."""
        left = len(self.cells) - self.at
        if left:
            raise BadFile(self.path, f"{left:,} bytes follow {what}: the file is damaged or was added to", offset=self.at)

    def _past(self, n_bytes: int, what: str) -> int:
        """Go past so many bytes; returns where they begin."""
        self.room(n_bytes, what)
        begin, self.at = self.at, self.at + n_bytes
        return begin
