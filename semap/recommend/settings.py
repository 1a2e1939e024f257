"""What a caller gave for a setting in, a number of Python's own out: metadata and files hold no others."""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from numbers import Real
from typing import Any

from semap.errors import SettingsError

__all__ = ["real", "whole"]


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number from `least` to 2^31 - 1. Raises SettingsError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or not least <= number < 2**31:
        raise SettingsError(f"{name} is {value!r}; give a whole number from {least} to {2**31 - 1:,}")
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
