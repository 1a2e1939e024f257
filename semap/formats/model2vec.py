"""Folders of static models in and out: rows for the tokens of a tokenizer.json, which are averaged.

Two layouts, both read by the packages that made them: Model2Vec (`model.safetensors` with `embeddings`, and where the
vocabulary was clustered `mapping` and `weights`; `config.json`; `tokenizer.json`) and sentence-transformers
(`model.safetensors` with `embedding.weight` and `tokenizer.json`, in the folder or in `0_StaticEmbedding`; `modules.json`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.errors import BadFile, FileMissing
from semap.storage.atomic import atomic_file, atomic_files
from semap.storage.safetensors import map_array, map_file, pack_head, parse_head
from semap.table.rows import STORED_DTYPES, StoredRows

__all__ = ["Layout", "StaticFolder", "read", "write"]

Layout = Literal["model2vec", "sentence-transformers"]
_MAX_LENGTH = 512  # what model2vec takes where config.json says nothing
_FOLDERS = (".", "0_StaticEmbedding")
_PICKLES = ("pytorch_model.bin", "model.bin", "model.pkl", "model.pickle", "model.pt")
_MODULES = "sentence_transformers.models"


@dataclass(frozen=True)
class StaticFolder:
    """What a folder holds. rows: (V, D), one a token id; max_length: in tokens, None for whole texts."""

    layout: Layout
    rows: StoredRows
    tokenizer_json: str
    normalize: bool
    max_length: int | None
    config: dict[str, Any]


def read(path: str | PathLike[str]) -> StaticFolder:
    """Read a folder. Raises FileMissing (a file that belongs to it) and BadFile (a pickle; what does not fit)."""
    folder = Path(path)
    if not folder.is_dir():
        raise FileMissing(
            f"{path}: there is no such folder; a static model is a folder with model.safetensors and tokenizer.json"
        )
    inner = _inner(folder)
    arrays = _arrays(inner / "model.safetensors")
    tokenizer_json = _text(inner / "tokenizer.json")
    if "embeddings" in arrays:
        config = _json(folder / "config.json", dict)
        normalize, max_length = config.get("normalize", False), config.get("max_length", _MAX_LENGTH)
        layout: Layout = "model2vec"
    else:
        config = {}
        normalize, max_length = _has_normalize(folder), _truncation(inner / "tokenizer.json")
        layout = "sentence-transformers"
    if not isinstance(normalize, bool) or not (max_length is None or (type(max_length) is int and max_length > 0)):
        reason = f"normalize is {normalize!r} and max_length {max_length!r}; expected true or false, and a number from 1 or null"
        raise BadFile(folder / "config.json", reason)
    return StaticFolder(layout, _rows(inner / "model.safetensors", arrays), tokenizer_json, normalize, max_length, config)


def write(
    path: str | PathLike[str],
    vectors: FloatMatrix,
    tokenizer_json: str,
    *,
    layout: Layout,
    normalize: bool,
    max_length: int | None,
) -> None:
    """Write rows float32 (V, D), one a token id, as a folder that the package of `layout` opens.

    Whole or not at all: see `semap.storage.atomic.atomic_files`. Raises CannotWrite.
    """
    with atomic_files(path, "model.safetensors") as folder:
        _write_json(
            folder / "tokenizer.json", _tokenizer(tokenizer_json, max_length if layout == "sentence-transformers" else None)
        )
        name = "embeddings" if layout == "model2vec" else "embedding.weight"
        if layout == "sentence-transformers":
            _write_json(folder / "config_sentence_transformers.json", {"similarity_fn_name": "cosine"})
        else:
            facts: dict[str, Any] = {"model_type": "model2vec", "architectures": ["StaticModel"], "embedding_dtype": "float32"}
            facts |= {"normalize": normalize, "max_length": max_length, "hidden_dim": vectors.shape[1]}
            _write_json(folder / "config.json", facts)
        modules = [{"idx": 0, "name": "0", "path": ".", "type": f"{_MODULES}.StaticEmbedding"}]
        if normalize:
            (Path(path) / "1_Normalize").mkdir(exist_ok=True)
            modules.append({"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{_MODULES}.Normalize"})
        _write_json(folder / "modules.json", modules)
        with atomic_file(folder / "model.safetensors") as file:
            rows = np.ascontiguousarray(vectors, "<f4")
            file.write(pack_head([(name, "F32", rows.shape, rows.nbytes)], {"format": "pt"}))
            file.write(rows.reshape(-1).view(np.uint8).data)


def _tokenizer(text: str, max_length: int | None) -> dict[str, Any]:
    """A tokenizer.json that pads nothing, and cuts texts to `max_length` tokens where there is one."""
    found: dict[str, Any] = json.loads(text)
    found["padding"] = found["truncation"] = None
    if max_length is not None:
        found["truncation"] = {"direction": "Right", "max_length": max_length, "strategy": "LongestFirst", "stride": 0}
    return found


def _inner(folder: Path) -> Path:
    """Where the rows and the tokenizer are."""
    for name in _FOLDERS:
        if (folder / name / "model.safetensors").is_file():
            return folder / name
    for name in _FOLDERS:
        for pickled in _PICKLES:
            if (folder / name / pickled).exists():
                reason = "is a pickle, which can run code when opened, and there is no model.safetensors; save the model as that"
                raise BadFile(folder / name / pickled, reason)
    raise FileMissing(f"{folder}: there is no model.safetensors in it; a static model has that, tokenizer.json and config.json")


def _arrays(path: Path) -> dict[str, AnyArray]:
    content = map_file(path)
    if bytes(content[:2]) in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK"):
        raise BadFile(path, "is a pickle under the name of safetensors; pickles can run code and are not opened", offset=0)
    head = parse_head(path, content)
    arrays = {name: map_array(content, place) for name, place in head.places.items()}
    if not {"embeddings", "embedding.weight"} & set(arrays):
        raise BadFile(path, f"expected the array 'embeddings' or 'embedding.weight', found {', '.join(sorted(arrays)) or 'none'}")
    return arrays


def _rows(path: Path, arrays: Mapping[str, AnyArray]) -> StoredRows:
    """One row a token id; `mapping` and `weights` of a clustered vocabulary are worked in."""
    rows = arrays.get("embeddings", arrays.get("embedding.weight"))
    if rows is None or rows.ndim != 2 or rows.shape[1] == 0 or rows.dtype.kind not in "fi":
        found = "nothing" if rows is None else f"{rows.dtype} of the shape {rows.shape}"
        raise BadFile(path, f"the rows must be numbers (V, D), found {found}")
    mapping, weights = arrays.get("mapping"), arrays.get("weights")
    if mapping is not None:
        if (
            mapping.ndim != 1
            or mapping.dtype.kind not in "iu"
            or (len(mapping) and not 0 <= mapping.min() <= mapping.max() < len(rows))
        ):
            raise BadFile(
                path, f"mapping must name rows 0 to {len(rows) - 1:,}, found {mapping.dtype} of the shape {mapping.shape}"
            )
        rows = rows[mapping]
    if weights is not None:
        if weights.shape != (len(rows),) or weights.dtype.kind != "f":
            raise BadFile(path, f"weights must be ({len(rows):,},) numbers, found {weights.dtype} of the shape {weights.shape}")
        rows = rows.astype(np.float32) * weights.astype(np.float32)[:, None]
    if str(rows.dtype) not in STORED_DTYPES:
        rows = rows.astype(np.float32)
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        raise BadFile(path, "a row has a value that is NaN or infinite")
    return StoredRows(rows, np.ones(len(rows), np.float32) if rows.dtype == np.int8 else None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileMissing(f"there is no {path.name} in {path.parent}, which a static model needs") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise BadFile(path, f"cannot be read as text: {failure}") from failure


def _json(path: Path, kind: type) -> Any:
    text = _text(path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise BadFile(path, f"is not JSON: {failure}") from failure
    if not isinstance(found, kind):
        raise BadFile(path, f"expected a JSON {kind.__name__}, found {type(found).__name__}")
    return found


def _has_normalize(folder: Path) -> bool:
    if not (folder / "modules.json").is_file():
        return False
    modules = _json(folder / "modules.json", list)
    if not all(isinstance(module, dict) for module in modules):
        raise BadFile(folder / "modules.json", "expected a list of JSON objects, one a module")
    return any(str(module.get("type", "")).endswith("Normalize") for module in modules)


def _truncation(path: Path) -> Any:
    """The length at which the tokenizer.json itself cuts, or None."""
    found = _json(path, dict).get("truncation")
    return found.get("max_length") if isinstance(found, dict) else None


def _write_json(path: Path, content: Any) -> None:
    with atomic_file(path) as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False).encode())
