"""A `projector_config.pbtxt` in, where its tensors and their labels are out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semap.errors import BadFile, SettingsError
from semap.storage.safetensors import map_file

__all__ = ["CONFIG", "Places", "is_config", "places_in"]

CONFIG = "projector_config.pbtxt"
_LARGEST = 1 << 20
_ENTRY = re.compile(r"embeddings\s*:?\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")  # a sprite may be another block inside
_BEGINS = re.compile(rb"(?:\s|#[^\n]*\n|model_checkpoint_path[^\n]*\n)*embeddings\s*:?\s*\{")
_TEXT = re.compile(r"""\b(tensor_name|tensor_path|metadata_path)\s*:\s*(?:"([^"\n]*)"|'([^'\n]*)')""")
_SIZES = re.compile(r"\btensor_shape\s*:\s*(\[[^\]]*\]|[0-9]+)")


@dataclass(frozen=True)
class Places:
    """`tensors`: a file of text, or of raw float32 where `shape` (V, D) is known; `metadata`: the labels, where it names them."""

    tensors: Path
    metadata: Path | None
    shape: tuple[int, int] | None


def is_config(content: Any) -> bool:
    """Whether content begins as a config does, with an entry or a comment before it."""
    return len(content) < _LARGEST and _BEGINS.match(content[:4096]) is not None


def places_in(path: Path, vectors: str | None) -> Places:
    """Return the places of the only entry, or of that with the tensor_name `vectors`. Raises BadFile, SettingsError."""
    text = bytes(map_file(path)).decode("utf-8", "replace")
    entries = [_entry(path, found[1]) for found in _ENTRY.finditer(text)]
    named = [(name, places) for name, places in entries if vectors is None or name == vectors]
    if len(named) != 1:
        listed = ", ".join(repr(name) for name, _ in entries) or "none that can be read"
        raise SettingsError(f"{path} lists the tensors {listed}; name one as vectors= (--vectors)")
    return named[0][1]


def _entry(path: Path, text: str) -> tuple[str, Places]:
    fields = {found[1]: found[2] if found[2] is not None else found[3] for found in _TEXT.finditer(text)}
    if not fields.get("tensor_path"):
        raise BadFile(path, "an entry has no tensor_path: its tensor is in a checkpoint, which is not read; export it as .tsv")
    if "\0" in text:
        raise BadFile(path, "an entry holds a zero byte, which no path can")
    sizes = [int(size) for found in _SIZES.finditer(text) for size in re.findall(r"[0-9]{1,18}", found[1])]
    if sizes and (len(sizes) != 2 or min(sizes) < 1 or max(sizes) > 2**40):
        raise BadFile(path, f"tensor_shape is {sizes}; expected rows and columns")
    tensors = path.parent / fields["tensor_path"]
    if tensors.suffix != ".bytes":
        sizes = []  # text says its shape itself
    elif not sizes:
        raise BadFile(path, f"{tensors.name} is raw numbers, and its entry has no tensor_shape")
    metadata = path.parent / fields["metadata_path"] if fields.get("metadata_path") else None
    return fields.get("tensor_name", ""), Places(tensors, metadata, (sizes[0], sizes[1]) if sizes else None)
