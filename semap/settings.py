"""What a caller gave for a setting in, a number or text of Python's own out: metadata and files hold no others."""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from numbers import Real
from os import PathLike, fspath
from typing import Any

from semap.errors import SettingsError

__all__ = ["LARGEST", "flag", "path_text", "real", "whole"]

LARGEST = 2**31 - 1  # of sizes and seeds: kernels count them in int32


def whole(name: str, value: Any, least: int, most: int = LARGEST) -> int:
    """Return a whole number from `least` to `most`, NumPy's too. Raises SettingsError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or not least <= number <= most:
        raise SettingsError(f"{name} is {value!r}; give a whole number from {least:,} to {most:,}")
    return number


def real(name: str, value: Any, *, above: bool = False) -> float:
    """Return a finite number from 0, or with `above` larger than 0. Raises SettingsError."""
    number = -1.0
    if not isinstance(value, bool) and isinstance(value, Real):
        with suppress(OverflowError):
            number = float(value)
    if not 0 <= number < math.inf or (above and number == 0):
        raise SettingsError(f"{name} is {value!r}; give a number {'above' if above else 'from'} 0")
    return number


def path_text(value: Any) -> str:
    """Return a path as text. Raises SettingsError for what is none, such as a number, which `open` takes for an open file."""
    if not isinstance(value, str | PathLike) or not isinstance(fspath(value), str):
        raise SettingsError(f"a path is text or a Path, not {type(value).__name__} {value!r:.40}")
    return str(fspath(value))


def flag(name: str, value: Any) -> bool:
    """Return True or False, NumPy's too. Raises SettingsError."""
    if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):  # NumPy's
        raise SettingsError(f"{name} is {value!r}; give True or False")
    return bool(value)
