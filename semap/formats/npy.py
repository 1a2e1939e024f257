"""A `.npy` file in, its array out: mapped, and never by way of a pickle."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from tokenize import TokenError  # NumPy takes apart a header that is no plain literal with Python's own tokenizer

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, FileMissing

__all__ = ["map_npy"]


def map_npy(path: str | PathLike[str]) -> AnyArray:
    """Return the array of numbers in a `.npy` file, of any shape, mapped and read-only. Raises FileMissing and BadFile."""
    try:
        mapped = np.lib.format.open_memmap(fspath(path), mode="r")
    except FileNotFoundError:
        raise FileMissing(f"{fspath(path)}: no such file") from None
    except (ValueError, OSError, EOFError, SyntaxError, OverflowError, TypeError, TokenError) as failure:
        raise BadFile(path, f"not a whole .npy file of numbers: {failure}") from failure
    if mapped.dtype.kind not in "fiub":
        raise BadFile(path, f"expected numbers, found {mapped.dtype} of the shape {mapped.shape}")
    expected, found = mapped.offset + mapped.nbytes, Path(path).stat().st_size
    if expected != found:
        raise BadFile(path, f"its header tells of {expected:,} bytes, found {found:,}", offset=min(expected, found))
    return mapped
