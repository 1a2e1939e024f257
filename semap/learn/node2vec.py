"""Settings in, a learner of node vectors from random walks out."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import cast

from semap.corpus.blocks import Blocks
from semap.graph.given import checked_graph
from semap.graph.graph import Graph
from semap.graph.walks import Walks, walk_settings
from semap.learn.skipgram import SkipGram
from semap.progress import Progress
from semap.table.table import Table

__all__ = ["Node2Vec"]


@dataclass(frozen=True, kw_only=True)
class Node2Vec(SkipGram):
    """Node2vec: random walks are texts, their nodes words, and skip-gram learns a vector a node; `Node2Vec(...).fit(graph)`.

    Grover and Leskovec 2016; p = q = 1 is DeepWalk (Perozzi et al. 2014) with negative sampling. See `Walks` for n_walks, length,
    p and q, `SkipGram` for the rest. As in the original, and unlike SkipGram, no node is left out at random (sample=0), the
    window is 10 and the walks are read once; unlike it, walks stream into training and are never stored, more epochs have new
    walks, and noise is drawn by degree instead of by visits.
    """

    dim: int = 128
    window: int = 10
    sample: float = 0.0
    epochs: int = 1
    p: float = 1.0
    q: float = 1.0
    n_walks: int = 10
    length: int = 80

    def __post_init__(self) -> None:
        super().__post_init__()
        settings = walk_settings(self.n_walks, self.length, self.p, self.q)
        for field, value in settings.items():
            self._keep(field, value)

    def fit(
        self,
        corpus: Graph | Blocks,
        *,
        init: Table | None = None,
        progress: bool | Progress = False,
        checkpoint: str | PathLike[str] | None = None,
        every: float = 10.0,
        resume: bool = False,
    ) -> Table:
        """Walk over a Graph and return a Table of its nodes, float32 (V, D).

        corpus: a Graph, or Blocks that were made from one (`Walks`, or a Corpus of walks made elsewhere). See `SkipGram.fit` for
        the rest and for what it raises; SettingsError for what is no graph and EmptyGraph for one without an edge too.
        """
        walks = cast("Blocks", corpus) if hasattr(corpus, "read") else self.walks(checked_graph(corpus))
        return super().fit(walks, init=init, progress=progress, checkpoint=checkpoint, every=every, resume=resume)

    def walks(self, graph: Graph) -> Walks:
        """Return the walks over a graph that `fit` reads."""
        return Walks(
            graph=graph, n_walks=self.n_walks, length=self.length, p=self.p, q=self.q, seed=self.seed, threads=self.threads
        )
