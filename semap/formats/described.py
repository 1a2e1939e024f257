"""A path in, what stands there out, where it is no table: its kind, its parts, and the classes that a pickle asks for."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from semap.arrays import AnyArray
from semap.errors import BadFile
from semap.formats import gensim, numpy_ids, safetensors_table
from semap.formats.npy import map_npy
from semap.formats.pickled import names_in
from semap.storage.container import open_container
from semap.storage.safetensors import map_file, parse_head

__all__ = ["COMPRESSED", "described"]

COMPRESSED = {
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip (or .npz)",
}  # fmt: skip


def described(path: str | PathLike[str]) -> dict[str, Any] | None:
    """Return what is at `path` in a few facts, nothing of it executed and no row read; None where nothing is known of it.

    Files of semap of every kind, pickles, numbers without ids, archives, and folders of models. Raises FileMissing and BadFile.
    """
    if Path(path).is_dir():
        return _folder(Path(path))
    content = map_file(path)
    if safetensors_table.is_semap(content):
        container = open_container(path)
        facts = {name: value for name, value in container.metadata.items() if name != "kind"}
        arrays = {name: _shape(array) for name, array in container.arrays.items()}
        return {"format": "semap", "holds": str(container.metadata.get("kind")), "arrays": arrays, **facts}
    if safetensors_table.looks_like(content):
        tensors = {name: f"{place.kind} {place.shape}" for name, place in parse_head(path, content).places.items()}
        return {"format": "safetensors", "holds": "tensors, no tokens; give their ids with --ids", "tensors": tensors}
    if gensim.looks_like(content):
        asked = list(dict.fromkeys(names_in(path, content)))
        return {"format": "Python pickle", "holds": "objects of the classes below, which are not made", "asks_for": asked}
    if numpy_ids.looks_like(content):
        return {"format": "NumPy", "holds": "numbers, no tokens; give their ids with --ids", "array": _shape(map_npy(path))}
    for begins, name in COMPRESSED.items():
        if content[: len(begins)] == begins:
            return {"format": name, "holds": "a packed file; unpack it first"}
    return None


def _shape(array: AnyArray) -> str:
    return f"{array.dtype} {array.shape}"


def _folder(path: Path) -> dict[str, Any]:
    """What a folder of a model holds."""
    for name in ("model.semap", "model.safetensors"):
        if (path / name).is_file():
            inner = described(path / name) or {}
            return {**inner, "format": f"a folder with {name} ({inner.get('format')})"}
    raise BadFile(path, f"is a folder, and has no file of a model that semap knows: {', '.join(_names(path)) or 'it is empty'}")


def _names(path: Path) -> list[str]:
    try:
        return sorted(each.name for each in path.iterdir())[:10]
    except OSError as failure:
        raise BadFile(fspath(path), f"cannot be read: {failure.strerror or failure}") from failure
