"""The folder of a pretrained model in, the same folder out once nothing in it can run code and nothing it needs is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from semap.errors import BadFile, FileMissing

__all__ = ["checked", "installed", "weight_files"]

_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
# What may follow the transformer, and whether it brings weights. Any other class of modules.json would be imported and run.
_HAS_WEIGHTS = {"Transformer": True, "Dense": True, "LayerNorm": True, "WeightedLayerPooling": True, "Pooling": False,
                "Normalize": False, "Dropout": False}  # fmt: skip
_STATIC = ("StaticEmbedding", "WordEmbeddings", "BoW")
_WEIGHTS, _SHARDS = "model.safetensors", "model.safetensors.index.json"


def installed(name: str) -> Path | None:
    """Return the folder of the model that an installed package of this name ships, or None.

    The package is not imported: only the list of its files is read.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
    for file in found.files or ():
        if file.name == "modules.json":
            return Path(str(found.locate_file(file))).parent
    return None


def checked(folder: Path) -> Path:
    """Return `folder` if it holds a model of sentence-transformers, or of transformers alone, that is safe to open.

    Raises FileMissing (no such folder) and BadFile: a file is missing or not JSON, the weights are pickles, or a module
    is a class that would have to be imported from elsewhere.
    """
    if not folder.exists():
        raise FileMissing(f"there is no folder {folder}")
    if not folder.is_dir():
        raise BadFile(folder, "is a file; give the folder of the model")
    _check_transformer(_check_modules(folder))
    return folder


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files that hold a transformer's weights."""
    transformer = _transformer_folder(folder)
    if (transformer / _WEIGHTS).is_file():
        return [transformer / _WEIGHTS]
    return [transformer / name for name in sorted(set(_object(transformer / _SHARDS).get("weight_map", {}).values()))]


def _check_modules(folder: Path) -> Path:
    """Check what modules.json names, and return the folder of the transformer."""
    modules = folder / "modules.json"
    if not modules.is_file():
        return folder  # a model of transformers alone: the library adds the mean over its tokens
    listed = _modules(modules)
    first = listed[0][0] if listed else "nothing"
    if first in _STATIC:
        raise BadFile(modules, f"the model is static ({first}); open it with semap.Pipeline.load")
    if first != "Transformer":
        raise BadFile(modules, f"the first module is {first}; expected a Transformer of sentence-transformers")
    for kind, place in listed[1:]:
        _check_module(modules, kind, place)
    return listed[0][1]


def _modules(path: Path) -> list[tuple[str, Path]]:
    """The class and the folder of every module."""
    listed = _json(path)
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise BadFile(path, "is not a list of modules")
    found = []
    for each in listed:
        kind, inside = str(each.get("type", "")), Path(str(each.get("path", "")))
        if not kind.startswith("sentence_transformers."):
            raise BadFile(path, f"names the class {kind!r}, which is not of sentence-transformers; semap runs no code of a model")
        if inside.is_absolute() or ".." in inside.parts:
            raise BadFile(path, f"names the folder {str(inside)!r}, which is not inside the model's own")
        found.append((kind.rsplit(".", 1)[1], path.parent / inside))
    return found


def _check_module(modules: Path, kind: str, place: Path) -> None:
    if kind not in _HAS_WEIGHTS:
        raise BadFile(modules, f"names the module {kind}; known are {', '.join(_HAS_WEIGHTS)}")
    if _HAS_WEIGHTS[kind]:
        _check_weights(place)
    if kind == "Dense":
        config = place / "config.json"
        activation = str(_object(config).get("activation_function", "torch.nn."))
        if not activation.startswith("torch.nn."):
            raise BadFile(config, f"names the function {activation!r}, which is not of torch; semap runs no code of a model")


def _check_transformer(folder: Path) -> None:
    _object(folder / "config.json")
    if (folder / "adapter_config.json").is_file():
        raise BadFile(folder, "is an adapter, not a whole model; merge it into its base model and save that")
    _check_weights(folder)
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise BadFile(folder, f"has no tokenizer; expected {_TOKENIZERS[0]}, or one of {', '.join(_TOKENIZERS[1:])}")


def _check_weights(folder: Path) -> None:
    """Raise BadFile unless the weights are safetensors: one file, or parts that an index names."""
    if (folder / _WEIGHTS).is_file():
        return
    if (folder / _SHARDS).is_file():
        _check_shards(folder / _SHARDS)
        return
    pickles = sorted(each.name for each in folder.glob("*") if each.suffix in _PICKLES)
    if pickles:
        reason = (
            f"its weights are only in {', '.join(pickles)}, a pickle, which can run code when opened; save them as {_WEIGHTS}"
        )
        raise BadFile(folder, reason)
    raise BadFile(folder, f"has no {_WEIGHTS}")


def _check_shards(index: Path) -> None:
    named = _object(index).get("weight_map")
    if not isinstance(named, dict) or not named:
        raise BadFile(index, "has no weight_map")
    for name in sorted(set(map(str, named.values()))):
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise BadFile(index, f"names the file {name!r}; expected a .safetensors file beside it")
        if not (index.parent / name).is_file():
            raise BadFile(index, f"names the file {name!r}, which is not there")


def _transformer_folder(folder: Path) -> Path:
    modules = folder / "modules.json"
    return _modules(modules)[0][1] if modules.is_file() else folder


def _object(path: Path) -> dict[str, Any]:
    found = _json(path)
    if not isinstance(found, dict):
        raise BadFile(path, "is not a JSON object")
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadFile(path.parent, f"has no {path.name}") from None
    except (OSError, ValueError, RecursionError) as failure:
        raise BadFile(path, f"cannot be read as JSON: {failure}") from failure
