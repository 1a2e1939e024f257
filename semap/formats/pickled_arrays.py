"""Records of a pickle in, the numbers, texts and NumPy arrays that they stand for out; an array lies where the file has it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.formats.pickled_machine import Record

__all__ = ["ARRAY_NAMES", "array_in", "number_in", "text_in"]

_MAKERS = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
_FROM_BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")
_SCALARS = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
_NO_BYTES = ("__builtin__.bytes", "builtins.bytes")  # how protocol 2 writes b""
_ENCODE = "_codecs.encode"
ARRAY_NAMES = (*_MAKERS, *_FROM_BUFFER, *_SCALARS, _ENCODE, "numpy.ndarray", "numpy.dtype")
_CODES = {f"{kind}{size}" for kind, sizes in (("f", (2, 4, 8)), ("i", (1, 2, 4, 8)), ("u", (1, 2, 4, 8))) for size in sizes}
_ORDERS = "<>=|"
_LONGEST = 1 << 48
_WIDEST = 8  # bytes of a number; a thousand of them may share one long text


def text_in(value: Any) -> str | None:
    """Return the str that a value is, or None; strings of Python 2 are read as Latin-1, as gensim reads them."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def number_in(value: Any) -> int | None:
    """Return the whole number that a value is, a NumPy scalar too, or None."""
    if isinstance(value, Record) and value.name in _SCALARS and len(value.args) == 2:
        dtype, data = _dtype(value.args[0]), _bytes(value.args[1], most=_WIDEST)
        if dtype is None or data is None or len(data) != dtype.itemsize:
            return None
        value = np.frombuffer(data, dtype)[0].item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def array_in(value: Any) -> AnyArray | None:
    """Return the array of numbers that a record stands for, read-only, or None where it stands for none.

    Raises ValueError where it says that it is one, and its parts disagree.
    """
    if not isinstance(value, Record):
        return None
    if value.name in _FROM_BUFFER and len(value.args) == 4:
        data, form, shape, order = value.args
        in_columns = order == "F"
    elif value.name in _MAKERS and isinstance(value.state, tuple) and len(value.state) == 5:
        _, shape, form, in_columns, data = value.state
    else:
        return None
    dtype = _dtype(form)
    if dtype is None:
        raise ValueError("an array of what are no numbers")
    if (
        not isinstance(shape, tuple)
        or not all(type(length) is int and 0 <= length < _LONGEST for length in shape)
        or len(shape) > 8
    ):
        raise ValueError("an array without a shape")
    content = _bytes(data)
    expected = dtype.itemsize * prod(shape)
    if content is None or len(content) != expected:
        found = "none" if content is None else f"{len(content):,}"
        raise ValueError(f"an array of {dtype} of the shape {str(shape)[:80]} takes {expected:,} bytes, it has {found}")
    flat: AnyArray = np.frombuffer(content, dtype) if expected else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if in_columns else "C")


def _dtype(value: Any) -> np.dtype[Any] | None:
    """A dtype of numbers, or None."""
    if not isinstance(value, Record) or value.name != "numpy.dtype" or not value.args:
        return None
    code = text_in(value.args[0])
    state = value.state if isinstance(value.state, tuple) else (3, "|")
    order = text_in(state[1]) if len(state) > 1 else None
    if code not in _CODES or order is None or len(order) != 1 or order not in _ORDERS:
        return None
    return np.dtype(f"{order}{code}")


def _bytes(value: Any, most: int | None = None) -> Any:
    """What holds the bytes of an array: bytes, a part of the file, or text that protocol 2 made of them, of `most` characters."""
    if isinstance(value, Record) and value.name == _ENCODE and len(value.args) == 2:
        text, encoding = value.args
        if not isinstance(text, str) or text_in(encoding) not in ("latin1", "latin-1") or (most is not None and len(text) > most):
            return None
        return text.encode("latin-1")
    if isinstance(value, Record) and value.name in _NO_BYTES and value.args == ():
        return b""
    return value if isinstance(value, bytes | memoryview) else None
