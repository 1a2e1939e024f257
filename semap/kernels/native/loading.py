"""A kernel with a cache on disk in, the same kernel loaded from there without what only a compiler needs out."""

from __future__ import annotations

from functools import partial
from typing import Any

import numba
from numba.core.runtime import rtsys

__all__ = ["is_tried", "load_quickly"]

# The oldest and the newest Numba with which tests/kernels/test_loading.py was run.
_TRIED = (0, 61), (0, 68)


def load_quickly(kernel: Any) -> None:
    """Have a kernel with a cache loaded from it three times as fast.

    Before the first one, Numba fills its tables of everything that it can compile, 70 modules and 0.15 s, although loading
    finished machine code needs none of them but the runtime's symbols. They are filled as ever when something is not in the
    cache and has to be compiled. Versions of Numba that nobody tried this with load as they always do.
    """
    if is_tried():
        cache = kernel._cache
        cache.load_overload = partial(_load, cache)


def is_tried() -> bool:
    """Return whether kernels load quickly with this version of Numba."""
    return _TRIED[0] <= tuple(numba.version_info.short) <= _TRIED[1]


def _load(cache: Any, signature: Any, context: Any) -> Any:
    """What `Cache.load_overload` does, but for `context.refresh()`."""
    rtsys.initialize(context)
    with cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, context)
