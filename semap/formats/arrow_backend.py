"""The one file of this folder that knows pyarrow: a file in, its columns a batch at a time out; and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from os import PathLike, fspath
from typing import Any, BinaryIO, Literal

import numpy as np

from semap.arrays import Bytes, FloatMatrix
from semap.errors import BadFile, MissingExtra
from semap.formats.foreign import as_bytes
from semap.storage.mapped import release
from semap.storage.safetensors import map_file

__all__ = ["ARROW", "PARQUET", "STREAM", "Source", "open_source", "write_batches"]

ARROW, PARQUET, STREAM = b"ARROW1\0\0", b"PAR1", b"\xff\xff\xff\xff"
_ROWS = 1 << 13  # a batch


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ModuleNotFoundError as failure:
        raise MissingExtra("pyarrow", "arrow") from failure
    return pyarrow


class Source:
    """An open file: `columns`, names and types, and `batches`, which reads one from its beginning."""

    def __init__(
        self, path: str, schema: Any, batches: Callable[[list[str]], Iterator[Any]], library: Any, content: Bytes
    ) -> None:
        self.path, self.columns = path, list(zip(schema.names, schema.types, strict=True))
        self._batches, self._library, self._content = batches, library, content

    def names(self, kind: Literal["text", "list", "whole"]) -> list[str]:
        """Return the names of the columns of text, of lists of numbers, or of whole numbers."""
        return [name for name, each in self.columns if _is(self._library, each, kind)]

    def batches(self, column: str) -> Iterator[Any]:
        """Yield a column in pieces of some thousand rows, checked against damage. Raises BadFile."""
        with _told(self.path, self._library):
            for batch in self._batches([column]):
                whole = batch.column(column)
                for begin in range(0, len(whole), _ROWS):
                    piece = whole.slice(begin, _ROWS)
                    piece.validate(full=True)
                    yield piece
                    release(self._content)

    def texts(self, column: str) -> Iterator[tuple[Any, Any, Sequence[int]]]:
        """Yield (data uint8, offsets int64 (n + 1,), numbers of nulls) of a column of text or whole numbers."""
        library = self._library
        with _told(self.path, library):
            for array in self.batches(column):
                nulls = _nulls(array)
                if library.types.is_dictionary(array.type):
                    array = array.dictionary_decode()
                if library.types.is_integer(array.type) or library.types.is_string_view(array.type):
                    array = array.cast(library.large_string())
                yield *_packed(array.cast(library.large_binary())), nulls

    def whole_numbers(self, column: str) -> Iterator[tuple[Any, Sequence[int]]]:
        """Yield (int64 (n,), numbers of nulls) of a column of whole numbers."""
        with _told(self.path, self._library):
            for array in self.batches(column):
                nulls = _nulls(array)
                yield (np.zeros(len(array), np.int64) if nulls else np.asarray(array.cast("int64"))), nulls

    def lists(self, column: str) -> Iterator[tuple[Any, Any, Sequence[int], bool]]:
        """Yield (numbers, ends int64 (n + 1,), numbers of null rows, whether a number is null) of a column of lists."""
        library = self._library
        with _told(self.path, library):
            for array in self.batches(column):
                nulls = _nulls(array)
                if library.types.is_fixed_size_list(array.type):
                    size, begin = array.type.list_size, array.offset
                    numbers = array.values.slice(begin * size, len(array) * size)
                    ends = np.arange(len(array) + 1, dtype=np.int64) * size
                else:
                    bounds = np.asarray(array.offsets, np.int64)
                    numbers, ends = array.values.slice(bounds[0], bounds[-1] - bounds[0]), bounds - bounds[0]
                yield numbers.to_numpy(zero_copy_only=False), ends, nulls, numbers.null_count > 0


def _nulls(array: Any) -> Sequence[int]:
    return np.flatnonzero(np.asarray(array.is_null())).tolist() if array.null_count else []


def _packed(array: Any) -> tuple[Any, Any]:
    """The bytes of a column, and where each of its values begins."""
    if not len(array):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    return content[bounds[0] : bounds[-1]], bounds - bounds[0]


def _is(library: Any, kind: Any, wanted: str) -> bool:
    types = library.types
    if wanted == "whole":
        return bool(types.is_integer(kind))
    if wanted == "text":
        inner = kind.value_type if types.is_dictionary(kind) else kind
        tests = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary, types.is_large_binary)
        return any(test(inner) for test in tests)
    lists = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return any(test(kind) for test in lists) and (types.is_floating(kind.value_type) or types.is_integer(kind.value_type))


@contextmanager
def _told(path: str, library: Any) -> Iterator[None]:
    """What pyarrow says of a damaged file, as a BadFile."""
    try:
        yield
    except (library.ArrowException, OSError, ValueError, KeyError, OverflowError, NotImplementedError) as failure:
        if isinstance(failure, BadFile):
            raise
        raise BadFile(path, f"pyarrow cannot read it: {str(failure).splitlines()[0] if str(failure) else failure!r}") from failure


def open_source(path: str | PathLike[str], begins: bytes) -> Source:
    """Open a file that begins as Arrow IPC (a file, or a stream) or Parquet does. Raises BadFile, MissingExtra."""
    library, name, content = _pyarrow(), fspath(path), as_bytes(map_file(path))
    with _told(name, library):
        if begins == PARQUET:
            file = library.parquet.ParquetFile(name, memory_map=False, pre_buffer=False, buffer_size=1 << 16)
            return Source(name, file.schema_arrow, lambda columns: file.iter_batches(_ROWS, columns=columns), library, content)
        mapped = library.py_buffer(content)
        if begins == ARROW:
            reader = library.ipc.open_file(mapped)
            batches = partial(map, reader.get_batch, range(reader.num_record_batches))
            return Source(name, reader.schema, lambda columns: batches(), library, content)
        schema = library.ipc.open_stream(mapped).schema
        return Source(name, schema, lambda columns: iter(library.ipc.open_stream(mapped)), library, content)


def write_batches(
    file: BinaryIO,
    begins: bytes,
    dim: int,
    batches: Iterator[tuple[Any, Any, FloatMatrix, Any]],
    *,
    binary: bool,
    counts: bool,
) -> None:
    """Write batches of (data uint8, offsets int64, rows float32, counts or None) as the columns token, vector and count.

    binary: tokens are not all UTF-8, which a column of text must be. Parquet is compressed by zstd, the bytes of its numbers
    split into streams of equal places, which compresses floating-point numbers best.
    """
    library = _pyarrow()
    texts = library.large_binary() if binary else library.large_string()
    fields = [("token", texts), ("vector", library.list_(library.float32(), dim))]
    fields += [("count", library.int64())] if counts else []
    schema = library.schema(fields)
    with _writer(library, file, begins, schema) as write:
        for data, offsets, rows, n_seen in batches:
            buffers = [None, library.py_buffer(np.ascontiguousarray(offsets)), library.py_buffer(np.ascontiguousarray(data))]
            tokens = library.Array.from_buffers(texts, len(offsets) - 1, buffers)
            numbers = library.array(np.ascontiguousarray(rows, np.float32).reshape(-1))
            columns = [tokens, library.FixedSizeListArray.from_arrays(numbers, dim)]
            columns += [library.array(n_seen)] if counts else []
            write(library.RecordBatch.from_arrays(columns, schema=schema))


@contextmanager
def _writer(library: Any, file: BinaryIO, begins: bytes, schema: Any) -> Iterator[Callable[[Any], None]]:
    if begins == ARROW:
        with library.ipc.new_file(file, schema) as writer:
            yield writer.write_batch
        return
    numbers = "vector.list.element"
    splits = {numbers: "BYTE_STREAM_SPLIT"}
    with library.parquet.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=False, column_encoding=splits, write_statistics=False
    ) as writer:
        yield writer.write_batch
