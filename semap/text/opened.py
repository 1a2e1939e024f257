"""A file or standard input in, its bytes out, a chunk at a time, whatever it was compressed with."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from semap.errors import BadFile, BadText, FileMissing, MissingExtra
from semap.text.binary import HEAD_BYTES, what_else
from semap.text.chunks import CHUNK_BYTES, Chunk

__all__ = ["STANDARD_INPUT", "compression", "file_chunks", "looks_like_text"]

STANDARD_INPUT = "-"
_MAGIC = {b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_SUFFIXES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
# What follows the level: a text that begins "BZh" is not taken for one.
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def file_chunks(path: str, told: Callable[[int], None], chunk_bytes: int = CHUNK_BYTES) -> Generator[Chunk, None, None]:
    """Read a file, or "-" for standard input; gzip, bzip2, xz and zstd are recognised by content and unpacked.

    A byte order mark at the start of the text is left out. `told` hears how many bytes of the file itself were read.
    Raises FileMissing, BadFile (unreadable, damaged, cut off, or named .gz without being so), MissingExtra (zstd), and BadText
    where what comes first is not text.
    """
    with _readable(path), _open(path) as file:
        kind = _kind(path, file)
        offset = 0
        with _undamaged(path, kind, file):
            for data in _unpacked(file, kind, chunk_bytes):
                if offset == 0:
                    _check_text(path, data)
                mark = len(_BYTE_ORDER_MARK) if offset == 0 and data.startswith(_BYTE_ORDER_MARK) else 0
                yield Chunk(data[mark:], _name(path), offset + mark, offset == 0)
                offset += len(data)
                told(file.tell() if file.seekable() else offset)


def compression(head: bytes) -> str | None:
    """Return what a file that begins with these bytes (10 are enough) is compressed with, or None."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic) and (kind != "bzip2" or head[4:10] in _BZIP2_BLOCKS):
            return kind
    return None


def looks_like_text(path: str) -> bool:
    """Return False for a file that is not text; one that cannot be read at all is left to `file_chunks`."""
    with closing(file_chunks(path, lambda n_bytes: None, HEAD_BYTES)) as chunks:
        try:
            next(chunks, None)
        except BadText:
            return False
        except (BadFile, FileMissing, MissingExtra):
            return True
    return True


def _check_text(path: str, data: bytes) -> None:
    finding = what_else(data[:HEAD_BYTES])
    if finding:
        raise BadText(f"{_name(path)} {finding}")


def _open(path: str) -> Any:
    """A buffered reader; standard input stays open afterwards."""
    return nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else open(path, "rb")


def _name(path: str) -> str:
    return "standard input" if path == STANDARD_INPUT else path


def _kind(path: str, file: Any) -> str | None:
    head = file.peek(16) if hasattr(file, "peek") else b""
    kind, expected = compression(head), _SUFFIXES.get(Path(path).suffix.lower())
    if expected and not kind and head:
        reason = f"its name says {expected}, its content does not: damaged, or plain text under a wrong name"
        raise BadFile(path, reason, offset=0)
    return kind


def _unpacked(file: BinaryIO, kind: str | None, chunk_bytes: int) -> Iterator[bytes]:
    if kind == "zstd":
        return _zstd(file)
    reader: Any = file
    if kind == "gzip":
        reader = gzip.GzipFile(fileobj=file)
    elif kind == "bzip2":
        reader = bz2.BZ2File(file)
    elif kind == "xz":
        reader = lzma.LZMAFile(file)  # noqa: SIM115 (the file below it is closed by its opener)
    return iter(lambda: reader.read(chunk_bytes), b"")


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    """Unpack frame by frame; the library's own reader ends a frame that was cut off without a word."""
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("zstandard", "zstd") from None
    frame: Any = None
    rest = b""
    while data := rest or file.read(CHUNK_BYTES // 8):
        frame, rest = frame or zstandard.ZstdDecompressor().decompressobj(), b""
        try:
            yield frame.decompress(data)
        except zstandard.ZstdError as failure:
            raise ValueError(str(failure)) from failure
        if frame.eof:
            frame, rest = None, frame.unused_data
    if frame is not None:
        raise EOFError("the last frame has no end")


@contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as failure:
        raise FileMissing(f"there is no file {path}") from failure
    except OSError as failure:
        if isinstance(failure, BadFile | MissingExtra):
            raise
        raise BadFile(path, f"cannot be read: {failure.strerror or failure}") from failure


@contextmanager
def _undamaged(path: str, kind: str | None, file: BinaryIO) -> Iterator[None]:
    """The many exceptions of the libraries that unpack, as one."""
    try:
        yield
    except BadText:
        raise
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError, OSError) as failure:
        if kind is None or (isinstance(failure, OSError) and failure.errno is not None):
            raise
        cut_off = isinstance(failure, EOFError)
        reason = f"the {kind} data is {'cut off: it has no end' if cut_off else f'damaged: {failure}'}"
        raise BadFile(path, reason, offset=file.tell() if file.seekable() else None) from failure
