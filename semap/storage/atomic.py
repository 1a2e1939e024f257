"""A path in, a file or files to write out: they stand at their paths whole, or the old ones stay."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from semap.errors import CannotWrite, SemapError
from semap.settings import path_text

__all__ = ["atomic_file", "atomic_files"]


@contextmanager
def atomic_file(path: str | PathLike[str]) -> Iterator[BinaryIO]:
    """Yield a binary file, open for writing and reading, that takes the place of `path` once the block has ended well.

    It is written under a temporary name in the same folder, flushed to the disk and renamed; on any error the
    temporary file is removed and what stood at `path` is untouched. A link is followed and stays a link.
    Raises CannotWrite, with the path and the system's reason, when the folder or the disk does not take it.
    """
    target = Path(os.path.realpath(path_text(path)))
    if target.exists() and not target.is_file():
        raise CannotWrite(f"{path}: cannot write: it is not a regular file; give the path of a file")
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.partial")
    try:
        with open(partial, "x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        _sync_folder(target.parent)
    except SemapError:
        raise
    except OSError as failure:
        raise CannotWrite(f"{path}: cannot write: {failure.strerror or failure}") from failure
    finally:
        with suppress(OSError):  # after a good ending it has been renamed and is not there
            partial.unlink()


@contextmanager
def atomic_files(path: str | PathLike[str], needed: str) -> Iterator[Path]:
    """Yield an empty folder, whose files move to the folder `path` together once the block has ended well.

    needed: the file without which readers refuse the folder. It goes before the others come and comes last, so that a process
    killed in between leaves a folder that nobody takes for whole, never new files beside old ones. On any error what stood
    there is untouched. Raises CannotWrite.
    """
    folder = Path(path)
    partial = folder / f".{secrets.token_hex(6)}.partial"
    try:
        partial.mkdir(parents=True)
        yield partial
        (folder / needed).unlink(missing_ok=True)
        for file in sorted(partial.iterdir(), key=lambda file: file.name == needed):
            file.replace(folder / file.name)
        _sync_folder(folder)
    except SemapError:
        raise
    except OSError as failure:
        raise CannotWrite(f"{path}: cannot write to this folder: {failure.strerror or failure}") from failure
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where the system lets a folder be synced (Windows does not)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
