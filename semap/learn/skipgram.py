"""Settings in, a skip-gram learner out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from semap.kernels.layout import SKIPGRAM, SOFTMAX
from semap.learn.learner import Learner

__all__ = ["SkipGram"]


@dataclass(frozen=True, kw_only=True)
class SkipGram(Learner):
    """Skip-gram: a word's vector is moved so that it tells the words around it from noise; `SkipGram(...).fit(corpus)`.

    Mikolov et al. 2013, Distributed Representations of Words and Phrases, equation 4, trained as word2vec.c trains it, with
    these differences: noise words are drawn once for a centre and shared by its contexts; the sigmoid is exact, never cut off;
    texts of any length are trained whole; and the result does not depend on `threads`. objective="softmax" is equation 2,
    objective="hierarchical" equation 3 (Morin and Bengio 2005).
    """

    objectives: ClassVar[tuple[str, ...]] = ("negative", "softmax", "hierarchical")

    @property
    def kernel(self) -> int:
        """Which kernel trains a block."""
        return SOFTMAX if self.objective == "softmax" else SKIPGRAM
