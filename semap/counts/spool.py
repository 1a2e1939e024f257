"""Arrays in, one after the other, the same as one array out: in memory, or in a temporary file where they outgrow it."""

from __future__ import annotations

import tempfile
import weakref
from typing import IO, Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import CannotWrite

__all__ = ["Spool"]


class Spool:
    """Keeps up to `room` bytes in memory; with one more, all of them move to a temporary file and the rest follows.

    The file is in the system's folder for such files (the variable TMPDIR names another). It has no name there where the system
    can do that, so that its room is free again when the array is, or the process ends, however it ends.
    """

    def __init__(self, dtype: Any, room: int) -> None:
        self._dtype = np.dtype(dtype)
        self._file: IO[bytes] | None = None
        self._n = 0
        try:
            self._held = np.empty(max(room, 0) // self._dtype.itemsize, self._dtype)  # the system gives pages as they are filled
        except MemoryError:
            self._held = np.empty(0, self._dtype)

    def append(self, array: AnyArray) -> None:
        """Put the numbers of an array behind those before. Raises CannotWrite."""
        begin, self._n = self._n, self._n + len(array)
        if self._file is None and self._n <= len(self._held):
            self._held[begin : self._n] = array
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="semap-")  # noqa: SIM115 (closed with the spool, or once it is mapped)
                weakref.finalize(self, self._file.close)
                self._file.write(self._held[:begin].data)
                self._held = np.empty(0, self._dtype)
            self._file.write(np.ascontiguousarray(array, self._dtype).data)
        except OSError as failure:
            raise self._full(failure) from failure

    @property
    def on_disk(self) -> int:
        """Bytes in the temporary file."""
        return 0 if self._file is None else self._n * self._dtype.itemsize

    def array(self) -> AnyArray:
        """Return all numbers (n,), mapped where they are in a file; nothing can be appended afterwards. Raises CannotWrite."""
        if self._file is None:
            return self._held[: self._n]
        try:
            self._file.flush()
            mapped: AnyArray = np.memmap(self._file, self._dtype, "r", shape=(self._n,))
            self._file.close()  # the map has a handle of its own
        except OSError as failure:
            raise self._full(failure) from failure
        return mapped

    def _full(self, failure: OSError) -> CannotWrite:
        size = self._n * self._dtype.itemsize
        return CannotWrite(
            f"{tempfile.gettempdir()}: cannot keep {size:,} bytes in a temporary file: {failure.strerror or failure}; name a "
            "folder with more room in the variable TMPDIR, or give more memory"
        )
