"""A plain function in, a compiled one out: the only ways in which semap compiles."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numba

from semap.errors import SemapWarning
from semap.kernels.native.loading import load_quickly

__all__ = ["bare", "bare_kernel", "inlined", "kernel"]

Function = TypeVar("Function", bound=Callable[..., Any])

# No `fastmath` and no `parallel`: sums keep their order, so that any machine and any number of threads gives the same bits.
_OPTIONS = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
_told: list[str] = []


# Numba counts references, atomically, whenever an array is taken out of a named group of arrays; in training that took as
# long as reading the text. A function that allocates nothing needs no counts.
_BARE = {**_OPTIONS, "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile at the first call for each set of argument types; runs without the GIL, kept in Numba's cache on disk."""
    return _cached(function, _OPTIONS)


def bare_kernel(function: Function) -> Function:
    """The same without reference counts, for a kernel that allocates nothing and calls only `bare` functions."""
    return _cached(function, _BARE)


def bare(function: Function) -> Function:
    """Compile into every `bare_kernel` that calls it."""
    return numba.njit(forceinline=True, **_BARE)(function)  # type: ignore[no-any-return]


def _cached(function: Function, options: dict[str, Any]) -> Function:
    compiled = numba.njit(**options)(function)
    try:
        compiled.enable_caching()
        load_quickly(compiled)
    except RuntimeError:  # Numba found no folder that it may write
        _tell_once()
    return compiled  # type: ignore[no-any-return]


def inlined(function: Function) -> Function:
    """Compile into every kernel that calls it."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)  # type: ignore[no-any-return]


def _tell_once() -> None:
    if not _told:
        _told.append("told")
        warnings.warn(
            "no folder for compiled kernels is writable, so they are compiled again in every process; "
            "set NUMBA_CACHE_DIR to a writable folder to keep them",
            SemapWarning,
            stacklevel=4,
        )
