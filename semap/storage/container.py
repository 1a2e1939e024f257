"""Named arrays and a dict in, one file out, and back: the arrays mapped, the dict as JSON, nothing ever executed.

The file is laid out as safetensors, so that any safetensors library reads it too. `__metadata__` holds `format`
("semap"), `format_version`, `metadata` (one JSON string) and `sha256` (of all bytes after the header). Safetensors
allows no hole between arrays, so short uint8 arrays named `padding.N` keep every array at a multiple of 64 bytes;
readers skip them.
The same arrays and metadata give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from os import PathLike, fspath
from typing import Any, BinaryIO

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, NewerVersion, SettingsError, ShapeError
from semap.storage.atomic import atomic_file
from semap.storage.mapped import release
from semap.storage.safetensors import ALIGNMENT, Head, dtype_name, map_array, map_file, pack_head, parse_head

__all__ = ["FORMAT_VERSION", "Container", "StreamedArray", "open_container", "write"]

FORMAT_VERSION = 1
_PADDING = "padding."
_CHUNK_BYTES = 1 << 23


@dataclass(frozen=True)
class StreamedArray:
    """An array that is larger than memory: `pieces()` yields it from its beginning on, in arrays along its first axis.

    It is asked for once, after the arrays before it have been written.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    pieces: Callable[[], Iterator[AnyArray]]

    @property
    def nbytes(self) -> int:
        """How many bytes the pieces take together."""
        return self.dtype.itemsize * prod(self.shape)


class Container:
    """An open file: `arrays` (read-only, mapped) by name, `metadata` (a dict), `path`."""

    def __init__(self, path: str, content: mmap.mmap | bytes, head: Head, metadata: dict[str, Any]) -> None:
        self.path = path
        self.metadata = metadata
        self.arrays: dict[str, AnyArray] = {
            name: map_array(content, place) for name, place in head.places.items() if not name.startswith(_PADDING)
        }
        self._content = content
        self._head = head

    def verify(self) -> None:
        """Read every byte of the data and raise BadFile where its SHA-256 is not the one that was written."""
        digest = hashlib.sha256()
        for begin in range(self._head.data_begin, len(self._content), _CHUNK_BYTES):
            digest.update(self._content[begin : begin + _CHUNK_BYTES])
        expected, found = self._head.metadata.get("sha256", "nothing"), digest.hexdigest()
        if expected != found:
            reason = f"its data is damaged: expected SHA-256 {expected}, found {found}"
            raise BadFile(self.path, reason, offset=self._head.data_begin)


def open_container(path: str | PathLike[str]) -> Container:
    """Open a file that `write` made; only its header is read.

    Raises FileMissing, BadFile (with the byte and what was expected and found there) or NewerVersion.
    """
    content = map_file(path)
    head = parse_head(path, content)
    if head.metadata.get("format") != "semap":
        raise BadFile(path, "safetensors, but not of semap: its __metadata__ has no format 'semap'", offset=8)
    version = head.metadata.get("format_version", "")
    if not (version.isascii() and version.isdigit()) or version.startswith("0"):
        raise BadFile(path, f"format_version must be a number from 1, found {version!r}", offset=8)
    if len(version) > 9 or int(version) > FORMAT_VERSION:
        reason = f"written in format version {version[:9]}, this semap knows {FORMAT_VERSION}: upgrade semap"
        raise NewerVersion(path, reason)
    try:
        metadata = json.loads(head.metadata.get("metadata", ""))
    except (ValueError, RecursionError) as failure:
        raise BadFile(path, f"its metadata is not JSON: {failure}", offset=8) from failure
    if not isinstance(metadata, dict):
        raise BadFile(path, f"its metadata must be a JSON object, found {type(metadata).__name__}", offset=8)
    return Container(fspath(path), content, head, metadata)


def write(path: str | PathLike[str], arrays: Mapping[str, AnyArray | StreamedArray], metadata: Mapping[str, Any]) -> None:
    """Write arrays, in the order given, and metadata to one file; it appears whole or not at all.

    `arrays`: any shape, bool or 8 to 64 bit numbers; mapped arrays are streamed, and so are those given as StreamedArray.
    `metadata`: what JSON can hold.
    Raises SettingsError (a dtype, a name or a value that cannot be written) and CannotWrite.
    """
    layout = list(_layout(arrays))
    facts = {"format": "semap", "format_version": str(FORMAT_VERSION), "metadata": _to_json(metadata)}
    facts["sha256"] = "0" * 64
    entries = [(name, dtype_name(_little(array.dtype)) or "", array.shape, array.nbytes) for name, array in layout]
    digest = hashlib.sha256()
    with atomic_file(path) as file:
        file.write(pack_head(entries, facts))
        for _, array in layout:
            _stream(array, file, digest)
        file.seek(0)  # the sum is known only now; it has the length of its place holder
        file.write(pack_head(entries, {**facts, "sha256": digest.hexdigest()}))


def _layout(arrays: Mapping[str, AnyArray | StreamedArray]) -> Iterator[tuple[str, AnyArray | StreamedArray]]:
    """The arrays, each followed by the padding that puts the next one at a multiple of 64."""
    for number, (name, given) in enumerate(arrays.items()):
        array = given if isinstance(given, StreamedArray) else np.asarray(given)
        if dtype_name(_little(array.dtype)) is None:
            raise SettingsError(f"the array {name!r} has dtype {array.dtype}, which a file cannot hold; use numbers")
        if name == "__metadata__" or name.startswith(_PADDING):
            raise SettingsError(f"an array cannot be called {name!r}: the file format uses that name itself")
        yield name, array
        missing = -array.nbytes % ALIGNMENT
        if missing and number < len(arrays) - 1:
            yield f"{_PADDING}{number}", np.zeros(missing, np.uint8)


def _little(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")


def _to_json(metadata: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(
            dict(metadata), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
        )
        text.encode()
    except (TypeError, ValueError, RecursionError) as failure:
        raise SettingsError(f"metadata must hold what JSON can hold: {failure}") from failure
    return text


def _plain(value: Any) -> Any:
    """A NumPy number as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} is a {type(value).__name__}")


def _stream(array: AnyArray | StreamedArray, file: BinaryIO, digest: Any) -> None:
    """Write an array a few megabytes at a time: a mapped one need not fit in memory."""
    if isinstance(array, StreamedArray):
        begin = file.tell()
        for piece in array.pieces():
            _stream(np.asarray(piece, array.dtype), file, digest)
        if file.tell() - begin != array.nbytes:
            found = f"its pieces took {file.tell() - begin:,}"
            raise ShapeError(f"an array of {array.dtype} {array.shape} takes {array.nbytes:,} bytes, {found}")
        return
    flat = array.reshape(-1) if array.flags.c_contiguous else array
    rows = flat.reshape(1) if flat.ndim == 0 else flat
    step = max(1, _CHUNK_BYTES * len(rows) // max(rows.nbytes, 1)) if len(rows) else 1
    for begin in range(0, len(rows), step):
        chunk = np.ascontiguousarray(rows[begin : begin + step], dtype=_little(array.dtype))
        content = chunk.reshape(-1).view(np.uint8).data
        digest.update(content)
        file.write(content)
        release(rows[begin : begin + step])
