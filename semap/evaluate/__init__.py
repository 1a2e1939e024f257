"""How well vectors agree with what people say: analogies and the similarity of words; and how many dimensions they need."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semap.evaluate.analogy_questions import analogies
    from semap.evaluate.analogy_scores import AnalogyScores, SectionScore
    from semap.evaluate.baselines import EASE, ItemKNN, Popularity
    from semap.evaluate.bm25 import BM25
    from semap.evaluate.collection import Collection, read_collection
    from semap.evaluate.expected import RatingErrors, ratings
    from semap.evaluate.last_items import NextItemScores, next_item, without_last
    from semap.evaluate.links import LinkScores, link_prediction
    from semap.evaluate.nodes import NodeScores, node_classification, read_labels
    from semap.evaluate.ranks import RankingScores
    from semap.evaluate.recommended import RankingReport, ranking
    from semap.evaluate.retrieved import Hybrid, RetrievalScores, retrieval
    from semap.evaluate.sentence_pairs import SentenceScores, sentences
    from semap.evaluate.similarity_scores import SimilarityScores
    from semap.evaluate.size_report import DimensionsReport, SizeResult
    from semap.evaluate.sizes import dimensions
    from semap.evaluate.word_pairs import similarity

__all__ = [
    "BM25",
    "EASE",
    "AnalogyScores",
    "Collection",
    "DimensionsReport",
    "Hybrid",
    "ItemKNN",
    "LinkScores",
    "NextItemScores",
    "NodeScores",
    "Popularity",
    "RankingReport",
    "RankingScores",
    "RatingErrors",
    "RetrievalScores",
    "SectionScore",
    "SentenceScores",
    "SimilarityScores",
    "SizeResult",
    "analogies",
    "dimensions",
    "link_prediction",
    "next_item",
    "node_classification",
    "ranking",
    "ratings",
    "read_collection",
    "read_labels",
    "retrieval",
    "sentences",
    "similarity",
    "without_last",
]

_homes = {
    "AnalogyScores": "analogy_scores",
    "BM25": "bm25",
    "EASE": "baselines",
    "Collection": "collection",
    "DimensionsReport": "size_report",
    "Hybrid": "retrieved",
    "ItemKNN": "baselines",
    "LinkScores": "links",
    "NextItemScores": "last_items",
    "NodeScores": "nodes",
    "Popularity": "baselines",
    "RankingReport": "recommended",
    "RankingScores": "ranks",
    "RatingErrors": "expected",
    "RetrievalScores": "retrieved",
    "SectionScore": "analogy_scores",
    "SentenceScores": "sentence_pairs",
    "SimilarityScores": "similarity_scores",
    "SizeResult": "size_report",
    "analogies": "analogy_questions",
    "dimensions": "sizes",
    "link_prediction": "links",
    "next_item": "last_items",
    "ranking": "recommended",
    "node_classification": "nodes",
    "ratings": "expected",
    "read_collection": "collection",
    "read_labels": "nodes",
    "retrieval": "retrieved",
    "sentences": "sentence_pairs",
    "similarity": "word_pairs",
    "without_last": "last_items",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_homes[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
