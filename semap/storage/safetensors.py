"""The head of a safetensors file in, the place of every array out; and back. Nothing of the file is believed unchecked.

Layout (the README of safetensors, "Format"): uint64 N, little-endian; N bytes of JSON that begin with `{`: for every
tensor its dtype, shape and [begin, end) in the data that follows, and `__metadata__`, a map of str to str; then the
data, little-endian, C order, with no hole and no overlap.
"""

from __future__ import annotations

import json
import mmap
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, FileMissing
from semap.settings import path_text

__all__ = ["ALIGNMENT", "Head", "Place", "dtype_name", "map_array", "map_file", "pack_head", "parse_head"]

ALIGNMENT = 64
_LARGEST_HEAD = 100_000_000  # the cap of the safetensors library
_LARGEST_ARRAY = 2**62
_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
# NumPy has no such numbers: files of others hold them, and readers get their bits.
_BITS = {"BF16": "<u2", "F8_E4M3": "u1", "F8_E5M2": "u1", "F8_E8M0": "u1"}
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items()}


@dataclass(frozen=True)
class Place:
    """Where an array lies: `begin` and `end` are bytes of the file; `kind`: what safetensors calls its numbers."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int
    kind: str


@dataclass(frozen=True)
class Head:
    """The arrays of a file in the order of their bytes, its map of strings, and the byte at which its data begins."""

    places: dict[str, Place]
    metadata: dict[str, str]
    data_begin: int


def dtype_name(dtype: np.dtype[Any]) -> str | None:
    """Return safetensors' name of a little-endian dtype, or None where it has none."""
    return _NAMES.get(dtype)


def pack_head(arrays: Sequence[tuple[str, str, Sequence[int], int]], metadata: Mapping[str, str]) -> bytes:
    """Return the head of a file whose arrays (name, dtype name, shape, n_bytes) follow each other in this order.

    It is padded with spaces so that the data begins at a multiple of 64.
    """
    entries: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    begin = 0
    for name, dtype, shape, n_bytes in arrays:
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, begin + n_bytes]}
        begin += n_bytes
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def map_file(path: str | PathLike[str]) -> mmap.mmap | bytes:
    """Return the bytes of a file, mapped and read-only.

    Raises FileMissing, BadFile (a folder, or not readable) and SettingsError (no path: `open` would take a number for a file).
    """
    try:
        with open(path_text(path), "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if _size(file) else b""
    except FileNotFoundError:
        raise FileMissing(f"{os.fspath(path)}: no such file") from None
    except OSError as failure:
        raise BadFile(path, f"cannot be read: {failure.strerror or failure}") from failure


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def map_array(content: mmap.mmap | bytes, place: Place) -> AnyArray:
    """Return the array at `place`: read-only, not copied, alive as long as someone holds it."""
    if place.begin == place.end:
        empty = np.empty(place.shape, place.dtype)
        empty.flags.writeable = False
        return empty
    flat: AnyArray = np.frombuffer(content, place.dtype, prod(place.shape), place.begin)
    return flat.reshape(place.shape)


def parse_head(path: str | PathLike[str], content: mmap.mmap | bytes) -> Head:
    """Return the head of a file whose statements agree with each other and with the file's size, or raise BadFile."""
    size = len(content)
    if size < 8:
        raise BadFile(path, f"a safetensors file has at least 8 bytes, this one has {size}", offset=0)
    n_head = int.from_bytes(content[:8], "little")
    if n_head > _LARGEST_HEAD or 8 + n_head > size:
        found = f"the header is said to take {n_head:,} bytes, but the file has {size:,}"
        raise BadFile(path, f"{found} (and a header at most {_LARGEST_HEAD:,}); cut short?", offset=0)
    if content[8:9] != b"{":
        raise BadFile(path, f"expected '{{' where the header begins, found {bytes(content[8:9])!r}", offset=8)
    try:
        entries = json.loads(bytes(content[8 : 8 + n_head]).decode(), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as failure:
        raise BadFile(path, f"the header is not JSON: {failure}", offset=8) from failure
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BadFile(path, "__metadata__ must be a map of strings to strings", offset=8)
    places = {name: _place(path, name, entry, 8 + n_head) for name, entry in entries.items()}
    places = dict(sorted(places.items(), key=lambda item: (item[1].begin, item[1].end)))
    _check_no_hole(path, places, 8 + n_head, size)
    return Head(places, metadata, 8 + n_head)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object as a dict, refusing a name that stands twice (json would keep the last)."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        twin = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {twin!r} stands twice")
    return entries


def _place(path: str | PathLike[str], name: str, entry: Any, data_begin: int) -> Place:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise BadFile(path, f"the header entry of {name!r} must have dtype, shape and data_offsets", offset=8)
    shape, span = entry["shape"], entry["data_offsets"]
    known = _DTYPES | _BITS
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in known:
        raise BadFile(path, f"{name!r} has the dtype {entry['dtype']!r}; known are {', '.join(known)}", offset=8)
    if not _is_sizes(shape) or len(shape) > 32:
        raise BadFile(path, f"{name!r} has the shape {str(shape)[:80]}; expected a list of sizes", offset=8)
    if not _is_sizes(span) or len(span) != 2 or span[0] > span[1]:
        raise BadFile(path, f"{name!r} has data_offsets {str(span)[:80]}; expected [begin, end]", offset=8)
    dtype = np.dtype(known[entry["dtype"]])
    if dtype.itemsize * prod(max(length, 1) for length in shape) > _LARGEST_ARRAY:
        raise BadFile(path, f"{name!r} has the shape {str(shape)[:80]}, more than any file can hold", offset=8)
    expected, found = dtype.itemsize * prod(shape), span[1] - span[0]
    if expected != found:
        reason = f"{name!r}, {entry['dtype']} {shape}, needs {expected:,} bytes, its data_offsets span {found:,}"
        raise BadFile(path, reason, offset=8)
    return Place(dtype, tuple(shape), data_begin + span[0], data_begin + span[1], entry["dtype"])


def _is_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)


def _check_no_hole(path: str | PathLike[str], places: dict[str, Place], data_begin: int, size: int) -> None:
    at = data_begin
    for name, place in places.items():
        if place.begin != at:
            what = "a hole" if place.begin > at else "an overlap"
            raise BadFile(path, f"{what}: {name!r} begins at byte {place.begin:,}, expected {at:,}", offset=at)
        at = place.end
    if at != size:
        what = "cut short" if at > size else "longer than its header says"
        raise BadFile(path, f"the file is {what}: expected {at:,} bytes, found {size:,}", offset=min(at, size))
