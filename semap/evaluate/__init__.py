"""How well vectors agree with what people say: analogies and the similarity of words."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semap.evaluate.analogy_questions import analogies
    from semap.evaluate.analogy_scores import AnalogyScores, SectionScore
    from semap.evaluate.similarity_scores import SimilarityScores
    from semap.evaluate.word_pairs import similarity

__all__ = ["AnalogyScores", "SectionScore", "SimilarityScores", "analogies", "similarity"]

_homes = {
    "AnalogyScores": "analogy_scores",
    "SectionScore": "analogy_scores",
    "SimilarityScores": "similarity_scores",
    "analogies": "analogy_questions",
    "similarity": "word_pairs",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_homes[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
