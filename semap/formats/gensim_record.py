"""An object of a gensim pickle in, its attributes out, those too that gensim put into files beside it."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, FileMissing
from semap.formats.filerows import check_finite
from semap.formats.pickled_arrays import array_in, number_in, text_in
from semap.formats.pickled_machine import Name, Pairs, Record
from semap.storage.mapped import release

__all__ = ["Attributes", "checked", "finite_rows"]

_NUMBERS_AT_ONCE = 1 << 22
_RECONSTRUCTORS = ("copyreg._reconstructor", "copy_reg._reconstructor")  # how protocols 0 and 1 make an object


class Attributes:
    """The attributes of an object that gensim's SaveLoad wrote: in the pickle at `path`, or in files that begin with `beside`.

    `name`: its class, as "gensim.models.keyedvectors.KeyedVectors". A side file holds an array: `beside`.ATTRIBUTE.npy.
    """

    def __init__(self, path: str | PathLike[str], record: Any, beside: str) -> None:
        self.path = path
        self.beside = beside
        self.name = _class_of(record)
        self._values: dict[str, Any] = {}
        state = record.state if isinstance(record, Record) else None
        for pairs in state if isinstance(state, tuple) else (state,):
            if isinstance(pairs, Pairs):
                named = zip(map(text_in, pairs.keys), pairs.values, strict=True)
                self._values.update((name, value) for name, value in named if name is not None)
        listed = self._values.get("__numpys")
        self._aside = {text_in(name) for name in listed} if isinstance(listed, list) else set()

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None or name in self._aside

    @property
    def names(self) -> list[str]:
        """The names of its attributes."""
        return [*self._values, *(name for name in self._aside if name)]

    def value(self, name: str) -> Any:
        """Return an attribute as the pickle has it, or None."""
        return self._values.get(name)

    def values(self, name: str) -> list[Any]:
        """Return an attribute that is a list. Raises BadFile."""
        found = self._values.get(name)
        if not isinstance(found, list):
            raise BadFile(self.path, f"{name} of {self.name} is not a list")
        return found

    def pairs(self, name: str) -> Pairs | None:
        """Return an attribute that is a dict, or None."""
        found = self._values.get(name)
        found = found.pairs if isinstance(found, Record) else found
        return found if isinstance(found, Pairs) else None

    def number(self, name: str) -> int | None:
        """Return an attribute that is a whole number, or None."""
        return number_in(self._values.get(name))

    def part(self, name: str) -> Attributes | None:
        """Return an attribute that is an object of gensim, or None."""
        found = self._values.get(name)
        is_object = isinstance(found, Record) and _class_of(found).startswith("gensim.")
        return Attributes(self.path, found, f"{self.beside}.{name}") if is_object else None

    def array(self, name: str, shape: tuple[int | None, ...]) -> AnyArray | None:
        """Return an attribute that is an array of numbers of this shape (None: any length), or None where there is none.

        Raises BadFile, and FileMissing where it lies in a file that is not there.
        """
        found: AnyArray | None
        where = fspath(self.path)
        if name in self._aside:
            where = f"{self.beside}.{name}.npy"
            found = _array_beside(self.path, where, name)
        else:
            try:
                found = array_in(self._values.get(name))
            except ValueError as failure:
                raise BadFile(self.path, f"{name} of {self.name} is damaged: {failure}") from failure
        if found is None:
            return None
        if found.ndim != len(shape) or any(want not in (None, has) for want, has in zip(shape, found.shape, strict=True)):
            wanted = ", ".join("any" if length is None else f"{length:,}" for length in shape)
            raise BadFile(where, f"{name} has the shape {found.shape}, expected ({wanted})")
        return found


def _class_of(record: Any) -> str:
    """The class that a record is made of."""
    if not isinstance(record, Record):
        return type(record).__name__
    first = record.args[0] if record.args else None
    return first.full if record.name in _RECONSTRUCTORS and isinstance(first, Name) else record.name


def _array_beside(path: str | PathLike[str], beside: str, name: str) -> AnyArray:
    from semap.formats.npy import map_npy

    if not Path(beside).is_file():
        advice = "gensim writes large arrays to files of their own: put them beside it, under the name the model was saved with"
        raise FileMissing(f"{beside}: no such file; {fspath(path)} keeps its {name} there ({advice})")
    return map_npy(beside)


def checked(path: str | PathLike[str], found: AnyArray) -> AnyArray:
    """Return an array (V, D), V and D from 1, whose values are numbers. Raises BadFile."""
    if found.dtype.kind not in "fiu" or 0 in found.shape:
        raise BadFile(path, f"its vectors are {found.dtype} of the shape {found.shape}")
    return found


def finite_rows(path: str | PathLike[str], found: AnyArray) -> AnyArray:
    """Return finite rows, float32 or float16, in C order; mapped where they are that already. Raises BadFile."""
    dtype = np.float16 if checked(path, found).dtype in (np.dtype("<f2"), np.dtype(">f2")) else np.float32
    with np.errstate(over="ignore"):
        rows = np.require(found, np.dtype(dtype).newbyteorder("<"), ["C", "A"])
    step = max(1, _NUMBERS_AT_ONCE // rows.shape[1])
    for begin in range(0, len(rows), step):
        piece = rows[begin : begin + step]
        check_finite(path, piece, begin)
        release(piece)
    return rows
