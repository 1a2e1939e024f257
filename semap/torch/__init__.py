"""Embeddings as a part of torch models: a layer of tokens and positions; texts classified, categories of columns, end to end."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semap.torch.categories import CategoryEmbeddings
    from semap.torch.category_model import CategoryModel
    from semap.torch.classifier import TextClassifier
    from semap.torch.embedding_layer import EmbeddingLayer
    from semap.torch.text_model import TextModel

__all__ = ["CategoryEmbeddings", "CategoryModel", "EmbeddingLayer", "TextClassifier", "TextModel"]

_homes = {
    "CategoryEmbeddings": "categories",
    "CategoryModel": "category_model",
    "EmbeddingLayer": "embedding_layer",
    "TextClassifier": "classifier",
    "TextModel": "text_model",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module(f"{__name__}.backend")  # the door: MissingExtra where torch is not installed
    found = getattr(import_module(f"{__name__}.{_homes[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
