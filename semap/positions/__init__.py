"""Places in a sequence in, what tells them apart out: fixed waves, rows to train, and two ways for attention."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semap.positions.learned_rows import learned
    from semap.positions.linear_biases import alibi, alibi_slopes
    from semap.positions.rotation import rotary
    from semap.positions.sinusoids import sinusoidal

__all__ = ["alibi", "alibi_slopes", "learned", "rotary", "sinusoidal"]

# No file has the name of a function: once imported, it would stand here in the function's place.
_homes = {
    "alibi": "linear_biases",
    "alibi_slopes": "linear_biases",
    "learned": "learned_rows",
    "rotary": "rotation",
    "sinusoidal": "sinusoids",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_homes[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
